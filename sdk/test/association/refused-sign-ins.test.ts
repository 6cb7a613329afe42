import { Inbound } from '@parley/core';
import { expect, test } from 'vitest';
import { RefusedSignIns } from '../../src/association/index.ts';
import { Client, World, flow } from './support.ts';

/** What one log of refusals has written. */
function refusals() {
  const lines: { readonly suppressed?: number; readonly text: string | undefined }[] = [];
  const log = { info: (fields: { suppressed?: number }, text?: string) => void lines.push({ ...fields, text }) };
  const inbound = new Inbound(new Client(new World()).request('REGISTER'), flow());
  const refused = new RefusedSignIns(log as never, 'NTLM');
  return { lines, tell: (detail: string, now: number) => refused.tell(inbound, detail, now) };
}

test('a refusal is told with who, from where and how', () => {
  const { lines, tell } = refusals();
  tell('wrong password for bob', 0);
  expect(lines).toEqual([
    { from: 'alice@example.com', address: '198.51.100.7', scheme: 'NTLM', text: 'sign-in failed: wrong password for bob' },
  ]);
});

test('the same refusal is told once in ten seconds; the next line says how many were left out', () => {
  const { lines, tell } = refusals();
  for (const now of [0, 1, 9_999]) tell('wrong password for bob', now);
  expect(lines).toHaveLength(1);
  tell('wrong password for carol', 9_999);
  tell('wrong password for bob', 10_000);
  expect(lines.map(({ suppressed }) => suppressed)).toEqual([undefined, 2, undefined]);
});

test('twenty different ones are told in ten seconds, however many there are', () => {
  const { lines, tell } = refusals();
  for (let i = 0; i < 1000; i++) tell(`nobody has the sign-in name guess-${i}`, 0);
  expect(lines).toHaveLength(20);
  tell('one more', 10_000);
  expect(lines.at(-1)?.suppressed).toBe(980);
});

test('no line is longer than somebody needs to read', () => {
  const { lines, tell } = refusals();
  tell('x'.repeat(10_000), 0);
  expect(lines[0]?.text?.length).toBeLessThan(600);
});
