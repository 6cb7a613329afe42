/** The test vector of [MS-OCAUTHWS] section 3.5, computed apart from this code. */
import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { SOAP_NAMESPACES as NS, parseXml } from '@parley/sdk';
import { pSha1 } from '../src/proof-key.ts';
import { verifyTimestamp } from '../src/signature.ts';
import { signatureOf, signedInfo, timestampOf } from './client.ts';

const CLIENT = Buffer.from('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=', 'base64');
const SERVER = Buffer.from('ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=', 'base64');
const KEY = Buffer.from('31kTLCr20jDkM3cyB2oUVhaUvhKDjMACA9Y8gWZT11s=', 'base64');
const TIMESTAMP = timestampOf('<wsu:Created>2024-01-01T00:00:00Z</wsu:Created><wsu:Expires>2024-01-01T08:00:00Z</wsu:Expires>');
const DIGEST = 'l0mIK3tr1jGQ7xhijGYHwiQaBnQ=';
const VALUE = 'SxP/AyEBlWo11gmJVt8IoZAd+vE=';

test('MS-OCAUTHWS R8: the proof key is P_SHA1 of both halves', () => {
  expect(pSha1(CLIENT, SERVER, 32)).toEqual(KEY);
  expect(pSha1(CLIENT, SERVER, 64).subarray(0, 32)).toEqual(KEY);
});

test('MS-OCAUTHWS R9: digest, canonical SignedInfo and signature are those of the vector', () => {
  expect(createHash('sha1').update(TIMESTAMP).digest('base64')).toBe(DIGEST);
  expect(Buffer.byteLength(signedInfo(TIMESTAMP))).toBe(535);
  expect(createHmac('sha1', KEY).update(signedInfo(TIMESTAMP)).digest('base64')).toBe(VALUE);
});

test('MS-OCAUTHWS R9: the signature of the vector is found good, with this key alone', () => {
  const signature = signatureOf(TIMESTAMP, KEY, 'SamlSecurityToken-1');
  expect(signature).toContain(VALUE);
  const { root } = parseXml(`<wsse:Security xmlns:wsse="${NS.secext}">${TIMESTAMP}${signature}</wsse:Security>`);
  expect(verifyTimestamp(root, KEY)?.child('Expires')?.text).toBe('2024-01-01T08:00:00Z');
  expect(verifyTimestamp(root, Buffer.alloc(32))).toBeUndefined();
});
