import { pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { decryptCts, encryptCts } from '../../src/kerberos/aes-cts.ts';
import { AES128_SHA1, AES256_SHA1, deriveAesKey } from '../../src/kerberos/aes-sha1.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

// RFC 3962 appendix B: "chicken teriyaki" and the beginning of one sentence.
const CHICKEN = Buffer.from('chicken teriyaki');
const SENTENCE = Buffer.from("I would like the General Gau's Chicken, please, and wonton soup.");
test.each([
  [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
  [31, 'fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5'],
  [32, '39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584'],
  [47, '97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5'],
  [48, '97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8'],
  [64, '97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8'],
] as const)('RFC 3962 appendix B: %i bytes in CBC mode with ciphertext stealing', (length, expected) => {
  const plaintext = SENTENCE.subarray(0, length);
  expect(encryptCts(CHICKEN, plaintext).toString('hex')).toBe(expected);
  expect(decryptCts(CHICKEN, hex(expected))).toEqual(plaintext);
});

test('ciphertext stealing needs a block to steal from', () => {
  expect(() => encryptCts(CHICKEN, Buffer.alloc(15))).toThrow(RangeError);
  expect(() => decryptCts(CHICKEN, Buffer.alloc(0))).toThrow(RangeError);
});

// RFC 3962 appendix B: keys from pass phrases, which are DK(PBKDF2(...), "kerberos").
test.each([
  [
    1,
    'password',
    'ATHENA.MIT.EDUraeburn',
    '42263c6e89f4fc28b8df68ee09799f15',
    'fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161',
  ],
  [
    2,
    'password',
    'ATHENA.MIT.EDUraeburn',
    'c651bf29e2300ac27fa469d693bdda13',
    'a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff',
  ],
  [
    1200,
    'password',
    'ATHENA.MIT.EDUraeburn',
    '4c01cd46d632d01e6dbe230a01ed642a',
    '55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a',
  ],
  [
    5,
    'password',
    hex('1234567878563412'),
    'e9b23d52273747dd5c35cb55be619d8e',
    '97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31',
  ],
  [
    1200,
    'X'.repeat(64),
    'pass phrase equals block size',
    '59d1bb789a828b1aa54ef9c2883f69ed',
    '89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34',
  ],
] as const)('RFC 3962 appendix B: derived keys after %i rounds', (rounds, phrase, salt, key128, key256) => {
  for (const expected of [key128, key256]) {
    const random = pbkdf2Sync(phrase, salt, rounds, expected.length / 2, 'sha1');
    expect(deriveAesKey(random, Buffer.from('kerberos')).toString('hex')).toBe(expected);
  }
});

test.each([AES128_SHA1, AES256_SHA1])('$name: what was encrypted comes back, at every length around a block', (enctype) => {
  const cipher = enctype.cipher(Buffer.alloc(enctype.keyBytes, 7), 2);
  for (const length of [0, 1, 15, 16, 17, 31, 32, 33]) {
    const plaintext = Buffer.alloc(length, length);
    const ciphertext = cipher.encrypt(plaintext);
    expect(ciphertext).toHaveLength(16 + length + 12);
    expect(cipher.decrypt(ciphertext)).toEqual(plaintext);
  }
});

test.each([AES128_SHA1, AES256_SHA1])('$name: another key, another usage, one bit or a missing byte: nothing comes out', (enctype) => {
  const key = Buffer.alloc(enctype.keyBytes, 7);
  const ciphertext = enctype.cipher(key, 2).encrypt(Buffer.from('secret'));
  expect(enctype.cipher(Buffer.alloc(enctype.keyBytes, 8), 2).decrypt(ciphertext)).toBeUndefined();
  expect(enctype.cipher(key, 11).decrypt(ciphertext)).toBeUndefined();
  for (let at = 0; at < ciphertext.length; at++) {
    const altered = Buffer.from(ciphertext);
    altered[at] = (altered[at] as number) ^ 1;
    expect(enctype.cipher(key, 2).decrypt(altered)).toBeUndefined();
    expect(enctype.cipher(key, 2).decrypt(ciphertext.subarray(0, at))).toBeUndefined();
  }
});
