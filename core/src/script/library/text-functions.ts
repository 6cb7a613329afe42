/** The built-in functions on text. Sheet mspl 4.9. Positions count UTF-16 units, as the original does. */
import { ScriptRunErrors as E } from '../errors.ts';
import { COLLECTION_LIMIT } from '../script-state.ts';
import type { ScriptState } from '../script-state.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Lower case of the same length: a letter whose lower case is longer stays as it is, so that positions stay right. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter)).join('');
}

function position(s: ScriptState, site: number, text: string, part: string, ignoreCase: boolean): number {
  const at = ignoreCase ? folded(text).indexOf(folded(part)) : text.indexOf(part);
  s.chargeSearch(site, at < 0 || ignoreCase ? text.length : at);
  return at;
}

function ContainsString(s: ScriptState, site: number, text: string, part: string, ignoreCase: boolean): boolean {
  return position(s, site, text, part, ignoreCase) >= 0;
}

function EqualString(s: ScriptState, site: number, a: string, b: string, ignoreCase: boolean): boolean {
  if (a.length !== b.length) return false;
  s.chargeSearch(site, a.length);
  return a === b || (ignoreCase && folded(a) === folded(b));
}

/** -1 for a part that is null, empty, longer than the text or not in it (MSPL R35). */
function IndexOfString(s: ScriptState, site: number, text: string, part: string | null, ignoreCase: boolean): number {
  if (part === null || part === '' || part.length > text.length) return -1;
  return position(s, site, text, part, ignoreCase);
}

function LengthString(_s: ScriptState, _site: number, text: string | null): number {
  return text === null ? 0 : text.length;
}

function SubString(_s: ScriptState, _site: number, text: string, start: number, length: number): string {
  const from = Math.max(0, start);
  return length <= 0 ? '' : text.slice(from, Math.min(text.length, from + length));
}

/** Only the first character of the separator counts, "" means comma; empty pieces are kept (MSPL R34). */
function Split(s: ScriptState, site: number, text: string, separator: string): readonly string[] {
  s.chargeSearch(site, text.length);
  const pieces = text.split(separator === '' ? ',' : separator.charAt(0), COLLECTION_LIMIT + 1);
  return withinLimit(s, site, 'Split', pieces);
}

/** A collection, unless it is longer than a run may have: cutting it short would hide the rest from a filter. */
export function withinLimit<T>(s: ScriptState, site: number, name: string, collection: readonly T[]): readonly T[] {
  if (collection.length > COLLECTION_LIMIT) throw s.stop(site, E.MSPL_COLLECTION_LIMIT({ name, limit: COLLECTION_LIMIT }));
  return collection;
}

/**
 * `total = (total * multiplier + code) mod 2^32` over the UTF-16 units, then modulo maxValue. The original's arithmetic is not
 * published; scripts rely on the result being stable and below maxValue. With caseSensitive false the text is folded first.
 */
function HashString(s: ScriptState, site: number, text: string, multiplier: number, maxValue: number, caseSensitive: boolean): number {
  if (maxValue <= 0) throw s.stop(site, E.MSPL_HASH_RANGE({ found: maxValue }));
  s.chargeSearch(site, text.length);
  const input = caseSensitive ? text : folded(text);
  let total = 0;
  for (let i = 0; i < input.length; i++) total = (Math.imul(total, multiplier) + input.charCodeAt(i)) >>> 0;
  return total % maxValue;
}

function Base64Decode(s: ScriptState, site: number, text: string): string {
  s.chargeText(site, text.length);
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw s.stop(site, E.MSPL_BASE64());
  return Buffer.from(text, 'base64').toString('utf8');
}

/** The built-in functions of this file, by name. */
export const TEXT_FUNCTIONS = {
  ContainsString,
  EqualString,
  IndexOfString,
  LengthString,
  SubString,
  Split,
  HashString,
  Base64Decode,
};
