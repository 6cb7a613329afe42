import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { MAX_REQUEST_BYTES, requestedKey } from '../src/pkcs10.ts';
import { request, rsaKeys } from './requests.ts';

vi.setConfig({ testTimeout: 30_000 });

const refusedAs = (code: string): Error => expect.objectContaining({ code }) as Error;

test.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('MS-OCAUTHWS R12: a request signed with RSA and %s is taken', (hash) => {
  expect(requestedKey(request({ hash })).equals(createPublicKey(rsaKeys(2048).publicKey))).toBe(true);
});

test('MS-OCAUTHWS R12: subject, version and extensions of a request are not looked at', () => {
  expect(requestedKey(request({ version: 0, extensions: true, subject: 'somebody else' })).asymmetricKeyType).toBe('rsa');
});

test('MS-OCAUTHWS R12: a request that another key has signed is refused', () => {
  expect(() => requestedKey(request({ publicKey: rsaKeys(1024).publicKey }))).toThrow(refusedAs('PKI_REQUEST_SIGNATURE'));
});

test('MS-OCAUTHWS R12: a request that was changed after it was signed is refused', () => {
  const changed = request();
  const at = changed.indexOf('alice@example.com');
  changed.write('mallory@examp.com', at, 'latin1');
  expect(() => requestedKey(changed)).toThrow(refusedAs('PKI_REQUEST_SIGNATURE'));
});

test('a request signed with MD5 is refused: others can make one with the same hash', () => {
  expect(() => requestedKey(request({ hash: 'md5' }))).toThrow(refusedAs('PKI_REQUEST_SIGNATURE'));
});

test('keys shorter than 1024 bits are refused, and 1024 bits are not', () => {
  expect(() => requestedKey(request({ bits: 768 }))).toThrow(/an RSA key of 768 bits/);
  expect(requestedKey(request({ bits: 1024 })).asymmetricKeyDetails?.modulusLength).toBe(1024);
});

test('a key that is not RSA is refused by its kind', () => {
  // The elements of an RSA request around an EC key: the key is judged before the signature.
  const { publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const sequence = (...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(0x30, 0x82, content.length >> 8, content.length & 0xff), content]);
  };
  const information = sequence(Buffer.of(2, 1, 0), sequence(), publicKey);
  const whole = sequence(information, sequence(Buffer.from('06092a864886f70d01010b', 'hex')), Buffer.of(3, 2, 0, 0));
  expect(() => requestedKey(whole)).toThrow(/a key of type ec/);
});

test('a request is refused, not misread, wherever it is cut off', () => {
  const whole = request();
  for (let length = 0; length < whole.length; length++) {
    expect(() => requestedKey(whole.subarray(0, length))).toThrow(refusedAs('PKI_REQUEST_MALFORMED'));
  }
  expect(() => requestedKey(Buffer.concat([whole, Buffer.of(0)]))).toThrow(/1 bytes follow its end/);
});

test('a request with any one byte changed is refused with an error of its own, or is for the same key', () => {
  const whole = request();
  const key = createPublicKey(rsaKeys(2048).publicKey);
  let taken = 0;
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(whole.readUInt8(at) ^ 0x55, at);
    try {
      expect(requestedKey(changed).equals(key)).toBe(true);
      taken++;
    } catch (error) {
      expect(error, `byte ${at}`).toMatchObject({ code: expect.stringMatching(/^PKI_REQUEST_/) as string });
    }
  }
  expect(taken).toBe(2); // the NULL behind the algorithm, which nothing depends on
});

test('a request beyond the limit is refused before it is read', () => {
  expect(() => requestedKey(Buffer.alloc(MAX_REQUEST_BYTES + 1, 0x30))).toThrow(/it has 8193 bytes/);
});
