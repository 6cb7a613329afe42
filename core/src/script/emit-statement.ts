/** Statements as JavaScript, and the types of variables that they imply. */
import { typeOf } from './compile-context.ts';
import type { CompileContext, Scope, Variable } from './compile-context.ts';
import { constant, convertConstant } from './convert-code.ts';
import type { Emitted } from './convert-code.ts';
import { ExpressionEmitter } from './emit-expression.ts';
import type { Instantiate } from './emit-expression.ts';
import { ScriptTextErrors as E } from './errors.ts';
import type { Assignment, Expression, Foreach, If, Member, Return, Statement, Switch, SwitchBranch, While } from './syntax.ts';
import { eachStatement } from './tree-walk.ts';
import { BOOL, FLOAT, INTEGER, NOTHING, NULL, STRING, UNKNOWN, collectionOf, describeType } from './types.ts';
import type { Type } from './types.ts';

/** Iterations of one while loop, sheet mspl 5.4. */
export const WHILE_LIMIT = 500;
/** A chain of variables that get their types from each other backwards through a loop; longer ones stay without. */
const INFERENCE_ROUNDS = 8;

export class StatementEmitter {
  private readonly expressions: ExpressionEmitter;
  private loops = 0;

  constructor(
    private readonly context: CompileContext,
    private readonly scope: Scope,
    instantiate: Instantiate,
  ) {
    this.expressions = new ExpressionEmitter(context, scope, instantiate);
  }

  /** Gives every variable the type of its first assignment, in the order of the text, and finds the type of `return`. */
  inferTypes(statements: readonly Statement[]): void {
    this.context.muted(() => {
      for (let round = 0; round < INFERENCE_ROUNDS; round++) {
        let changed = false;
        eachStatement(statements, (statement) => {
          changed = this.infer(statement) || changed;
        });
        if (!changed) return;
      }
    });
  }

  private infer(statement: Statement): boolean {
    if (statement.kind === 'assignment' && statement.target.kind === 'name') {
      return learn(this.scope.variable(statement.target.name), this.expressions.emit(statement.value).type);
    }
    if (statement.kind === 'foreach') {
      return learn(this.scope.variable(statement.variable.name), elementType(this.expressions.emit(statement.subject).type));
    }
    if (statement.kind !== 'return' || statement.value === undefined) return false;
    this.scope.givesValue = true;
    return learn(this.scope.result, this.expressions.emit(statement.value).type);
  }

  /** Code for a sequence of statements. */
  statements(statements: readonly Statement[]): string {
    return statements.map((statement) => this.statement(statement)).join('\n');
  }

  private statement(statement: Statement): string {
    const code = this.code(statement);
    if (!this.context.traits.traced || code === '' || statement.kind === 'block') return code;
    return `{ ${this.context.library('traceStatement')}(s, ${this.expressions.site(statement, '')}); ${code} }`;
  }

  private code(statement: Statement): string {
    switch (statement.kind) {
      case 'empty':
        return '';
      case 'block':
        return `{\n${this.statements(statement.body)}\n}`;
      case 'if':
        return this.if(statement);
      case 'while':
        return this.while(statement);
      case 'foreach':
        return this.foreach(statement);
      case 'switch':
        return this.switch(statement);
      case 'break':
      case 'continue':
        return `${statement.kind};`;
      case 'return':
        return this.return(statement);
      case 'assignment':
        return this.assignment(statement);
      default:
        return `${this.expressions.emit(statement.expression).code};`;
    }
  }

  private condition(expression: Expression): string {
    return this.expressions.traced(this.expressions.condition(expression), expression);
  }

  private body(statement: Statement): string {
    return `{\n${this.statement(statement)}\n}`;
  }

  private if({ arms, otherwise }: If): string {
    const code = arms.map((arm) => `if (${this.condition(arm.condition)}) ${this.body(arm.body)}`).join(' else ');
    return otherwise === undefined ? code : `${code} else ${this.body(otherwise)}`;
  }

  private while(statement: While): string {
    const count = `n${this.loops++}`;
    const site = this.expressions.site(statement.condition, 'while');
    const limit = `if (++${count} > ${WHILE_LIMIT}) throw s.whileTooLong(${site}, ${WHILE_LIMIT});`;
    const head = `let ${count} = 0; while (${this.condition(statement.condition)})`;
    return `{ ${head} { ${limit} ${this.charge(statement.body, site)}\n${this.statement(statement.body)}\n} }`;
  }

  /** Takes the statements of a loop's body, or of a function, from the steps that the run has left. */
  private charge(body: Statement, site: number): string {
    let steps = 1;
    eachStatement([body], () => {
      steps++;
    });
    return `if ((s.stepsLeft -= ${steps}) < 0) throw s.outOfSteps(${site});`;
  }

