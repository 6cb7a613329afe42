import { expect, test } from 'vitest';
import { AnswerMemory } from '../../src/transaction/answer-memory.ts';

const text = (answer: Buffer | undefined): string | undefined => answer?.toString('latin1');

test('RFC 3261 17.2.2: the answer to a request is given again until timer J has run out, and not after it', () => {
  const memory = new AnswerMemory(32_000);
  memory.remember('branch 1', Buffer.from('SIP/2.0 200 OK'), 1000);
  expect(text(memory.recall('branch 1', 32_999))).toBe('SIP/2.0 200 OK');
  expect(memory.recall('branch 2', 32_999)).toBeUndefined();
  expect(memory.recall('branch 1', 33_000)).toBeUndefined();
  expect(memory.size).toBe(0);
});

test('a hundred thousand answers are told apart, while old ones go and new ones come', () => {
  const memory = new AnswerMemory(1000);
  for (let i = 0; i < 100_000; i++) memory.remember(`z9hG4bK${i} 192.0.2.1 5060 REGISTER`, Buffer.from(`answer ${i}`), i / 50);
  expect(memory.size).toBe(50_000);
  for (let i = 0; i < 100_000; i += 97) {
    expect(text(memory.recall(`z9hG4bK${i} 192.0.2.1 5060 REGISTER`, 1999.98))).toBe(i < 50_000 ? undefined : `answer ${i}`);
  }
});

test('beyond its limits it forgets the oldest first', () => {
  const memory = new AnswerMemory(1000, { entries: 3, bytes: 4 << 20 });
  for (const key of ['a', 'b', 'c', 'd']) memory.remember(key, Buffer.from(key), 0);
  expect(['a', 'b', 'c', 'd'].map((key) => text(memory.recall(key, 1)))).toEqual([undefined, 'b', 'c', 'd']);
  const large = new AnswerMemory(1000, { entries: 1000, bytes: 4 << 20 });
  for (let i = 0; i < 100; i++) large.remember(`${i}`, Buffer.alloc(100_000, i), 0);
  expect(large.recall('0', 1)).toBeUndefined();
  expect(large.recall('99', 1)).toEqual(Buffer.alloc(100_000, 99));
});
