/** Nonces that carry their own proof: nothing is stored for a challenge that nobody answers. RFC 7616 section 3.3. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TIME_BYTES = 6;
const COUNT_BYTES = 6;
const HEAD_BYTES = TIME_BYTES + COUNT_BYTES;
const PROOF_BYTES = 16;
const NONCE_BYTES = HEAD_BYTES + PROOF_BYTES;

/** What a nonce turned out to be: ours and young enough, ours and too old, or not ours (also: made before a restart). */
export type NonceVerdict = { readonly kind: 'fresh' | 'expired'; readonly issuedAt: number } | { readonly kind: 'foreign' };

/*
 *   0            6           12                          28
 *  +------------+-----------+---------------------------+
 *  | time (ms)  | count     | HMAC-SHA256(...) cut to 16 |   in base64url
 *  +------------+-----------+---------------------------+
 */
/** Makes and recognises nonces; a nonce is good for the address that it was given to. */
export class NonceMint {
  private readonly secret = randomBytes(32);
  /** Makes nonces of one moment differ; the proof is what cannot be guessed. */
  private issued = 0;

  /** @param lifetimeMs how long a nonce is good for, in milliseconds */
  constructor(private readonly lifetimeMs: number) {}

  /** @param address the client's IP address, without its port: NATs change that */
  issue(now: number, address: string): string {
    const bytes = Buffer.alloc(NONCE_BYTES);
    bytes.writeUIntBE(Math.floor(now), 0, TIME_BYTES);
    bytes.writeUIntBE(this.issued++, TIME_BYTES, COUNT_BYTES);
    this.proof(bytes, address).copy(bytes, HEAD_BYTES);
    return bytes.toString('base64url');
  }

  check(nonce: string, now: number, address: string): NonceVerdict {
    const bytes = Buffer.from(nonce, 'base64url');
    // The text is compared as well: base64 has several spellings of the same bytes, and each would count its own nc.
    if (bytes.length !== NONCE_BYTES || bytes.toString('base64url') !== nonce) return { kind: 'foreign' };
    if (!timingSafeEqual(this.proof(bytes, address), bytes.subarray(HEAD_BYTES))) return { kind: 'foreign' };
    const issuedAt = bytes.readUIntBE(0, TIME_BYTES);
    return { kind: now - issuedAt < this.lifetimeMs ? 'fresh' : 'expired', issuedAt };
  }

  private proof(bytes: Buffer, address: string): Buffer {
    return createHmac('sha256', this.secret).update(bytes.subarray(0, HEAD_BYTES)).update(address).digest().subarray(0, PROOF_BYTES);
  }
}
