/** Bits in bytes, most significant first. RFC 2118 section 4. */

const BYTE_BITS = 8;
/** What `take` and `put` handle at once without losing bits of a 32-bit number. */
const MOST_BITS = 16;

/** Takes bits off a buffer. */
export class BitReader {
  private at = 0;
  private held = 0;
  private heldBits = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Bits that have not been taken. */
  get left(): number {
    return (this.bytes.length - this.at) * BYTE_BITS + this.heldBits;
  }

  /** The next `count` bits, 1..16, as a number; undefined when there are fewer. */
  take(count: number): number | undefined {
    if (count > this.left || count > MOST_BITS) return undefined;
    while (this.heldBits < count) {
      this.held = ((this.held << BYTE_BITS) | (this.bytes[this.at++] as number)) & 0xff_ffff;
      this.heldBits += BYTE_BITS;
    }
    this.heldBits -= count;
    return (this.held >>> this.heldBits) & ((1 << count) - 1);
  }
}

/** Puts bits into a buffer of a given size; what does not fit is counted and dropped. */
export class BitWriter {
  private readonly bytes: Buffer;
  private at = 0;
  private held = 0;
  private heldBits = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Bytes needed so far, the last one counted in full. */
  get length(): number {
    return this.at + (this.heldBits > 0 ? 1 : 0);
  }

  /** @param count 1..16 */
  put(value: number, count: number): void {
    this.held = (this.held << count) | value;
    this.heldBits += count;
    while (this.heldBits >= BYTE_BITS) {
      this.heldBits -= BYTE_BITS;
      this.write((this.held >>> this.heldBits) & 0xff);
      this.held &= (1 << this.heldBits) - 1;
    }
  }

  /** What was written, the last byte filled with zeros; undefined when it did not fit. */
  finish(): Buffer | undefined {
    if (this.heldBits > 0) this.write((this.held << (BYTE_BITS - this.heldBits)) & 0xff);
    this.heldBits = 0;
    return this.at > this.bytes.length ? undefined : this.bytes.subarray(0, this.at);
  }

  private write(byte: number): void {
    if (this.at < this.bytes.length) this.bytes[this.at] = byte;
    this.at++;
  }
}
