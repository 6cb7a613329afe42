/** Binary operators as JavaScript. Sheet mspl 4.2 and 4.3: the right side takes the type of the left. */
import { UNKNOWN_VALUE } from './convert-code.ts';
import type { Emitted } from './convert-code.ts';
import type { ExpressionEmitter } from './emit-expression.ts';
import type { Enumeration } from './enumerations.ts';
import { ScriptTextErrors as E } from './errors.ts';
import type { Binary, BinaryOperator, Expression } from './syntax.ts';
import { BOOL, FLOAT, INTEGER, NULL, STRING, UNKNOWN, describeType } from './types.ts';
import type { Type } from './types.ts';

const ORDER: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '<': 'less',
  '<=': 'lessOrEqual',
  '>': 'greater',
  '>=': 'greaterOrEqual',
};

/** Code for one binary operator, other than && and ||, and its two sides. */
export function emitBinary(emitter: ExpressionEmitter, expression: Binary): Emitted {
  const { operator } = expression;
  const left = emitter.value(expression.left);
  const right = emitter.value(expression.right);
  if (operator === '+' || operator === '-') return arithmetic(emitter, expression, left, right);
  const code =
    operator === '==' || operator === '!=' ? equality(emitter, expression, left, right) : order(emitter, expression, left, right);
  return { code, type: BOOL, nullable: false };
}

/** Null equals null and nothing else: JavaScript's `===` says the same, once both sides have one type. */
function equality(emitter: ExpressionEmitter, { operator, left, right }: Binary, a: Emitted, b: Emitted): string {
  const strict = `${operator}=`;
  if (a.type === NULL || b.type === NULL || a.type === UNKNOWN || b.type === UNKNOWN) return `(${a.code} ${strict} ${b.code})`;
  requireComparable(emitter, a.type, left);
  requireComparable(emitter, b.type, right);
  if (a.type.kind === 'enum' && b.type === STRING) return memberEqualsText(emitter, a.type.enumeration, a, b, strict);
  if (b.type.kind === 'enum' && a.type === STRING) return memberEqualsText(emitter, b.type.enumeration, b, a, strict);
  if (b.type.kind === 'enum' && a.type === INTEGER) return `(${a.code} ${strict} ${b.code})`;
  return `(${a.code} ${strict} ${emitter.convert(b, a.type, right)})`;
}

/**
 * A member equals its text: `sipRequest.Method == StandardMethod.Invite` (MSPL R37). The member that stands for all other
 * texts, NonStandard, is found by looking the text up.
 */
function memberEqualsText(emitter: ExpressionEmitter, enumeration: Enumeration, member: Emitted, text: Emitted, strict: string): string {
  const { constant } = member;
  const own = typeof constant === 'number' ? enumeration.text(constant) : '';
  if (own !== '' && constant !== enumeration.valueOf('')) return `(${text.code} ${strict} ${JSON.stringify(own)})`;
  const { context } = emitter;
  return `(${context.library('memberValue')}(${context.library(enumeration.name)}, ${text.code}) ${strict} ${member.code})`;
}

function requireComparable(emitter: ExpressionEmitter, type: Type, side: Expression): void {
  if (type.kind !== 'class' && type.kind !== 'collection') return;
  const instead = type.kind === 'class' ? 'Compare one of its members, or compare it with null.' : 'Look at its elements with foreach.';
  emitter.context.reporter.error(E.MSPL_TYPE({ found: describeType(type), wanted: 'a value to compare', instead }), side);
}

/** Null is neither less nor greater than anything. */
function order(emitter: ExpressionEmitter, { operator, left, right }: Binary, a: Emitted, b: Emitted): string {
  if (a.type === UNKNOWN || b.type === UNKNOWN) return 'false';
  requireComparable(emitter, a.type, left);
  requireComparable(emitter, b.type, right);
  const other = emitter.convert(b, a.type, right);
  if (!a.nullable && !b.nullable) return `(${a.code} ${operator} ${other})`;
  return `${emitter.context.library(ORDER[operator] ?? 'less')}(${a.code}, ${other})`;
}

function arithmetic(emitter: ExpressionEmitter, expression: Binary, a: Emitted, b: Emitted): Emitted {
  const { operator, left, right } = expression;
  if (!isNumber(emitter, operator, a.type, left) || !isNumber(emitter, operator, b.type, right)) return UNKNOWN_VALUE;
  const type = a.type === FLOAT || b.type === FLOAT ? FLOAT : INTEGER;
  if (!a.nullable && !b.nullable) {
    const code = type === INTEGER ? `((${a.code} ${operator} ${b.code}) | 0)` : `Math.fround(${a.code} ${operator} ${b.code})`;
    return { code, type, nullable: false };
  }
  const name = `${operator === '+' ? 'sum' : 'difference'}${type === INTEGER ? '' : 'Single'}`;
  const code = `${emitter.context.library(name)}(s, ${emitter.site(expression, operator)}, ${a.code}, ${b.code})`;
  return { code, type, nullable: false };
}

function isNumber(emitter: ExpressionEmitter, operator: string, type: Type, side: Expression): boolean {
  if (type === INTEGER || type === FLOAT) return true;
  if (type !== UNKNOWN) emitter.notANumber(operator, type, side);
  return false;
}
