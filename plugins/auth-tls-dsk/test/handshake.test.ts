import { createHmac } from 'node:crypto';
import { Directory } from '@parley/plugin-directory/api';
import { ClientCertificates, Pki } from '@parley/plugin-pki/api';
import type { HandshakeStep } from '@parley/sdk';
import { DskClient, GIVEN_CERTIFICATE } from '@parley/sdk/testkit';
import type { ClientCertificatePair, TestServer } from '@parley/sdk/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readFlight } from '../src/flight.ts';
import { World, serving } from './world.ts';

const CERTIFICATE_MS = 8 * 3_600_000;

let server: TestServer;
let world: World;
let ALICE: ClientCertificatePair;
let BOB: ClientCertificatePair;

beforeAll(async () => {
  server = await serving();
});
afterAll(() => server.close());

beforeEach(async () => {
  world = new World(server);
  [ALICE, BOB] = [await server.certificate('alice', 'desk'), await server.certificate('bob', 'desk')];
});
afterEach(() => {
  expect(world.mechanism.handshakes).toBe(0); // every test leaves no handshake behind
});

/** The id of a user. */
function idOf(name: string): string {
  return server.find(Directory).findByAor(`${name}@example.com`)?.id ?? '';
}

const failed = (step: HandshakeStep): { cause: string; detail: string; account?: string } => {
  if (step.kind !== 'failed') throw new Error(`the step is ${step.kind}`);
  return step;
};

/** Type and content of each record of a flight. */
function records(flight: Buffer): { type: number; content: Buffer }[] {
  const found = [];
  for (let at = 0; at < flight.length; at += 5 + flight.readUInt16BE(at + 3)) {
    found.push({ type: flight.readUInt8(at), content: flight.subarray(at + 5, at + 5 + flight.readUInt16BE(at + 3)) });
  }
  return found;
}

/** Types of the handshake messages of a record; -1 for one that goes on in the next. */
function messages(content: Buffer): number[] {
  const types = [];
  let at = 0;
  for (; at < content.length; at += 4 + content.readUIntBE(at + 1, 3)) types.push(content.readUInt8(at));
  return at === content.length ? types : [...types, -1];
}

test.each(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)(
  'MS-SIPAE R22: a client with %s signs in, and both sides have the same keys',
  async (version) => {
    const { step, material } = await world.signIn({ ...ALICE, version });
    if (step.kind !== 'done') throw new Error(JSON.stringify(step));
    expect(step.user).toMatchObject({ id: idOf('alice'), aor: 'alice@example.com' });
    const mac = (at: number, text: string): string =>
      createHmac('sha1', (material as Buffer).subarray(at, at + 32))
        .update(text)
        .digest('hex');
    expect(step.keys.sign('<TLS-DSK><1>')).toBe(mac(96, '<TLS-DSK><1>'));
    expect(step.keys.verify('<TLS-DSK><2>', mac(64, '<TLS-DSK><2>'))).toBe(true);
    expect(step.keys.verify('<TLS-DSK><3>', mac(64, '<TLS-DSK><2>'))).toBe(false);
  },
);

test('MS-SIPAE R22: the first answer is one blob from ServerHello to ServerHelloDone, the second ChangeCipherSpec and Finished', async () => {
  const client = new DskClient(ALICE);
  const handshake = world.begin();
  const first = await handshake.step(await client.hello());
  if (first.kind !== 'continue') throw new Error(JSON.stringify(first));
  expect(readFlight(first.token)).toBe('server-done');
  // ServerHello, Certificate, CertificateRequest, ServerHelloDone in one record: pidgin-sipe gives up at any other division.
  expect(records(first.token).map(({ type, content }) => [type, ...messages(content)])).toEqual([[22, 2, 11, 13, 14]]);
  const second = await handshake.step(await client.finish(first.token));
  if (second.kind !== 'done') throw new Error(JSON.stringify(second));
  expect(records(second.token as Buffer).map(({ type }) => type)).toEqual([20, 22]);
  client.close();
});

