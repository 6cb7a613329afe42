import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock, TimerWheel, ownedClock } from '../../src/clock/index.ts';
import type { Timer } from '../../src/clock/index.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

test('a timer fires once, with its argument, when its time has come and not before', () => {
  const wheel = new TimerWheel(0);
  const fired: unknown[] = [];
  const timer = wheel.start(500, (arg) => fired.push(arg), 'a');
  wheel.advanceTo(490);
  expect(fired).toEqual([]);
  expect(timer.active).toBe(true);
  wheel.advanceTo(500);
  wheel.advanceTo(10_000);
  expect(fired).toEqual(['a']);
  expect(timer.active).toBe(false);
  expect(wheel.size).toBe(0);
});
test('a cancelled timer does not fire; cancelling again, or nothing, or what has fired, changes nothing', () => {
  const wheel = new TimerWheel(0);
  const fired: string[] = [];
  const cancelled = wheel.start(100, () => fired.push('cancelled'));
  const kept = wheel.start(100, () => fired.push('kept'));
  wheel.cancel(cancelled);
  wheel.cancel(cancelled);
  wheel.cancel(undefined);
  expect(wheel.size).toBe(1);
  wheel.advanceTo(200);
  wheel.cancel(kept);
  expect(fired).toEqual(['kept']);
  expect(wheel.size).toBe(0);
});
test('a timer of no or negative delay fires with the next tick, never from inside start', () => {
  const wheel = new TimerWheel(0);
  const fired: string[] = [];
  wheel.start(0, () => fired.push('zero'));
  wheel.start(-50, () => fired.push('negative'));
  expect(fired).toEqual([]);
  wheel.advanceTo(10);
  expect(fired).toEqual(['zero', 'negative']);
});
test('timers of one moment fire in the order of their start', () => {
  const wheel = new TimerWheel(0);
  const fired: number[] = [];
  for (const n of [1, 2, 3, 4]) wheel.start(70, () => fired.push(n));
  wheel.advanceTo(70);
  expect(fired).toEqual([1, 2, 3, 4]);
});
test('a timer may start and cancel others while it fires', () => {
  const wheel = new TimerWheel(0);
  const fired: string[] = [];
  const victim: { timer?: Timer } = {};
  wheel.start(50, () => {
    wheel.cancel(victim.timer);
    wheel.start(0, () => fired.push('next tick'));
    wheel.start(2_560, () => fired.push('a turn later'));
  });
  victim.timer = wheel.start(50, () => fired.push('victim'));
  wheel.advanceTo(60);
  expect(fired).toEqual(['next tick']);
  wheel.advanceTo(2_600);
  expect(fired).toEqual(['next tick']);
  wheel.advanceTo(2_610);
  expect(fired).toEqual(['next tick', 'a turn later']);
});
test('a callback that throws costs no other timer its turn; the error reaches the one who moves the clock', () => {
  const wheel = new TimerWheel(0);
  const fired: string[] = [];
  wheel.start(10, () => {
    throw new Error('first');
  });
  wheel.start(10, () => fired.push('second'));
  wheel.start(20, () => fired.push('third'));
  expect(() => wheel.advanceTo(100)).toThrow('first');
  expect(fired).toEqual(['second']);
  wheel.advanceTo(100);
  expect(fired).toEqual(['second', 'third']);
  expect(wheel.size).toBe(0);
});
test('time that goes back is ignored', () => {
  const wheel = new TimerWheel(1_000);
  const fired: string[] = [];
  wheel.start(100, () => fired.push('once'));
  wheel.advanceTo(500);
  wheel.advanceTo(1_090);
  wheel.advanceTo(0);
  expect(fired).toEqual([]);
  wheel.advanceTo(1_100);
  expect(fired).toEqual(['once']);
});
test.each([
  ['a tick short of a turn of the first level', 2_550],
  ['a turn of the first level', 2_560],
  ['a tick more', 2_570],
  ['a turn of the second level', 655_360],
  ['two hours', 2 * HOUR],
  ['a turn of the third level', 167_772_160],
  ['a hundred days', 100 * DAY],
])('a timer of %s is on time', (_, delay) => {
  for (const start of [0, 5, 2_555, 655_355, 1_800_000_000_000]) {
    const wheel = new TimerWheel(start);
    const fired: string[] = [];
    wheel.start(delay, () => fired.push('on time'));
    const due = wheel.nextDue() ?? 0;
    expect(due - start - delay).toBeGreaterThanOrEqual(0);
    expect(due - start - delay).toBeLessThan(10);
    if (delay > DAY) continue;
    wheel.advanceTo(due - 1);
    expect(fired).toEqual([]);
    wheel.advanceTo(due);
    expect(fired).toEqual(['on time']);
  }
});
test('a delay beyond the reach of the wheel is cut to 497 days', () => {
  const wheel = new TimerWheel(0);
  wheel.start(10_000 * DAY, () => undefined);
  const days = (wheel.nextDue() ?? 0) / DAY;
  expect(days).toBeGreaterThan(497);
  expect(days).toBeLessThan(498);
});

