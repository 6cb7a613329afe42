/** What can be said of a script without its types: names, arguments, order, jumps. The types are the compiler's (emit-*.ts). */
import { BUILTINS, NEVER_THERE, WITHDRAWN, argumentRange, signature } from './builtins.ts';
import { branchEnd, checkJumps } from './check-flow.ts';
import { ScriptTextErrors as E } from './errors.ts';
import type { ScriptReporter } from './diagnostic.ts';
import { ENUMERATIONS } from './enumerations.ts';
import type { FlatFileDeclaration } from './manifest.ts';
import { hint } from './nearest-name.ts';
import { BUILTIN_VARIABLES, ENDPOINT_VARIABLE } from './object-classes.ts';
import type { Call, Expression, FunctionDefinition, Identifier, Script, Statement } from './syntax.ts';
import { eachExpression, eachStatement } from './tree-walk.ts';
import { unknownName } from './unknown-name.ts';

/** What a script may refer to besides itself. */
export interface ScriptSurroundings {
  readonly files: readonly FlatFileDeclaration[];
  /** The manifest has scriptOnly. */
  readonly scriptOnly: boolean;
  /** The methods of the plugin's handler; undefined while no handler is known. */
  readonly handlerMethods: ReadonlySet<string> | undefined;
}

/** A Dispatch or DispatchNotification to a method that the script names. */
export interface DispatchCall {
  readonly method: string;
  readonly notification: boolean;
  /** Offset in the script. */
  readonly start: number;
}

/** Functions of the script by name; of two with one name the first. */
export type FunctionTable = ReadonlyMap<string, FunctionDefinition>;

/** What the checker found out for those that come after it. */
export interface CheckedScript {
  readonly functions: FunctionTable;
  readonly dispatches: readonly DispatchCall[];
  /** Some function reaches itself: the compiler must not follow calls. */
  readonly recursive: boolean;
}

/** Checks a script; what is wrong is in the reporter's list. */
export function checkScript(script: Script, surroundings: ScriptSurroundings, reporter: ScriptReporter): CheckedScript {
  const checker = new Checker(script, surroundings, reporter);
  checker.run();
  return checker;
}

class Checker implements CheckedScript {
  readonly functions = new Map<string, FunctionDefinition>();
  readonly dispatches: DispatchCall[] = [];
  recursive = false;
  readonly files: ReadonlyMap<string, FlatFileDeclaration>;
  /** Functions that each function calls, with the first place of the call. */
  private readonly calls = new Map<string, Map<string, Identifier>>();
  /** Calls of BeginFork, Fork and EndFork. */
  private readonly forking: Identifier[] = [];

  constructor(
    private readonly script: Script,
    private readonly surroundings: ScriptSurroundings,
    private readonly reporter: ScriptReporter,
  ) {
    this.files = new Map(surroundings.files.map((file) => [file.name, file]));
  }

  run(): void {
    for (const definition of this.script.functions) this.declare(definition);
    for (const definition of this.script.functions) {
      this.scope([definition.body], definition.parameters, definition.name.name);
    }
    this.scope(this.script.body, [], '');
    this.findRecursion();
    this.findUnused();
    this.findNeverForked();
  }

  private declare(definition: FunctionDefinition): void {
    const { name, parameters } = definition;
    const earlier = this.functions.get(name.name);
    if (earlier !== undefined) {
      this.reporter.error(E.MSPL_DUPLICATE_FUNCTION({ name: name.name, line: this.reporter.line(earlier.start) }), name);
    } else {
      if (BUILTINS.has(name.name)) this.reporter.error(E.MSPL_RESERVED_NAME({ name: name.name, what: 'a built-in function' }), name);
      this.functions.set(name.name, definition);
    }
    parameters.forEach((parameter, index) => {
      this.requireFree(parameter);
      if (parameters.findIndex((other) => other.name === parameter.name) < index) {
        this.reporter.error(E.MSPL_DUPLICATE_PARAMETER({ name: parameter.name }), parameter);
      }
    });
  }

