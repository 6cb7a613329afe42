/** Token buckets by key in bounded memory: what failed attempts are counted with. */

interface Bucket {
  tokens: number;
  at: number;
}

/** One kind of limit. A key that was never seen has a full bucket. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  /**
   * @param capacity attempts that may come at once
   * @param perMinute attempts that come back in a minute
   * @param maxKeys keys that are remembered; the one not used for longest goes first
   */
  constructor(
    private readonly capacity: number,
    private readonly perMinute: number,
    private readonly maxKeys: number,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  /** True when nothing is left for this key. Takes nothing. */
  isEmpty(key: string, now: number): boolean {
    const bucket = this.buckets.get(key);
    return bucket !== undefined && this.level(bucket, now) < 1;
  }

  /** How many keys have nothing left. */
  emptyAt(now: number): number {
    let count = 0;
    for (const bucket of this.buckets.values()) if (this.level(bucket, now) < 1) count++;
    return count;
  }

  /** Takes one token if there is one. True when that was the last: the moment to tell somebody. */
  take(key: string, now: number): boolean {
    const bucket = this.buckets.get(key);
    const level = bucket === undefined ? this.capacity : this.level(bucket, now);
    if (level < 1) return false;
    this.buckets.delete(key); // moves the key to the end: the map's order is the order of use
    this.buckets.set(key, { tokens: level - 1, at: now });
    if (this.buckets.size > this.maxKeys) this.buckets.delete(this.buckets.keys().next().value as string);
    return level - 1 < 1;
  }

  /** Seconds until this key has a token again, at least 1. */
  secondsToWait(key: string, now: number): number {
    const bucket = this.buckets.get(key);
    const missing = bucket === undefined ? 0 : 1 - this.level(bucket, now);
    return Math.max(1, Math.ceil((missing * 60) / this.perMinute));
  }

  /** Forgets the keys whose buckets have filled up again. */
  sweep(now: number): void {
    for (const [key, bucket] of this.buckets) {
      if (this.level(bucket, now) >= this.capacity) this.buckets.delete(key);
    }
  }

  private level(bucket: Bucket, now: number): number {
    return Math.min(this.capacity, bucket.tokens + ((now - bucket.at) / 60_000) * this.perMinute);
  }
}
