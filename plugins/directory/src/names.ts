/** The names a user goes by: address of record and sign-in names, in the one spelling that is compared. */

/** Longest address, sign-in name or display name, in characters. */
export const MAX_NAME = 256;

/** RFC 3261 section 25.1: what the user part of a SIP URI may hold unescaped. */
const AOR = /^[a-z0-9\-_.!~*'()&=+$,;?/%]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const SCHEME = /^sips?:/i;
/** `DOMAIN\name`, `name@realm` or a bare name. */
const LOGIN = /^[^\s"\\@\p{C}]+([\\@][^\s"\\@\p{C}]+)?$/u;
const CONTROL = /\p{Cc}/u;

/**
 * The key of a user: `sip:Alice@Example.COM` becomes `alice@example.com`. Case does not tell users apart, as in Communicator.
 * Undefined when it is not an address of record; URI parameters, ports and passwords have no place in one.
 */
export function normaliseAor(text: string): string | undefined {
  const aor = text.trim().replace(SCHEME, '').toLowerCase();
  return aor.length <= MAX_NAME && AOR.test(aor) ? aor : undefined;
}

/** The domain of a normalised address. */
export function domainOf(aor: string): string {
  return aor.slice(aor.indexOf('@') + 1);
}

/** The part of a normalised address before the `@`. */
export function userPartOf(aor: string): string {
  return aor.slice(0, aor.indexOf('@'));
}

/** The spelling under which sign-in names and group names are compared. */
export function foldName(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

/** True for `EXAMPLE\alice`, `alice@realm` and `alice`. */
export function isLogin(text: string): boolean {
  return text.length <= MAX_NAME && LOGIN.test(text);
}

/** True for text that can be shown in one line: not empty, not too long, no control characters. */
export function isPrintableName(text: string): boolean {
  return text.trim() !== '' && text.length <= MAX_NAME && !CONTROL.test(text);
}
