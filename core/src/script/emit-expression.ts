/** Expressions as JavaScript. Every value has a type that is known here, so that the generated code needs no tests of types. */
import { typeOf } from './compile-context.ts';
import type { CompileContext, FunctionInstance, Scope } from './compile-context.ts';
import { NULL_VALUE, UNKNOWN_VALUE, constant, convert } from './convert-code.ts';
import type { Emitted } from './convert-code.ts';
import { emitBuiltinCall } from './emit-builtin.ts';
import { emitBinary } from './emit-operator.ts';
import { ENUMERATIONS } from './enumerations.ts';
import { BUILTINS } from './builtins.ts';
import { ScriptTextErrors as E } from './errors.ts';
import { hint } from './nearest-name.ts';
import { BUILTIN_VARIABLES, CLASSES, enumType } from './object-classes.ts';
import type { Field } from './object-classes.ts';
import type { Span } from './source-text.ts';
import type { Binary, Call, Expression, FileAccess, Literal, Member, Unary } from './syntax.ts';
import { BOOL, FLOAT, INTEGER, NOTHING, STRING, UNKNOWN, describeType } from './types.ts';
import type { Type } from './types.ts';
import { unknownName } from './unknown-name.ts';

/** Finds or makes the instance of a function for the types of its arguments; undefined when it cannot be known. */
export type Instantiate = (name: string, argumentTypes: readonly Type[]) => FunctionInstance | undefined;

const LARGEST = 2 ** 31 - 1;

export class ExpressionEmitter {
  constructor(
    readonly context: CompileContext,
    readonly scope: Scope,
    private readonly instantiate: Instantiate,
  ) {}

  emit(expression: Expression): Emitted {
    switch (expression.kind) {
      case 'literal':
        return this.literal(expression);
      case 'name':
        return this.name(expression.name, expression);
      case 'member':
        return this.member(expression);
      case 'file':
        return this.fileAccess(expression);
      case 'call':
        return this.call(expression);
      case 'unary':
        return this.unary(expression);
      case 'binary':
        return isLogical(expression)
          ? { code: this.logical(expression, 'boolean'), type: BOOL, nullable: false }
          : emitBinary(this, expression);
      default:
        return UNKNOWN_VALUE;
    }
  }

  /** Code whose truth, as JavaScript sees it, is the condition. */
  condition(expression: Expression): string {
    return isLogical(expression) ? this.logical(expression, 'condition') : this.truth(this.emit(expression), expression);
  }

  /** Code that gives true or false, never null. */
  boolean(expression: Expression): string {
    if (isLogical(expression)) return this.logical(expression, 'boolean');
    const value = this.emit(expression);
    return value.type === BOOL && !value.nullable ? value.code : `!!${this.truth(value, expression)}`;
  }

  private logical({ operator, left, right }: Binary, sides: 'condition' | 'boolean'): string {
    return `(${this[sides](left)} ${operator} ${this[sides](right)})`;
  }

  /** Text, numbers, null and objects are true in JavaScript just when they are in MSPL. */
  private truth(value: Emitted, span: Span): string {
    const { type } = value;
    return type.kind === 'collection' || type === NOTHING ? this.convert(value, BOOL, span) : value.code;
  }

  convert(value: Emitted, target: Type, span: Span): string {
    return convert(value, target, span, this.scope.owner, this.context);
  }

  site(span: Span, name: string): number {
    return this.context.site(span, name, this.scope.owner);
  }

  private literal({ value, float, start, end }: Literal): Emitted {
    if (value === null) return NULL_VALUE;
    if (typeof value === 'string') return constant(value, STRING);
    if (typeof value === 'boolean') return constant(value, BOOL);
    if (!float && value > LARGEST) this.context.reporter.error(E.MSPL_NUMBER({ found: value }), { start, end });
    return constant(value, float ? FLOAT : INTEGER);
  }

  private name(name: string, span: Span): Emitted {
    const builtin = BUILTIN_VARIABLES.get(name);
    if (builtin !== undefined) return builtin;
    const variable = this.scope.variables.get(name);
    if (variable !== undefined) return { code: variable.code, type: typeOf(variable), nullable: true };
    // While types are being found, a name may still be waiting for its first assignment.
    if (this.context.reporter.muted) return UNKNOWN_VALUE;
    const known = [...this.scope.variables.keys(), ...BUILTIN_VARIABLES.keys(), ...ENUMERATIONS.keys()];
    // A name of its own is the checker's; one before a dot may also be a misspelt enumeration.
    const files = new Set(this.context.files.map((file) => file.name));
    this.context.reporter.error(unknownName(name, { files, functions: this.context.checked.functions }, known), span);
    return UNKNOWN_VALUE;
  }

  private member(expression: Member): Emitted {
    const { object, member } = expression;
    const enumeration = object.kind === 'name' && !this.scope.variables.has(object.name) ? ENUMERATIONS.get(object.name) : undefined;
    if (enumeration !== undefined) {
      const value = enumeration.value(member.name);
      if (value !== undefined) return constant(value, enumType(enumeration));
      this.unknownMember(enumeration.name, member.name, enumeration.members, member);
      return UNKNOWN_VALUE;
    }
    const value = this.emit(object);
    const field = this.field(value.type, expression);
    if (field === undefined) return UNKNOWN_VALUE;
    const accessor = this.context.library(`${field.owner}_${member.name}`);
    const code = `${accessor}(s, ${this.site(expression, `${value.type.name}.${member.name}`)}, ${value.code})`;
    return { code, type: field.type, nullable: field.nullable };
  }

