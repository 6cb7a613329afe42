/** The queue of notifications: slices, pace, back-pressure. */
import { FakeClock, testLog } from '@parley/sdk/testkit';
import type { TestLog } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { FanOut, Recipient } from '../src/fan-out.ts';

class One extends Recipient {
  blocked = false;
  latest = 0;
  readonly heard: number[] = [];

  constructor(readonly paced = true) {
    super();
  }

  tell(): void {
    this.heard.push(this.latest);
  }
}

interface Bench {
  readonly clock: FakeClock;
  readonly fanOut: FanOut;
  /** Runs one slice; false when there is none. */
  readonly slice: () => boolean;
  readonly log: TestLog;
}

function aBench(paceMs = 1000): Bench {
  const clock = new FakeClock();
  const log = testLog();
  const fanOut = new FanOut(clock, { paceMs }, log);
  const waiting: (() => void)[] = [];
  fanOut.schedule = (run) => void waiting.push(run);
  const slice = (): boolean => {
    const run = waiting.shift();
    run?.();
    return run !== undefined;
  };
  return { clock, fanOut, slice, log };
}

test('each waits once, whatever happens meanwhile, and is told what is true when its turn comes', () => {
  const { fanOut, slice } = aBench();
  const one = new One();
  for (one.latest = 1; one.latest < 100; one.latest++) fanOut.push(one);
  expect(fanOut.size).toBe(1);
  slice();
  expect(one.heard).toEqual([100]);
});

test('thousands are told in slices, between which other work has its turn', () => {
  const { fanOut, slice } = aBench();
  const all = Array.from({ length: 5000 }, () => new One());
  for (const one of all) fanOut.push(one);
  const told = (): number => all.filter(({ heard }) => heard.length > 0).length;
  expect(told()).toBe(0);
  slice();
  expect(told()).toBeLessThanOrEqual(40);
  let slices = 1;
  while (slice()) slices++;
  expect(told()).toBe(5000);
  expect(slices).toBeGreaterThanOrEqual(125);
  expect(fanOut.size).toBe(0);
});

test('MS-PRES R25: one that was told rests, and then hears the latest; own endpoints do not rest', () => {
  const { fanOut, slice, clock } = aBench();
  const [watcher, own] = [new One(), new One(false)];
  for (let i = 1; i <= 3; i++) {
    for (const one of [watcher, own]) {
      one.latest = i;
      fanOut.push(one);
    }
    slice();
    clock.advance(100);
  }
  expect([watcher.heard, own.heard]).toEqual([[1], [1, 2, 3]]);
  clock.advance(700);
  slice();
  expect(watcher.heard).toEqual([1, 3]);
  clock.advance(5000);
  expect(slice(), 'nothing is left').toBe(false);
  expect(clock.timers.size).toBe(0);
});

test('one whose connection is full is left alone, and hears the latest when it takes something again', () => {
  const { fanOut, slice, clock } = aBench();
  const [slow, other] = [new One(), new One()];
  slow.blocked = true;
  for (const one of [slow, other]) fanOut.push(one);
  slice();
  expect([slow.heard, other.heard]).toEqual([[], [0]]);
  slow.latest = 7;
  fanOut.push(slow);
  clock.advance(1000);
  slice();
  expect(slow.heard).toEqual([]);
  slow.blocked = false;
  slow.latest = 8;
  clock.advance(1000);
  slice();
  expect(slow.heard).toEqual([8]);
});

test('one that is gone, or was told in another way, is not told', () => {
  const { fanOut, slice, clock } = aBench();
  const [gone, told] = [new One(), new One()];
  for (const one of [gone, told]) fanOut.push(one);
  fanOut.forget(gone);
  fanOut.told(told);
  while (slice()) clock.advance(1000);
  fanOut.push(gone);
  expect(slice()).toBe(false);
  expect([gone.heard, told.heard]).toEqual([[], []]);
});

test('one that fails costs the others nothing', () => {
  const { fanOut, slice, log } = aBench();
  const [bad, good] = [new One(), new One()];
  bad.tell = () => {
    throw new Error('broken');
  };
  for (const one of [bad, good]) fanOut.push(one);
  slice();
  expect(log.lines.map(({ level }) => level)).toEqual(['error']);
  expect(good.heard).toEqual([0]);
});
