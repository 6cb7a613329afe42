import { expect, test } from 'vitest';
import { DATAGRAMS_A_TURN, LONG_TURN_MS, QueueWatch } from '../../src/host/queue-watch.ts';

/** Turns of so many milliseconds one after the other, with so many datagrams in each; what the sample that ends then says. */
function queueAfter(turns: readonly number[], datagrams = 0): boolean {
  const watch = new QueueWatch();
  watch.reset();
  let at = 0;
  watch.turn(at, 0);
  turns.forEach((ms, i) => watch.turn((at += ms), (i + 1) * datagrams));
  return watch.sample(at);
}

test('long turns, one after the other, are a queue; one short one among them is none', () => {
  expect(queueAfter([LONG_TURN_MS, 120, 90])).toBe(true);
  expect(queueAfter([120, 4, 90])).toBe(false);
});

test('a loop that the garbage collector keeps busy in short turns has no queue', () => {
  expect(queueAfter(Array.from({ length: 30 }, () => 2))).toBe(false);
});

test('turns that take all the datagrams that a turn can are a queue, however short they are', () => {
  expect(queueAfter([3, 3, 3, 3, 3], DATAGRAMS_A_TURN)).toBe(true);
  expect(queueAfter([3, 3, 3, 3, 3], DATAGRAMS_A_TURN - 1)).toBe(false);
});

test('a turn that has not ended by the end of the sample counts by how long it lasts', () => {
  const watch = new QueueWatch();
  watch.reset();
  watch.turn(0, 0);
  expect(watch.sample(300)).toBe(true);
  expect(watch.sample(340)).toBe(true);
  watch.turn(345, 0);
  watch.turn(347, 0);
  expect(watch.sample(350)).toBe(false);
});

test('before the first turn has ended nothing is known', () => {
  const watch = new QueueWatch();
  watch.reset();
  expect(watch.sample(1_000)).toBe(false);
});

test('a short turn without many datagrams tells that the queue is empty', () => {
  const watch = new QueueWatch();
  watch.reset();
  expect(watch.turn(0, 0)).toBeUndefined();
  expect(watch.turn(2, 10)).toBe(true);
  expect(watch.turn(4, 10 + DATAGRAMS_A_TURN)).toBe(false);
  expect(watch.turn(24, 10 + DATAGRAMS_A_TURN)).toBe(false);
});
