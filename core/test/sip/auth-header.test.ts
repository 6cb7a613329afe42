import { expect, test } from 'vitest';
import { H, parseAuth, parseCredentials } from '../../src/sip/index.ts';
import { optionsLines, request, wire } from './samples.ts';

const DIGEST =
  'Digest username="EXAMPLE\\\\alice", realm="example, com",nonce = "84a4cc6f" , uri="sip:bob@example.com", response="7587245234b3434c", algorithm=MD5, qop=auth, nc=00000001, opaque=""';

test('credentials come apart at the commas that stand between parameters', () => {
  const auth = parseAuth(DIGEST);
  expect(auth.scheme).toBe('Digest');
  expect(auth.is('DIGEST')).toBe(true);
  expect(auth.get('USERNAME')).toBe('EXAMPLE\\alice');
  expect(auth.inner('username')).toBe('EXAMPLE\\\\alice');
  expect(auth.get('realm')).toBe('example, com');
  expect(auth.get('nonce')).toBe('84a4cc6f');
  expect(auth.params.get('nonce')).toBe('"84a4cc6f"');
  expect([auth.get('algorithm'), auth.inner('algorithm'), auth.get('nc'), auth.get('opaque'), auth.get('cnonce')]).toEqual([
    'MD5',
    'MD5',
    '00000001',
    '',
    undefined,
  ]);
});

test('what was read is written in the same words', () => {
  const text = 'NTLM qop="auth", opaque="2BDBAC9D", gssapi-data="TlRMTVNTUAAB==", version=3';
  expect(parseAuth(text, 'WWW-Authenticate').toString()).toBe(text);
  expect(parseAuth('Negotiate').toString()).toBe('Negotiate');
});

test('RFC 4475 3.3.7: a scheme that nobody knows is read all the same', () => {
  expect(parseAuth('NoOneKnowsThisScheme opaque-data=here')).toMatchObject({ scheme: 'NoOneKnowsThisScheme' });
});

test.each([
  ['no scheme', ''],
  ['no scheme', '"x"'],
  ['no scheme', 'Digest,realm="x"'],
  ['no name=value', 'Digest realm'],
  ['no name=value', 'Digest realm='],
  ['no name=value', 'Digest realm="x'],
  ['no name=value', 'Digest realm="x", '.concat(',nonce="y"')],
  ['no comma between parameters', 'Digest nc=a"b'],
  ['no comma between parameters', 'Digest realm="x" nonce="y"'],
  ['realm twice', 'Digest realm="x", Realm="y"'],
])('%s is refused: %j', (problem, text) => {
  expect(() => parseAuth(text, 'Proxy-Authorization')).toThrow(/^Proxy-Authorization is malformed/);
  expect(() => parseAuth(text)).toThrow(problem);
});

test('a message may carry several credentials, one a field', () => {
  const message = request(wire(optionsLines('Authorization: Digest realm="a"', 'Proxy-Authorization: Digest realm="b"')));
  message.append(H.Authorization, 'NTLM qop="auth"');
  expect(parseCredentials(message).map(String)).toEqual(['Digest realm="a"', 'NTLM qop="auth"']);
  expect(parseCredentials(message, H.ProxyAuthorization).map((auth) => auth.get('realm'))).toEqual(['b']);
});