  private foreach({ variable, subject, body }: Foreach): string {
    const number = this.loops++;
    const value = this.expressions.value(subject);
    const element = elementType(value.type);
    const elements = value.type.kind === 'collection' ? value.code : this.expressions.convert(value, collectionOf(element), subject);
    const target = this.scope.variable(variable.name);
    const code = this.expressions.convert(
      { code: `c${number}[i${number}]`, type: element, nullable: false },
      target.type ?? element,
      variable,
    );
    const list = this.expressions.traced(value.nullable ? `${this.context.library('orNone')}(${elements})` : elements, subject);
    const site = this.expressions.site(subject, 'foreach');
    const head = `const c${number} = ${list}; for (let i${number} = 0; i${number} < c${number}.length; i${number}++)`;
    return `{ ${head} { ${this.charge(body, site)} ${target.code} = ${code};\n${this.statement(body)}\n} }`;
  }

  private switch({ subject, branches }: Switch): string {
    const value = this.expressions.value(subject);
    const seen = new Map<string, SwitchBranch>();
    const rows = branches.map((branch) => {
      const label = branch.label === undefined ? 'default' : this.caseLabel(branch.label, value, branch, seen);
      const body = this.statements(branch.body);
      return label === undefined ? '' : `${label}: {\n${body}\n}`;
    });
    return `switch (${this.expressions.traced(value.code, subject)}) {\n${rows.join('\n')}\n}`;
  }

  /** A label as a constant of the subject's type; undefined when it can never be equal to it. */
  private caseLabel(label: Expression, subject: Emitted, branch: SwitchBranch, seen: Map<string, SwitchBranch>): string | undefined {
    const value = this.expressions.emit(label);
    if (value.type === UNKNOWN || subject.type === UNKNOWN) return undefined;
    const code = value.type === NULL ? 'null' : this.labelCode(value, subject.type);
    if (code === undefined) {
      this.context.reporter.error(E.MSPL_CASE_NEVER({ type: describeType(subject.type) }), label);
      return undefined;
    }
    const earlier = seen.get(code);
    if (earlier !== undefined) {
      this.context.reporter.error(E.MSPL_CASE_DUPLICATE({ line: this.context.reporter.line(earlier.start) }), branch.head);
      return undefined;
    }
    seen.set(code, branch);
    return `case ${code}`;
  }

  private labelCode(label: Emitted, type: Type): string | undefined {
    const comparable = type === STRING || type === INTEGER || type === FLOAT || type === BOOL || type.kind === 'enum';
    if (!comparable || label.constant === undefined) return undefined;
    const known = convertConstant(label.constant, label.type, type);
    return known === undefined || (type.kind === 'enum' && known === -1) ? undefined : constant(known, type).code;
  }

  private return({ value, start, end }: Return): string {
    const body = this.scope.owner === '';
    if (value === undefined) return body ? 'return;' : 'return null;';
    const result = this.expressions.value(value);
    // The body has nobody to return a value to; what the expression does is done.
    if (body) return `{ ${result.code}; return; }`;
    if (result.type.kind === 'class' || result.type.kind === 'collection') {
      this.context.reporter.error(E.MSPL_RETURN_TYPE({ found: describeType(result.type) }), { start, end });
      return 'return null;';
    }
    return `return ${this.expressions.traced(this.expressions.convert(result, typeOf(this.scope.result), value), value)};`;
  }

  private assignment({ target, value, start, end }: Assignment): string {
    const result = this.expressions.value(value);
    if (target.kind === 'member') return this.fieldAssignment(target, result, value);
    const variable = this.scope.variable(target.name);
    const code = this.expressions.convert(result, typeOf(variable), value);
    return `${variable.code} = ${this.expressions.traced(code, { start, end })};`;
  }

  private fieldAssignment(target: Member, value: Emitted, source: Expression): string {
    const object = this.expressions.emit(target.object);
    const field = this.expressions.field(object.type, target);
    if (field === undefined) return '';
    const { name } = target.member;
    if (!field.writable) {
      this.context.reporter.error(E.MSPL_READ_ONLY({ type: object.type.name, name }), target.member);
      return '';
    }
    const setter = this.context.library(`set_${field.owner}_${name}`);
    const site = this.expressions.site(target, `${object.type.name}.${name}`);
    const converted = field.type === BOOL ? this.expressions.boolean(source) : this.expressions.convert(value, field.type, source);
    const code = value.nullable && field.type !== BOOL ? `${this.context.library('required')}(s, ${site}, 0, ${converted})` : converted;
    return `${setter}(s, ${site}, ${object.code}, ${code});`;
  }

  /** The body of a function, with the charge for one call of it. */
  functionBody(body: Statement): string {
    const site = this.expressions.site(body, 'function');
    return `${this.charge(body, site)}\n${this.statement(body)}\nreturn null;`;
  }
}

/** Text and numbers are collections of one (sheet mspl 4.3). */
function elementType(type: Type): Type {
  return type.kind === 'collection' ? type.of : type;
}

/** A variable takes the first type that says something. True when it has learnt one. */
function learn(variable: Variable, type: Type): boolean {
  if (type === UNKNOWN) variable.faulty = true;
  if (variable.type !== undefined || isVague(type)) return false;
  variable.type = type;
  return true;
}

function isVague(type: Type): boolean {
  return type === NULL || type === UNKNOWN || type === NOTHING;
}
