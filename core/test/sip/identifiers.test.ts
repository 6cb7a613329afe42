import { expect, test } from 'vitest';
import { newBranch, newCallId, newTag, reasonPhrase } from '../../src/sip/index.ts';

test('branches begin with the magic cookie, and no two of 10,000 are the same', () => {
  const branches = new Set(Array.from({ length: 10_000 }, newBranch));
  expect(branches.size).toBe(10_000);
  for (const branch of branches) expect(branch).toMatch(/^z9hG4bK[0-9a-f]{16}\.[0-9a-z]+$/);
});

test('RFC 3261 19.3: tags have more than 32 random bits', () => {
  expect(newTag()).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(Array.from({ length: 1_000 }, newTag)).size).toBe(1_000);
});

test('Call-IDs are unique at our host', () => {
  expect(newCallId('proxy.example.com')).toMatch(/^[0-9a-f]{24}@proxy\.example\.com$/);
  expect(newCallId('h')).not.toBe(newCallId('h'));
});

test('a status without a phrase of its own gets that of its class', () => {
  expect([reasonPhrase(200), reasonPhrase(486), reasonPhrase(499), reasonPhrase(699), reasonPhrase(99)]).toEqual([
    'OK',
    'Busy Here',
    'Bad Request',
    'Busy Everywhere',
    'Unknown',
  ]);
});