interface Expected {
  readonly due: number;
  readonly id: number;
}

test('any timers, started and cancelled at any time, fire within one tick of their time and in order', { timeout: 60_000 }, () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('start' as const), delay: fc.oneof(fc.nat(3_000), fc.nat(700_000), fc.nat(20_000_000)) }),
    fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(1_500_000)) }),
  );
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.array(action, { maxLength: 40 }), (start, actions) => {
      const wheel = new TimerWheel(start);
      let now = start;
      let nextId = 0;
      const running = new Map<number, { readonly timer: Timer; readonly due: number }>();
      const fired: Expected[] = [];
      const advance = (to: number) => {
        now = to;
        wheel.advanceTo(now);
        for (const { due } of fired.splice(0)) expect(due).toBeLessThanOrEqual(now);
        for (const { due } of running.values()) expect(due + 10).toBeGreaterThan(now);
      };
      for (const one of actions) {
        if (one.kind === 'start') {
          const id = nextId++;
          const due = now + one.delay;
          const timer = wheel.start(one.delay, () => {
            const last = fired.at(-1);
            if (last !== undefined) expect(last.due).toBeLessThan(due + 10);
            fired.push({ due, id });
            expect(running.delete(id)).toBe(true);
          });
          running.set(id, { timer, due });
        } else if (one.kind === 'cancel' && running.size > 0) {
          const id = [...running.keys()][one.which % running.size] ?? 0;
          wheel.cancel(running.get(id)?.timer);
          running.delete(id);
        } else if (one.kind === 'advance') {
          advance(now + one.ms);
        }
        expect(wheel.size).toBe(running.size);
      }
      advance(now + 21_000_000);
      expect(wheel.size).toBe(0);
    }),
    { numRuns: 60 },
  );
});
test('the fake clock stands still until it is moved, and shows each timer its own time', () => {
  const clock = new FakeClock(1_000_000);
  const seen: number[] = [];
  clock.timers.start(500, () => {
    seen.push(clock.now());
    clock.timers.start(500, () => seen.push(clock.now()));
  });
  expect(clock.now()).toBe(1_000_000);
  clock.advance(499);
  expect(seen).toEqual([]);
  clock.advance(2_000);
  expect(seen).toEqual([1_000_500, 1_001_000]);
  expect(clock.now()).toBe(1_002_499);
});

test('pending timers are named by what they call, the next first', () => {
  const wheel = new TimerWheel(0);
  wheel.start(500, function later() {});
  wheel.cancel(wheel.start(30, function never() {}));
  wheel.start(20, function soon() {});
  expect(wheel.pending()).toEqual([
    { due: 20, calls: 'soon', owner: undefined },
    { due: 500, calls: 'later', owner: undefined },
  ]);
});

test('what a timer of an owner throws is told to the owner with its name, and stops nothing else', async () => {
  const clock = new FakeClock(0);
  const told: string[] = [];
  const owned = ownedClock(clock, 'fax', (callback, error) => told.push(`${callback}: ${(error as Error).message}`));
  const fail = (arg: unknown): void => {
    throw new Error(String(arg));
  };
  const failLater = (): Promise<void> => Promise.reject(new Error('later'));
  owned.timers.start(10, fail, 'no table');
  owned.timers.start(10, failLater);
  const cancelled = owned.timers.start(10, fail, 'cancelled');
  clock.timers.start(10, () => told.push("another's"));
  expect(clock.timers.pending()).toContainEqual({ due: 10, calls: 'failLater', owner: 'fax' });
  owned.timers.cancel(cancelled);
  expect(owned.timers.size).toBe(3);
  clock.advance(10);
  await Promise.resolve();
  expect(told).toEqual(['fail: no table', "another's", 'failLater: later']);
  expect([owned.now(), cancelled.active]).toEqual([10, false]);
});
