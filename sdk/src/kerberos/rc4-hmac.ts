/** rc4-hmac, the encryption type of old Windows domains. RFC 4757. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Enctype, UsageCipher } from './enctype.ts';
import { rc4 } from './rc4.ts';

const MAC_BYTES = 16;
const CONFOUNDER_BYTES = 8;
const SIGNATURE_KEY = Buffer.from('signaturekey\0', 'latin1');
/** Key usages that got other numbers in Windows. RFC 4757 section 3; MIT and Microsoft agree on these two. */
const RENUMBERED: Readonly<Record<number, number>> = { 3: 8, 9: 8, 23: 13 };

/** HMAC-MD5. */
export function hmacMd5(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** A number as the four bytes, lowest first, that RFC 4757 calls T. */
export function littleEndian(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
}

class Rc4HmacCipher implements UsageCipher {
  private readonly usage: Buffer;
  private signatureKey: Buffer | undefined;

  constructor(
    private readonly key: Buffer,
    usage: number,
  ) {
    this.usage = littleEndian(RENUMBERED[usage] ?? usage);
  }

  /** RFC 4757 section 5. */
  encrypt(plaintext: Buffer, confounder: Buffer = randomBytes(CONFOUNDER_BYTES)): Buffer {
    const message = Buffer.concat([confounder, plaintext]);
    const usageKey = hmacMd5(this.key, this.usage);
    const mac = hmacMd5(usageKey, message);
    return Buffer.concat([mac, rc4(hmacMd5(usageKey, mac), message)]);
  }

  decrypt(ciphertext: Buffer): Buffer | undefined {
    if (ciphertext.length < MAC_BYTES + CONFOUNDER_BYTES) return undefined;
    const usageKey = hmacMd5(this.key, this.usage);
    const mac = ciphertext.subarray(0, MAC_BYTES);
    const message = rc4(hmacMd5(usageKey, mac), ciphertext.subarray(MAC_BYTES));
    return timingSafeEqual(hmacMd5(usageKey, message), mac) ? message.subarray(CONFOUNDER_BYTES) : undefined;
  }

  /** RFC 4757 section 4. */
  checksum(...parts: readonly Buffer[]): Buffer {
    const hash = createHash('md5').update(this.usage);
    for (const part of parts) hash.update(part);
    return hmacMd5((this.signatureKey ??= hmacMd5(this.key, SIGNATURE_KEY)), hash.digest());
  }
}

/** Encryption type 23. */
export const RC4_HMAC: Enctype = {
  number: 23,
  name: 'rc4-hmac',
  keyBytes: 16,
  weak: true,
  cipher: (key, usage) => new Rc4HmacCipher(key, usage),
};
