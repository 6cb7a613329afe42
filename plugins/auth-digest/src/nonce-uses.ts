/** Which nonce counts were used, so that a captured request cannot be sent again. RFC 7616 section 3.4, `nc`. */

/** How far behind the highest count one may come late: UDP does not keep the order. */
export const WINDOW = 32;

/** `new`: pass. `replay`: this count was used. `forgotten`: too long ago to tell. Both are refused as stale. */
export type UseVerdict = 'new' | 'replay' | 'forgotten';

interface Entry {
  readonly issuedAt: number;
  highest: number;
  /** Bit n: count `highest - n` was used. */
  seen: number;
}

/**
 * Bounded: when it is full, the nonce used first is forgotten, and every unknown nonce as old as that one is refused.
 * Retransmissions do not come here: the transaction layer has taken them before the gates.
 */
export class NonceUses {
  private readonly entries = new Map<string, Entry>();
  private forgottenUpTo = -1;

  /**
   * @param maxNonces nonces that are remembered
   * @param lifetimeMs how long a nonce is good for; older ones are refused before they are looked up here
   */
  constructor(
    private readonly maxNonces: number,
    private readonly lifetimeMs: number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /**
   * Notes that a request with a right response used this nonce and count.
   * @param count `nc` as a number; 1 for a client that sends none, which makes its nonce good for one request
   */
  use(nonce: string, issuedAt: number, count: number, now: number): UseVerdict {
    let entry = this.entries.get(nonce);
    if (entry === undefined) {
      if (issuedAt <= this.forgottenUpTo) return 'forgotten';
      this.makeRoom(now);
      entry = { issuedAt, highest: 0, seen: 1 }; // counts begin at 1
      this.entries.set(nonce, entry);
    }
    return advance(entry, count);
  }

  /** Drops nonces that have expired; they are refused by their time anyway. */
  sweep(now: number): void {
    for (const [nonce, entry] of this.entries) {
      if (now - entry.issuedAt >= this.lifetimeMs) this.entries.delete(nonce);
    }
  }

  private makeRoom(now: number): void {
    if (this.entries.size < this.maxNonces) return;
    this.sweep(now);
    for (const [nonce, entry] of this.entries) {
      if (this.entries.size < this.maxNonces) return;
      this.entries.delete(nonce);
      this.forgottenUpTo = Math.max(this.forgottenUpTo, entry.issuedAt);
    }
  }
}

function advance(entry: Entry, count: number): UseVerdict {
  const ahead = count - entry.highest;
  if (ahead > 0) {
    entry.seen = ahead >= WINDOW ? 1 : (entry.seen << ahead) | 1;
    entry.highest = count;
    return 'new';
  }
  const bit = -ahead >= WINDOW ? 0 : 1 << -ahead;
  if (bit === 0 || (entry.seen & bit) !== 0) return 'replay';
  entry.seen |= bit;
  return 'new';
}
