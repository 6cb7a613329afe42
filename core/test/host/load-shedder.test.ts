import { expect, test } from 'vitest';
import { LoadController, PATIENCE_MS, SAMPLE_MS } from '../../src/host/load-shedder.ts';
import { LONG_TURN_MS, SHORT_TURN_MS } from '../../src/host/queue-watch.ts';

/** A server with one queue: `offered` new requests a millisecond, serving one costs `cost` ms of work, refusing one a fifth of that. */
function run(offered: number, cost: number, ms: number): { controller: LoadController; done: number; refused: number; longest: number } {
  const controller = new LoadController();
  const counts = { done: 0, refused: 0, longest: 0 };
  let queue = 0;
  let room = 0;
  let emptied = false;
  for (let now = 1; now <= ms; now++) {
    queue += offered;
    room += 1;
    while (queue >= 1 && room > 0) {
      const admitted = controller.admit();
      room -= admitted ? cost : cost / 5;
      queue--;
      if (admitted) counts.done++;
      else counts.refused++;
    }
    if (queue < 1) {
      controller.cleared();
      emptied = true;
      room = Math.min(room, 0);
    }
    counts.longest = Math.max(counts.longest, queue / offered);
    if (now % SAMPLE_MS === 0) {
      controller.tick(SAMPLE_MS, !emptied);
      emptied = false;
    }
  }
  return { controller, ...counts };
}

test('a server that keeps up refuses nothing, even when it is almost full', () => {
  const { refused, controller } = run(19, 0.05, 10_000);
  expect(refused).toBe(0);
  expect(controller.shedding).toBe(false);
});

test('at 1.5 times what it can do, a server does most of what it can do, and nothing waits long', () => {
  const { done, refused, longest } = run(30, 0.05, 10_000);
  expect(done).toBeGreaterThan(0.8 * 20 * 10_000);
  expect(refused).toBeGreaterThan(0);
  expect(longest).toBeLessThan(2 * PATIENCE_MS);
});

test('a short burst is served', () => {
  const controller = new LoadController();
  for (let i = 0; i < 1000; i++) controller.admit();
  for (let ms = SAMPLE_MS; ms < PATIENCE_MS; ms += SAMPLE_MS) controller.tick(SAMPLE_MS, true);
  expect(controller.shedding).toBe(false);
});

test('a loop that is busy without new requests refuses none', () => {
  const controller = new LoadController();
  for (let i = 0; i < 100; i++) {
    controller.admit();
    controller.tick(SAMPLE_MS, true);
  }
  expect(controller.shedding).toBe(false);
});

test('a loop whose turns take longer than a second has a queue, and requests that matter', () => {
  const controller = new LoadController();
  for (let i = 0; i < 10_000; i++) controller.admit();
  controller.tick(1_300, true);
  expect(controller.shedding).toBe(true);
});

test('a long pause of the whole process is no queue', () => {
  const controller = new LoadController();
  for (let i = 0; i < 1000; i++) controller.admit();
  controller.tick(10 * PATIENCE_MS, false);
  expect(controller.shedding).toBe(false);
});

test('when the queue is empty again everything is let in', () => {
  const { controller } = run(100, 0.05, PATIENCE_MS + 100);
  expect(controller.shedding).toBe(true);
  controller.cleared();
  expect(controller.shedding).toBe(false);
  expect(controller.admit()).toBe(true);
});

test('however long the overload lasts, some new requests are let in', () => {
  const controller = new LoadController();
  let admitted = 0;
  for (let i = 0; i < 1000; i++) {
    for (let n = 0; n < 1000; n++) if (controller.admit() && i > 10) admitted++;
    controller.tick(SAMPLE_MS, true);
  }
  expect(admitted).toBeGreaterThanOrEqual(900 * 10);
});

/** A loop that takes in each turn what streams have brought in the last one; `offered` a millisecond, refusing costs a third of serving. */
function streams(offered: number, cost: number, ms: number): { done: number; refused: number; typical: number; longest: number } {
  const controller = new LoadController();
  const counts = { done: 0, refused: 0 };
  const turns: number[] = [];
  let sampled = 0;
  let shortest = Infinity;
  for (let now = 0, turn = 1; now < ms; now += turn) {
    let lasts = 0.1;
    for (let arrived = offered * turn; arrived >= 1; arrived--) {
      const admitted = controller.admit();
      lasts += admitted ? cost : cost / 3;
      if (admitted) counts.done++;
      else counts.refused++;
    }
    turn = lasts;
    controller.turn(turn);
    if (turn < SHORT_TURN_MS) controller.cleared();
    shortest = Math.min(shortest, turn);
    if (now > ms / 2) turns.push(turn);
    if (now - sampled < SAMPLE_MS) continue;
    controller.tick(now - sampled, shortest >= LONG_TURN_MS);
    sampled = now;
    shortest = Infinity;
  }
  turns.sort((a, b) => a - b);
  return { ...counts, typical: turns[turns.length >> 1] ?? 0, longest: turns.at(-1) ?? 0 };
}

test.each([1.05, 1.5, 2])(
  'what streams bring at %f times what a server can do does not pile up: it does almost as much as it can, in short turns',
  (times) => {
    const { done, refused, typical, longest } = streams(20 * times, 0.05, 20_000);
    // Refusing takes its part of the time.
    const possible = (3 - times) / 2;
    expect(done).toBeGreaterThan(0.85 * possible * 20 * 20_000);
    expect(refused).toBeGreaterThan(0);
    expect(typical).toBeLessThan(LONG_TURN_MS);
    expect(longest).toBeLessThan(PATIENCE_MS);
  },
);

test('one long turn, as the garbage collector has them, refuses nothing soon after overload', () => {
  const controller = new LoadController();
  for (let i = 0; i < 1000; i++) controller.admit();
  controller.tick(PATIENCE_MS, true);
  expect(controller.admit()).toBe(true);
  expect([controller.shedding, controller.overloaded]).toEqual([true, false]);
  while (controller.admit()) continue;
  controller.cleared();
  for (const ms of [1, 45, 2, 40]) controller.turn(ms);
  for (let i = 0; i < 100; i++) expect(controller.admit()).toBe(true);
});

test('long turns make nobody wait where nothing had to be refused', () => {
  const { refused } = streams(19, 0.05, 10_000);
  expect(refused).toBe(0);
});
