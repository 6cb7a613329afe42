/**
 * Final responses that may have to be sent again over UDP: what remains of a non-INVITE server transaction in its Completed state
 * (RFC 3261 17.2.2). There are half a minute of them at any time, half a million on a busy server, and so they are kept outside the
 * garbage collector's heap: bytes in chunks, and an index of numbers. All are kept equally long, so the oldest goes first.
 */
import { randomInt } from 'node:crypto';

const CHUNK_BYTES = 1 << 20;
const FIRST_ENTRIES = 1 << 12;
const UINT32 = 2 ** 32;
const NONE = -1;

/** How much of it there may be. Beyond, the oldest are forgotten early, and a request that comes again is a new one. */
export interface AnswerLimits {
  /** At most 2^24. */
  readonly entries: number;
  readonly bytes: number;
}

export const DEFAULT_ANSWER_LIMITS: AnswerLimits = { entries: 1 << 21, bytes: 1 << 29 };

interface Chunk {
  readonly bytes: Buffer;
  used: number;
  /** Entries in it that are still remembered. */
  entries: number;
}

/** The columns of the index. Entry numbers go round; `heads` and `next` are lists of entries whose keys fall together, newest first. */
class Columns {
  readonly heads: Int32Array;
  readonly next: Int32Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly expires: Float64Array;
  readonly offset: Int32Array;
  readonly length: Int32Array;
  readonly chunks: (Chunk | undefined)[];

  constructor(readonly capacity: number) {
    this.heads = new Int32Array(capacity).fill(NONE);
    this.next = new Int32Array(capacity);
    this.low = new Int32Array(capacity);
    this.high = new Int32Array(capacity);
    this.expires = new Float64Array(capacity);
    this.offset = new Int32Array(capacity);
    this.length = new Int32Array(capacity);
    this.chunks = Array.from<Chunk | undefined>({ length: capacity }).fill(undefined);
  }
}

export class AnswerMemory {
  private columns = new Columns(FIRST_ENTRIES);
  private first = 0;
  private count = 0;
  private chunk: Chunk | undefined;
  /** One that is empty again, for the next that is needed. */
  private spare: Chunk | undefined;
  private chunkCount = 0;
  /** Not to be guessed: 64 bits stand for the key, and nobody may find two requests that have the same. */
  private readonly seeds = [randomInt(UINT32), randomInt(UINT32)] as const;
  private readonly factors = [randomInt(UINT32) | 1, randomInt(UINT32) | 1] as const;
  private low = 0;
  private high = 0;

  /** @param keepMs how long an answer is remembered */
  constructor(
    private readonly keepMs: number,
    private readonly limits: AnswerLimits = DEFAULT_ANSWER_LIMITS,
  ) {}

  /** Answers that are remembered. */
  get size(): number {
    return this.count;
  }

  /** Remembers the answer to the request with `key`. @param now milliseconds, never less than before */
  remember(key: string, answer: Buffer, now: number): void {
    this.forget(now);
    if (answer.length > CHUNK_BYTES) return;
    if (this.count >= this.limits.entries) this.forgetFirst();
    if (this.count === this.columns.capacity) this.grow();
    const chunk = this.chunkFor(answer.length);
    const { columns } = this;
    const at = (this.first + this.count) & (columns.capacity - 1);
    this.hash(key);
    columns.low[at] = this.low;
    columns.high[at] = this.high;
    columns.expires[at] = now + this.keepMs;
    columns.offset[at] = chunk.used;
    columns.length[at] = answer.length;
    columns.chunks[at] = chunk;
    answer.copy(chunk.bytes, chunk.used);
    chunk.used += answer.length;
    chunk.entries++;
    this.link(columns, at);
    this.count++;
  }

  /** The answer to the request with `key`, as bytes that are good until the next call of `remember`; undefined when there is none. */
  recall(key: string, now: number): Buffer | undefined {
    if (this.count === 0) return undefined;
    this.forget(now);
    const { columns } = this;
    this.hash(key);
    for (let at = this.headOf(columns, this.low); at !== NONE; at = columns.next[at] as number) {
      if (columns.low[at] !== this.low || columns.high[at] !== this.high) continue;
      const offset = columns.offset[at] as number;
      return columns.chunks[at]?.bytes.subarray(offset, offset + (columns.length[at] as number));
    }
    return undefined;
  }

  /** Forgets what has been remembered long enough. */
  forget(now: number): void {
    while (this.count > 0 && (this.columns.expires[this.first] as number) <= now) this.forgetFirst();
  }

  private forgetFirst(): void {
    const { columns, first } = this;
    this.unlink(columns, first);
    const chunk = columns.chunks[first] as Chunk;
    columns.chunks[first] = undefined;
    this.first = (first + 1) & (columns.capacity - 1);
    this.count--;
    if (--chunk.entries === 0) this.release(chunk);
  }

  private release(chunk: Chunk): void {
    chunk.used = 0;
    if (chunk === this.chunk) return;
    this.chunkCount--;
    this.spare ??= chunk;
  }

  private chunkFor(length: number): Chunk {
    const { chunk } = this;
    if (chunk !== undefined && chunk.used + length <= CHUNK_BYTES) return chunk;
    while (this.count > 0 && (this.chunkCount + 1) * CHUNK_BYTES > this.limits.bytes) this.forgetFirst();
    const next = this.spare ?? { bytes: Buffer.allocUnsafeSlow(CHUNK_BYTES), used: 0, entries: 0 };
    this.spare = undefined;
    this.chunkCount++;
    this.chunk = next;
    return next;
  }

  private grow(): void {
    const old = this.columns;
    const columns = new Columns(old.capacity * 2);
    for (let i = 0; i < this.count; i++) {
      const from = (this.first + i) & (old.capacity - 1);
      columns.low[i] = old.low[from] as number;
      columns.high[i] = old.high[from] as number;
      columns.expires[i] = old.expires[from] as number;
      columns.offset[i] = old.offset[from] as number;
      columns.length[i] = old.length[from] as number;
      columns.chunks[i] = old.chunks[from];
      this.link(columns, i);
    }
    this.columns = columns;
    this.first = 0;
  }

  private headOf(columns: Columns, low: number): number {
    return columns.heads[low & (columns.capacity - 1)] as number;
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