test('MS-SIPAE R22: the ClientHello of pidgin-sipe 1.25, without extensions, is answered with AES-128 and SHA-1 in TLS 1.0', async () => {
  const hello = 'FgMBADUBAAAxAwFrAtnvNRgLAC6KszYVXAN45N0xzuJh/SGyq3lHtpBDnAAACgAEAAUALwA1AAMBAA==';
  const handshake = world.begin();
  const first = await handshake.step(Buffer.from(hello, 'base64'));
  if (first.kind !== 'continue') throw new Error(JSON.stringify(first));
  const sessionIdLength = first.token.readUInt8(43);
  expect(first.token.toString('hex', 1, 3)).toBe('0301');
  expect(first.token.readUInt16BE(44 + sessionIdLength)).toBe(0x002f); // TLS_RSA_WITH_AES_128_CBC_SHA
  handshake.cancel();
});

test('MS-SIPAE R3: the challenge names the server and where certificates are to be had', () => {
  const { scheme, targetName, challengeParameters } = world.mechanism;
  expect([scheme, targetName]).toEqual(['TLS-DSK', 'uc.example.com']);
  expect(challengeParameters).toEqual([['sts-uri', 'https://uc.example.com/CertProv/CertProvisioningService.svc']]);
});

test('MS-SIPAE R17: the association ends with the certificate', async () => {
  expect((await world.signIn(ALICE)).step).toMatchObject({ kind: 'done', expiresAt: server.clock.now() + CERTIFICATE_MS });
});

test.each([
  ['AES256-SHA', 'TLSv1', 'sha1'],
  ['AES128-SHA256', 'TLSv1.2', 'sha256'],
  ['ECDHE-RSA-AES256-SHA384', 'TLSv1.2', 'sha384'],
  ['ECDHE-RSA-AES128-SHA', 'TLSv1', 'sha1'],
] as const)('messages are signed with the hash of the suite: %s in %s with %s', async (ciphers, version, hash) => {
  const { step, material } = await world.signIn({ ...ALICE, version, ciphers });
  if (step.kind !== 'done') throw new Error(JSON.stringify(step));
  expect(step.keys.sign('B')).toBe(
    createHmac(hash, (material as Buffer).subarray(96))
      .update('B')
      .digest('hex'),
  );
});

test('the certificate of another user is refused, and counted against its owner', async () => {
  const { cause, detail, account } = failed((await world.signIn(BOB, 'alice@example.com')).step);
  expect([cause, account]).toEqual(['credentials', idOf('bob')]);
  expect(detail).toBe('the certificate of bob@example.com was presented for "alice@example.com"');
});

test('a certificate with the name of a user from another authority is refused', async () => {
  await using elsewhere = await serving();
  const { cause, detail } = failed((await world.signIn(await elsewhere.certificate('alice', 'desk'))).step);
  expect(cause).toBe('credentials');
  expect(detail).toMatch(/^the certificate "CN=alice@example.com" \(SHA-256 [0-9a-f]{16}\) is not recorded here/);
});

test('the certificate of a user without the key that belongs to it is refused', async () => {
  // OpenSSL would not take such a pair; what a thief could do is send the certificate and sign with another key.
  const client = new DskClient(server.find(Pki).tls());
  const handshake = world.begin();
  const first = await handshake.step(await client.hello());
  if (first.kind !== 'continue') throw new Error(JSON.stringify(first));
  const flight = withCertificate(await client.finish(first.token), ALICE.cert);
  expect(failed(await handshake.step(flight)).cause).toBe('malformed'); // its CertificateVerify does not verify
  client.close();
});

test('a certificate that has ended is refused with the day it ended', async () => {
  await using brief = await serving();
  const [certificate, end] = [await brief.certificate('alice', 'desk'), brief.clock.now() + CERTIFICATE_MS];
  await brief.restart(CERTIFICATE_MS);
  const { cause, detail } = failed((await new World(brief).signIn(certificate)).step);
  expect(cause).toBe('credentials');
  expect(detail).toContain(`expired ${new Date(end).toISOString()}`);
});

