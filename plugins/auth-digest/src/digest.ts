/** The digest computations. RFC 7616 section 3.4 (which RFC 2617 and RFC 2069 are cases of), for SIP in RFC 3261 section 22.4. */
import { hash, timingSafeEqual } from 'node:crypto';

/** Hash functions by their name in the `algorithm` parameter. RFC 8760 section 2.1. */
export const ALGORITHMS = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
/** An algorithm that this plugin challenges with. */
export type Algorithm = keyof typeof ALGORITHMS;

/** What a response is computed from, besides the password. Byte strings, as they stand in the message. */
export interface DigestInput {
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly qop: string | undefined;
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
  /** Only read for `auth-int`. */
  readonly body: Buffer;
}

/** The `response` value, lower-case hexadecimal. `ha1` is H(username:realm:password) in raw bytes. */
export function digestResponse(algorithm: Algorithm, ha1: Buffer, input: DigestInput): string {
  const name = ALGORITHMS[algorithm];
  // Byte strings are hashed as the bytes they stand for; node:crypto would encode them as UTF-8.
  const h = (data: string | Buffer): string => hash(name, typeof data === 'string' ? Buffer.from(data, 'latin1') : data, 'hex');
  const a2 = input.qop === 'auth-int' ? `${input.method}:${input.uri}:${h(input.body)}` : `${input.method}:${input.uri}`;
  const middle = input.qop === undefined ? input.nonce : `${input.nonce}:${input.nc}:${input.cnonce}:${input.qop}`;
  return h(`${ha1.toString('hex')}:${middle}:${h(a2)}`);
}

/** Compares in time that does not depend on where they differ. */
export function sameResponse(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}

/** One value of WWW-Authenticate or Proxy-Authenticate. RFC 7616 section 3.3. */
export function challenge(realm: string, nonce: string, algorithm: Algorithm, qop: readonly string[], stale: boolean): string {
  const quotedRealm = realm.replace(/["\\]/g, '\\$&');
  return `Digest realm="${quotedRealm}", nonce="${nonce}"${stale ? ', stale=true' : ''}, algorithm=${algorithm}, qop="${qop.join(',')}"`;
}
