/**
 * An index of keys that are all remembered equally long, outside the garbage collector's heap: there may be a million of them at any
 * time, and the collector would have to walk over every one of as many objects. Columns of numbers, used in a circle; the oldest goes first.
 */
import { randomInt } from 'node:crypto';

const FIRST_ENTRIES = 1 << 12;
const UINT32 = 2 ** 32;

/** No such entry. */
export const NONE = -1;

/** The columns. `heads` and `next` are lists of entries whose keys fall together, newest first. */
class Columns {
  readonly heads: Int32Array;
  readonly next: Int32Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly expires: Float64Array;

  constructor(readonly capacity: number) {
    this.heads = new Int32Array(capacity).fill(NONE);
    this.next = new Int32Array(capacity);
    this.low = new Int32Array(capacity);
    this.high = new Int32Array(capacity);
    this.expires = new Float64Array(capacity);
  }
}

/** What is kept of each entry beside its key: columns of the owner, under the entry's number. */
export interface RecentColumns {
  /** The entry's place in the circle may be used for another from now on. */
  release(at: number): void;
  /** There are `capacity` places now; `from(i)` had the number of the entry that now has `i`, for `i` below `count`. */
  grow(capacity: number, count: number, from: (i: number) => number): void;
}

/** Keys of the last while, each under a number of its own. */
export class RecentKeys {
  private columns = new Columns(FIRST_ENTRIES);
  private first = 0;
  private count = 0;
  /** Not to be guessed: 64 bits stand for the key, and nobody may find two requests that have the same. */
  private readonly seeds = [randomInt(UINT32), randomInt(UINT32)] as const;
  private readonly factors = [randomInt(UINT32) | 1, randomInt(UINT32) | 1] as const;
  private low = 0;
  private high = 0;

  /**
   * @param keepMs how long a key is remembered
   * @param most how many there may be, at most 2^24; beyond, the oldest are forgotten early
   */
  constructor(
    private readonly keepMs: number,
    private readonly most: number,
    private readonly owner: RecentColumns,
  ) {
    owner.grow(FIRST_ENTRIES, 0, (i) => i);
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.count;
  }

  /** Remembers `key`; the number of its entry. @param now milliseconds, never less than before */
  add(key: string, now: number): number {
    this.forget(now);
    if (this.count >= this.most) this.forgetFirst();
    if (this.count === this.columns.capacity) this.grow();
    const { columns } = this;
    const at = (this.first + this.count) & (columns.capacity - 1);
    this.hash(key);
    columns.low[at] = this.low;
    columns.high[at] = this.high;
    columns.expires[at] = now + this.keepMs;
    this.link(columns, at);
    this.count++;
    return at;
  }

  /** The number of the entry of `key`, the newest where there are several; NONE when it is not remembered. */
  find(key: string, now: number): number {
    if (this.count === 0) return NONE;
    this.forget(now);
    const { columns } = this;
    this.hash(key);
    let at = columns.heads[this.low & (columns.capacity - 1)] as number;
    while (at !== NONE && (columns.low[at] !== this.low || columns.high[at] !== this.high)) at = columns.next[at] as number;
    return at;
  }

  /** Forgets what has been remembered long enough. */
  forget(now: number): void {
    while (this.count > 0 && (this.columns.expires[this.first] as number) <= now) this.forgetFirst();
  }

  forgetFirst(): void {
    const { columns, first } = this;
    this.unlink(columns, first);
    this.first = (first + 1) & (columns.capacity - 1);
    this.count--;
    this.owner.release(first);
  }

  private grow(): void {
    const old = this.columns;
    const { first } = this;
    const from = (i: number): number => (first + i) & (old.capacity - 1);
    const columns = new Columns(old.capacity * 2);
    for (let i = 0; i < this.count; i++) {
      columns.low[i] = old.low[from(i)] as number;
      columns.high[i] = old.high[from(i)] as number;
      columns.expires[i] = old.expires[from(i)] as number;
      this.link(columns, i);
    }
    this.owner.grow(columns.capacity, this.count, from);
    this.columns = columns;
    this.first = 0;
  }

  private link(columns: Columns, at: number): void {
    const bucket = (columns.low[at] as number) & (columns.capacity - 1);
    columns.next[at] = columns.heads[bucket] as number;
    columns.heads[bucket] = at;
  }

  private unlink(columns: Columns, at: number): void {
    const bucket = (columns.low[at] as number) & (columns.capacity - 1);
    let found = columns.heads[bucket] as number;
    if (found === at) {
      columns.heads[bucket] = columns.next[at] as number;
      return;
    }
    while (columns.next[found] !== at) found = columns.next[found] as number;
    columns.next[found] = columns.next[at] as number;
  }

  private hash(key: string): void {
    const [factorLow, factorHigh] = this.factors;
    let low: number = this.seeds[0];
    let high: number = this.seeds[1];
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      low = Math.imul(low ^ code, factorLow);
      low ^= low >>> 15;
      high = Math.imul(high ^ code, factorHigh);
      high ^= high >>> 13;
    }
    this.low = low | 0;
    this.high = high | 0;
  }
}

/** A column of things: `old` in its new order and length, when the entries are numbered anew. */
export function regrown<T>(old: readonly T[], empty: T, capacity: number, count: number, from: (i: number) => number): T[] {
  const column = Array.from<T>({ length: capacity }).fill(empty);
  for (let i = 0; i < count; i++) column[i] = old[from(i)] as T;
  return column;
}