test('a revoked certificate is refused', async () => {
  await server.find(ClientCertificates).revoke(idOf('alice'), 'desk');
  const { cause, detail } = failed((await world.signIn(ALICE)).step);
  expect(cause).toBe('credentials');
  expect(detail).toContain('is not recorded here: revoked');
});

test('a client without a certificate is refused and told where to get one', async () => {
  const { cause, detail } = failed((await world.signIn({})).step);
  expect(cause).toBe('credentials');
  expect(detail).toContain('sts-uri');
});

test('MS-SIPAE R20: a user who is removed while the certificate is presented is refused', async () => {
  // Between the two look-ups: with the user go the certificates.
  const { step } = await new World(server, {}, { findById: () => undefined }).signIn(ALICE);
  expect(failed(step)).toMatchObject({ cause: 'disabled', account: idOf('alice') });
});

test.each([
  ['nothing at all', Buffer.alloc(0)],
  ['noise', Buffer.from('Basic YWxpY2U6c2VjcmV0')],
  ['half a record', Buffer.from('160301004001', 'hex')],
  ['a record of length nought', Buffer.from('1603010000', 'hex')],
  ['a record beyond all limits', Buffer.concat([Buffer.from('160301ffff', 'hex'), Buffer.alloc(0xffff)])],
  ['a handshake message beyond its record', Buffer.from('16030100040100ffff', 'hex')],
  ['a ClientHello that holds nothing', Buffer.from('160301000401000000', 'hex')],
  ['a ServerHelloDone', Buffer.from('16030100040e000000', 'hex')],
  ['application data', Buffer.from('1703010001aa', 'hex')],
])('a first token that is no ClientHello is refused: %s', async (_name, token) => {
  expect(failed(await world.begin().step(token)).cause).toBe('malformed');
});

test('a second token that is not the rest of the handshake is refused', async () => {
  for (const wrong of ['hello', 'noise', 'cut'] as const) {
    const client = new DskClient(ALICE);
    const handshake = world.begin();
    const hello = await client.hello();
    const first = await handshake.step(hello);
    if (first.kind !== 'continue') throw new Error(JSON.stringify(first));
    const rest = await client.finish(first.token);
    const token = wrong === 'hello' ? hello : wrong === 'noise' ? Buffer.from('noise') : rest.subarray(0, -1);
    expect(failed(await handshake.step(token)).cause).toBe('malformed');
    client.close();
  }
});

test('a Finished that was tampered with is refused', async () => {
  const client = new DskClient(ALICE);
  const handshake = world.begin();
  const first = await handshake.step(await client.hello());
  if (first.kind !== 'continue') throw new Error(JSON.stringify(first));
  const rest = await client.finish(first.token);
  rest.writeUInt8(rest.readUInt8(rest.length - 1) ^ 1, rest.length - 1);
  expect(failed(await handshake.step(rest))).toMatchObject({
    cause: 'malformed',
    detail: expect.stringMatching(/inner TLS handshake failed: ERR_SSL/) as string,
  });
  client.close();
});

test('an alert of the client is told to the operator', async () => {
  const { cause, detail } = failed(await world.begin().step(Buffer.from('1503010002022a', 'hex')));
  expect([cause, detail]).toEqual(['unsupported', expect.stringContaining('alert 42') as string]);
});

test('after its end a handshake takes no more tokens', async () => {
  const client = new DskClient(ALICE);
  const handshake = world.begin();
  const hello = await client.hello();
  await handshake.step(Buffer.from('noise'));
  expect(failed(await handshake.step(hello)).detail).toBe('the handshake is over');
  client.close();
});

