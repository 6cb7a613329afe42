/** Proof keys: both sides give half, P_SHA1 makes the whole. WS-Trust 1.3 section 4.4.5, RFC 2246 section 5, [MS-OCAUTHWS] section 3.5. */
import { createHmac } from 'node:crypto';

/** Bytes of entropy that a client may give. */
export const ENTROPY_BYTES = { least: 16, most: 64, server: 32 } as const;

/** The first `length` bytes of P_SHA1. */
export function pSha1(secret: Buffer, seed: Buffer, length: number): Buffer {
  const hmac = (...parts: readonly Buffer[]): Buffer => {
    const mac = createHmac('sha1', secret);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const blocks: Buffer[] = [];
  let made = 0;
  for (let a = hmac(seed); made < length; a = hmac(a)) {
    const block = hmac(a, seed);
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
