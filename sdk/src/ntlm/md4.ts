/** The MD4 digest. RFC 1320. Node's OpenSSL no longer has it, and NTLM cannot do without. */

const BLOCK = 64;
const LENGTH_FIELD = 8;
/** Order of the message words and the rotations of the three rounds, RFC 1320 section 3.4. */
const ROUNDS = [
  { order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], shifts: [3, 7, 11, 19], constant: 0 },
  { order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], shifts: [3, 5, 9, 13], constant: 0x5a827999 },
  { order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], shifts: [3, 9, 11, 15], constant: 0x6ed9eba1 },
] as const;

/** MD4 of `data`, 16 bytes. Broken as a hash: use it only where a protocol demands it. */
export function md4(data: Buffer): Buffer {
  const padded = pad(data);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as [number, number, number, number];
  for (let at = 0; at < padded.length; at += BLOCK) compress(state, padded, at);
  const out = Buffer.alloc(16);
  state.forEach((word, i) => out.writeUInt32LE(word >>> 0, i * 4));
  return out;
}

/** A one bit, zeros, and the length in bits: a whole number of blocks. RFC 1320 sections 3.1 and 3.2. */
function pad(data: Buffer): Buffer {
  const blocks = Math.ceil((data.length + 1 + LENGTH_FIELD) / BLOCK);
  const out = Buffer.alloc(blocks * BLOCK);
  data.copy(out);
  out[data.length] = 0x80;
  out.writeBigUInt64LE(BigInt(data.length) * 8n, out.length - LENGTH_FIELD);
  return out;
}

function compress(state: [number, number, number, number], bytes: Buffer, at: number): void {
  let [a, b, c, d] = state;
  ROUNDS.forEach(({ order, shifts, constant }, round) => {
    order.forEach((word, step) => {
      const sum = (a + mix(round, b, c, d) + bytes.readUInt32LE(at + word * 4) + constant) >>> 0;
      const shift = shifts[step % 4] as number;
      const next = (sum << shift) | (sum >>> (32 - shift));
      [a, b, c, d] = [d, next, b, c]; // the four registers take turns
    });
  });
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
}

function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}
