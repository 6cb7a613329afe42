import { expect, test } from 'vitest';
import { DskKeys, macHash } from '../src/session-keys.ts';

/** Bytes 0x00 to 0x7F, so that the client's key is 0x40..0x5F and the server's 0x60..0x7F: the vectors of the fact sheet. */
const MATERIAL = Buffer.from(Array.from({ length: 128 }, (_, i) => i));
const REQUEST =
  '<TLS-DSK><1a2b3c4d><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><sip:alice@example.com><><><><>';
const RESPONSE =
  '<TLS-DSK><9E8D7C6B><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><sip:alice@example.com><AABBCCDD><><><7200><200>';
const REQUEST_SIGNATURE = 'e4439dd6efe5077bb3720cdd4f89c4259532c8af';

const keys = new DskKeys(MATERIAL, 'sha1', '');

test('MS-SIPAE R9: the vector of a request verifies, in hexadecimal of either case', () => {
  expect(keys.verify(REQUEST, REQUEST_SIGNATURE)).toBe(true);
  expect(keys.verify(REQUEST, REQUEST_SIGNATURE.toUpperCase())).toBe(true);
});

test('MS-SIPAE R13: the vector of a response comes out', () => {
  expect(keys.sign(RESPONSE)).toBe('d239737aee62936374475157fe56040ba53eba83');
});

test('MS-SIPAE R9: a signature that is altered, cut, long, no hexadecimal, or of the other direction does not verify', () => {
  const wrong = [
    `f${REQUEST_SIGNATURE.slice(1)}`,
    REQUEST_SIGNATURE.slice(2),
    `${REQUEST_SIGNATURE}00`,
    `${REQUEST_SIGNATURE.slice(2)}zz`,
    '',
    keys.sign(REQUEST),
  ];
  for (const signature of wrong) expect(keys.verify(REQUEST, signature), signature).toBe(false);
  expect(keys.verify(REQUEST.replace('<1>', '<2>'), REQUEST_SIGNATURE)).toBe(false);
});

test('the signature is as long as the hash of the cipher suite', () => {
  const lengths = ['md5', 'sha1', 'sha256', 'sha384'].map((hash) => new DskKeys(MATERIAL, hash, '').sign(REQUEST).length / 2);
  expect(lengths).toEqual([16, 20, 32, 48]);
});

test.each([
  ['RC4-MD5', 'md5'],
  ['AES128-SHA', 'sha1'],
  ['ECDHE-RSA-AES128-SHA256', 'sha256'],
  ['ECDHE-RSA-AES256-SHA384', 'sha384'],
  ['AES128-GCM-SHA256', undefined],
  ['ECDHE-RSA-CHACHA20-POLY1305', undefined],
])('%s signs with %s', (cipher, hash) => {
  expect(macHash(cipher)).toBe(hash);
});

test('a text of bytes beyond ASCII is signed byte by byte', () => {
  // Header text is kept one character a byte.
  expect(keys.sign('\u00c3\u00a4')).not.toBe(keys.sign('\u00e4'));
});

test('key material of another length is refused', () => {
  expect(() => new DskKeys(MATERIAL.subarray(1), 'sha1', '')).toThrow(RangeError);
});
