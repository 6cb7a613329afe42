/** n-fold: stretches or shrinks a string to a length so that every bit counts. RFC 3961 section 5.1. */

const ROTATION = 13;

/**
 * The input is repeated, each copy rotated right by 13 bits more than the one before, until a whole number of outputs is full;
 * these are added up in ones' complement.
 * @param bytes of the output
 */
export function nFold(input: Buffer, bytes: number): Buffer {
  const total = (input.length * bytes) / greatestCommonDivisor(input.length, bytes);
  const sum = new Uint16Array(bytes);
  for (let at = 0; at < total; at++) {
    const column = at % bytes;
    sum[column] = (sum[column] as number) + rotatedByte(input, Math.floor(at / input.length), at % input.length);
    if (column === bytes - 1) carry(sum);
  }
  return Buffer.from(sum);
}

/** One byte of copy number `copy`, which is rotated by 13 times that. */
function rotatedByte(input: Buffer, copy: number, index: number): number {
  const bits = input.length * 8;
  const start = (((index * 8 - ROTATION * copy) % bits) + bits) % bits;
  const [byte, shift] = [start >> 3, start & 7];
  const pair = ((input[byte] as number) << 8) | (input[(byte + 1) % input.length] as number);
  return (pair >> (8 - shift)) & 0xff;
}

/** Brings every column below 256; what leaves at the top comes in again at the bottom. */
function carry(sum: Uint16Array): void {
  let over = 0;
  do {
    for (let column = sum.length - 1; column >= 0; column--) {
      over += sum[column] as number;
      sum[column] = over & 0xff;
      over >>= 8;
    }
  } while (over !== 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
