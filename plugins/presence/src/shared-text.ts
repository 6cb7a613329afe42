/**
 * Equal texts as one text. Most people are in one of a few states, and aggregation writes each of these some thirty times for everybody:
 * kept as written, in the pieces that they were put together from, a user's presence takes five times the memory.
 */

/** Texts that are shared; beyond it they are only made whole. */
const MAX_TEXTS = 5000;
/** What is longer is not the same for many. */
const MAX_LENGTH = 2000;
/** Two halves: when the younger is full the older is let go of, so that what is in use comes to stay. */
let young = new Map<string, string>();
let old = new Map<string, string>();

/** The same text in one piece, one for all who have it. */
export function shared(text: string): string {
  if (text.length > MAX_LENGTH) return whole(text);
  const known = young.get(text);
  if (known !== undefined) return known;
  const kept = old.get(text) ?? whole(text);
  if (young.size >= MAX_TEXTS / 2) {
    old = young;
    young = new Map();
  }
  young.set(kept, kept);
  return kept;
}

function whole(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
