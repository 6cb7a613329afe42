import { describe, expect, test } from 'vitest';
import { AES128_SHA1, AES256_SHA1 } from '../../src/kerberos/aes-sha1.ts';
import { AES256_SHA384 } from '../../src/kerberos/aes-sha2.ts';
import { KerberosTokenAcceptor } from '../../src/kerberos/acceptor.ts';
import type { Accepted, Refused } from '../../src/kerberos/acceptance.ts';
import { DER, DerReader, applicationTag } from '../../src/kerberos/der.ts';
import { derSequence } from '../../src/kerberos/der-writer.ts';
import { readEncryptedData } from '../../src/kerberos/encrypted-data.ts';
import { KEY_USAGE } from '../../src/kerberos/enctype.ts';
import { OID, TOKEN_ID, readFrame, tokenId, writeFrame } from '../../src/kerberos/gss-token.ts';
import type { Keytab } from '../../src/kerberos/keytab.ts';
import { RC4_HMAC } from '../../src/kerberos/rc4-hmac.ts';
import { ReplayCache } from '../../src/kerberos/replay-cache.ts';
import {
  KERBEROS_NOW,
  initiatorMic,
  testKeytab,
  randomKerberosKey,
  kerberosService,
  kerberosToken,
  kerberosUser,
} from '../../src/testkit/sign-in/kerberos-issuer.ts';
import type { KerberosTokenShape } from '../../src/testkit/sign-in/kerberos-issuer.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KEY = randomKerberosKey();
const KEYTAB = testKeytab({ principal: 'sip/ocs.example.test', key: KEY }, { principal: 'HTTP/ocs.example.test', key: KEY });
const MESSAGE = Buffer.from('<Kerberos><1a2b3c4d><1>');

function acceptor(over: { keytab?: Keytab; enctypes?: readonly number[] } = {}): KerberosTokenAcceptor {
  return new KerberosTokenAcceptor({
    keytab: () => over.keytab ?? KEYTAB,
    enctypes: new Set(over.enctypes ?? [17, 18, 19, 20]),
    skewMs: 5 * MINUTE,
    replays: new ReplayCache(200, 100, 10 * MINUTE),
  });
}

function accept(shape: KerberosTokenShape = {}, now = KERBEROS_NOW): Accepted | Refused {
  return acceptor().accept(kerberosToken(KEY, shape), 'sip', now);
}

test('a good ticket says who the client is, for how long, and with which key it signs', () => {
  const sessionKey = randomKerberosKey();
  const accepted = accept({ sessionKey }) as Accepted;
  expect(accepted).toMatchObject({
    kind: 'accepted',
    client: kerberosUser('alice'),
    service: kerberosService('sip/ocs.example.test'),
    reply: undefined,
  });
  expect(accepted.expiresAt).toBe(KERBEROS_NOW + 9 * HOUR + 5 * MINUTE);
  expect(accepted.mic.verify(MESSAGE, initiatorMic(sessionKey, MESSAGE))).toBe(true);
});

test("the client's subkey takes the place of the session key", () => {
  const [sessionKey, subkey] = [randomKerberosKey(), randomKerberosKey(AES256_SHA384)];
  const { mic } = accept({ sessionKey, subkey }) as Accepted;
  expect(mic.verify(MESSAGE, initiatorMic(subkey, MESSAGE))).toBe(true);
  expect(mic.verify(MESSAGE, initiatorMic(sessionKey, MESSAGE))).toBe(false);
});

test('mutual authentication is answered with the time of the authenticator under the session key', () => {
  const sessionKey = randomKerberosKey();
  const { reply } = accept({ sessionKey, wantsMutual: true, time: KERBEROS_NOW + 1234 }) as Accepted;
  const { oid, body } = readFrame(reply as Buffer);
  expect([oid, body.readUInt16BE()]).toEqual([OID.kerberos, TOKEN_ID.apRep]);
  const apRep = new DerReader(body.subarray(2)).enter(applicationTag(15)).enter(DER.sequence);
  expect([apRep.field(0, (f) => f.integer()), apRep.field(1, (f) => f.integer())]).toEqual([5, 15]);
  const { cipher } = apRep.field(2, readEncryptedData);
  const part = new DerReader(sessionKey.for(KEY_USAGE.apRepPart).decrypt(cipher) as Buffer).enter(applicationTag(27)).enter(DER.sequence);
  expect(part.field(0, (f) => f.time())).toBe(KERBEROS_NOW + 1000);
  expect(part.field(1, (f) => f.integer())).toBe(234_000);
});

