/** Addresses of contacts in the one spelling that is kept and compared. [MS-PRES] R31. */
import { ContactsErrors } from './errors.ts';

/** With the scheme. [MS-PRES] sheet section 5. */
export const MAX_URI = 454;

const SIP_SCHEME = /^sips?:/i;
const ADDRESS = /^[^\p{Cc}\s<>"@]+@[^\p{Cc}\s<>"@]+$/u;
const NUMBER = /^tel:\+?[\p{ASCII_Hex_Digit}()*#.-]+(?:;[\w.=+-]+)*$/iu;

/**
 * `sip:Bob@Example.com` becomes `bob@example.com`; numbers keep `tel:`.
 * @throws CONTACTS_URI_MALFORMED
 */
export function contactUri(written: string): string {
  const uri = written.trim().replace(SIP_SCHEME, '').toLowerCase();
  if (written.length > MAX_URI || !(ADDRESS.test(uri) || NUMBER.test(uri))) {
    throw ContactsErrors.CONTACTS_URI_MALFORMED({ found: written.slice(0, 80) });
  }
  return uri;
}

/** The address with its scheme. */
export function withScheme(uri: string): string {
  return uri.includes('@') ? `sip:${uri}` : uri;
}
