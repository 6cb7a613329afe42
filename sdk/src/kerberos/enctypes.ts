/** The encryption types that this server can use, and the names of those that it meets. */
import { AES128_SHA1, AES256_SHA1 } from './aes-sha1.ts';
import { AES128_SHA256, AES256_SHA384 } from './aes-sha2.ts';
import type { Enctype } from './enctype.ts';
import { RC4_HMAC } from './rc4-hmac.ts';

/** Strongest first. */
export const ENCTYPES = [AES256_SHA384, AES128_SHA256, AES256_SHA1, AES128_SHA1, RC4_HMAC] as const;

/** Names as MIT's tools print them and as configurations write them. */
export const ENCTYPE_NAMES = [
  'aes256-cts-hmac-sha384-192',
  'aes128-cts-hmac-sha256-128',
  'aes256-cts-hmac-sha1-96',
  'aes128-cts-hmac-sha1-96',
  'rc4-hmac',
] as const;
/** Name of an encryption type. RFC 3961, 3962, 8009, 4757. */
export type EnctypeName = (typeof ENCTYPE_NAMES)[number];

const BY_NUMBER: ReadonlyMap<number, Enctype> = new Map(ENCTYPES.map((enctype) => [enctype.number, enctype]));
/** Types of the past that keytabs and tickets may still name. RFC 3961 section 8. */
const PAST: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  2: 'des-cbc-md4',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  24: 'rc4-hmac-exp',
};

/** Undefined for a type that this server does not know. */
export function enctypeOf(number: number): Enctype | undefined {
  return BY_NUMBER.get(number);
}

/** For messages: `aes256-cts-hmac-sha1-96`, or `enctype 77`. */
export function enctypeName(number: number): string {
  return BY_NUMBER.get(number)?.name ?? PAST[number] ?? `enctype ${number}`;
}
