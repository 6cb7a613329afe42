/** Conversions, comparisons and arithmetic of generated code. Sheet mspl 4.3 and 4.4: null stays null, and has no order. */
import { floatText } from '../convert-code.ts';
import type { Enumeration } from '../enumerations.ts';
import { ScriptRunErrors as E } from '../errors.ts';
import type { ScriptState } from '../script-state.ts';

type Maybe<T> = T | null;

/** No elements, no extra arguments. */
const NONE: readonly never[] = [];

const INTEGER = /^[+-]?\d{1,10}$/;
const FLOAT = /^[+-]?\d{1,40}(\.\d{1,40})?$/;
const RANGE = 2 ** 31;
const EXCERPT = 60;

/** Text whose whole is a number in the 32-bit range; any other ends the script. */
function parseInteger(s: ScriptState, site: number, text: Maybe<string>): Maybe<number> {
  if (text === null) return null;
  const value = INTEGER.test(text) ? Number(text) : NaN;
  if (value >= -RANGE && value < RANGE) return value;
  throw s.stop(site, E.MSPL_CONVERSION({ found: text.slice(0, EXCERPT), wanted: 'an integer' }));
}

function parseFloating(s: ScriptState, site: number, text: Maybe<string>): Maybe<number> {
  if (text === null) return null;
  const value = FLOAT.test(text) ? Math.fround(Number(text)) : NaN;
  if (Number.isFinite(value)) return value;
  throw s.stop(site, E.MSPL_CONVERSION({ found: text.slice(0, EXCERPT), wanted: 'a float' }));
}

/** An integer or bool as text. */
function plainText(value: Maybe<number | boolean>): Maybe<string> {
  return value === null ? null : String(value);
}

/** A float as text. */
function singleText(value: Maybe<number>): Maybe<string> {
  return value === null ? null : floatText(value);
}

function memberText(enumeration: Enumeration, value: Maybe<number>): Maybe<string> {
  return value === null ? null : enumeration.text(value);
}

function memberValue(enumeration: Enumeration, text: Maybe<string>): Maybe<number> {
  return text === null ? null : enumeration.valueOf(text);
}

/** A float or bool as an integer. */
function truncated(value: Maybe<number | boolean>): Maybe<number> {
  return value === null ? null : Math.trunc(Number(value)) | 0;
}

function truth(value: Maybe<string | number>): Maybe<boolean> {
  return value === null ? null : Boolean(value);
}

/** One value as a collection. */
function single<T>(value: Maybe<T>): readonly T[] {
  return value === null ? NONE : [value];
}

function orNone<T>(collection: Maybe<readonly T[]>): readonly T[] {
  return collection ?? NONE;
}

/** A collection of text as one text, its elements joined as a header would have them. */
function listText(collection: Maybe<readonly string[]>): string {
  return collection === null ? '' : collection.join(', ');
}

function orEmpty(text: Maybe<string>): string {
  return text ?? '';
}

/** Null where a function wants a value ends the script. @param index the argument's number */
function required<T>(s: ScriptState, site: number, index: number, value: Maybe<T>): T {
  if (value === null) throw s.nullArgument(site, index);
  return value;
}

function less(a: Maybe<number | string>, b: Maybe<number | string>): boolean {
  return a !== null && b !== null && a < b;
}

function lessOrEqual(a: Maybe<number | string>, b: Maybe<number | string>): boolean {
  return a !== null && b !== null && a <= b;
}

function greater(a: Maybe<number | string>, b: Maybe<number | string>): boolean {
  return a !== null && b !== null && a > b;
}

function greaterOrEqual(a: Maybe<number | string>, b: Maybe<number | string>): boolean {
  return a !== null && b !== null && a >= b;
}

/** 32 bits, wrapping. */
function sum(s: ScriptState, site: number, a: Maybe<number>, b: Maybe<number>): number {
  if (a === null || b === null) throw s.stop(site, E.MSPL_NULL_NUMBER({ operator: '+' }));
  return (a + b) | 0;
}

function difference(s: ScriptState, site: number, a: Maybe<number>, b: Maybe<number>): number {
  if (a === null || b === null) throw s.stop(site, E.MSPL_NULL_NUMBER({ operator: '-' }));
  return (a - b) | 0;
}

function negated(s: ScriptState, site: number, a: Maybe<number>): number {
  return difference(s, site, 0, a);
}

/** IEEE single. */
function sumSingle(s: ScriptState, site: number, a: Maybe<number>, b: Maybe<number>): number {
  if (a === null || b === null) throw s.stop(site, E.MSPL_NULL_NUMBER({ operator: '+' }));
  return Math.fround(a + b);
}

function differenceSingle(s: ScriptState, site: number, a: Maybe<number>, b: Maybe<number>): number {
  if (a === null || b === null) throw s.stop(site, E.MSPL_NULL_NUMBER({ operator: '-' }));
  return Math.fround(a - b);
}

function negatedSingle(s: ScriptState, site: number, a: Maybe<number>): number {
  return differenceSingle(s, site, 0, a);
}

/** Two texts as one; charged for the shorter, which is what a script that builds text up adds. */
function joined(s: ScriptState, site: number, a: string, b: string): string {
  s.chargeText(site, Math.min(a.length, b.length));
  return a + b;
}

/** Of traced code only. */
function traceStatement(s: ScriptState, site: number): void {
  s.trace?.statement(s.script.place(site));
}

/** Of traced code only. */
function traceValue<T>(s: ScriptState, site: number, value: T): T {
  s.trace?.value(s.script.place(site), value);
  return value;
}

/** Conversions, operators and tests, by the names that generated code uses. */
export const OPERATORS = {
  NONE,
  parseInteger,
  parseFloating,
  plainText,
  singleText,
  memberText,
  memberValue,
  truncated,
  truth,
  single,
  orNone,
  listText,
  orEmpty,
  required,
  less,
  lessOrEqual,
  greater,
  greaterOrEqual,
  sum,
  difference,
  negated,
  sumSingle,
  differenceSingle,
  negatedSingle,
  joined,
  traceStatement,
  traceValue,
};
