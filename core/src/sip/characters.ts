/** Character classes of the SIP grammar, RFC 3261 section 25.1, as tables over one byte. */

/** In a token: method, header name, parameter name, unquoted display name. */
export const TOKEN = classOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~");

/** In a host name or IPv4 address; the underscore is not in the grammar, but in names that people use. */
export const HOST = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._');

/** Inside the brackets of an IPv6 reference. */
export const IPV6 = classOf('ABCDEFabcdef0123456789:.');

function classOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}

/** True when the text is not empty and every character from `start` to `end` is in the class. */
export function isAll(table: Uint8Array, text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) {
    if (table[text.charCodeAt(i)] !== 1) return false;
  }
  return end > start;
}

/** True for SP and HTAB. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The first position at or after `pos` that is not SP or HTAB. */
export function skipSpace(text: string, pos: number): number {
  while (isSpace(text.charCodeAt(pos))) pos++;
  return pos;
}

/** The position after the last character before `end`, down to `start`, that is not SP or HTAB. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/**
 * The number that the digits of `text` from `start` to `end` write; -1 when there is anything else or nothing.
 * More digits than a double holds exactly come back as Infinity: too large for any field.
 */
export function parseDigits(text: string, start = 0, end = text.length): number {
  if (end <= start) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    // The comparison is this way round so that NaN, past the end of the text, fails too.
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : value;
}

/**
 * The position after the quoted-string whose opening quote stands at `pos`, or -1 when it never closes before `end`.
 */
export function skipQuoted(text: string, pos: number, end = text.length): number {
  for (let i = pos + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code === 0x5c) i++;
  }
  return -1;
}
