import { expect, test } from 'vitest';
import { Params, parseValueWithParams } from '../../src/sip/index.ts';

test('names compare without case, values are kept byte for byte and in order', () => {
  const params = Params.parse(';Tag=AbC;lr;x="a;\\"b";tag=second;e=');
  expect(params.get('TAG')).toBe('AbC');
  expect(params.get('LR')).toBe(true);
  expect(params.get('x')).toBe('"a;\\"b"');
  expect(params.get('e')).toBe('');
  expect(params.get('none')).toBeUndefined();
  expect([params.has('lr'), params.has('l'), params.text('lr'), params.text('tag')]).toEqual([true, false, undefined, 'AbC']);
  expect(params.toString()).toBe(';Tag=AbC;lr;x="a;\\"b";tag=second;e=');
  expect(params.size).toBe(5);
});

test('the first semicolon may be missing, empty parameters and white space are passed over', () => {
  expect(Params.parse(' a = 1 ;; b;  ').toString()).toBe(';a=1;b');
  expect(Params.parse('').toString()).toBe('');
  expect(Params.parse(';;;').size).toBe(0);
  expect(Params.parse('=x;a').toString()).toBe(';a');
  expect(Params.parse('a="never closed;b').toString()).toBe(';a="never closed;b');
});

test('with() replaces in place or adds at the end, without() takes every one out, and the old ones stay', () => {
  const params = Params.parse('a=1;B;a=2');
  expect(params.with('A', '9').toString()).toBe(';a=9;B;a=2');
  expect(params.with('c', true).toString()).toBe(';a=1;B;a=2;c');
  expect(params.without('A').toString()).toBe(';B');
  expect(params.without('z')).toBe(params);
  expect(params.toString()).toBe(';a=1;B;a=2');
  expect(Params.NONE.with('x', 'y').toString()).toBe(';x=y');
  expect(Params.of([])).toBe(Params.NONE);
});

test.each([
  ['presence;id=7', 'presence', ';id=7'],
  ['active ; expires=3600;retry-after="5"', 'active', ';expires=3600;retry-after="5"'],
  ['text/plain', 'text/plain', ''],
  [' multipart/mixed; boundary="a;b" ', 'multipart/mixed', ';boundary="a;b"'],
  ['', '', ''],
  [';x', '', ';x'],
])('a value with parameters: %j', (text, value, params) => {
  const read = parseValueWithParams(text);
  expect([read.value, read.params.toString()]).toEqual([value, params]);
});
