import { expect, test } from 'vitest';
import { isLogin, normaliseAor } from '../src/names.ts';
import { normalisePhone } from '../src/phone.ts';

test.each([
  ['sip:Alice@Example.COM', 'alice@example.com'],
  ['  sips:alice@example.com ', 'alice@example.com'],
  ['alice.o-neil+work@example.com', 'alice.o-neil+work@example.com'],
  ['sip:+14255550100@example.com', '+14255550100@example.com'],
])('the address %s is kept as %s', (text, aor) => {
  expect(normaliseAor(text)).toBe(aor);
});

test.each([
  '',
  'alice',
  '@example.com',
  'alice@',
  'sip:alice@example.com;transport=tcp',
  'alice@example.com:5060',
  'a b@example.com',
  'ü@example.com',
])('the address "%s" is refused', (text) => {
  expect(normaliseAor(text)).toBeUndefined();
});

test('an address of more than 256 characters is refused', () => {
  expect(normaliseAor(`${'a'.repeat(256)}@example.com`)).toBeUndefined();
});

test.each(['EXAMPLE\\alice', 'alice@corp.example', 'alice', 'jürgen@corp.example'])('%s is a sign-in name', (login) => {
  expect(isLogin(login)).toBe(true);
});

test.each(['', 'a b', 'A\\b\\c', 'a@b@c', '"alice"', 'alice\u0000', '\\alice', 'x'.repeat(257)])('"%s" is no sign-in name', (login) => {
  expect(isLogin(login)).toBe(false);
});

test.each([
  ['+14255550100', '+14255550100'],
  ['tel:+1 (425) 555-0100', '+14255550100'],
  ['+49.30.1234-56', '+4930123456'],
  ['TEL:+1-425-555-0100;ext=1-00', '+14255550100;ext=100'],
  ['tel:+14255550100;phone-context=example.com', '+14255550100'],
])('the number %s is kept as %s', (text, number) => {
  expect(normalisePhone(text)).toBe(number);
});

test.each(['', '4255550100', '+0425555', '+1425555010012345', '+1', '+1425CALLME', '+14255550100;ext=', '+14255550100;ext=x'])(
  'the number "%s" is refused: only the one who dials it would know what it means',
  (text) => {
    expect(normalisePhone(text)).toBeUndefined();
  },
);
