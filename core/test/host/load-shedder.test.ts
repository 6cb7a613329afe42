import { expect, test } from 'vitest';
import { LoadController } from '../../src/host/load-shedder.ts';

/** A server that can do `capacity` new requests a sample, each refusal costing a fifth of one; `offered` arrive. */
function run(offered: number, capacity: number, samples: number): { controller: LoadController; done: number } {
  const controller = new LoadController();
  let done = 0;
  for (let i = 0; i < samples; i++) {
    const admitted = Math.min(offered, controller.limit / 20, capacity);
    const refused = Number.isFinite(controller.limit) ? Math.max(0, offered - admitted) : 0;
    const work = (Math.min(offered, Number.isFinite(controller.limit) ? controller.limit / 20 : offered) + refused / 5) / capacity;
    controller.sample(Math.max(0, 1 - work), admitted, refused);
    if (i >= samples / 2) done += admitted;
  }
  return { controller, done: done / (samples / 2) };
}

test('a server that keeps up limits nothing, even when it is almost full', () => {
  expect(run(98, 100, 200).controller.limit).toBe(Number.POSITIVE_INFINITY);
});

test('at 1.5 times what it can do, a server settles on most of what it can do', () => {
  const { done } = run(150, 100, 400);
  expect(done).toBeGreaterThan(80);
  expect(done).toBeLessThan(100);
});

test('a short burst does not begin shedding', () => {
  const controller = new LoadController();
  for (let i = 0; i < 9; i++) controller.sample(0, 500, 0);
  expect(controller.limit).toBe(Number.POSITIVE_INFINITY);
});

test('a loop that is busy without requests sheds nothing', () => {
  const controller = new LoadController();
  for (let i = 0; i < 100; i++) controller.sample(0, 2, 0);
  expect(controller.limit).toBe(Number.POSITIVE_INFINITY);
});

test('when the overload is over the limit goes', () => {
  const { controller } = run(150, 100, 100);
  expect(Number.isFinite(controller.limit)).toBe(true);
  for (let i = 0; i < 50; i++) controller.sample(0.5, 30, 0);
  expect(controller.limit).toBe(Number.POSITIVE_INFINITY);
});

test('however long the overload lasts, some new requests are let in', () => {
  const controller = new LoadController();
  for (let i = 0; i < 10_000; i++) controller.sample(0, 0, 1000);
  expect(controller.limit).toBeGreaterThanOrEqual(50);
});
