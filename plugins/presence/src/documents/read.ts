/** What all readers of presence documents share: bounds, numbers, addresses. */
import { ParleyError, parseXml } from '@parley/sdk';
import type { XmlDocument, XmlElement, XmlLimits } from '@parley/sdk';
import { PresenceDocumentErrors } from './errors.ts';

/** xs:unsignedInt. */
export const MAX_UNSIGNED_INT = 4_294_967_295;

/** Longest address. Sheet ms-pres section 5. */
const MAX_ADDRESS = 454;
const UNSIGNED = /^\d{1,10}$/;
const SCHEME = /^sips?:/i;
// What could end a header, an attribute or an address early is in no address.
// eslint-disable-next-line no-control-regex
const ADDRESS = /^[^\s\u0000-\u001f\u007f<>"@]+@[^\s\u0000-\u001f\u007f<>"@]+$/;
const MAX_QUOTED = 60;

/** The root that a document must have. */
export interface ExpectedRoot {
  readonly local: string;
  /** Undefined: any, for documents whose namespace is not certain. */
  readonly namespace?: string | undefined;
}

/**
 * Reads a document.
 * @param what what errors call it
 * @throws PRESENCE_DOCUMENT_MALFORMED, PRESENCE_DOCUMENT_TOO_LARGE
 */
export function readDocument(body: Buffer | string, what: string, root: ExpectedRoot, limits: Partial<XmlLimits>): XmlDocument {
  if (limits.size !== undefined && body.length > limits.size) throw tooMany(what, body.length, 'bytes', limits.size);
  const document = parsed(body, what, limits);
  if (!document.root.is(root.local, root.namespace)) {
    throw malformed(what, `it begins with ${quoted(document.root.local)} of the namespace ${quoted(document.root.namespace)}`);
  }
  return document;
}

function parsed(body: Buffer | string, what: string, limits: Partial<XmlLimits>): XmlDocument {
  try {
    return parseXml(body, limits);
  } catch (cause) {
    if (!(cause instanceof ParleyError)) throw cause;
    throw PresenceDocumentErrors.PRESENCE_DOCUMENT_MALFORMED({ what, problem: cause.message.replace(/\.$/, '') }, { cause });
  }
}

/** PRESENCE_DOCUMENT_MALFORMED. */
export function malformed(what: string, problem: string): ParleyError {
  return PresenceDocumentErrors.PRESENCE_DOCUMENT_MALFORMED({ what, problem });
}

/** PRESENCE_DOCUMENT_TOO_LARGE. */
export function tooMany(what: string, found: number, unit: string, limit: number): ParleyError {
  return PresenceDocumentErrors.PRESENCE_DOCUMENT_TOO_LARGE({ what, found, unit, limit });
}

/** What a stranger sent, short enough for a sentence. */
export function quoted(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text || 'nothing';
}

/** An attribute that must be an unsigned integer up to `most`. */
export function unsignedAttribute(element: XmlElement, name: string, what: string, most = MAX_UNSIGNED_INT): number {
  const value = element.attribute(name);
  const number = value === undefined ? undefined : unsigned(value, most);
  if (number === undefined) throw malformed(what, `${name} is ${quoted(value ?? '')}, not a number from 0 to ${most}`);
  return number;
}

/** A whole number from 0 to `most`, white space around it allowed; undefined for anything else. */
export function unsigned(text: string, most = MAX_UNSIGNED_INT): number | undefined {
  const digits = text.trim();
  if (!UNSIGNED.test(digits)) return undefined;
  const number = Number(digits);
  return number <= most ? number : undefined;
}

/** xs:boolean; `fallback` for anything else. */
export function booleanOf(text: string | undefined, fallback = false): boolean {
  const word = text?.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : fallback;
}

/** The address in a SIP URI or bare address: `user@domain` in lower case, without scheme and parameters; undefined when there is none. */
export function addressOf(text: string | undefined): string | undefined {
  const address = text?.trim().replace(SCHEME, '').split(/[;?]/, 1)[0]?.toLowerCase();
  return address !== undefined && address.length <= MAX_ADDRESS && ADDRESS.test(address) ? address : undefined;
}

/** What follows the scheme and domain of a namespace-qualified value: `userState` of `st:userState`. */
export function withoutPrefix(name: string): string {
  return name.trim().slice(name.trim().indexOf(':') + 1);
}
