import { expect, test } from 'vitest';
import { SystemClock } from '../../src/clock/index.ts';

test('the system clock tells the time of day and never goes back', () => {
  const clock = new SystemClock();
  try {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    const first = clock.now();
    expect(clock.now()).toBeGreaterThanOrEqual(first);
  } finally {
    clock.stop();
  }
});
test('the system clock runs its timers, until it is stopped', async () => {
  const clock = new SystemClock();
  const fired = Promise.withResolvers<string>();
  clock.timers.start(20, fired.resolve as (word: unknown) => void, 'fired');
  await expect(fired.promise).resolves.toBe('fired');
  clock.stop();
  clock.timers.start(1, () => expect.unreachable());
});
