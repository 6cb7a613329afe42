import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { challenge, digestResponse, sameResponse } from '../src/digest.ts';
import type { Algorithm, DigestInput } from '../src/digest.ts';

const HASH = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
const ha1 = (algorithm: Algorithm, text: string): Buffer => createHash(HASH[algorithm]).update(text).digest();
const NO_BODY = Buffer.alloc(0);

// RFC 2617 section 3.5
test('RFC 2617: the example of Mufasa', () => {
  const input: DigestInput = {
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: 'auth',
    nc: '00000001',
    cnonce: '0a4f113b',
    body: NO_BODY,
  };
  expect(digestResponse('MD5', ha1('MD5', 'Mufasa:testrealm@host.com:Circle Of Life'), input)).toBe('6629fae49393a05397450978507c4ef1');
});

// RFC 7616 section 3.9.1
const RFC7616: DigestInput = {
  method: 'GET',
  uri: '/dir/index.html',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  qop: 'auth',
  nc: '00000001',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  body: NO_BODY,
};
test.each([
  ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
] as const)('RFC 7616 and RFC 8760: the example with %s', (algorithm, response) => {
  expect(digestResponse(algorithm, ha1(algorithm, 'Mufasa:http-auth@example.org:Circle of Life'), RFC7616)).toBe(response);
});

test('RFC 3261 section 22.4: a SIP request is digested like any other, method and Request-URI first', () => {
  const secret = ha1('MD5', 'bob:biloxi.com:zanzibar');
  const input: DigestInput = {
    method: 'INVITE',
    uri: 'sip:bob@biloxi.com',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: 'auth',
    nc: '00000001',
    cnonce: '0a4f113b',
    body: NO_BODY,
  };
  // draft-smith-sipping-auth-examples-01, sections 3.3, 3.2 and 3.4
  expect(digestResponse('MD5', secret, input)).toBe('89eb0059246c02b2f6ee02c7961d5ea3');
  expect(digestResponse('MD5', secret, { ...input, qop: undefined, nc: undefined, cnonce: undefined })).toBe(
    'bf57e4e0d0bffc0fbaedce64d59add5e',
  );
});

test('auth-int signs the body, auth does not', () => {
  const secret = ha1('SHA-256', 'alice:example.com:Wonderland 7');
  const signed = { ...RFC7616, qop: 'auth-int', body: Buffer.from('hello') };
  expect(digestResponse('SHA-256', secret, signed)).not.toBe(digestResponse('SHA-256', secret, { ...signed, body: Buffer.from('hullo') }));
  const plain = { ...RFC7616, body: Buffer.from('hello') };
  expect(digestResponse('SHA-256', secret, plain)).toBe(digestResponse('SHA-256', secret, RFC7616));
});

test('responses of different length or content are not the same', () => {
  expect(sameResponse('ab', 'ab')).toBe(true);
  expect(sameResponse('ab', 'ac')).toBe(false);
  expect(sameResponse('ab', 'abc')).toBe(false);
});

test('a challenge names realm, nonce, algorithm and qop, and quotes what it must', () => {
  expect(challenge('a "b" c', 'n1', 'SHA-256', ['auth', 'auth-int'], true)).toBe(
    'Digest realm="a \\"b\\" c", nonce="n1", stale=true, algorithm=SHA-256, qop="auth,auth-int"',
  );
  expect(challenge('example.com', 'n1', 'MD5', ['auth'], false)).toBe('Digest realm="example.com", nonce="n1", algorithm=MD5, qop="auth"');
});
