import { createPrivateKey } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testLog } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { Pki } from '../src/api.ts';
import { readCertificates } from '../src/certificate.ts';
import { ExpiryWatch } from '../src/expiry-watch.ts';
import { makeAuthority } from '../src/issue.ts';
import { DAY_MS, NOW, alarms, authority, health, issue, serving } from './serving.ts';

const NAMES = ['uc.example.com', 'example.com'];
const GIVEN = { certFile: 'cert.pem', keyFile: 'key.pem' };
const good = issue(NAMES);

const given = (cert: string, key: string): Record<string, string> => ({ 'cert.pem': cert, 'key.pem': key });
const starting = (cert: string, key: string, config: object = {}): Promise<TestServer> =>
  serving({ ...GIVEN, ...config }, { files: given(cert, key) });
const refused = async (cert: string, key: string, code: string, message: RegExp): Promise<void> => {
  await expect(starting(cert, key)).rejects.toMatchObject({ cause: { code, message: expect.stringMatching(message) as string } });
};

let writes = 0;
/** Replaces the given files; each write has a time of its own, whatever the file system's clock says. */
function replace(server: TestServer, cert: string, key: string): void {
  for (const [name, text] of Object.entries(given(cert, key))) {
    writeFileSync(server.file(name), text);
    utimesSync(server.file(name), ++writes, writes);
  }
}

test('given files are served as they are, and nothing is made', async () => {
  const chain = good.certificate + authority().certificate;
  const server = await starting(chain, good.key);
  const pki = server.find(Pki);
  expect(pki.tls()).toEqual({ cert: chain, key: good.key, ca: [] });
  expect(pki.caCertificate).toBe(authority().certificate);
  expect(pki.status()[0]).toMatchObject({ role: 'server', file: server.file('cert.pem') });
});

test('without its authority in the chain or in caFile there is none to export', async () => {
  expect((await starting(good.certificate, good.key)).find(Pki).caCertificate).toBeUndefined();
  const files = { ...given(good.certificate, good.key), 'ca.pem': authority().certificate };
  const pki = (await serving({ ...GIVEN, caFile: 'ca.pem' }, { files })).find(Pki);
  expect(pki.caCertificate).toBe(authority().certificate);
  expect(pki.tls().ca).toEqual([authority().certificate]);
});

test('one of the two files alone is refused by name', async () => {
  await expect(serving({ certFile: 'cert.pem' })).rejects.toThrow(/names certFile but not keyFile/);
  await expect(serving({ keyFile: 'key.pem' })).rejects.toThrow(/names keyFile but not certFile/);
});

test('a missing file is refused with its path', async () => {
  const message = expect.stringMatching(/cert\.pem cannot be read: ENOENT/) as string;
  await expect(serving(GIVEN)).rejects.toMatchObject({ cause: { code: 'PKI_FILE_UNREADABLE', message } });
});

test('files that hold something else are refused', async () => {
  await refused('hello', good.key, 'PKI_CERTIFICATE_MALFORMED', /no BEGIN CERTIFICATE/);
  const garbage = '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n';
  await refused(garbage, good.key, 'PKI_CERTIFICATE_MALFORMED', /cert\.pem/);
  await refused(good.certificate, 'hello', 'PKI_KEY_MALFORMED', /key\.pem/);
});

test('an encrypted key is refused with the command that decrypts it', async () => {
  const encrypted = createPrivateKey(good.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  await refused(good.certificate, encrypted, 'PKI_KEY_MALFORMED', /it is encrypted/);
});

test('a key of another certificate is refused', async () => {
  const message = /key\.pem does not belong to the certificate "uc\.example\.com"/;
  await refused(good.certificate, authority().key, 'PKI_KEY_MISMATCH', message);
});

test('a chain in the wrong order is refused, whichever way it is wrong', async () => {
  const upsideDown = authority().certificate + good.certificate;
  await refused(upsideDown, good.key, 'PKI_CHAIN_ORDER', /the key belongs to number 2, "uc\.example\.com"/);
  const ofAnother = good.certificate + makeAuthority('the tests', NOW).certificate;
  await refused(ofAnother, good.key, 'PKI_CHAIN_ORDER', /followed by "Parley authority of the tests", which did not issue it/);
});

test('a certificate that does not name the server and its domains is refused, unless that is allowed', async () => {
  const narrow = issue(['uc.example.com', '*.example.com']);
  const message = /is good for uc\.example\.com, \*\.example\.com, but not for example\.com/;
  await refused(narrow.certificate, narrow.key, 'PKI_NAMES_MISSING', message);
  expect((await starting(narrow.certificate, narrow.key, { allowMissingNames: true })).find(Pki).tls().key).toBe(narrow.key);
});

test('files that change are served within seconds, and who uses them is told once', async () => {
  const server = await starting(good.certificate, good.key);
  const pki = server.find(Pki);
  const seen: string[] = [];
  pki.onChange(() => seen.push(pki.tls().key));
  await server.advance('60s');
  const newer = issue(NAMES, NOW + DAY_MS);
  replace(server, newer.certificate, newer.key);
  await server.advance('60s');
  expect(seen).toEqual([newer.key]);
});

test('a bad replacement is refused with a log line, the old certificate stays, and a good one is taken after it', async () => {
  const server = await starting(good.certificate, good.key);
  const pki = server.find(Pki);
  replace(server, good.certificate, authority().key);
  await server.advance('60s');
  expect(pki.tls().key).toBe(good.key);
  expect(alarms(server)).toEqual(['the new server certificate cannot be used; the old one stays']);
  expect(await health(server)).toMatchObject({ state: 'warn', detail: expect.stringContaining('does not belong') as string });
  rmSync(server.file('key.pem'));
  await server.advance('60s');
  expect(pki.tls().key).toBe(good.key);
  const newer = issue(NAMES, NOW + DAY_MS);
  replace(server, newer.certificate, newer.key);
  await server.advance('60s');
  expect(pki.tls().key).toBe(newer.key);
  expect(await health(server)).toMatchObject({ state: 'ok' });
});

test('an expired certificate is served all the same, loudly: other transports still work', async () => {
  const server = await serving(GIVEN, { files: given(good.certificate, good.key), startAt: NOW + 400 * DAY_MS });
  expect(alarms(server)).toEqual(['the server certificate has expired: clients that verify it cannot connect']);
  expect(await health(server)).toMatchObject({ state: 'fail' });
});

test('a certificate near its end is warned of at 30, 14, 7 and 1 days, once each, and when it has ended', () => {
  const [server] = readCertificates(good.certificate, 'cert.pem');
  const log = testLog();
  const watch = new ExpiryWatch(log);
  for (let hours = 0; hours < 450 * 24; hours += 6)
    watch.look('server', server as X509Certificate, 'cert.pem', NOW + (hours * DAY_MS) / 24);
  expect(log.lines.map(({ message }) => message)).toEqual([
    ...[30, 14, 7, 1].map((days) => `the server certificate expires in ${days} days`),
    'the server certificate has expired: clients that verify it cannot connect',
  ]);
});
