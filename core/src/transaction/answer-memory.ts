/**
 * Final responses that may have to be sent again over UDP: what remains of a non-INVITE server transaction in its Completed state
 * (RFC 3261 17.2.2). There are half a minute of them at any time, half a million on a busy server, and so they are kept outside the
 * garbage collector's heap: bytes in chunks, under an index of numbers.
 */
import { NONE, RecentKeys, regrown } from './recent-keys.ts';

const CHUNK_BYTES = 1 << 20;

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

export class AnswerMemory {
  private readonly keys: RecentKeys;
  private offsets = new Int32Array(0);
  private lengths = new Int32Array(0);
  private chunks: (Chunk | undefined)[] = [];
  private chunk: Chunk | undefined;
  /** One that is empty again, for the next that is needed. */
  private spare: Chunk | undefined;
  private chunkCount = 0;

  /** @param keepMs how long an answer is remembered */
  constructor(
    keepMs: number,
    private readonly limits: AnswerLimits = DEFAULT_ANSWER_LIMITS,
  ) {
    this.keys = new RecentKeys(keepMs, limits.entries, this);
  }

  /** Answers that are remembered. */
  get size(): number {
    return this.keys.size;
  }

  /** Remembers the answer to the request with `key`. @param now milliseconds, never less than before */
  remember(key: string, answer: Buffer, now: number): void {
    if (answer.length > CHUNK_BYTES) return;
    this.keys.forget(now);
    const chunk = this.chunkFor(answer.length);
    const at = this.keys.add(key, now);
    this.offsets[at] = chunk.used;
    this.lengths[at] = answer.length;
    this.chunks[at] = chunk;
    answer.copy(chunk.bytes, chunk.used);
    chunk.used += answer.length;
    chunk.entries++;
  }

  /** The answer to the request with `key`, as bytes that are good until the next call of `remember`; undefined when there is none. */
  recall(key: string, now: number): Buffer | undefined {
    const at = this.keys.find(key, now);
    if (at === NONE) return undefined;
    const offset = this.offsets[at] as number;
    return this.chunks[at]?.bytes.subarray(offset, offset + (this.lengths[at] as number));
  }

  /** Forgets what has been remembered long enough. */
  forget(now: number): void {
    this.keys.forget(now);
  }

  /** For the index. */
  release(at: number): void {
    const chunk = this.chunks[at] as Chunk;
    this.chunks[at] = undefined;
    if (--chunk.entries > 0) return;
    chunk.used = 0;
    if (chunk === this.chunk) return;
    this.chunkCount--;
    this.spare ??= chunk;
  }

  /** For the index. */
  grow(capacity: number, count: number, from: (i: number) => number): void {
    const { offsets, lengths } = this;
    this.offsets = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
    for (let i = 0; i < count; i++) {
      this.offsets[i] = offsets[from(i)] as number;
      this.lengths[i] = lengths[from(i)] as number;
    }
    this.chunks = regrown(this.chunks, undefined, capacity, count, from);
  }

  private chunkFor(length: number): Chunk {
    const { chunk } = this;
    if (chunk !== undefined && chunk.used + length <= CHUNK_BYTES) return chunk;
    while (this.size > 0 && (this.chunkCount + 1) * CHUNK_BYTES > this.limits.bytes) this.keys.forgetFirst();
    const next = this.spare ?? { bytes: Buffer.allocUnsafeSlow(CHUNK_BYTES), used: 0, entries: 0 };
    this.spare = undefined;
    this.chunkCount++;
    this.chunk = next;
    return next;
  }
}
