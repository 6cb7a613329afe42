import { expect, test } from 'vitest';
import { orderSrv } from '../../src/transport/srv-order.ts';

function record(name: string, priority: number, weight: number) {
  return { name, priority, weight, port: 5060 };
}

test('RFC 2782: lower priorities come first', () => {
  const order = orderSrv([record('c', 20, 1), record('a', 5, 1), record('b', 10, 1)], () => 0.5);
  expect(order.map((r) => r.name)).toEqual(['a', 'b', 'c']);
});

test('RFC 2782: within a priority records are drawn in proportion to their weight', () => {
  const records = [record('light', 1, 10), record('heavy', 1, 30)];
  const draws = 4000;
  let heavyFirst = 0;
  for (let i = 0; i < draws; i++) {
    if (orderSrv(records, () => i / draws)[0]?.name === 'heavy') heavyFirst++;
  }
  expect(heavyFirst / draws).toBeCloseTo(0.75, 1);
});

test('RFC 2782: weight 0 has a small chance beside others, and all records are tried', () => {
  const records = [record('zero', 1, 0), record('ten', 1, 10)];
  expect(orderSrv(records, () => 0).map((r) => r.name)).toEqual(['zero', 'ten']);
  expect(orderSrv(records, () => 0.99).map((r) => r.name)).toEqual(['ten', 'zero']);
  expect(orderSrv([record('a', 1, 0), record('b', 1, 0)], () => 0.99)).toHaveLength(2);
});
