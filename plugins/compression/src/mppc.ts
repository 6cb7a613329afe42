/** The symbols of MPPC with a history of 8 KiB. RFC 2118 section 4, [MS-SIPCOMP] section 3. */

/** Bytes of history that both sides keep. */
export const HISTORY_BYTES = 8192;
export const MIN_MATCH = 3;
/** Twelve bits after eleven ones are the longest length code. */
export const MAX_MATCH = 8191;

/** One range of distances: `prefix` in `prefixBits`, then the distance less `from` in `bits`. */
export interface DistanceRange {
  readonly from: number;
  readonly bits: number;
  readonly prefix: number;
  readonly prefixBits: number;
}

const NEAR: DistanceRange = { from: 0, bits: 6, prefix: 0b1111, prefixBits: 4 };
const MIDDLE: DistanceRange = { from: 64, bits: 8, prefix: 0b1110, prefixBits: 4 };
const FAR: DistanceRange = { from: 320, bits: 13, prefix: 0b110, prefixBits: 3 };

/** The range that a distance, 1..8191, is written in. */
export function rangeOf(distance: number): DistanceRange {
  if (distance < MIDDLE.from) return NEAR;
  return distance < FAR.from ? MIDDLE : FAR;
}

/** The range behind the bits `11`: `third` and `fourth` are the two that follow; a FAR one has only the third. */
export const RANGES = { near: NEAR, middle: MIDDLE, far: FAR } as const;

/** Exponents of the length code: 2^exponent is the shortest length of its class. */
export const LEAST_EXPONENT = 2;
export const MOST_EXPONENT = 12;
