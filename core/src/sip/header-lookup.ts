/** From the bytes of a header name to its number, without making a string. */
import { knownSpellings, type HeaderId } from './header-names.ts';

const SLOT_COUNT = 1_024;

/** Setting 0x20 makes letters lower case, and no two characters of known names the same. */
const LOWER = 0x20;

interface Spelling {
  readonly id: HeaderId;
  readonly bytes: Uint8Array;
}

/** Open addressing: a taken slot is passed over for the next. Few are, so nearly every look-up compares one name. */
const SLOTS: (Spelling | undefined)[] = Array.from({ length: SLOT_COUNT }, () => undefined);

for (const [name, id] of knownSpellings()) {
  const bytes = Uint8Array.from(name, (character) => character.charCodeAt(0));
  let slot = slotOf(bytes, 0, bytes.length);
  while (SLOTS[slot] !== undefined) slot = (slot + 1) % SLOT_COUNT;
  SLOTS[slot] = { id, bytes };
}

/** First, middle and last byte and the length tell nearly all names apart. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const first = (bytes[start] as number) | LOWER;
  const middle = (bytes[(start + end) >> 1] as number) | LOWER;
  const last = (bytes[end - 1] as number) | LOWER;
  return (first * 5 + middle * 67 + last * 23 + (end - start) * 131) % SLOT_COUNT;
}

/** Number of the header whose name, a token, stands from `start` to `end`; 0 when it is none of ours. */
export function headerIdOf(bytes: Uint8Array, start: number, end: number): HeaderId {
  for (let slot = slotOf(bytes, start, end); ; slot = (slot + 1) % SLOT_COUNT) {
    const spelling = SLOTS[slot];
    if (spelling === undefined) return 0;
    if (isSpelled(spelling.bytes, bytes, start, end)) return spelling.id;
  }
}

function isSpelled(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== ((bytes[start + i] as number) | LOWER)) return false;
  }
  return true;
}
