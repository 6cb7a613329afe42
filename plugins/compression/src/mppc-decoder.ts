/** Decodes MPPC packets into a history. RFC 2118 section 4, [MS-SIPCOMP] section 3.2. */
import { BitReader } from './bit-stream.ts';
import { CompressionErrors } from './errors.ts';
import { HISTORY_BYTES, LEAST_EXPONENT, MOST_EXPONENT, RANGES } from './mppc.ts';

/** A literal has 8 bits at least; fewer at the end are filling. */
const LEAST_BITS = 8;

export class MppcDecoder {
  private readonly history = Buffer.alloc(HISTORY_BYTES);
  private offset = 0;

  /** The history begins anew. */
  flush(): void {
    this.history.fill(0);
    this.offset = 0;
  }

  /**
   * Appends what `data` stands for to the history and returns a copy of it.
   * @param atFront the output goes to the front of the history
   * @throws COMPRESSION_DATA for what is no MPPC, refers to what is not there, or does not fit the history
   */
  decode(data: Buffer, atFront: boolean): Buffer {
    if (atFront) this.offset = 0;
    const start = this.offset;
    const bits = new BitReader(data);
    while (bits.left >= LEAST_BITS) this.symbol(bits);
    return Buffer.from(this.history.subarray(start, this.offset));
  }

  /** `0` and 7 bits, `10` and 7 bits, or `11` and a copy. */
  private symbol(bits: BitReader): void {
    if (need(bits, 1) === 0) {
      this.literal(need(bits, 7));
      return;
    }
    const isCopy = need(bits, 1) === 1;
    if (isCopy) this.copy(distance(bits), length(bits));
    else this.literal(0x80 | need(bits, 7));
  }

  private literal(byte: number): void {
    if (this.offset >= HISTORY_BYTES) throw undecodable('it is longer than the history');
    this.history[this.offset++] = byte;
  }

  /** Byte by byte: a copy may read what it has just written. */
  private copy(back: number, count: number): void {
    if (back === 0 || back > this.offset) throw undecodable(`it refers ${back} bytes back, and there are ${this.offset}`);
    if (this.offset + count > HISTORY_BYTES) throw undecodable('it is longer than the history');
    for (let i = 0; i < count; i++) {
      this.history[this.offset] = this.history[this.offset - back] as number;
      this.offset++;
    }
  }
}

/** A distance behind the bits `11`. */
function distance(bits: BitReader): number {
  const { near, middle, far } = RANGES;
  const range = need(bits, 1) === 0 ? far : need(bits, 1) === 0 ? middle : near;
  return range.from + need(bits, range.bits);
}

/** 3 is the bit 0; 2^n to 2^(n+1)-1 are n-1 ones, a zero and n bits. */
function length(bits: BitReader): number {
  let exponent = LEAST_EXPONENT - 1;
  while (need(bits, 1) === 1) {
    exponent++;
    if (exponent > MOST_EXPONENT) throw undecodable('a length is longer than any match');
  }
  return exponent < LEAST_EXPONENT ? 3 : (1 << exponent) + need(bits, exponent);
}

function need(bits: BitReader, count: number): number {
  const value = bits.take(count);
  if (value === undefined) throw undecodable('it ends inside a symbol');
  return value;
}

function undecodable(problem: string): Error {
  return CompressionErrors.COMPRESSION_DATA({ problem });
}