  /** One function, or the body: variables are known in the whole of it, and nowhere else (MSPL R42). */
  private scope(statements: readonly Statement[], parameters: readonly Identifier[], owner: string): void {
    const variables = new Set(parameters.map((parameter) => parameter.name));
    eachStatement(statements, (statement) => {
      if (statement.kind === 'foreach') variables.add(statement.variable.name);
      if (statement.kind === 'assignment' && statement.target.kind === 'name') variables.add(statement.target.name);
    });
    const subjects = new Set<Expression>();
    eachStatement(statements, (statement) => {
      if (statement.kind === 'foreach') this.checkForeach(statement.variable, statement.subject, subjects);
      if (statement.kind === 'assignment' && statement.target.kind === 'name') this.requireFree({ ...statement.target });
      if (statement.kind === 'switch') branchEnd(statement, this.reporter);
      if (statement.kind === 'expression') this.checkEffect(statement.expression);
    });
    checkJumps(statements, this.reporter);
    eachExpression(statements, (expression) => this.checkExpression(expression, variables, subjects, owner));
  }

  /** Refuses names that mean something else wherever they stand. */
  private requireFree(identifier: Identifier): void {
    const what = this.otherMeaning(identifier.name);
    if (what !== undefined) this.reporter.error(E.MSPL_RESERVED_NAME({ name: identifier.name, what }), identifier);
  }

  private otherMeaning(name: string): string | undefined {
    if (BUILTIN_VARIABLES.has(name)) return 'a built-in variable';
    if (ENUMERATIONS.has(name)) return 'an enumeration';
    if (this.files.has(name)) return 'a file of the manifest';
    return name === ENDPOINT_VARIABLE ? 'the loop variable of foreach over QueryEndpoints' : undefined;
  }

  private checkForeach(variable: Identifier, subject: Expression, subjects: Set<Expression>): void {
    const endpoints = subject.kind === 'call' && subject.callee.name === 'QueryEndpoints';
    const named = variable.name === ENDPOINT_VARIABLE;
    if (endpoints) subjects.add(subject);
    if (endpoints && !named) {
      this.reporter.error(
        E.MSPL_LOOP_VARIABLE({ problem: `the loop variable over QueryEndpoints is ${ENDPOINT_VARIABLE}, found ${variable.name}` }),
        variable,
      );
    } else if (named && !endpoints) {
      this.reporter.error(E.MSPL_LOOP_VARIABLE({ problem: `${ENDPOINT_VARIABLE} loops over QueryEndpoints only` }), variable);
    } else if (!named) this.requireFree(variable);
  }

  private checkEffect(expression: Expression): void {
    if (expression.kind !== 'call' && expression.kind !== 'broken') this.reporter.error(E.MSPL_NO_EFFECT(), expression);
  }

  private checkExpression(expression: Expression, variables: ReadonlySet<string>, subjects: ReadonlySet<Expression>, owner: string): void {
    if (expression.kind === 'name') this.checkName(expression, variables);
    else if (expression.kind === 'file') this.checkFile(expression.file, expression.column);
    else if (expression.kind === 'call') {
      this.checkCall(expression, owner);
      if (expression.callee.name === 'QueryEndpoints' && !subjects.has(expression))
        this.reporter.error(E.MSPL_QUERY_ENDPOINTS(), expression.callee);
    }
  }

  private checkName({ name, start, end }: Identifier, variables: ReadonlySet<string>): void {
    if (variables.has(name) || BUILTIN_VARIABLES.has(name)) return;
    const known = [...variables, ...BUILTIN_VARIABLES.keys()];
    this.reporter.error(unknownName(name, this, known), { start, end });
  }

  private checkFile(name: Identifier, column: Identifier): void {
    const file = this.files.get(name.name);
    if (file === undefined) {
      this.reporter.error(E.MSPL_UNKNOWN_FILE({ name: name.name, hint: hint(name.name, this.files.keys()) }), name);
    } else if (!file.columns.includes(column.name)) {
      const members = file.columns.join(', ');
      this.reporter.error(
        E.MSPL_UNKNOWN_COLUMN({ file: file.name, name: column.name, members, hint: hint(column.name, file.columns) }),
        column,
      );
    }
  }

