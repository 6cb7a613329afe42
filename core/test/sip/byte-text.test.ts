import { expect, test } from 'vitest';
import { decodeText, detach, encodeText, quote, unescapeUri, unquote } from '../../src/sip/index.ts';

test('Unicode and byte strings turn into each other, ASCII into itself', () => {
  expect(encodeText('J\u00fcrgen \u{1f600}')).toBe('J\xc3\xbcrgen \xf0\x9f\x98\x80');
  expect(decodeText('J\xc3\xbcrgen \xf0\x9f\x98\x80')).toBe('J\u00fcrgen \u{1f600}');
  expect([encodeText('alice'), decodeText('alice')]).toEqual(['alice', 'alice']);
});

test('bytes that are not UTF-8 become replacement characters and no error', () => {
  expect(decodeText('a\xffb')).toBe('a\ufffdb');
});

test('quoting and unquoting are the inverse of each other', () => {
  expect(quote('a "b" \\ c')).toBe('"a \\"b\\" \\\\ c"');
  expect(unquote(quote('a "b" \\ c'))).toBe('a "b" \\ c');
  expect([unquote('plain'), unquote('"'), unquote(''), unquote('""'), unquote('"\\\0"')]).toEqual(['plain', '"', '', '', '\0']);
});

test('escapes of URIs are resolved into bytes; what is none stays', () => {
  expect(unescapeUri('%61%20%c3%BC%ZZ%4')).toBe('a \xc3\xbc%ZZ%4');
});

test('a detached text says the same', () => {
  const parent = `Call-ID: ${'x'.repeat(40)}\xfc\r\n`;
  expect(detach(parent.slice(9))).toBe(parent.slice(9));
  expect(detach('short')).toBe('short');
});
