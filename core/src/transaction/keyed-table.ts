/**
 * A hash table of things that live a millisecond. A Map would do but for the garbage collector: a Map that entries come into and go
 * out of is copied every few entries, each old copy points to the next one, and a copy that has once grown old keeps all later ones
 * and what was in them from being collected young. Here an entry that leaves points to nothing, and nothing points to it.
 */
import { randomInt } from 'node:crypto';

/** Something that is found by a text, in one table at a time. */
export abstract class KeyedEntry {
  /** For the table. */
  hash = 0;
  /** For the table: the next one in the same bucket. */
  nextEntry: KeyedEntry | undefined = undefined;

  constructor(readonly key: string) {}
}

const FIRST_BUCKETS = 1024;
const UINT32 = 2 ** 32;

export class KeyedTable<Entry extends KeyedEntry> {
  /** Entries that are in it. */
  size = 0;
  private buckets: (Entry | undefined)[] = empty(FIRST_BUCKETS);
  /** Not to be guessed, so that nobody can choose keys that fall into one bucket. */
  private readonly seed = randomInt(UINT32);
  private readonly factor = randomInt(UINT32) | 1;

  get(key: string): Entry | undefined {
    const hash = this.hashOf(key);
    let entry = this.buckets[hash & (this.buckets.length - 1)];
    while (entry !== undefined && (entry.hash !== hash || entry.key !== key)) entry = entry.nextEntry as Entry | undefined;
    return entry;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Puts `entry` in. There must be none with its key. */
  add(entry: Entry): void {
    if (this.size >= this.buckets.length) this.grow();
    entry.hash = this.hashOf(entry.key);
    this.link(entry);
    this.size++;
  }

  /** Takes `entry` out; nothing happens when it is not in. */
  delete(entry: Entry): void {
    const at = entry.hash & (this.buckets.length - 1);
    let found = this.buckets[at];
    if (found === entry) this.buckets[at] = entry.nextEntry as Entry | undefined;
    else {
      while (found !== undefined && found.nextEntry !== entry) found = found.nextEntry as Entry | undefined;
      if (found === undefined) return;
      found.nextEntry = entry.nextEntry;
    }
    entry.nextEntry = undefined;
    this.size--;
  }

  private link(entry: Entry): void {
    const at = entry.hash & (this.buckets.length - 1);
    entry.nextEntry = this.buckets[at];
    this.buckets[at] = entry;
  }

  /** It stays as large as it once was: a bucket costs 8 bytes. */
  private grow(): void {
    const old = this.buckets;
    this.buckets = empty(old.length * 2);
    for (let i = 0; i < old.length; i++) {
      for (let entry = old[i]; entry !== undefined;) {
        const next = entry.nextEntry as Entry | undefined;
        this.link(entry);
        entry = next;
      }
      old[i] = undefined;
    }
  }

  private hashOf(key: string): number {
    const { factor } = this;
    let hash = this.seed;
    for (let i = 0; i < key.length; i++) {
      hash = Math.imul(hash ^ key.charCodeAt(i), factor);
      hash ^= hash >>> 15;
    }
    return hash;
  }
}

function empty<Entry>(length: number): (Entry | undefined)[] {
  return Array.from<Entry | undefined>({ length }).fill(undefined);
}
