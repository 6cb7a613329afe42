import { expect, test } from 'vitest';
import { limitKey } from '../src/limit-key.ts';
import { SignInLimitsConfig } from '../src/sign-in-limits-config.ts';
import { SignInLimits } from '../src/sign-in-limits.ts';
import { TokenBuckets } from '../src/token-buckets.ts';

const NOW = 1_700_000_000_000;
const limits = (settings: object): SignInLimits => new SignInLimits(SignInLimitsConfig.parse(settings));

test('a bucket gives its tokens, then one for each time that refills it', () => {
  const buckets = new TokenBuckets(2, 6, 10);
  expect([buckets.take('a', NOW), buckets.take('a', NOW)]).toEqual([false, true]);
  expect(buckets.isEmpty('a', NOW)).toBe(true);
  expect(buckets.secondsToWait('a', NOW)).toBe(10);
  expect(buckets.isEmpty('a', NOW + 10_000)).toBe(false);
  expect(buckets.isEmpty('b', NOW)).toBe(false);
});

test('buckets are bounded: the key not used for longest goes; full ones are swept', () => {
  const buckets = new TokenBuckets(2, 6, 3);
  for (const key of ['a', 'b', 'c', 'a', 'd']) buckets.take(key, NOW);
  expect(buckets.size).toBe(3);
  expect(buckets.isEmpty('a', NOW)).toBe(true);
  buckets.sweep(NOW + 60_000);
  expect(buckets.size).toBe(0);
});

test('an address that fails on many users is refused, others are not', () => {
  const l = limits({ perAddress: 3, perAddressMinute: 6 });
  expect(['a', 'b', 'c'].map((user) => l.failed('192.0.2.1', user, NOW))).toEqual([undefined, undefined, 'address']);
  expect(l.refuse('192.0.2.1', 'd', NOW)).toEqual({ limit: 'address', retryAfterSeconds: 10 });
  expect(l.refuse('192.0.2.2', 'd', NOW)).toBeUndefined();
  expect(l.refuse('192.0.2.1', 'd', NOW + 10_000)).toBeUndefined();
});

test('a user who is tried from many addresses is refused to strangers, but not where the user has signed in before', () => {
  const l = limits({ perUser: 3, perUserMinute: 2 });
  l.succeeded('198.51.100.7', 'alice');
  for (let i = 0; i < 3; i++) l.failed(`192.0.2.${i}`, 'alice', NOW);
  expect(l.refuse('192.0.2.99', 'alice', NOW)).toEqual({ limit: 'user', retryAfterSeconds: 30 });
  expect(l.refuse('198.51.100.7', 'alice', NOW)).toBeUndefined();
  expect([1, 2, 3].map(() => l.failed('198.51.100.7', 'alice', NOW))).toEqual([undefined, undefined, 'user']);
  expect(l.refuse('198.51.100.7', 'alice', NOW)?.limit).toBe('user');
});

test('a broken phone behind a NAT does not lock out the colleagues who signed in there', () => {
  const l = limits({ perAddress: 2, perUser: 100 });
  l.succeeded('198.51.100.7', 'alice');
  for (let i = 0; i < 5; i++) l.failed('198.51.100.7', 'broken', NOW);
  expect(l.refuse('198.51.100.7', 'broken', NOW)?.limit).toBe('address');
  expect(l.refuse('198.51.100.7', 'alice', NOW)).toBeUndefined();
});

test('the places that users signed in from are bounded, too', () => {
  const l = limits({ maxKeys: 100, perAddress: 1 });
  for (let i = 0; i <= 100; i++) l.succeeded('192.0.2.1', `u${i}`);
  l.failed('192.0.2.1', 'x', NOW);
  expect(l.refuse('192.0.2.1', 'u0', NOW)?.limit).toBe('address');
  expect(l.refuse('192.0.2.1', 'u1', NOW)).toBeUndefined();
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('attempts from %s are counted under %s', (host, key) => {
  expect(limitKey(host)).toBe(key);
});
