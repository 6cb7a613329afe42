import { expect, test } from 'vitest';
import { NonceMint } from '../src/nonce.ts';
import { NonceUses, WINDOW } from '../src/nonce-uses.ts';

const NOW = 1_700_000_000_000;
const LIFE = 300_000;
const mint = new NonceMint(LIFE);

test('a nonce is good for its address and its time', () => {
  const nonce = mint.issue(NOW, '192.0.2.1');
  expect(nonce).toMatch(/^[\w-]{38}$/);
  expect(mint.check(nonce, NOW + LIFE - 1, '192.0.2.1')).toEqual({ kind: 'fresh', issuedAt: NOW });
  expect(mint.check(nonce, NOW + LIFE, '192.0.2.1')).toEqual({ kind: 'expired', issuedAt: NOW });
  expect(mint.check(nonce, NOW, '192.0.2.2')).toEqual({ kind: 'foreign' });
  expect(new NonceMint(LIFE).check(nonce, NOW, '192.0.2.1')).toEqual({ kind: 'foreign' });
});

test('no two nonces are alike, even at the same moment', () => {
  expect(new Set(Array.from({ length: 100 }, () => mint.issue(NOW, 'a'))).size).toBe(100);
});

test('a nonce with any character changed, cut or added is not ours', () => {
  const nonce = mint.issue(NOW, 'a');
  for (let i = 0; i < nonce.length; i++) {
    const changed = nonce.slice(0, i) + (nonce[i] === 'A' ? 'B' : 'A') + nonce.slice(i + 1);
    expect(mint.check(changed, NOW, 'a').kind, changed).toBe('foreign');
    expect(mint.check(nonce.slice(0, i), NOW, 'a').kind).toBe('foreign');
  }
  for (const other of [`${nonce}=`, `${nonce}A`, ` ${nonce}`, nonce.replace(/.$/, '/')])
    expect(mint.check(other, NOW, 'a').kind).toBe('foreign');
});

test('RFC 7616 section 3.4: a nonce count is good once, in any order inside the window', () => {
  const uses = new NonceUses(10, LIFE);
  const use = (count: number): string => uses.use('n', NOW, count, NOW);
  expect([1, 2, 5, 3, 4].map(use)).toEqual(['new', 'new', 'new', 'new', 'new']);
  expect([1, 2, 3, 4, 5].map(use)).toEqual(['replay', 'replay', 'replay', 'replay', 'replay']);
  expect(use(5 + WINDOW)).toBe('new');
  expect(use(5 + WINDOW)).toBe('replay');
  expect(use(6)).toBe('new'); // 31 behind
  expect(use(5)).toBe('replay');
  expect(use(0xffffffff)).toBe('new');
  expect(use(0xffffffff)).toBe('replay');
  expect(use(0xfffffffe)).toBe('new');
});

test('a count of 0 is no count', () => {
  expect(new NonceUses(10, LIFE).use('n', NOW, 0, NOW)).toBe('replay');
});

test('the memory for nonces is bounded, and what was pushed out cannot be used again', () => {
  const uses = new NonceUses(3, LIFE);
  for (let i = 0; i < 10; i++) expect(uses.use(`n${i}`, NOW + i, 1, NOW + i)).toBe('new');
  expect(uses.size).toBe(3);
  for (let i = 0; i < 7; i++) expect(uses.use(`n${i}`, NOW + i, 1, NOW + 10)).toBe('forgotten');
  for (let i = 7; i < 10; i++) expect(uses.use(`n${i}`, NOW + i, 1, NOW + 10)).toBe('replay');
});

test('expired nonces are dropped first, and cost nobody anything', () => {
  const uses = new NonceUses(3, LIFE);
  for (let i = 0; i < 3; i++) uses.use(`old${i}`, NOW, 1, NOW);
  expect(uses.use('young', NOW + LIFE, 1, NOW + LIFE)).toBe('new');
  expect(uses.size).toBe(1);
});
