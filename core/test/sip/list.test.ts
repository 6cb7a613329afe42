import { expect, test } from 'vitest';
import { splitList } from '../../src/sip/index.ts';

test.each([
  ['', []],
  ['a', ['a']],
  ['a, b ,c', ['a', 'b', 'c']],
  [',a,,b,', ['a', 'b']],
  ['"a,b" <sip:c>, <sip:d,e>;x="f,\\",g"', ['"a,b" <sip:c>', '<sip:d,e>;x="f,\\",g"']],
  ['SIP/2.0/UDP a (one, two (three, four)), SIP/2.0/UDP b', ['SIP/2.0/UDP a (one, two (three, four))', 'SIP/2.0/UDP b']],
  ['sip:a(b@c.example, sip:d)e@c.example', ['sip:a(b@c.example', 'sip:d)e@c.example']],
  ['(never closed, a', ['(never closed', 'a']],
  ['"never closed, a', ['"never closed', 'a']],
  ['<never closed, a', ['<never closed', 'a']],
  ['INVITE, ACK,\tBYE', ['INVITE', 'ACK', 'BYE']],
])('commas split %j only where they stand between elements', (value, elements) => {
  expect(splitList(value)).toEqual(elements);
});

test.each([' (', '"\\"', ',<', ',"', ', (', '<,'])('%j over and over is split in linear time, or this test would not end', (piece) => {
  expect(splitList(piece.repeat(64_000)).length).toBeGreaterThan(0);
});
