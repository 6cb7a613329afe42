import { X509Certificate, createPublicKey } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DirectoryEvents } from '@parley/plugin-directory/api';
import type { CommandResult, PluginScope } from '@parley/sdk';
import { ClientCertificateIssued, ClientCertificatesRevoked } from '../src/api.ts';
import { isIssuedBy } from '../src/certificate.ts';
import { thumbprintOf } from '../src/client-certificates.ts';
import plugin from '../src/plugin.ts';
import { ALICE, BOB, CertificateWorld } from './certificate-world.ts';
import { request, rsaKeys } from './requests.ts';
import { DAY_MS, NOW } from './support.ts';

vi.setConfig({ testTimeout: 30_000 });

const DEVICE = '{D1F0A6A2-3F0E-5A07-9F65-2F6F1B3C9D77}';
const HOUR_MS = 3_600_000;
const csr = request();
const refusedAs = (code: string): object => ({ code });

let world: CertificateWorld;
beforeEach(async () => {
  world = await CertificateWorld.open();
});
afterEach(() => world.close());

const issue = async (deviceId = DEVICE, user = ALICE): Promise<Buffer> =>
  (await world.certificates.issue({ csr, user, deviceId })).certificate;

test('MS-OCAUTHWS R12: the certificate names the user, whatever the request says, and is for the requested key', async () => {
  const { certificate, chain } = await world.certificates.issue({
    csr: request({ subject: 'bob@example.com' }),
    user: ALICE,
    deviceId: DEVICE,
  });
  const [issued, authority] = [new X509Certificate(certificate), new X509Certificate(chain[0] as Buffer)];
  expect(issued.subject).toBe('CN=alice@example.com');
  expect(issued.publicKey.equals(createPublicKey(rsaKeys(2048).publicKey))).toBe(true);
  expect(issued.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']); // client authentication and nothing else
  expect([issued.ca, authority.ca]).toEqual([false, true]);
  expect(isIssuedBy(issued, authority)).toBe(true);
  expect(authority.subject).toContain('CN=Communications Server');
});

test('MS-OCAUTHWS R13: the certificate is good at once, also by a clock that is slow, and for 180 days', async () => {
  const { certificate, notAfter } = await world.certificates.issue({ csr, user: ALICE, deviceId: DEVICE });
  const issued = new X509Certificate(certificate);
  expect(issued.validFromDate.getTime()).toBe(NOW - 5 * 60_000);
  expect(issued.validToDate.getTime()).toBe(NOW + 180 * DAY_MS);
  expect(notAfter).toBe(NOW + 180 * DAY_MS);
});

test('the life of certificates is configured in hours, from eight to a year', async () => {
  world.config({ clientCertificateHours: 8 });
  expect((await world.certificates.issue({ csr, user: ALICE, deviceId: DEVICE })).notAfter).toBe(NOW + 8 * HOUR_MS);
  expect(() => plugin.config.parse({ clientCertificateHours: 7 })).toThrow(/clientCertificateHours/);
  expect(() => plugin.config.parse({ clientCertificateHours: 8761 })).toThrow(/clientCertificateHours/);
});

test('MS-OCAUTHWS R14: a certificate is recorded with its user, device, thumbprint and end, and survives a restart', async () => {
  const certificate = await issue();
  const record = {
    thumbprint: thumbprintOf(certificate),
    userId: ALICE.id,
    aor: ALICE.aor,
    deviceId: DEVICE.toLowerCase(),
    issuedAt: NOW,
    expiresAt: NOW + 180 * DAY_MS,
  };
  expect(world.certificates.find(certificate)).toEqual(record);
  await world.restart();
  expect(world.certificates.find(certificate)).toEqual(record);
  expect(world.certificates.list(ALICE.id)).toEqual([record]);
});

test('MS-OCAUTHWS R14: a certificate that is not recorded is not found, though the same authority issued it', async () => {
  const certificate = await issue();
  await world.certificates.revoke(ALICE.id);
  expect(world.certificates.find(certificate)).toBeUndefined();
  await world.restart();
  expect(world.certificates.find(certificate)).toBeUndefined();
});

test('MS-OCAUTHWS R14: enrolling again with the same device replaces the record, in whatever case the id is written', async () => {
  const [first, second] = [await issue(DEVICE), await issue(DEVICE.toLowerCase())];
  expect(world.certificates.find(first)).toBeUndefined();
  expect(world.certificates.find(second)?.deviceId).toBe(DEVICE.toLowerCase());
  expect(world.certificates.list(ALICE.id)).toHaveLength(1);
  expect(world.bus.of(ClientCertificateIssued).at(-1)).toMatchObject({ replaced: [thumbprintOf(first)] });
  expect(world.bus.of(ClientCertificatesRevoked)).toEqual([]); // what is signed in stays signed in
});

test('two devices and two users have certificates of their own', async () => {
  const [one, two, three] = [await issue('a'), await issue('b'), await issue('a', BOB)];
  expect([one, two, three].map((c) => world.certificates.find(c)?.aor)).toEqual([ALICE.aor, ALICE.aor, BOB.aor]);
});

test('beyond the limit of devices the oldest certificate of the user gives way', async () => {
  world.config({ clientCertificatesPerUser: 2 });
  const made: Buffer[] = [];
  for (const device of ['a', 'b', 'c']) {
    made.push(await issue(device));
    world.clock.advance(1000);
  }
  expect(world.certificates.list(ALICE.id).map((c) => c.deviceId)).toEqual(['c', 'b']);
  expect(world.certificates.find(made[0] as Buffer)).toBeUndefined();
  await world.restart();
  expect(world.certificates.list(ALICE.id).map((c) => c.deviceId)).toEqual(['c', 'b']);
});

test('a certificate is not found from the moment it ends, and its record is swept within the hour', async () => {
  world.config({ clientCertificateHours: 8 });
  const certificate = await issue();
  world.clock.jump(8 * HOUR_MS - 1);
  expect(world.certificates.find(certificate)).toBeDefined();
  world.clock.jump(1);
  expect(world.certificates.find(certificate)).toBeUndefined();
  expect(world.certificates.list(ALICE.id)).toEqual([]);
  world.clock.hour();
  await world.settled();
  expect(world.certificates.index.size).toBe(0);
  expect(await world.rows()).toBe(0);
});

test('MS-OCAUTHWS R15: disabling a user revokes the certificates, and enabling does not bring them back', async () => {
  const certificate = await issue();
  world.setEnabled(ALICE, false);
  expect(world.certificates.find(certificate)).toBeUndefined(); // at once, before the bus has said so
  await world.bus.say(DirectoryEvents.disabled, ALICE);
  expect(await world.rows()).toBe(0);
  expect(world.bus.of(ClientCertificatesRevoked)).toEqual([{ userId: ALICE.id, thumbprints: [thumbprintOf(certificate)] }]);
  world.setEnabled(ALICE, true);
  expect(world.certificates.find(certificate)).toBeUndefined();
});

test('MS-OCAUTHWS R15: who was disabled while no server ran has lost the certificates at the next start', async () => {
  const certificate = await issue();
  world.certificates.stop();
  world.setEnabled(ALICE, false);
  await world.restart();
  world.setEnabled(ALICE, true);
  expect(world.certificates.find(certificate)).toBeUndefined();
  expect(await world.rows()).toBe(0);
});

test('MS-OCAUTHWS R15: removing a user revokes the certificates', async () => {
  const [certificate, other] = [await issue(), await issue(DEVICE, BOB)];
  world.remove(ALICE);
  await world.bus.say(DirectoryEvents.removed, ALICE);
  expect([certificate, other].map((c) => world.certificates.find(c)?.aor)).toEqual([undefined, BOB.aor]);
  expect(await world.rows()).toBe(1);
});

test('another password ends the certificates: whoever knew the old one may have got them', async () => {
  const certificate = await issue();
  await world.bus.say(DirectoryEvents.passwordChanged, ALICE);
  expect(world.certificates.find(certificate)).toBeUndefined();
  expect(await world.rows()).toBe(0);
});

test('MS-OCAUTHWS R15: who is disabled, unknown, or somebody else gets no certificate', async () => {
  world.setEnabled(ALICE, false);
  await expect(issue()).rejects.toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
  await expect(issue(DEVICE, { id: 'nobody', aor: 'alice@example.com' })).rejects.toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
  await expect(issue(DEVICE, { id: BOB.id, aor: ALICE.aor })).rejects.toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
});

test('MS-OCAUTHWS R15: who is disabled while the certificate is made gets none', async () => {
  await issue('warm');
  const pending = issue();
  world.setEnabled(ALICE, false);
  await expect(pending).rejects.toMatchObject(refusedAs('PKI_USER_NOT_ENABLED'));
  expect(await world.rows()).toBe(1);
});

test.each([
  ['', /missing/],
  ['x'.repeat(65), /65 characters long/],
  ['a\nb', /not printable ASCII/],
])('a device id that is no name is refused: %j', async (deviceId, message) => {
  await expect(issue(deviceId)).rejects.toThrow(message);
});

test('another node learns of certificates and of their end over the bus', async () => {
  const certificate = await issue();
  const other = await world.node();
  const later = await issue('later');
  expect([certificate, later].map((c) => other.find(c)?.aor)).toEqual([ALICE.aor, ALICE.aor]);
  await other.revoke(ALICE.id, 'LATER');
  expect([certificate, later].map((c) => world.certificates.find(c)?.aor)).toEqual([ALICE.aor, undefined]);
});

test('the client authority is made with the first certificate, for the server alone, and used again', async () => {
  expect(() => statSync(world.file('pki/client-ca.key'))).toThrow();
  const first = await world.certificates.issue({ csr, user: ALICE, deviceId: 'a' });
  expect([statSync(world.file('pki/client-ca.key')).mode & 0o777, statSync(world.file('pki')).mode & 0o777]).toEqual([0o600, 0o700]);
  await world.restart();
  const second = await world.certificates.issue({ csr, user: ALICE, deviceId: 'b' });
  expect(second.chain).toEqual(first.chain);
});

test('two first certificates at once have one authority', async () => {
  const chains = await Promise.all(
    ['a', 'b'].map(async (deviceId) => (await world.certificates.issue({ csr, user: ALICE, deviceId })).chain[0]),
  );
  expect(chains[0]).toEqual(chains[1]);
});

test('a damaged client authority is made anew, and what the old one issued stays good', async () => {
  const before = await issue('a');
  rmSync(world.file('pki/client-ca.key'));
  await world.restart();
  const afterLoss = await issue('b');
  writeFileSync(world.file('pki/client-ca.pem'), 'half a certifi');
  await world.restart();
  const afterDamage = await issue('c');
  expect([before, afterLoss, afterDamage].map((c) => world.certificates.find(c)?.deviceId)).toEqual(['a', 'b', 'c']);
  expect(world.log.alarms).toHaveLength(2);
});

test('within a year of its end the client authority is succeeded by a new one, so that no certificate outlives it', async () => {
  await issue('a');
  const old = readFileSync(world.file('pki/client-ca.pem'), 'utf8');
  world.clock.jump(4 * 365 * DAY_MS);
  const { certificate, chain } = await world.certificates.issue({ csr, user: ALICE, deviceId: 'b' });
  const authority = new X509Certificate(chain[0] as Buffer);
  expect(authority.toString()).not.toBe(new X509Certificate(old).toString());
  expect(authority.validToDate.getTime()).toBeGreaterThan(new X509Certificate(certificate).validToDate.getTime());
});

async function run(path: string, given: Record<string, string>, options: Record<string, string> = {}): Promise<CommandResult> {
  const command = plugin.commands?.find((c) => c.path === path);
  const scope = { resolve: () => world.certificates } as unknown as PluginScope;
  if (command === undefined) throw new Error(`no command ${path}`);
  return command.run({ arguments: given, options, progress: () => undefined, signal: new AbortController().signal }, scope);
}

test('user certificates lists devices and ends, with and without sip:', async () => {
  await issue();
  const { rows, data } = await run('user certificates', { uri: 'sip:Alice@example.com' });
  expect(rows).toMatchObject([{ device: DEVICE.toLowerCase(), issued: '2030-01-15 00:00 UTC', expires: '2030-07-14 00:00 UTC' }]);
  expect(data).toHaveLength(1);
  expect((await run('user certificates', { uri: 'bob@example.com' })).text).toBe('bob@example.com has no certificate.');
  await expect(run('user certificates', { uri: 'carol@example.com' })).rejects.toMatchObject(refusedAs('PKI_USER_UNKNOWN'));
});

test('user revoke-certificates ends those of one device, or all', async () => {
  const [one, two, three] = [await issue('one'), await issue('two'), await issue('three')];
  expect(await run('user revoke-certificates', { uri: 'alice@example.com' }, { device: 'ONE' })).toMatchObject({
    text: 'One certificate of alice@example.com revoked.',
  });
  expect([one, two].map((c) => world.certificates.find(c)?.deviceId)).toEqual([undefined, 'two']);
  expect((await run('user revoke-certificates', { uri: 'alice@example.com' })).text).toBe('2 certificates of alice@example.com revoked.');
  expect(world.certificates.find(three)).toBeUndefined();
  await expect(run('user revoke-certificates', { uri: 'alice@example.com' }, { device: 'one' })).rejects.toThrow(
    /has no certificate for the device one/,
  );
});