test('a ticket without a key version is opened with any of the keys', () => {
  const [other, key] = [randomKerberosKey(), randomKerberosKey()];
  const keytab = testKeytab({ principal: 'sip/ocs.example.test', key: other }, { principal: 'sip/ocs.example.test', key, version: 3 });
  expect(acceptor({ keytab }).accept(kerberosToken(key, { version: undefined }), 'sip', KERBEROS_NOW).kind).toBe('accepted');
});

describe('refused', () => {
  const refusals: readonly (readonly [what: string, shape: KerberosTokenShape, reason: string, detail: RegExp])[] = [
    [
      'a ticket for another kind of service',
      { service: kerberosService('HTTP/ocs.example.test') },
      'service',
      /for HTTP\/ocs.example.test@EXAMPLE.TEST, not for a sip service/,
    ],
    ['a ticket for another server', { service: kerberosService('sip/other.example.test') }, 'no-key', /not in the keytab/],
    [
      'a ticket of another realm',
      { service: kerberosService('sip/ocs.example.test', 'EVIL.TEST') },
      'no-key',
      /sip\/ocs.example.test@EVIL.TEST, which is not in the keytab/,
    ],
    ['another version of the key', { version: 3 }, 'no-key', /version 3 of the key of .* the keytab has 2; export the keytab anew/],
    ['an authenticator under another key', { authenticatorKey: randomKerberosKey() }, 'altered', /authenticator/],
    [
      'an authenticator of another client',
      { authenticatorClient: kerberosUser('bob') },
      'mismatch',
      /of alice@EXAMPLE.TEST and the authenticator of bob@EXAMPLE.TEST/,
    ],
    ['an authenticator of another realm', { authenticatorClient: kerberosUser('alice', 'EVIL.TEST') }, 'mismatch', /EVIL.TEST/],
    [
      'a clock an hour ahead',
      { time: KERBEROS_NOW + HOUR },
      'skew',
      /60 minutes ahead of this server's, 5 minutes are allowed; set both by NTP/,
    ],
    ['a clock an hour behind', { time: KERBEROS_NOW - HOUR }, 'skew', /60 minutes behind/],
    ['an expired ticket', { endsAt: KERBEROS_NOW - 6 * MINUTE }, 'expired', /ended at 2026-11-22T05:54:00.000Z/],
    [
      'a ticket of tomorrow',
      { startsAt: KERBEROS_NOW + 24 * HOUR, endsAt: KERBEROS_NOW + 34 * HOUR },
      'not-yet-valid',
      /not valid before 2026-11-23/,
    ],
    ['a postdated ticket that was not validated', { flags: 0x0100_0000 }, 'not-yet-valid', /not valid/],
    ['realms on the way that nobody checked', { transited: 'EVIL.TEST' }, 'transited', /came through realms/],
    ['user-to-user authentication', { usesSessionKey: true }, 'unsupported', /user-to-user/],
    ['a session key of a weak type', { sessionKey: randomKerberosKey(RC4_HMAC) }, 'weak', /session key is of type rc4-hmac/],
    ['a subkey of a weak type', { subkey: randomKerberosKey(RC4_HMAC) }, 'weak', /subkey is of type rc4-hmac/],
    ['no GSS checksum', { checksumType: undefined }, 'malformed', /no checksum/],
    ['another kind of checksum', { checksumType: 7 }, 'malformed', /cksumtype is 7/],
  ];

  test.each(refusals)('%s', (_, shape, reason, detail) => {
    expect(accept(shape)).toMatchObject({ kind: 'refused', reason, detail: expect.stringMatching(detail) as string });
  });

  test('a ticket that was made with another key of the same version', () => {
    expect(acceptor().accept(kerberosToken(randomKerberosKey()), 'sip', KERBEROS_NOW)).toMatchObject({
      reason: 'altered',
      detail: expect.stringMatching(/export it anew/) as string,
    });
  });

  test('a ticket of a type that the keytab has no key of', () => {
    expect(acceptor().accept(kerberosToken(randomKerberosKey(AES128_SHA1)), 'sip', KERBEROS_NOW)).toMatchObject({
      reason: 'no-key',
      detail: expect.stringMatching(/keys for aes256/) as string,
    });
  });

  test('a weak ticket, unless it is asked for', () => {
    const key = randomKerberosKey(RC4_HMAC);
    const keytab = testKeytab({ principal: 'sip/ocs.example.test', key });
    const token = kerberosToken(key, { sessionKey: randomKerberosKey(AES256_SHA1) });
    expect(acceptor({ keytab }).accept(token, 'sip', KERBEROS_NOW)).toMatchObject({ reason: 'weak' });
    expect(acceptor({ keytab, enctypes: [18, 23] }).accept(token, 'sip', KERBEROS_NOW).kind).toBe('accepted');
  });

  test('the same authenticator a second time', () => {
    const once = acceptor();
    const token = kerberosToken(KEY);
    expect(once.accept(token, 'sip', KERBEROS_NOW).kind).toBe('accepted');
    expect(once.accept(token, 'sip', KERBEROS_NOW + MINUTE)).toMatchObject({
      kind: 'refused',
      reason: 'replayed',
      client: kerberosUser('alice'),
    });
    // Later the clock does what the cache no longer does.
    expect(once.accept(token, 'sip', KERBEROS_NOW + 11 * MINUTE)).toMatchObject({ reason: 'skew' });
  });

  test('too many at a time of one client', () => {
    const busy = acceptor();
    for (let n = 0; n < 100; n++) busy.accept(kerberosToken(KEY), 'sip', KERBEROS_NOW);
    expect(busy.accept(kerberosToken(KEY), 'sip', KERBEROS_NOW)).toMatchObject({ reason: 'busy' });
    expect(busy.accept(kerberosToken(KEY, { client: kerberosUser('bob') }), 'sip', KERBEROS_NOW).kind).toBe('accepted');
  });

  test('up to the allowed skew everything is taken', () => {
    expect(accept({ time: KERBEROS_NOW + 5 * MINUTE }).kind).toBe('accepted');
    expect(accept({ time: KERBEROS_NOW - 5 * MINUTE }).kind).toBe('accepted');
    expect(accept({ endsAt: KERBEROS_NOW - 4 * MINUTE }).kind).toBe('accepted');
    expect(accept({ startsAt: KERBEROS_NOW + 4 * MINUTE }).kind).toBe('accepted');
  });

  test('what is no token: nothing, noise, another mechanism, another message, endless nesting, 70,000 bytes', () => {
    let deep = derSequence();
    for (let level = 0; level < 1000; level++) deep = derSequence(deep);
    const apRep = writeFrame(OID.kerberos, tokenId(TOKEN_ID.apRep), derSequence());
    const inApReq = (body: Buffer): Buffer => writeFrame(OID.kerberos, tokenId(TOKEN_ID.apReq), body);
    const tokens = [
      Buffer.alloc(0),
      Buffer.from('NTLMSSP\0'),
      writeFrame(OID.ntlm, Buffer.alloc(10)),
      apRep,
      inApReq(deep),
      inApReq(Buffer.alloc(70_000, 0x30)),
    ];
    for (const token of tokens)
      expect(acceptor().accept(token, 'sip', KERBEROS_NOW)).toMatchObject({ kind: 'refused', reason: 'malformed' });
  });

  test('a token that was cut off anywhere', () => {
    const token = kerberosToken(KEY);
    for (let length = 0; length < token.length; length++) {
      expect(acceptor().accept(token.subarray(0, length), 'sip', KERBEROS_NOW)).toMatchObject({ kind: 'refused', reason: 'malformed' });
    }
  });
});
