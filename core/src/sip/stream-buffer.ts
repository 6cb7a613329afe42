/** Bytes that came and were not taken yet. A chunk is used in place; only what has to wait for more is copied. */

const NOTHING = Buffer.alloc(0);

/** The first memory of our own for bytes that wait; it doubles from there. */
const SMALLEST = 512;

/** A queue of bytes at whose front messages are cut off. Positions count from the first byte that is left. */
export class StreamBuffer {
  private bytes: Buffer = NOTHING;
  private start = 0;
  private end = 0;
  /** True when `bytes` is our own memory, with room after `end`. What was cut off before `start` is in use elsewhere and stays as it is. */
  private own = false;

  get length(): number {
    return this.end - this.start;
  }

  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.own = false;
      return;
    }
    if (!this.own || this.bytes.length - this.end < chunk.length) this.move(this.length + chunk.length);
    this.end += chunk.copy(this.bytes, this.end);
  }

  /** The byte at that position; undefined behaviour beyond `length`. */
  at(position: number): number {
    return this.bytes[this.start + position] as number;
  }

  /** The first position of that byte from `from` on, or -1. */
  indexOf(byte: number, from: number): number {
    const { bytes, end } = this;
    let at = this.start + from;
    while (at < end && bytes[at] !== byte) at++;
    return at < end ? at - this.start : -1;
  }

  /** A byte string of what stands between two positions. */
  text(from: number, to: number): string {
    return this.bytes.toString('latin1', this.start + from, this.start + to);
  }

  /** Cuts off that many bytes and gives them, without a copy. */
  take(length: number): Buffer {
    const taken = this.bytes.subarray(this.start, this.start + length);
    this.drop(length);
    return taken;
  }

  drop(length: number): void {
    this.start += length;
    if (this.start < this.end) return;
    // An idle connection holds no memory.
    this.bytes = NOTHING;
    this.start = this.end = 0;
    this.own = false;
  }

  private move(needed: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(SMALLEST, needed, 2 * this.length));
    this.bytes.copy(room, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.bytes = room;
    this.own = true;
  }
}
