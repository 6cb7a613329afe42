/** JavaScript for values of one type that are wanted as another. Sheet mspl 4.3. Null stays null. */
import type { CompileContext } from './compile-context.ts';
import { ScriptTextErrors as E } from './errors.ts';
import type { Span } from './source-text.ts';
import { BOOL, FLOAT, INTEGER, NOTHING, NULL, STRING, UNKNOWN, describeType } from './types.ts';
import type { Type } from './types.ts';

/** A piece of generated code that gives a value. */
export interface Emitted {
  readonly code: string;
  readonly type: Type;
  /** May be null at run time. */
  readonly nullable: boolean;
  /** Known at compile time. */
  readonly constant?: string | number | boolean;
}

/** Text as a JavaScript literal: nothing of a script reaches the generated code in any other form. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A constant as code. */
export function constant(value: string | number | boolean, type: Type): Emitted {
  const code = typeof value === 'string' ? quoted(value) : Object.is(value, -0) ? '0' : String(value);
  return { code: typeof value === 'number' && value < 0 ? `(${code})` : code, type, nullable: false, constant: value };
}

export const NULL_VALUE: Emitted = { code: 'null', type: NULL, nullable: true };
export const UNKNOWN_VALUE: Emitted = { code: 'null', type: UNKNOWN, nullable: true };

/** The float as text: the shortest that reads back as the same IEEE single. */
export function floatText(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** A constant as another type, at compile time; undefined where that can only be said at run time, or never. */
export function convertConstant(value: string | number | boolean, from: Type, to: Type): string | number | boolean | undefined {
  if (from === to) return value;
  if (to === STRING) {
    if (from.kind === 'enum') return from.enumeration.text(Number(value));
    return from === FLOAT ? floatText(Number(value)) : String(value);
  }
  if (to === BOOL) return Boolean(value);
  if (to.kind === 'enum') return typeof value === 'string' ? to.enumeration.valueOf(value) : from === INTEGER ? value : undefined;
  if (typeof value === 'string') {
    if (to === INTEGER) return /^[+-]?\d{1,10}$/.test(value) && Math.abs(Number(value)) < 2 ** 31 ? Number(value) : undefined;
    return to === FLOAT && /^[+-]?\d+(\.\d+)?$/.test(value) ? Math.fround(Number(value)) : undefined;
  }
  if (to === INTEGER) return Math.trunc(Number(value)) | 0;
  return to === FLOAT ? Number(value) : undefined;
}

/**
 * Code for `value` as a `target`. Reports what never converts; text that may not is tested when the script runs.
 * @param owner the script's function around it
 */
export function convert(value: Emitted, target: Type, span: Span, owner: string, context: CompileContext): string {
  const { code, type } = value;
  if (type === target || type === NULL || type === UNKNOWN || target === NULL || target === UNKNOWN) return code;
  if (value.constant !== undefined) {
    const known = convertConstant(value.constant, type, target);
    if (known !== undefined) return constant(known, target).code;
    if (typeof value.constant === 'string' && (target === INTEGER || target === FLOAT)) {
      context.reporter.warning(E.MSPL_NEVER_NUMBER({ found: quoted(value.constant) }), span);
    }
  }
  const call = (name: string, ...args: string[]): string => `${context.library(name)}(${args.join(', ')})`;
  const parsing = (name: string): string => call(name, 's', String(context.site(span, name, owner)), code);
  if (target === STRING) {
    if (type === INTEGER || type === BOOL) return value.nullable ? call('plainText', code) : `String(${code})`;
    if (type === FLOAT) return call('singleText', code);
    if (type.kind === 'enum') return call('memberText', context.library(type.name), code);
  } else if (target === INTEGER) {
    if (type === STRING) return parsing('parseInteger');
    if (type === FLOAT || type === BOOL) return call('truncated', code);
    if (type.kind === 'enum') return code;
  } else if (target === FLOAT) {
    if (type === STRING) return parsing('parseFloating');
    if (type === INTEGER) return code;
    if (type === BOOL) return call('truncated', code);
  } else if (target === BOOL) {
    if (type.kind === 'class') return `(${code} !== null)`;
    if (type.kind !== 'collection' && type !== NOTHING) return call('truth', code);
  } else if (target.kind === 'enum') {
    if (type === STRING) return call('memberValue', context.library(target.name), code);
    if (type === INTEGER) return code;
  } else if (target.kind === 'collection') {
    if (type.kind === 'scalar' && type !== NOTHING) return call('single', convert(value, target.of, span, owner, context));
  } else if (target.kind === 'class' && target.name === 'Message' && type.kind === 'class') {
    if (type.name === 'Request' || type.name === 'Response') return code;
  }
  context.reporter.error(E.MSPL_TYPE({ found: describeType(type), wanted: describeType(target), instead: advice(type, target) }), span);
  return 'null';
}

function advice(from: Type, to: Type): string {
  if (from.kind === 'collection') return 'Look at its elements with foreach.';
  if (from === NOTHING) return 'Call the function as a statement of its own.';
  if (from.kind === 'class') return `Name one of the members of ${from.name} after a dot.`;
  if (to.kind === 'enum') return `Write ${to.name}.Member.`;
  return 'Use another variable: a variable keeps the type of its first assignment.';
}