  /** The field that a member expression names, of an object of this type; reports when there is none. */
  field(type: Type, { object, member }: Member): Field | undefined {
    if (type === UNKNOWN) return undefined;
    if (type.kind !== 'class') {
      const found = describeType(type);
      const instead = 'Members belong to sipMessage, sipRequest, sipResponse, RequestTarget, RequestSource and dbEndpoint.';
      this.context.reporter.error(E.MSPL_TYPE({ found, wanted: `an object with a member ${member.name}`, instead }), object);
      return undefined;
    }
    const fields = CLASSES[type.name];
    const field = fields.get(member.name);
    if (field === undefined) this.unknownMember(type.name, member.name, [...fields.keys()], member);
    return field;
  }

  private unknownMember(type: string, name: string, members: readonly string[], span: Span): void {
    const shown = members.length > 16 ? `${members.slice(0, 16).join(', ')} and others` : members.join(', ');
    const elsewhere = type === 'Message' ? otherClassWith(name) : '';
    const guess = elsewhere === '' ? hint(name, members) : elsewhere;
    this.context.reporter.error(E.MSPL_UNKNOWN_MEMBER({ type, name, members: shown, hint: guess }), span);
  }

  private fileAccess({ file, index, column, start, end }: FileAccess): Emitted {
    const number = this.context.files.findIndex((declaration) => declaration.name === file.name);
    const position = this.context.files[number]?.columns.indexOf(column.name) ?? -1;
    const key = this.emit(index);
    if (number < 0 || position < 0) return UNKNOWN_VALUE;
    const table = `files[${number}]`;
    if (key.type === INTEGER)
      return { code: `${this.context.library('fieldAt')}(${table}, ${key.code}, ${position})`, type: STRING, nullable: true };
    if (this.context.files[number]?.keyColumn === undefined) this.context.reporter.warning(E.MSPL_STRING_KEY({ file: file.name }), index);
    const text = this.convert(key, STRING, index);
    const site = this.site({ start, end }, file.name);
    return { code: `${this.context.library('fieldOf')}(s, ${site}, ${table}, ${text}, ${position})`, type: STRING, nullable: true };
  }

  private call(call: Call): Emitted {
    const { callee, args } = call;
    const definition = this.context.checked.functions.get(callee.name);
    if (definition === undefined) {
      const builtin = BUILTINS.get(callee.name);
      if (builtin !== undefined) return emitBuiltinCall(this, builtin, call);
      for (const argument of args) this.emit(argument);
      return UNKNOWN_VALUE;
    }
    const values = args.map((argument) => this.value(argument));
    const instance = this.instantiate(
      callee.name,
      values.map((value) => value.type),
    );
    if (instance === undefined) return UNKNOWN_VALUE;
    if (!this.context.reporter.muted) this.context.called.add(instance);
    const code = `${instance.code}(${['s', ...values.map((value) => value.code)].join(', ')})`;
    if (!instance.scope.givesValue) return { code, type: NOTHING, nullable: true };
    // A trace comes back to the calling line with it.
    return { code: this.traced(code, call), type: typeOf(instance.scope.result), nullable: true };
  }

  /** A value that goes into a variable or an argument: not the nothing of a function without a result. */
  value(expression: Expression): Emitted {
    const value = this.emit(expression);
    if (value.type !== NOTHING) return value;
    const name = expression.kind === 'call' ? expression.callee.name : 'this';
    this.context.reporter.error(E.MSPL_NO_VALUE({ name }), expression);
    return UNKNOWN_VALUE;
  }

  private unary({ operator, operand, start, end }: Unary): Emitted {
    if (operator === '!') return { code: `!${this.condition(operand)}`, type: BOOL, nullable: false };
    if (operand.kind === 'literal' && typeof operand.value === 'number') return constant(-operand.value, operand.float ? FLOAT : INTEGER);
    const value = this.emit(operand);
    if (value.type !== INTEGER && value.type !== FLOAT) {
      if (value.type !== UNKNOWN) this.notANumber('-', value.type, operand);
      return UNKNOWN_VALUE;
    }
    const name = value.type === INTEGER ? 'negated' : 'negatedSingle';
    return {
      code: `${this.context.library(name)}(s, ${this.site({ start, end }, '-')}, ${value.code})`,
      type: value.type,
      nullable: false,
    };
  }

  /** Reports an operand of + or - that is no number. */
  notANumber(operator: string, type: Type, span: Span): void {
    const instead =
      type === STRING && operator === '+'
        ? 'Use Concatenate to join text; assign text to a variable that began as a number to convert it.'
        : 'Assign it to a variable that began as a number to convert it.';
    this.context.reporter.error(E.MSPL_ARITHMETIC({ operator, found: describeType(type), instead }), span);
  }

  /** Code for tracing: hands the value to the trace and gives it back. */
  traced(code: string, span: Span): string {
    if (!this.context.traits.traced) return code;
    return `${this.context.library('traceValue')}(s, ${this.site(span, '')}, ${code})`;
  }
}

function isLogical(expression: Expression): expression is Binary {
  return expression.kind === 'binary' && (expression.operator === '&&' || expression.operator === '||');
}

/** "; it belongs to sipRequest.Method" for a member that Message lacks and one of its two kinds has. */
function otherClassWith(name: string): string {
  if (CLASSES.Request.has(name)) return `; it belongs to sipRequest.${name}`;
  return CLASSES.Response.has(name) ? `; it belongs to sipResponse.${name}` : '';
}
