import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { DnsCache } from '../../src/transport/index.ts';

test('a full cache forgets what was not used for longest', () => {
  const cache = new DnsCache(new FakeClock(), { maxEntries: 2 });
  cache.put('A', 'one', ['192.0.2.1'], 60);
  cache.put('A', 'two', ['192.0.2.2'], 60);
  cache.get('A', 'one');
  cache.put('A', 'three', ['192.0.2.3'], 60);
  expect(cache.size).toBe(2);
  expect(cache.get('A', 'two')).toBeUndefined();
  expect(cache.get('A', 'one')?.records).toEqual(['192.0.2.1']);
});

test('no answer is kept for longer than the bound, whatever its TTL says', () => {
  const clock = new FakeClock();
  const cache = new DnsCache(clock, { maxTtlSeconds: 100, defaultTtlSeconds: 10, negativeTtlSeconds: 5, failureTtlSeconds: 1 });
  cache.put('A', 'long', ['192.0.2.1'], 1_000_000);
  cache.put('SRV', 'untold', [{ priority: 0, weight: 0, port: 1, name: 'x' }]);
  cache.put('A', 'nothing', [], 1_000_000);
  cache.putFailure('A', 'failed', 'SERVFAIL');
  const left = () =>
    [cache.get('A', 'long'), cache.get('SRV', 'untold'), cache.get('A', 'nothing'), cache.get('A', 'failed')].map((e) => e !== undefined);
  expect(left()).toEqual([true, true, true, true]);
  clock.advance(1_000);
  expect(left()).toEqual([true, true, true, false]);
  clock.advance(4_000);
  expect(left()).toEqual([true, true, false, false]);
  clock.advance(5_000);
  expect(left()).toEqual([true, false, false, false]);
  clock.advance(90_000);
  expect(left()).toEqual([false, false, false, false]);
});
