import { expect, test } from 'vitest';
import { ReplayCache } from '../../src/kerberos/replay-cache.ts';

const MINUTE = 60_000;
const authenticator = (n: number): Buffer => Buffer.from(`authenticator ${n}`);

test('an authenticator is good once, for as long as it is remembered', () => {
  const cache = new ReplayCache(10, 10, 10 * MINUTE);
  expect(cache.use(authenticator(1), 'alice', 0)).toBe('new');
  expect(cache.use(authenticator(1), 'alice', 9 * MINUTE)).toBe('replayed');
  expect(cache.use(authenticator(2), 'alice', 9 * MINUTE)).toBe('new');
  expect(cache.use(authenticator(1), 'alice', 10 * MINUTE)).toBe('new');
});

test('it is another one for another client no more than for the same', () => {
  const cache = new ReplayCache(10, 10, 10 * MINUTE);
  cache.use(authenticator(1), 'alice', 0);
  expect(cache.use(authenticator(1), 'bob', 0)).toBe('replayed');
});

test('memory is bounded: what cannot be remembered is refused, and room comes back with time', () => {
  const cache = new ReplayCache(3, 2, 10 * MINUTE);
  expect([1, 2, 3].map((n) => cache.use(authenticator(n), 'alice', n))).toEqual(['new', 'new', 'full']);
  expect([4, 5].map((n) => cache.use(authenticator(n), 'bob', n))).toEqual(['new', 'full']);
  expect(cache.size).toBe(3);
  expect(cache.use(authenticator(6), 'alice', 10 * MINUTE + 1)).toBe('new');
  expect(cache.use(authenticator(7), 'carol', 11 * MINUTE)).toBe('new');
  expect(cache.size).toBe(2);
});

test('one client cannot take the room of the others', () => {
  const cache = new ReplayCache(100, 5, 10 * MINUTE);
  for (let n = 0; n < 1000; n++) cache.use(authenticator(n), 'mallory', 0);
  expect(cache.size).toBe(5);
  expect(cache.use(authenticator(5000), 'alice', 0)).toBe('new');
});
