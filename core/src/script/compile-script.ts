/** A checked script into one JavaScript function. Script text reaches the generated source as numbers and JSON strings only. */
import type { CheckedScript } from './checker.ts';
import { CompileContext, INSTANCE_LIMIT, Scope } from './compile-context.ts';
import type { CompileTraits, FunctionInstance, Site } from './compile-context.ts';
import type { ScriptReporter } from './diagnostic.ts';
import { StatementEmitter } from './emit-statement.ts';
import { ScriptTextErrors as E } from './errors.ts';
import type { FlatFile } from './flat-file.ts';
import { LIBRARY } from './library/index.ts';
import type { FlatFileDeclaration } from './manifest.ts';
import type { ScriptState } from './script-state.ts';
import type { Script, Statement } from './syntax.ts';
import { NULL, UNKNOWN } from './types.ts';
import type { Type } from './types.ts';

/** A script ready to run: throws ScriptStop, and what the server's own functions throw. */
export type ScriptFunction = (state: ScriptState) => void;

export interface CompiledScript {
  readonly run: ScriptFunction;
  /** By the number that generated code gives them. */
  readonly sites: readonly Site[];
}

/** JavaScript source of a script and what it needs; kept apart from `build` so that a script with faults is never built. */
export interface GeneratedScript {
  readonly source: string;
  readonly names: readonly string[];
  readonly sites: readonly Site[];
}

/** Types and generates. What is wrong is in the reporter's list; then the result is not to be built. */
export function generateScript(
  script: Script,
  checked: CheckedScript,
  files: readonly FlatFileDeclaration[],
  traits: CompileTraits,
  reporter: ScriptReporter,
): GeneratedScript {
  return new Generator(new CompileContext(reporter, checked, files, traits)).generate(script);
}

/** Builds the function of a generated script. @param files the tables, in the order of their declarations */
export function buildScript(generated: GeneratedScript, files: readonly FlatFile[]): CompiledScript {
  // oxlint-disable-next-line typescript/no-implied-eval -- compiling is the point; the source holds no text of the script (see emit-*.ts)
  const make = new Function('library', 'files', generated.source) as (
    library: typeof LIBRARY,
    files: readonly FlatFile[],
  ) => ScriptFunction;
  return { run: make(LIBRARY, files), sites: generated.sites };
}

class Generator {
  private readonly instantiate = (name: string, types: readonly Type[]): FunctionInstance | undefined => this.instance(name, types);

  constructor(private readonly context: CompileContext) {}

  generate(script: Script): GeneratedScript {
    const scope = new Scope('');
    const emitter = this.emitter(scope, script.body);
    const body = emitter.statements(script.body);
    this.checkUncalled();
    const functions: string[] = [];
    // Emitting an instance may call others for the first time: the set grows while it is walked.
    for (const instance of this.context.called) functions.push(this.functionCode(instance));
    const main = `return function main(s) {\n${declarations(scope, 0)}${body}\n};`;
    const names = [...this.context.used];
    const source = [`'use strict';`, `const { ${names.join(', ')} } = library;`, ...functions, main].join('\n');
    return { source, names, sites: this.context.sites };
  }

  private emitter(scope: Scope, statements: readonly Statement[]): StatementEmitter {
    const emitter = new StatementEmitter(this.context, scope, this.instantiate);
    emitter.inferTypes(statements);
    return emitter;
  }

  private functionCode(instance: FunctionInstance): string {
    const { definition, scope, code } = instance;
    const emitter = this.emitter(scope, [definition.body]);
    const parameters = definition.parameters.map((parameter) => scope.variable(parameter.name).code);
    const body = emitter.functionBody(definition.body);
    return `function ${code}(${['s', ...parameters].join(', ')}) {\n${declarations(scope, parameters.length)}${body}\n}`;
  }

  private instance(name: string, types: readonly Type[]): FunctionInstance | undefined {
    const { checked, instances, reporter } = this.context;
    const definition = checked.functions.get(name);
    if (definition === undefined || checked.recursive || types.length !== definition.parameters.length) return undefined;
    // While types are still being found, an unknown one is no choice of its own.
    if (reporter.muted && types.includes(UNKNOWN)) return undefined;
    const key = [name, ...types.map((type) => type.name)].join(' ');
    const known = instances.get(key);
    if (known !== undefined) return known;
    if (instances.size >= INSTANCE_LIMIT) {
      reporter.error(E.MSPL_TOO_MANY({ limit: INSTANCE_LIMIT, what: 'kinds of calls' }), definition.name);
      return undefined;
    }
    const scope = new Scope(name);
    const instance = { code: `f${instances.size}`, definition, argumentTypes: types, scope };
    instances.set(key, instance);
    definition.parameters.forEach((parameter, index) => {
      const type = types[index] ?? UNKNOWN;
      scope.variable(parameter.name).type = type === NULL ? undefined : type;
    });
    this.emitter(scope, [definition.body]);
    return instance;
  }

  /** Functions that nothing calls are looked through for faults too, with arguments of which nothing is known. */
  private checkUncalled(): void {
    const called = new Set([...this.context.instances.values()].map((instance) => instance.definition));
    for (const definition of this.context.checked.functions.values()) {
      if (called.has(definition)) continue;
      const scope = new Scope(definition.name.name);
      for (const parameter of definition.parameters) scope.variable(parameter.name).type = UNKNOWN;
      this.emitter(scope, [definition.body]).functionBody(definition.body);
    }
  }
}

function declarations(scope: Scope, parameters: number): string {
  const codes = [...scope.variables.values()].slice(parameters).map((variable) => `${variable.code} = null`);
  return codes.length === 0 ? '' : `let ${codes.join(', ')};\n`;
}
