/** Text on the wire. Header text inside core is a byte string: one character, U+0000 to U+00FF, for each byte of the wire. */
import { SipErrors } from './errors.ts';

const BEYOND_ASCII = /[\u0080-\uffff]/;
/** NUL is let through: a quoted-pair may hold it, and what is rewritten of a peer's value has to keep it. RFC 3261 section 25.1, RFC 4475 3.1.1.4. */
const NOT_A_LINE = /[\r\n\u0100-\uffff]/;

/** The Unicode text of a byte string in UTF-8; a sequence that is not UTF-8 becomes U+FFFD. ASCII comes back as it is. */
export function decodeText(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** The byte string, in UTF-8, of Unicode text. ASCII comes back as it is. */
export function encodeText(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Refuses text that cannot stand on one line of a message: a header value made from it would end up as two. Throws SIP_NOT_BYTES. */
export function requireLine(text: string, header: string): string {
  if (NOT_A_LINE.test(text)) throw SipErrors.SIP_NOT_BYTES({ header }, { place: header });
  return text;
}

/** V8 keeps shorter slices as copies of their own. */
const SHORTEST_SLICE = 13;

/**
 * A copy of a byte string. A value cut from a message keeps the whole head of that message in memory;
 * whoever keeps small values for long (bindings, subscriptions) keeps detached ones.
 */
export function detach(bytes: string): string {
  return bytes.length < SHORTEST_SLICE ? bytes : Buffer.from(bytes, 'latin1').toString('latin1');
}

/** A quoted-string. RFC 3261 section 25.1: `"` and `\` are escaped. */
export function quote(text: string): string {
  return text.includes('"') || text.includes('\\') ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

/** What a quoted-string says: without its quotes, escapes resolved. Text that is not quoted comes back as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== 0x22 || text.charCodeAt(text.length - 1) !== 0x22) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner;
}

/** Resolves the `%HH` escapes of a URI into bytes; what is not an escape stays. RFC 3261 section 19.1.2. */
export function unescapeUri(text: string): string {
  return text.includes('%') ? text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text;
}
