import { X509Certificate, createPublicKey } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { GIVEN_CERTIFICATE } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import type { Subject } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { Directory, DirectoryAdmin } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { ClientCertificateIssued, ClientCertificates, ClientCertificatesRevoked } from '../src/api.ts';
import type { ClientCertificate, IssuedClientCertificate } from '../src/api.ts';
import { isIssuedBy } from '../src/certificate.ts';
import { thumbprintOf } from '../src/client-certificates.ts';
import { makeNamedAuthority } from '../src/issue.ts';
import plugin from '../src/plugin.ts';
import { request, rsaKeys } from './requests.ts';
import { DAY_MS, HOUR_MS, NOW, alarms, serving } from './serving.ts';

const DEVICE = '{D1F0A6A2-3F0E-5A07-9F65-2F6F1B3C9D77}';
const csr = request();
const clientAuthority = makeNamedAuthority('Communications Server', NOW, rsaKeys(2048));
const WITH_AUTHORITY = { 'pki/client-ca.pem': clientAuthority.certificate, 'pki/client-ca.key': clientAuthority.key };
const refusedAs = (code: string): object => ({ code });

type Config = z.input<typeof plugin.config>;

/** A server with alice and bob, whose authority for clients is there unless `files` says otherwise. */
function start(config: Config = {}, files: Readonly<Record<string, string>> = WITH_AUTHORITY): Promise<TestServer> {
  return serving(
    { ...GIVEN_CERTIFICATE.pki, ...config },
    { plugins: [directory()], users: ['alice', 'bob'], files: { ...GIVEN_CERTIFICATE.files, ...files } },
  );
}

const user = (server: TestServer, name = 'alice'): User => server.find(Directory).findByAor(`${name}@example.com`) as User;
const whole = (server: TestServer, deviceId = DEVICE, name = 'alice'): Promise<IssuedClientCertificate> =>
  server.find(ClientCertificates).issue({ csr, user: user(server, name), deviceId });
const issue = async (server: TestServer, deviceId = DEVICE, name = 'alice'): Promise<Buffer> =>
  (await whole(server, deviceId, name)).certificate;
const find = (server: TestServer, certificate: Buffer): ClientCertificate | undefined => server.find(ClientCertificates).find(certificate);
const held = (server: TestServer, name = 'alice'): readonly ClientCertificate[] =>
  server.find(ClientCertificates).list(user(server, name).id);
/** How many the server remembers. */
const remembered = (server: TestServer): number => server.figure('parley_client_certificates');

/** What is said on the bus from now on. */
function heard<M>(server: TestServer, subject: Subject<M>): M[] {
  const said: M[] = [];
  server.host.core.bus.subscribe(subject, (message) => void said.push(message));
  return said;
}

