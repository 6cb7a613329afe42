/** aes128-cts-hmac-sha256-128 and aes256-cts-hmac-sha384-192. RFC 8009. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AES_BLOCK, decryptCts, encryptCts } from './aes-cts.ts';
import type { Enctype, UsageCipher } from './enctype.ts';

/** What tells the two types apart. RFC 8009 sections 3 and 5. */
interface Parameters {
  readonly hash: 'sha256' | 'sha384';
  readonly keyBytes: number;
  /** Of checksums, and of the keys they are made with. */
  readonly macBytes: number;
}

const [KC, KE, KI] = [0x99, 0xaa, 0x55];
/** The cipher state, which is part of what the integrity checksum covers, is always zero here. */
const ZERO_STATE = Buffer.alloc(AES_BLOCK);
const ONE = Buffer.from([0, 0, 0, 1]);
const SEPARATOR = Buffer.from([0]);

/** KDF-HMAC-SHA2 without a context. RFC 8009 section 3. One round is enough for every key length of this profile. */
export function deriveSha2Key(hash: 'sha256' | 'sha384', key: Buffer, label: Buffer, bytes: number): Buffer {
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(bytes * 8);
  return createHmac(hash, key).update(ONE).update(label).update(SEPARATOR).update(bits).digest().subarray(0, bytes);
}

class AesSha2Cipher implements UsageCipher {
  private kc: Buffer | undefined;
  private ke: Buffer | undefined;
  private ki: Buffer | undefined;

  constructor(
    private readonly parameters: Parameters,
    private readonly key: Buffer,
    private readonly usage: number,
  ) {}

  encrypt(plaintext: Buffer, confounder: Buffer = randomBytes(AES_BLOCK)): Buffer {
    const encrypted = encryptCts(this.encryptionKey(), Buffer.concat([confounder, plaintext]));
    return Buffer.concat([encrypted, this.integrity(encrypted)]);
  }

  decrypt(ciphertext: Buffer): Buffer | undefined {
    const { macBytes } = this.parameters;
    if (ciphertext.length < AES_BLOCK + macBytes) return undefined;
    const encrypted = ciphertext.subarray(0, -macBytes);
    if (!timingSafeEqual(this.integrity(encrypted), ciphertext.subarray(-macBytes))) return undefined;
    return decryptCts(this.encryptionKey(), encrypted).subarray(AES_BLOCK);
  }

  checksum(...parts: readonly Buffer[]): Buffer {
    const { hash, macBytes } = this.parameters;
    const hmac = createHmac(hash, (this.kc ??= this.derive(KC, macBytes)));
    for (const part of parts) hmac.update(part);
    return hmac.digest().subarray(0, macBytes);
  }

  private encryptionKey(): Buffer {
    return (this.ke ??= this.derive(KE, this.parameters.keyBytes));
  }

  /** Over what is sent, not over what is meant: RFC 8009 section 5. */
  private integrity(encrypted: Buffer): Buffer {
    const { hash, macBytes } = this.parameters;
    const key = (this.ki ??= this.derive(KI, macBytes));
    return createHmac(hash, key).update(ZERO_STATE).update(encrypted).digest().subarray(0, macBytes);
  }

  private derive(purpose: number, bytes: number): Buffer {
    const label = Buffer.alloc(5);
    label.writeUInt32BE(this.usage);
    label[4] = purpose;
    return deriveSha2Key(this.parameters.hash, this.key, label, bytes);
  }
}

const SHA256: Parameters = { hash: 'sha256', keyBytes: 16, macBytes: 16 };
const SHA384: Parameters = { hash: 'sha384', keyBytes: 32, macBytes: 24 };

/** Encryption type 19. */
export const AES128_SHA256: Enctype = {
  number: 19,
  name: 'aes128-cts-hmac-sha256-128',
  keyBytes: 16,
  weak: false,
  cipher: (key, usage) => new AesSha2Cipher(SHA256, key, usage),
};

/** Encryption type 20. */
export const AES256_SHA384: Enctype = {
  number: 20,
  name: 'aes256-cts-hmac-sha384-192',
  keyBytes: 32,
  weak: false,
  cipher: (key, usage) => new AesSha2Cipher(SHA384, key, usage),
};
