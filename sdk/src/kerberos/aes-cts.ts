/** AES in CBC mode with ciphertext stealing: as long as the plaintext, the last two blocks always swapped. RFC 3962 section 5. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes of an AES block. */
export const AES_BLOCK = 16;

const ZERO_IV = Buffer.alloc(AES_BLOCK);

/** Encrypts at least one block, with an IV of zeros. @param key 16 or 32 bytes */
export function encryptCts(key: Buffer, plaintext: Buffer): Buffer {
  const { blocks, tail } = blocksOf(plaintext);
  const padded = Buffer.alloc(blocks * AES_BLOCK);
  plaintext.copy(padded);
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, ZERO_IV).setAutoPadding(false);
  const encrypted = cipher.update(padded);
  if (blocks === 1) return encrypted;
  const [last, beforeLast] = [encrypted.subarray(-AES_BLOCK), encrypted.subarray(-2 * AES_BLOCK, -AES_BLOCK)];
  return Buffer.concat([encrypted.subarray(0, -2 * AES_BLOCK), last, beforeLast.subarray(0, tail)]);
}

/** The plaintext of at least one block. @param key 16 or 32 bytes */
export function decryptCts(key: Buffer, ciphertext: Buffer): Buffer {
  const { blocks, tail } = blocksOf(ciphertext);
  const bits = key.length * 8;
  const inOrder = Buffer.alloc(blocks * AES_BLOCK);
  if (blocks === 1) ciphertext.copy(inOrder);
  else {
    // What the short block lacks of its predecessor in the CBC chain is found by decrypting the last one by itself.
    const stolenFrom = (blocks - 2) * AES_BLOCK;
    const last = ciphertext.subarray(stolenFrom, stolenFrom + AES_BLOCK);
    const opened = createDecipheriv(`aes-${bits}-ecb`, key, null).setAutoPadding(false).update(last);
    ciphertext.copy(inOrder, 0, 0, stolenFrom);
    ciphertext.copy(inOrder, stolenFrom, stolenFrom + AES_BLOCK);
    opened.copy(inOrder, stolenFrom + tail, tail);
    last.copy(inOrder, stolenFrom + AES_BLOCK);
  }
  const plaintext = createDecipheriv(`aes-${bits}-cbc`, key, ZERO_IV).setAutoPadding(false).update(inOrder);
  return plaintext.subarray(0, ciphertext.length);
}

/** How many blocks, and how many bytes are in the last one. */
function blocksOf(bytes: Buffer): { readonly blocks: number; readonly tail: number } {
  if (bytes.length < AES_BLOCK) throw new RangeError(`CTS needs at least ${AES_BLOCK} bytes, got ${bytes.length}`);
  const blocks = Math.ceil(bytes.length / AES_BLOCK);
  return { blocks, tail: bytes.length - (blocks - 1) * AES_BLOCK };
}
