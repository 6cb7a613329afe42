/** Encodes pieces of a stream as MPPC against a history. RFC 2118 section 4, [MS-SIPCOMP] section 3.1.5. */
import { BitWriter } from './bit-stream.ts';
import { HISTORY_BYTES, MAX_MATCH, MIN_MATCH, rangeOf } from './mppc.ts';

const HASH_BITS = 12;
const NOWHERE = 0xffff;

/** A piece as it is to be sent. */
export interface Encoded {
  readonly data: Buffer;
  /** False: encoding would have made it longer; the data is as it was, and both histories begin anew. */
  readonly compressed: boolean;
  /** The decoder starts at the front of its history. */
  readonly atFront: boolean;
}

export class MppcEncoder {
  private readonly history = Buffer.alloc(HISTORY_BYTES);
  /** Where three bytes with this hash were seen last. Entries of an earlier round are found out by comparing. */
  private readonly seen = new Uint16Array(1 << HASH_BITS).fill(NOWHERE);
  private offset = 0;
  /** Nothing was sent since the history began. */
  private fresh = true;

  /** @param piece 1..8191 bytes */
  encode(piece: Buffer): Encoded {
    const atFront = this.fresh || this.offset + piece.length > HISTORY_BYTES;
    if (atFront) this.offset = 0;
    this.fresh = false;
    piece.copy(this.history, this.offset);
    const end = this.offset + piece.length;
    const data = this.write(end, piece.length - 1);
    if (data === undefined) {
      this.offset = 0;
      this.fresh = true;
      return { data: piece, compressed: false, atFront: false };
    }
    this.offset = end;
    return { data, compressed: true, atFront };
  }

  /** The bytes of the history from `offset` to `end` as symbols; undefined when they need more than `most` bytes. */
  private write(end: number, most: number): Buffer | undefined {
    const bits = new BitWriter(Math.max(0, most));
    let at = this.offset;
    while (at < end) {
      const from = this.remember(at, end);
      const count = from === NOWHERE ? 0 : this.matchLength(from, at, end);
      if (count < MIN_MATCH) {
        writeLiteral(bits, this.history[at] as number);
        at++;
      } else {
        writeCopy(bits, at - from, count);
        for (let i = at + 1; i < at + count; i++) this.remember(i, end);
        at += count;
      }
      if (bits.length > most) return undefined;
    }
    return bits.finish();
  }

  /** Where the three bytes at `at` may have been before; `at` takes its place. */
  private remember(at: number, end: number): number {
    if (at + MIN_MATCH > end) return NOWHERE;
    const { history, seen } = this;
    const three = ((history[at] as number) << 16) | ((history[at + 1] as number) << 8) | (history[at + 2] as number);
    const slot = Math.imul(three, 0x9e37_79b1) >>> (32 - HASH_BITS);
    const before = seen[slot] as number;
    seen[slot] = at;
    return before < at ? before : NOWHERE;
  }

  private matchLength(from: number, at: number, end: number): number {
    const { history } = this;
    const most = Math.min(end - at, MAX_MATCH);
    let count = 0;
    while (count < most && history[from + count] === history[at + count]) count++;
    return count;
  }
}

function writeLiteral(bits: BitWriter, byte: number): void {
  if (byte < 0x80) bits.put(byte, 8);
  else bits.put((0b10 << 7) | (byte & 0x7f), 9);
}

function writeCopy(bits: BitWriter, distance: number, count: number): void {
  const range = rangeOf(distance);
  bits.put(range.prefix, range.prefixBits);
  bits.put(distance - range.from, range.bits);
  if (count === MIN_MATCH) {
    bits.put(0, 1);
    return;
  }
  const exponent = 31 - Math.clz32(count);
  // n-1 ones and a zero.
  bits.put((1 << exponent) - 2, exponent);
  bits.put(count - (1 << exponent), exponent);
}
