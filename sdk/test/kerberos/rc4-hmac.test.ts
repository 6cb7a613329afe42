import { expect, test } from 'vitest';
import { RC4_HMAC } from '../../src/kerberos/rc4-hmac.ts';
import { rc4 } from '../../src/kerberos/rc4.ts';

// RFC 6229 section 2: the first 16 bytes of the key stream.
test.each([
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8'],
  ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97'],
] as const)('RFC 6229: the key stream of %s', (key, stream) => {
  expect(rc4(Buffer.from(key, 'hex'), Buffer.alloc(16)).toString('hex')).toBe(stream);
});

test('another key, another usage, one bit or a missing byte: nothing comes out', () => {
  const key = Buffer.alloc(16, 7);
  const ciphertext = RC4_HMAC.cipher(key, 2).encrypt(Buffer.from('secret'));
  expect(RC4_HMAC.cipher(key, 2).decrypt(ciphertext)).toEqual(Buffer.from('secret'));
  expect(RC4_HMAC.cipher(Buffer.alloc(16, 8), 2).decrypt(ciphertext)).toBeUndefined();
  expect(RC4_HMAC.cipher(key, 11).decrypt(ciphertext)).toBeUndefined();
  for (let at = 0; at < ciphertext.length; at++) {
    const altered = Buffer.from(ciphertext);
    altered[at] = (altered[at] as number) ^ 1;
    expect(RC4_HMAC.cipher(key, 2).decrypt(altered)).toBeUndefined();
    expect(RC4_HMAC.cipher(key, 2).decrypt(ciphertext.subarray(0, at))).toBeUndefined();
  }
});
