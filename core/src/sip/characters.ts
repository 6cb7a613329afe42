/** Character classes of the SIP grammar, RFC 3261 section 25.1, and steps over them. Texts are read in place, from `start` to `end`. */

/** In a token: method, header name, parameter name, unquoted display name. */
export const TOKEN = classOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~");

/** In a host name or IPv4 address; the underscore is not in the grammar, but in names that people use. */
export const HOST = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._');

/** In a URI at all: neither white space, control characters, quotes nor angle brackets. Bytes of UTF-8 pass, clients leave them unescaped. */
export const URI = classWithout('"<>');

/** In the name of a parameter; wider than a token, to let through what people send. */
export const PARAM_NAME = classWithout('",;<=>');

/** In an unquoted parameter value. */
export const PARAM_VALUE = classWithout('",;');

function classOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}

/** Everything that can be seen and every byte above ASCII, but for some. */
function classWithout(excluded: string): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0x21).fill(0, 0x7f, 0x80);
  for (let i = 0; i < excluded.length; i++) table[excluded.charCodeAt(i)] = 0;
  return table;
}

/** The first position from `at` on that is not in the class. */
export function skipClass(table: Uint8Array, text: string, at: number, end: number): number {
  while (at < end && table[text.charCodeAt(at)] === 1) at++;
  return at;
}

/** True when the text is not empty and every character is in the class. */
export function isAll(table: Uint8Array, text: string, start = 0, end = text.length): boolean {
  return end > start && skipClass(table, text, start, end) === end;
}

/** True for SP and HTAB. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The first position from `at` on that is not SP or HTAB. */
export function skipSpace(text: string, at: number, end: number): number {
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The position after the last character before `end`, down to `start`, that is not SP or HTAB. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Like indexOf for one character, but not beyond `end`; -1 when it is not there. */
export function find(text: string, character: string, start: number, end: number): number {
  const at = text.indexOf(character, start);
  return at < end ? at : -1;
}

/** True when this character stands at `at`, before `end`. */
export function isAt(code: number, text: string, at: number, end: number): boolean {
  return at < end && text.charCodeAt(at) === code;
}

/** What stands from `start` to `end`, in lower case; nearly always it is already, and asking costs less than converting. */
export function lowerCase(text: string, start: number, end: number): string {
  const slice = text.slice(start, end);
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return slice.toLowerCase();
  }
  return slice;
}

/** A number too large for any field of SIP, and exact in a double. */
const HUGE = 1e15;

/**
 * The number that the digits from `start` to `end` write; -1 when there is anything else or nothing.
 * What is larger than any field of SIP holds comes back as Infinity.
 */
export function parseDigits(text: string, start = 0, end = text.length): number {
  if (end <= start) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value >= HUGE ? HUGE : value * 10 + digit;
  }
  return value >= HUGE ? Number.POSITIVE_INFINITY : value;
}

/** The position after the quoted-string whose opening quote stands at `at`, or -1 when it never closes before `end`. */
export function skipQuoted(text: string, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code === 0x5c) i++;
  }
  return -1;
}