  private checkCall(call: Call, owner: string): void {
    const { callee, args } = call;
    const { name } = callee;
    const own = this.functions.get(name);
    if (own !== undefined) {
      const called = this.calls.get(owner) ?? new Map<string, Identifier>();
      this.calls.set(owner, called.has(name) ? called : called.set(name, callee));
      const { length } = own.parameters;
      const wanted = `${name}(${own.parameters.map((parameter) => parameter.name).join(', ')})`;
      if (length !== args.length) this.reportCount(callee, length, length, args.length, wanted);
      return;
    }
    const builtin = BUILTINS.get(name);
    if (builtin === undefined) return this.reportUnknownFunction(callee);
    const { least, most } = argumentRange(builtin);
    if (args.length < least || args.length > most) this.reportCount(callee, least, most, args.length, signature(builtin));
    if (name === 'BeginFork' || name === 'Fork' || name === 'EndFork') this.forking.push(callee);
    if (name === 'Dispatch' || name === 'DispatchNotification') this.checkDispatch(call);
  }

  private reportUnknownFunction(callee: Identifier): void {
    const { name } = callee;
    const withdrawn = WITHDRAWN.get(name);
    const instead = NEVER_THERE.get(name.toLowerCase());
    if (withdrawn !== undefined) this.reporter.error(E.MSPL_WITHDRAWN({ name, ...withdrawn }), callee);
    else if (instead !== undefined) this.reporter.error(E.MSPL_NEVER_THERE({ name, instead }), callee);
    else {
      const known = [...this.functions.keys(), ...BUILTINS.keys()];
      this.reporter.error(E.MSPL_UNKNOWN_FUNCTION({ name, hint: hint(name, known) }), callee);
    }
  }

  private reportCount(callee: Identifier, least: number, most: number, found: number, wanted: string): void {
    const range = most === Infinity ? `at least ${least}` : least === most ? String(least) : `${least} to ${most}`;
    const what = range === '1' || range === 'at least 1' ? 'argument' : 'arguments';
    this.reporter.error(E.MSPL_ARGUMENTS({ name: callee.name, wanted: `${range} ${what}`, found, signature: wanted }), callee);
  }

  private checkDispatch({ callee, args }: Call): void {
    if (this.surroundings.scriptOnly) this.reporter.error(E.MSPL_DISPATCH_SCRIPT_ONLY({ name: callee.name }), callee);
    const [target] = args;
    if (target?.kind !== 'literal' || typeof target.value !== 'string') return;
    const method = target.value;
    this.dispatches.push({ method, notification: callee.name === 'DispatchNotification', start: target.start });
    const methods = this.surroundings.handlerMethods;
    if (methods === undefined || methods.has(method) || this.surroundings.scriptOnly) return;
    const members = methods.size === 0 ? 'none, or there is no handler at all' : [...methods].join(', ');
    this.reporter.error(E.MSPL_DISPATCH_UNKNOWN({ name: method, members, hint: hint(method, methods) }), target);
  }

  /** Each function that can reach itself is reported once, where it is defined, with the way. */
  private findRecursion(): void {
    const finished = new Set<string>();
    for (const start of this.functions.keys()) this.follow(start, [], finished);
  }

  private follow(name: string, path: string[], finished: Set<string>): void {
    const at = path.indexOf(name);
    if (at >= 0) {
      this.recursive = true;
      const circle = [...path.slice(at), name];
      const definition = this.functions.get(name);
      if (definition !== undefined) this.reporter.error(E.MSPL_RECURSION({ name, path: circle.join(' -> ') }), definition.name);
      return;
    }
    if (finished.has(name)) return;
    path.push(name);
    for (const callee of this.calls.get(name)?.keys() ?? []) this.follow(callee, path, finished);
    path.pop();
    finished.add(name);
  }

  /** A fork set is opened in the same run or not at all: a script without BeginFork has none, whatever way it takes. */
  private findNeverForked(): void {
    if (this.forking.some(({ name }) => name === 'BeginFork')) return;
    for (const callee of this.forking) this.reporter.warning(E.MSPL_NEVER_FORKED({ name: callee.name }), callee);
  }

  private findUnused(): void {
    const called = new Set([...this.calls.values()].flatMap((callees) => [...callees.keys()]));
    for (const { name } of this.functions.values()) {
      if (!called.has(name.name)) this.reporter.warning(E.MSPL_UNUSED_FUNCTION({ name: name.name }), name);
    }
  }
}
