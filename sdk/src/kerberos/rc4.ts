/** The RC4 stream cipher, which Node's OpenSSL no longer offers. RFC 6229 has its vectors. */

const STATES = 256;
const IDENTITY = Uint8Array.from({ length: STATES }, (_, i) => i);

/** Encrypts or decrypts; both are the same. Broken as a cipher: use it only where a protocol demands it. */
export function rc4(key: Buffer, data: Buffer): Buffer {
  const state = schedule(key);
  const out = Buffer.alloc(data.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < data.length; at++) {
    i = (i + 1) % STATES;
    const a = state[i] as number;
    j = (j + a) % STATES;
    const b = state[j] as number;
    state[i] = b;
    state[j] = a;
    out[at] = (data[at] as number) ^ (state[(a + b) % STATES] as number);
  }
  return out;
}

function schedule(key: Buffer): Uint8Array {
  const state = IDENTITY.slice();
  let j = 0;
  for (let i = 0; i < STATES; i++) {
    const a = state[i] as number;
    j = (j + a + (key[i % key.length] as number)) % STATES;
    state[i] = state[j] as number;
    state[j] = a;
  }
  return state;
}
