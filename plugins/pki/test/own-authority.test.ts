import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import type { TestServer } from '@parley/sdk/testkit';
import { Pki } from '../src/api.ts';
import { isIssuedBy, missingNames } from '../src/certificate.ts';
import { certificateNames } from '../src/names.ts';
import { DAY_MS, HOUR_MS, NOW, alarms, health, serving, withAuthority } from './serving.ts';

const fingerprints = (server: TestServer): string[] =>
  server
    .find(Pki)
    .status()
    .map((s) => s.fingerprint);
const files = (server: TestServer): Record<string, string> =>
  Object.fromEntries(
    ['ca.pem', 'ca.key', 'server.pem', 'server.key'].map((name) => [`pki/${name}`, readFileSync(server.file(`pki/${name}`), 'utf8')]),
  );

test('a certificate of our own has every name that clients look for in each domain', () => {
  expect(certificateNames({ fqdn: 'uc.example.com', domains: ['example.com', 'Example.org'], extra: ['192.0.2.10'] })).toEqual([
    'uc.example.com',
    'example.com',
    'example.org',
    ...['sip', 'sipinternal', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'].map((host) => `${host}.example.com`),
    ...['sip', 'sipinternal', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'].map((host) => `${host}.example.org`),
    '192.0.2.10',
    'localhost',
    '127.0.0.1',
    '::1',
  ]);
});

test('the first start makes an authority and a server certificate, with the names that the operator wants besides', async () => {
  const server = await serving({ extraNames: ['192.0.2.10', '*.phones.example.com'] });
  const { cert } = server.find(Pki).tls();
  const [own, authority] = [new X509Certificate(cert), new X509Certificate(server.find(Pki).caCertificate as string)];
  expect(isIssuedBy(own, authority)).toBe(true);
  expect([own.ca, authority.ca]).toEqual([false, true]);
  expect(own.subjectAltName?.split(', ')).toEqual([
    ...['uc', 'example.com', 'sip', 'sipinternal', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'].map((host) =>
      host.includes('.') ? `DNS:${host}` : `DNS:${host}.example.com`,
    ),
    'IP Address:192.0.2.10',
    'DNS:*.phones.example.com',
    'DNS:localhost',
    'IP Address:127.0.0.1',
    'IP Address:0:0:0:0:0:0:0:1',
  ]);
  expect(missingNames(own, ['phone7.phones.example.com', '::1', 'elsewhere.example'])).toEqual(['elsewhere.example']);
});

test('the server certificate lives 397 days, the authority five years, both begin in the past; keys are for the server alone', async () => {
  const server = await serving();
  const [own, authority] = server.find(Pki).status();
  expect(own).toMatchObject({ role: 'server', subject: 'uc.example.com', daysLeft: 396 });
  expect(authority).toMatchObject({ role: 'authority', subject: 'Parley authority of uc.example.com', daysLeft: 1824 });
  expect(Date.parse(own?.validFrom ?? '')).toBeLessThan(NOW);
  const mode = (file: string): number => statSync(server.file(`pki/${file}`)).mode & 0o777;
  expect([mode(''), mode('ca.key'), mode('server.key'), mode('ca.pem'), mode('server.pem')]).toEqual([0o700, 0o600, 0o600, 0o644, 0o644]);
});

test('a client that trusts the authority connects by name and by address; one that does not is refused', async () => {
  const server = await serving({}, { startAt: Date.now() }); // OpenSSL has a clock of its own
  const { cert, key } = server.find(Pki).tls();
  const listener = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  const attempt = (options: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
        socket.destroy();
        resolve('connected');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  const ca = server.find(Pki).caCertificate as string;
  expect(await attempt({ ca, servername: 'sip.example.com' })).toBe('connected');
  expect(await attempt({ ca })).toBe('connected');
  expect(await attempt({ ca, servername: 'sip.elsewhere.example' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await attempt({ servername: 'sip.example.com' })).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  listener.close();
});

test('the next start uses the same certificates', async () => {
  const server = await serving({}, { files: withAuthority() });
  const before = fingerprints(server);
  await server.restart();
  expect(fingerprints(server)).toEqual(before);
});

test('a new domain gets a new server certificate from the same authority', async () => {
  const old = await serving({}, { files: withAuthority() });
  const present = await serving({}, { files: files(old), domain: 'example.net' });
  const [[own, authority], [newOwn, sameAuthority]] = [fingerprints(old), fingerprints(present)];
  expect(sameAuthority).toBe(authority);
  expect(newOwn).not.toBe(own);
});

test('a server certificate that is damaged, or whose key is another, is made anew', async () => {
  const server = await serving({}, { files: withAuthority() });
  const [own, authority] = fingerprints(server);
  writeFileSync(server.file('pki/server.pem'), 'half a certifi');
  await server.restart();
  const [second] = fingerprints(server);
  writeFileSync(server.file('pki/server.key'), readFileSync(server.file('pki/ca.key')));
  await server.restart();
  const [third, same] = fingerprints(server);
  expect(new Set([own, second, third]).size).toBe(3);
  expect(same).toBe(authority);
});

test('half an authority is an error: clients trust it, and only the operator may replace it', async () => {
  const server = await serving({}, { files: withAuthority() });
  const key = readFileSync(server.file('pki/ca.key'));
  rmSync(server.file('pki/ca.key'));
  await expect(server.restart()).rejects.toMatchObject({ cause: { code: 'PKI_CA_DAMAGED' } });
  writeFileSync(server.file('pki/ca.key'), readFileSync(server.file('pki/server.key')));
  await expect(server.restart()).rejects.toThrow(/ca\.key does not belong to ca\.pem/);
  writeFileSync(server.file('pki/ca.key'), key);
  chmodSync(server.file('pki/ca.key'), 0o600);
  await server.restart();
});

/** A server whose certificate is to be renewed within the hour. */
async function dueSoon(): Promise<TestServer> {
  const server = await serving({}, { files: withAuthority() });
  await server.restart(367 * DAY_MS - 1.5 * HOUR_MS);
  return server;
}

test('thirty days before the end the server renews its certificate by itself and tells who uses it', async () => {
  const server = await dueSoon();
  const pki = server.find(Pki);
  const [before] = fingerprints(server);
  expect(pki.status()[0]?.daysLeft).toBe(30);
  const seen: string[] = [];
  pki.onChange(() => seen.push(pki.tls().cert));
  await server.advance('1h');
  expect(seen).toHaveLength(1);
  expect(fingerprints(server)[0]).not.toBe(before);
  expect(pki.status()[0]?.daysLeft).toBeGreaterThan(390);
  expect(readFileSync(server.file('pki/server.pem'), 'utf8')).toBe(seen[0]);
  expect(alarms(server)).toEqual([]);
});

test('what listens no more is not called; one that throws costs the others nothing', async () => {
  const server = await dueSoon();
  const pki = server.find(Pki);
  let calls = 0;
  pki.onChange(() => calls++)();
  pki.onChange(() => {
    throw new Error('cannot');
  });
  pki.onChange(() => calls++);
  await server.advance('1h');
  expect(calls).toBe(1);
});

test('a server certificate is never good for longer than its authority, and the end of both is warned of', async () => {
  const end = NOW + 5 * 365 * DAY_MS;
  const server = await serving({}, { files: withAuthority(), startAt: end - 20 * DAY_MS });
  const [own, authority] = server.find(Pki).status();
  expect(own?.validTo).toBe(authority?.validTo);
  expect(alarms(server)).toEqual(['the server certificate expires in 20 days', 'the authority certificate expires in 20 days']);
  expect(await health(server)).toMatchObject({ state: 'warn' });
  await server.restart(20 * DAY_MS - 1.5 * HOUR_MS);
  await server.advance('1h');
  expect(alarms(server).at(-1)).toMatch(/authority certificate has expired/);
  expect(await health(server)).toMatchObject({ state: 'fail' });
});
