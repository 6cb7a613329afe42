import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NONE, RecentKeys, regrown } from '../../src/transaction/recent-keys.ts';

/** The index with one column of values. */
class Remembered {
  private column: (number | undefined)[] = [];
  readonly keys: RecentKeys;

  constructor(keepMs: number, most: number) {
    this.keys = new RecentKeys(keepMs, most, this);
  }

  add(key: string, value: number, now: number): void {
    this.column[this.keys.add(key, now)] = value;
  }

  find(key: string, now: number): number | undefined {
    const at = this.keys.find(key, now);
    return at === NONE ? undefined : this.column[at];
  }

  release(at: number): void {
    this.column[at] = undefined;
  }

  grow(capacity: number, count: number, from: (i: number) => number): void {
    this.column = regrown(this.column, undefined, capacity, count, from);
  }
}

const step = fc.record({ key: fc.nat(300), waits: fc.nat(20), times: fc.integer({ min: 1, max: 2000 }) });

test('it remembers what a list of all that was added remembers', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 9000 }), (steps, most) => {
      const index = new Remembered(100, most);
      const all: { key: string; value: number; until: number }[] = [];
      let now = 0;
      for (const { key, waits, times } of steps) {
        now += waits;
        for (let i = 0; i < times; i++) {
          index.add(`${key} ${i % 700}`, all.length, now);
          all.push({ key: `${key} ${i % 700}`, value: all.length, until: now + 100 });
        }
        const kept = all.slice(-most).filter(({ until }) => until > now);
        expect(index.find(`${key} 0`, now)).toBe(kept.findLast((one) => one.key === `${key} 0`)?.value);
        const [oldest] = kept;
        expect(index.find(oldest?.key ?? '', now)).toBe(kept.findLast((one) => one.key === oldest?.key)?.value);
        expect(index.keys.size).toBe(kept.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('what was never added, or is forgotten, is not found', () => {
  const index = new Remembered(100, 10);
  expect(index.find('a', 0)).toBeUndefined();
  index.add('a', 1, 0);
  expect(index.find('b', 99)).toBeUndefined();
  expect(index.find('a', 99)).toBe(1);
  expect(index.find('a', 100)).toBeUndefined();
});
