import { describe, expect, test } from 'vitest';
import { highestRate } from '../bench/search.ts';
import type { SearchPlan } from '../bench/search.ts';

const PLAN: SearchPlan = { from: 500, probeSeconds: 1.5, holdSeconds: 5, tolerance: 0.05, retries: 1 };

/** A server that holds up to `limit`; `bad` probes, counted from 1, fail whatever they ask. */
function server(limit: number, bad: readonly number[] = []) {
  const asked: number[] = [];
  return {
    asked,
    probe: (rate: number, seconds: number) => {
      asked.push(rate);
      return Promise.resolve({ held: rate <= limit && !bad.includes(asked.length), report: { rate, seconds } });
    },
  };
}

describe('the highest rate that a server holds', () => {
  test.each([60, 501, 3217, 41_000])('is found within 6 %% of %d, and was held for the whole time', async (limit) => {
    const { rate, report } = await highestRate(server(limit).probe, PLAN);
    expect(rate).toBeLessThanOrEqual(limit);
    expect(rate).toBeGreaterThan(limit / 1.06);
    expect(report).toEqual({ rate, seconds: 5 });
  });

  test('is found although an early rate failed twice, as it does on a server that is not warm', async () => {
    const cold = server(3217, [3, 4]); // 2,000/s, and again
    const { rate } = await highestRate(cold.probe, PLAN);
    expect(cold.asked.slice(0, 4)).toEqual([500, 1000, 2000, 2000]);
    expect(rate).toBeGreaterThan(3217 / 1.06);
  });

  test('is none when not even a small one is held', async () => {
    expect(await highestRate(server(1).probe, PLAN)).toEqual({ rate: 0, report: undefined });
  });
});
