/** What all parts of one compile share: places for run-time errors, the runtime's functions in use, the script's own functions by types. */
import type { CheckedScript } from './checker.ts';
import type { ScriptReporter } from './diagnostic.ts';
import type { FlatFileDeclaration } from './manifest.ts';
import type { Span } from './source-text.ts';
import type { FunctionDefinition } from './syntax.ts';
import { NULL, UNKNOWN } from './types.ts';
import type { Type } from './types.ts';

/** A place in the script where a run can fail. Generated code names it by its number. */
export interface Site extends Span {
  /** The built-in, member or operator. */
  readonly name: string;
  /** The script's function around it; '' for the body. */
  readonly owner: string;
}

/** A variable of one function or of the body. */
export interface Variable {
  /** Its name in the generated code. */
  readonly code: string;
  /** From its first assignment; undefined while none is known. */
  type: Type | undefined;
  /** It was assigned something whose type is not known, because of an error. */
  faulty: boolean;
}

/** The type that a variable is read with: always null if nothing else was ever assigned to it. */
export function typeOf({ type, faulty }: Variable): Type {
  return type ?? (faulty ? UNKNOWN : NULL);
}

/** The variables of one function, for one choice of argument types, or of the body. */
export class Scope {
  readonly variables = new Map<string, Variable>();
  /** What its `return` statements give, like a variable: the first one says the type. */
  readonly result: Variable = { code: '', type: undefined, faulty: false };
  /** Some `return` has a value. */
  givesValue = false;

  constructor(readonly owner: string) {}

  /** The variable of that name, made on first mention. */
  variable(name: string): Variable {
    let variable = this.variables.get(name);
    if (variable === undefined) {
      variable = { code: `v${this.variables.size}`, type: undefined, faulty: false };
      this.variables.set(name, variable);
    }
    return variable;
  }
}

/** One function for one choice of argument types: a parameter has the type of its argument (sheet mspl 4.2). */
export interface FunctionInstance {
  readonly code: string;
  readonly definition: FunctionDefinition;
  readonly argumentTypes: readonly Type[];
  readonly scope: Scope;
}

export interface CompileTraits {
  /** Functions give "" where they would give null: manifests of 2003. */
  readonly emptyForNull: boolean;
  /** Report every statement and value to the run's trace. */
  readonly traced: boolean;
}

/** Choices of argument types over all functions; beyond it a script is not sensible. */
export const INSTANCE_LIMIT = 500;

export class CompileContext {
  readonly sites: Site[] = [];
  /** Names of the runtime's functions that the generated code calls. */
  readonly used = new Set<string>();
  readonly instances = new Map<string, FunctionInstance>();
  /** Instances that the generated code calls, in the order of their first call. */
  readonly called = new Set<FunctionInstance>();

  constructor(
    readonly reporter: ScriptReporter,
    readonly checked: CheckedScript,
    readonly files: readonly FlatFileDeclaration[],
    readonly traits: CompileTraits,
  ) {}

  /** Registers a place that can fail at run time. */
  site(span: Span, name: string, owner: string): number {
    if (this.reporter.muted) return 0;
    return this.sites.push({ start: span.start, end: span.end, name, owner }) - 1;
  }

  /** A function or enumeration of the runtime library (library/index.ts), for use in generated code. */
  library(name: string): string {
    this.used.add(name);
    return name;
  }

  /** Runs `look` without reporting anything or counting sites and calls. */
  muted<T>(look: () => T): T {
    const before = this.reporter.muted;
    this.reporter.muted = true;
    try {
      return look();
    } finally {
      this.reporter.muted = before;
    }
  }
}
