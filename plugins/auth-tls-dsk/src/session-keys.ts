/** The keys of a TLS-DSK association. [MS-SIPAE] section 3.2.5.1, EAP-TLS derivation of RFC 5216 section 2.3. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionKeys } from '@parley/sdk';

/** Label and length of the key material that both sides take from the finished handshake. */
export const KEY_LABEL = 'client EAP encryption';
export const KEY_MATERIAL_BYTES = 128;
const CLIENT_KEY_AT = 64;
const SERVER_KEY_AT = 96;

/** Signs with the hash that the negotiated cipher suite protects its records with. */
export class DskKeys implements SessionKeys {
  private readonly clientKey: Buffer;
  private readonly serverKey: Buffer;

  /**
   * @param material {@link KEY_MATERIAL_BYTES} bytes
   * @param hash as node:crypto names it: md5, sha1, sha256 or sha384
   * @param thumbprint of the certificate that the client signed in with
   */
  constructor(
    material: Buffer,
    private readonly hash: string,
    readonly thumbprint: string,
  ) {
    if (material.length !== KEY_MATERIAL_BYTES)
      throw new RangeError(`key material has ${KEY_MATERIAL_BYTES} bytes, not ${material.length}`);
    this.clientKey = Buffer.from(material.subarray(CLIENT_KEY_AT, SERVER_KEY_AT));
    this.serverKey = Buffer.from(material.subarray(SERVER_KEY_AT));
  }

  sign(buffer: string): string {
    return createHmac(this.hash, this.serverKey).update(buffer, 'latin1').digest('hex');
  }

  verify(buffer: string, signature: string): boolean {
    const expected = createHmac(this.hash, this.clientKey).update(buffer, 'latin1').digest();
    const given = Buffer.from(signature, 'hex'); // stops at what is no hexadecimal digit, and is too short then
    return signature.length === expected.length * 2 && given.length === expected.length && timingSafeEqual(given, expected);
  }
}

/** The hash of a cipher suite's MAC by its name in OpenSSL, such as `AES128-SHA` or `ECDHE-RSA-AES256-SHA384`; undefined for suites without one. */
export function macHash(cipher: string): string | undefined {
  if (/GCM|CCM|POLY1305/.test(cipher)) return undefined;
  const hash = /-(MD5|SHA|SHA256|SHA384)$/.exec(cipher)?.[1];
  return hash === 'SHA' ? 'sha1' : hash?.toLowerCase();
}
