/** aes128-cts-hmac-sha1-96 and aes256-cts-hmac-sha1-96. RFC 3962, with the simplified profile of RFC 3961 section 5.3. */
import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AES_BLOCK, decryptCts, encryptCts } from './aes-cts.ts';
import type { Enctype, UsageCipher } from './enctype.ts';
import { nFold } from './n-fold.ts';

const MAC_BYTES = 12;
/** Last byte of the constants that keys for checksum, encryption and integrity are derived with. RFC 3961 section 5.3. */
const [KC, KE, KI] = [0x99, 0xaa, 0x55];

/** DK: a key as long as `key` from a constant. RFC 3961 section 5.1; random-to-key is the identity for AES. */
export function deriveAesKey(key: Buffer, constant: Buffer): Buffer {
  const out: Buffer[] = [];
  let block = nFold(constant, AES_BLOCK);
  for (let length = 0; length < key.length; length += AES_BLOCK) {
    block = createCipheriv(`aes-${key.length * 8}-ecb`, key, null)
      .setAutoPadding(false)
      .update(block);
    out.push(block);
  }
  return Buffer.concat(out, key.length);
}

class AesSha1Cipher implements UsageCipher {
  private kc: Buffer | undefined;
  private ke: Buffer | undefined;
  private ki: Buffer | undefined;

  constructor(
    private readonly key: Buffer,
    private readonly usage: number,
  ) {}

  encrypt(plaintext: Buffer, confounder: Buffer = randomBytes(AES_BLOCK)): Buffer {
    const message = Buffer.concat([confounder, plaintext]);
    return Buffer.concat([encryptCts((this.ke ??= this.derive(KE)), message), this.integrity(message)]);
  }

  decrypt(ciphertext: Buffer): Buffer | undefined {
    if (ciphertext.length < AES_BLOCK + MAC_BYTES) return undefined;
    const message = decryptCts((this.ke ??= this.derive(KE)), ciphertext.subarray(0, -MAC_BYTES));
    return timingSafeEqual(this.integrity(message), ciphertext.subarray(-MAC_BYTES)) ? message.subarray(AES_BLOCK) : undefined;
  }

  checksum(...parts: readonly Buffer[]): Buffer {
    const hmac = createHmac('sha1', (this.kc ??= this.derive(KC)));
    for (const part of parts) hmac.update(part);
    return hmac.digest().subarray(0, MAC_BYTES);
  }

  private integrity(message: Buffer): Buffer {
    return createHmac('sha1', (this.ki ??= this.derive(KI)))
      .update(message)
      .digest()
      .subarray(0, MAC_BYTES);
  }

  private derive(purpose: number): Buffer {
    const constant = Buffer.alloc(5);
    constant.writeUInt32BE(this.usage);
    constant[4] = purpose;
    return deriveAesKey(this.key, constant);
  }
}

/** Encryption type 17. */
export const AES128_SHA1: Enctype = {
  number: 17,
  name: 'aes128-cts-hmac-sha1-96',
  keyBytes: 16,
  weak: false,
  cipher: (key, usage) => new AesSha1Cipher(key, usage),
};

/** Encryption type 18. */
export const AES256_SHA1: Enctype = {
  number: 18,
  name: 'aes256-cts-hmac-sha1-96',
  keyBytes: 32,
  weak: false,
  cipher: (key, usage) => new AesSha1Cipher(key, usage),
};