test('MS-OCAUTHWS R12: the certificate names the user, whatever the request says, and is for the requested key', async () => {
  const server = await start();
  const asked = { csr: request({ subject: 'bob@example.com' }), user: user(server), deviceId: DEVICE };
  const { certificate, chain } = await server.find(ClientCertificates).issue(asked);
  const [issued, authority] = [new X509Certificate(certificate), new X509Certificate(chain[0] as Buffer)];
  expect(issued.subject).toBe('CN=alice@example.com');
  expect(issued.publicKey.equals(createPublicKey(rsaKeys(2048).publicKey))).toBe(true);
  expect(issued.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']); // client authentication and nothing else
  expect([issued.ca, authority.ca]).toEqual([false, true]);
  expect(isIssuedBy(issued, authority)).toBe(true);
  expect(authority.subject).toContain('CN=Communications Server');
});

test('MS-OCAUTHWS R13: the certificate is good at once, also by a clock that is slow, and for 180 days', async () => {
  const { certificate, notAfter } = await whole(await start());
  const issued = new X509Certificate(certificate);
  expect(issued.validFromDate.getTime()).toBe(NOW - 5 * 60_000);
  expect(issued.validToDate.getTime()).toBe(NOW + 180 * DAY_MS);
  expect(notAfter).toBe(NOW + 180 * DAY_MS);
});

test('the life of certificates is configured in hours, from eight to a year', async () => {
  expect((await whole(await start({ clientCertificateHours: 8 }))).notAfter).toBe(NOW + 8 * HOUR_MS);
  expect(() => plugin.config.parse({ clientCertificateHours: 7 })).toThrow(/clientCertificateHours/);
  expect(() => plugin.config.parse({ clientCertificateHours: 8761 })).toThrow(/clientCertificateHours/);
});

test('MS-OCAUTHWS R14: a certificate is recorded with its user, device, thumbprint and end, and survives a restart', async () => {
  const server = await start();
  const certificate = await issue(server);
  const record = {
    thumbprint: thumbprintOf(certificate),
    userId: user(server).id,
    aor: 'alice@example.com',
    deviceId: DEVICE.toLowerCase(),
    issuedAt: NOW,
    expiresAt: NOW + 180 * DAY_MS,
  };
  expect(find(server, certificate)).toEqual(record);
  await server.restart();
  expect(find(server, certificate)).toEqual(record);
  expect(held(server)).toEqual([record]);
});

test('MS-OCAUTHWS R14: a certificate that is not recorded is not found, though the same authority issued it', async () => {
  const server = await start();
  const certificate = await issue(server);
  await server.find(ClientCertificates).revoke(user(server).id);
  expect(find(server, certificate)).toBeUndefined();
  await server.restart();
  expect(find(server, certificate)).toBeUndefined();
});

test('MS-OCAUTHWS R14: enrolling again with the same device replaces the record, in whatever case the id is written', async () => {
  const server = await start();
  const [issued, revoked] = [heard(server, ClientCertificateIssued), heard(server, ClientCertificatesRevoked)];
  const [first, second] = [await issue(server, DEVICE), await issue(server, DEVICE.toLowerCase())];
  expect(find(server, first)).toBeUndefined();
  expect(find(server, second)?.deviceId).toBe(DEVICE.toLowerCase());
  expect(held(server)).toHaveLength(1);
  await server.settle();
  expect(issued.at(-1)).toMatchObject({ replaced: [thumbprintOf(first)] });
  expect(revoked).toEqual([]); // what is signed in stays signed in
});

test('two devices and two users have certificates of their own', async () => {
  const server = await start();
  const made = [await issue(server, 'a'), await issue(server, 'b'), await issue(server, 'a', 'bob')];
  expect(made.map((c) => find(server, c)?.aor)).toEqual(['alice@example.com', 'alice@example.com', 'bob@example.com']);
});

test('beyond the limit of devices the oldest certificate of the user gives way', async () => {
  const server = await start({ clientCertificatesPerUser: 2 });
  const made: Buffer[] = [];
  for (const device of ['a', 'b', 'c']) {
    made.push(await issue(server, device));
    await server.advance('1s');
  }
  expect(held(server).map((c) => c.deviceId)).toEqual(['c', 'b']);
  expect(find(server, made[0] as Buffer)).toBeUndefined();
  await server.restart();
  expect(held(server).map((c) => c.deviceId)).toEqual(['c', 'b']);
});

test('a certificate is not found from the moment it ends, and its record is swept within the hour', async () => {
  const server = await start({ clientCertificateHours: 8 });
  const certificate = await issue(server);
  await server.restart(8 * HOUR_MS - 1);
  expect(find(server, certificate)).toBeDefined();
  await server.advance(1);
  expect(find(server, certificate)).toBeUndefined();
  expect(held(server)).toEqual([]);
  expect(remembered(server)).toBe(1);
  await server.advance('1h');
  expect(remembered(server)).toBe(0);
});

test('MS-OCAUTHWS R15: disabling a user revokes the certificates, and enabling does not bring them back', async () => {
  const server = await start();
  const [certificate, revoked] = [await issue(server), heard(server, ClientCertificatesRevoked)];
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', false);
  expect(find(server, certificate)).toBeUndefined();
  await server.until(() => revoked[0]);
  expect(revoked).toEqual([{ userId: user(server).id, thumbprints: [thumbprintOf(certificate)] }]);
  expect(remembered(server)).toBe(0);
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', true);
  expect(find(server, certificate)).toBeUndefined();
  await server.restart();
  expect(find(server, certificate)).toBeUndefined();
});

test('MS-OCAUTHWS R15: who was disabled while no server ran has lost the certificates at the next start', async () => {
  const server = await start();
  const certificate = await issue(server);
  await server.restart(0, { plugins: [directory()] });
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', false);
  await server.restart(0, { plugins: [directory(), plugin(GIVEN_CERTIFICATE.pki)] });
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', true);
  expect(find(server, certificate)).toBeUndefined();
  expect(remembered(server)).toBe(0);
});

test('MS-OCAUTHWS R15: removing a user revokes the certificates', async () => {
  const server = await start();
  const [certificate, other] = [await issue(server), await issue(server, DEVICE, 'bob')];
  await server.find(DirectoryAdmin).removeUser('alice@example.com');
  expect([certificate, other].map((c) => find(server, c)?.aor)).toEqual([undefined, 'bob@example.com']);
  await server.settle();
  expect(remembered(server)).toBe(1);
});

test('another password ends the certificates: whoever knew the old one may have got them', async () => {
  const server = await start();
  const certificate = await issue(server);
  await server.find(DirectoryAdmin).setPassword('alice@example.com', 'Wonderland 7');
  await server.settle();
  expect(find(server, certificate)).toBeUndefined();
  expect(remembered(server)).toBe(0);
});

test('MS-OCAUTHWS R15: who is disabled, unknown, or somebody else gets no certificate', async () => {
  const server = await start();
  const certificates = server.find(ClientCertificates);
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', false);
  await expect(issue(server)).rejects.toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
  for (const stranger of [
    { id: 'nobody', aor: 'bob@example.com' },
    { id: user(server, 'bob').id, aor: 'alice@example.com' },
  ]) {
    await expect(certificates.issue({ csr, user: stranger, deviceId: DEVICE })).rejects.toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
  }
});

test('MS-OCAUTHWS R15: who is disabled while the certificate is made has none: it is refused, or ends with the others', async () => {
  const server = await start({}, {}); // the authority has to be made first, which takes longer
  const pending = issue(server).then(
    (certificate) => find(server, certificate),
    (error: unknown) => error,
  );
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', false);
  const outcome = await pending;
  if (outcome !== undefined) expect(outcome).toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
  await server.settle();
  expect(remembered(server)).toBe(0);
  await server.restart();
  expect(remembered(server)).toBe(0);
});

test.each([
  ['', /missing/],
  ['x'.repeat(65), /65 characters long/],
  ['a\nb', /not printable ASCII/],
])('a device id that is no name is refused: %j', async (deviceId, message) => {
  await expect(issue(await start(), deviceId)).rejects.toThrow(message);
});

test('what another node says on the bus of certificates and of their end is believed', async () => {
  const server = await start();
  const issued = heard(server, ClientCertificateIssued);
  const certificate = await issue(server);
  await server.until(() => issued[0]);
  const { bus } = server.host.core;
  bus.publish(ClientCertificatesRevoked, { userId: user(server).id, thumbprints: [thumbprintOf(certificate)] });
  await server.settle();
  expect(find(server, certificate)).toBeUndefined();
  bus.publish(ClientCertificateIssued, issued[0] as ClientCertificateIssued);
  await server.settle();
  expect(find(server, certificate)?.aor).toBe('alice@example.com');
});

test('the client authority is made with the first certificate, for the server alone, and used again', async () => {
  const server = await start({}, {});
  expect(() => statSync(server.file('pki/client-ca.key'))).toThrow();
  const first = await whole(server, 'a');
  expect([statSync(server.file('pki/client-ca.key')).mode & 0o777, statSync(server.file('pki')).mode & 0o777]).toEqual([0o600, 0o700]);
  await server.restart();
  const second = await whole(server, 'b');
  expect(second.chain).toEqual(first.chain);
});

test('two first certificates at once have one authority', async () => {
  const server = await start({}, {});
  const [one, two] = await Promise.all([whole(server, 'a'), whole(server, 'b')]);
  expect(one.chain).toEqual(two.chain);
});

test('a damaged client authority is made anew, and what the old one issued stays good', async () => {
  const server = await start();
  const before = await issue(server, 'a');
  rmSync(server.file('pki/client-ca.key'));
  await server.restart();
  const afterLoss = await issue(server, 'b');
  writeFileSync(server.file('pki/client-ca.pem'), 'half a certifi');
  await server.restart();
  const afterDamage = await issue(server, 'c');
  expect([before, afterLoss, afterDamage].map((c) => find(server, c)?.deviceId)).toEqual(['a', 'b', 'c']);
  expect(alarms(server).filter((line) => String(line).includes('client authority'))).toHaveLength(2);
});

test('within a year of its end the client authority is succeeded by a new one, so that no certificate outlives it', async () => {
  const server = await start();
  await issue(server, 'a');
  const old = readFileSync(server.file('pki/client-ca.pem'), 'utf8');
  await server.restart(4 * 365 * DAY_MS);
  const { certificate, chain } = await whole(server, 'b');
  const authority = new X509Certificate(chain[0] as Buffer);
  expect(authority.toString()).not.toBe(new X509Certificate(old).toString());
  expect(authority.validToDate.getTime()).toBeGreaterThan(new X509Certificate(certificate).validToDate.getTime());
});

test('user certificates lists devices and ends, with and without sip:', async () => {
  const server = await start();
  await issue(server);
  const { rows, data } = await server.command('user certificates', { uri: 'sip:Alice@example.com' });
  expect(rows).toMatchObject([{ device: DEVICE.toLowerCase(), issued: '2030-01-15 00:00 UTC', expires: '2030-07-14 00:00 UTC' }]);
  expect(data).toHaveLength(1);
  expect((await server.command('user certificates', { uri: 'bob@example.com' })).text).toBe('bob@example.com has no certificate.');
  await expect(server.command('user certificates', { uri: 'carol@example.com' })).rejects.toMatchObject(refusedAs('PKI_USER_UNKNOWN'));
});

test('user revoke-certificates ends those of one device, or all', async () => {
  const server = await start();
  const [one, two, three] = [await issue(server, 'one'), await issue(server, 'two'), await issue(server, 'three')];
  const alice = { uri: 'alice@example.com' };
  expect((await server.command('user revoke-certificates', alice, { device: 'ONE' })).text).toBe(
    'One certificate of alice@example.com revoked.',
  );
  expect([one, two].map((c) => find(server, c)?.deviceId)).toEqual([undefined, 'two']);
  expect((await server.command('user revoke-certificates', alice)).text).toBe('2 certificates of alice@example.com revoked.');
  expect(find(server, three)).toBeUndefined();
  await expect(server.command('user revoke-certificates', alice, { device: 'one' })).rejects.toThrow(
    /has no certificate for the device one/,
  );
});
