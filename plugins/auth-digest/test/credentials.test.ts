import { expect, test } from 'vitest';
import { readCredentials } from '../src/credentials.ts';

const read = (value: string): unknown => readCredentials(value, 'Authorization', 'example.com');
const BASE = 'Digest username="alice", realm="example.com", nonce="n", uri="sip:example.com", response="AB12"';

test('the credentials of a modern client are read', () => {
  expect(read(`${BASE}, algorithm=sha-256, qop=auth, nc=0000000a, cnonce="c,\\"d"`)).toEqual({
    usernames: ['alice'],
    realm: 'example.com',
    nonce: 'n',
    uri: 'sip:example.com',
    response: 'ab12',
    algorithm: 'SHA-256',
    qop: 'auth',
    nc: '0000000a',
    cnonce: 'c,\\"d',
  });
});

test('a client that names no algorithm means MD5, one without qop speaks RFC 2069', () => {
  expect(read(BASE)).toMatchObject({ algorithm: 'MD5', qop: undefined, nc: undefined });
});

test.each([
  ['EXAMPLE\\\\alice', ['EXAMPLE\\alice', 'EXAMPLE\\\\alice']],
  ['EXAMPLE\\alice', ['EXAMPLEalice', 'EXAMPLE\\alice']],
  ['j\u00c3\u00bcrgen', ['j\u00fcrgen']],
])('the user name %j may mean %j', (written, usernames) => {
  expect(read(BASE.replace('alice', () => written))).toMatchObject({ usernames });
});

test.each(['Basic dXNlcjpwYXNz', 'NTLM qop="auth", realm="example.com"', 'Bearer abc', BASE.replace('example.com', 'elsewhere')])(
  'credentials for others are left alone: %s',
  (value) => {
    expect(read(value)).toBeUndefined();
  },
);

test.each([
  [BASE.replace('username="alice", ', ''), 'username is missing'],
  [BASE.replace(', response="AB12"', ''), 'response is missing'],
  [BASE.replace('AB12', 'zz'), 'response is not hexadecimal'],
  [`${BASE}, qop=auth`, 'qop needs nc and cnonce'],
  [`${BASE}, qop=auth, nc=1, cnonce="c"`, 'nc is not eight'],
  [`${BASE}, nonce="other"`, 'nonce twice'],
  ['Digest realm="example.com', 'no name=value'],
])('%s is refused with 400', (value, found) => {
  expect(() => read(value)).toThrow(found);
  expect(() => read(value)).toThrow(expect.objectContaining({ status: 400 }) as Error);
});

test('cut anywhere, credentials are refused or left alone, never misread', () => {
  const whole = `${BASE}, qop=auth, nc=00000001, cnonce="c"`;
  for (let i = 0; i < whole.length; i++) {
    try {
      expect(read(whole.slice(0, i))).not.toMatchObject({ cnonce: 'c' });
    } catch (error) {
      expect(error).toMatchObject({ status: 400 });
    }
  }
});
