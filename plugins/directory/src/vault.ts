/** Encrypts what is kept of passwords: AES-256-GCM, each value bound to its user and mechanism. NIST SP 800-38D. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Length of the key, in bytes. */
export const KEY_BYTES = 32;

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + IV_BYTES;

/** Seals and opens values; a value that is moved to another user or mechanism does not open. */
export class Vault {
  /** @param key {@link KEY_BYTES} secret bytes */
  constructor(private readonly key: Buffer) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a vault key has ${KEY_BYTES} bytes, not ${key.length}`);
  }

  /** Base64 of format byte, nonce, ciphertext and tag. */
  seal(userId: string, mechanism: string, value: Buffer): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(binding(userId, mechanism));
    return Buffer.concat([Buffer.of(FORMAT), iv, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }

  /** What was sealed; undefined when the key, the user or the mechanism is another, or the value was tampered with. */
  open(userId: string, mechanism: string, sealed: string): Buffer | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== FORMAT) return undefined;
    const tagAt = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(binding(userId, mechanism));
    decipher.setAuthTag(bytes.subarray(tagAt));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, tagAt)), decipher.final()]);
    } catch {
      return undefined; // the only thing that final() throws for is a tag that does not fit
    }
  }
}

/** User ids hold no NUL, so the pair cannot be split in two ways. */
function binding(userId: string, mechanism: string): Buffer {
  return Buffer.from(`${userId}\0${mechanism}`, 'utf8');
}

/** A key for another purpose than sealing, made of a vault's key; none of the two tells the other. RFC 5869. */
export function deriveKey(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `parley pool key: ${purpose}`, KEY_BYTES));
}