test('a version or suite that this server has not is told as such', async () => {
  world = new World(server, { oldestTls: 'TLSv1.2' });
  const { cause, detail } = failed((await world.signIn({ ...ALICE, version: 'TLSv1' })).step);
  expect(cause).toBe('unsupported');
  expect(detail).toContain('oldestTls');
  expect(failed((await world.signIn({ ...ALICE, version: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' })).step).cause).toBe('unsupported');
  expect(failed((await world.signIn({ ...ALICE, version: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256:AES128-SHA' })).step).cause).toBe(
    'unsupported',
  );
});

test('a handshake left half-done is let go of when it is cancelled, and cancelling twice does nothing', async () => {
  const client = new DskClient(ALICE);
  const handshake = world.begin();
  await handshake.step(await client.hello());
  expect(world.mechanism.handshakes).toBe(1);
  handshake.cancel();
  handshake.cancel();
  expect(world.mechanism.handshakes).toBe(0);
  client.close();
});

test('a step that is under way when the handshake is cancelled fails', async () => {
  const client = new DskClient(ALICE);
  const handshake = world.begin();
  const step = handshake.step(await client.hello());
  handshake.cancel();
  expect(failed(await step).detail).toContain('closed');
  client.close();
});

test('beyond the limit of handshakes new ones are refused until others are over', async () => {
  world = new World(server, { maxHandshakes: 2 });
  const [one, two] = [world.begin(), world.begin()];
  expect(failed((await world.signIn(ALICE)).step)).toMatchObject({
    cause: 'unsupported',
    detail: expect.stringContaining('maxHandshakes') as string,
  });
  one.cancel();
  expect((await world.signIn(ALICE)).step.kind).toBe('done');
  two.cancel();
});

test('a new server certificate is used from the next handshake on; one that is no good is not', async () => {
  await using other = await serving('other.example');
  world.replaceCertificate(other.find(Pki).tls());
  const client = new DskClient(ALICE);
  const handshake = world.begin();
  const first = await handshake.step(await client.hello());
  expect(first.kind === 'continue' && first.token.includes('uc.other.example')).toBe(true);
  handshake.cancel();
  client.close();
  world.replaceCertificate({ cert: GIVEN_CERTIFICATE.files['given.pem'], key: GIVEN_CERTIFICATE.files['given.key'], ca: [] });
  expect(world.log.lines.map(({ message }) => message)).toEqual([
    'the new server certificate cannot be used for TLS-DSK; the old one stays',
  ]);
  expect((await world.signIn(ALICE)).step.kind).toBe('done');
});

test('twenty handshakes at once do not mix', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? world.signIn(ALICE) : world.signIn(BOB, 'bob@example.com'))),
  );
  for (const [i, { step, material }] of all.entries()) {
    if (step.kind !== 'done') throw new Error(JSON.stringify(step));
    expect(step.user.id).toBe(idOf(i % 2 === 0 ? 'alice' : 'bob'));
    expect(step.keys.sign('x')).toBe(
      createHmac('sha1', (material as Buffer).subarray(96))
        .update('x')
        .digest('hex'),
    );
  }
});

/** The flight with another certificate in its Certificate message, which must be the first record. */
function withCertificate(flight: Buffer, pem: string): Buffer {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const uint24 = (n: number): Buffer => Buffer.of(n >> 16, (n >> 8) & 0xff, n & 0xff);
  const list = Buffer.concat([uint24(der.length), der]);
  const message = Buffer.concat([Buffer.of(11), uint24(list.length + 3), uint24(list.length), list]);
  // OpenSSL writes the three messages before ChangeCipherSpec into one record; the rest of that record stays.
  const recordEnd = 5 + flight.readUInt16BE(3);
  const certificateEnd = 5 + 4 + flight.readUIntBE(6, 3);
  const content = Buffer.concat([message, flight.subarray(certificateEnd, recordEnd)]);
  const header = Buffer.from(flight.subarray(0, 5));
  header.writeUInt16BE(content.length, 3);
  return Buffer.concat([header, content, flight.subarray(recordEnd)]);
}
