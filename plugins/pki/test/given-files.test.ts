import { createPrivateKey } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCertificates } from '../src/certificate.ts';
import { ExpiryWatch } from '../src/expiry-watch.ts';
import { makeAuthority } from '../src/issue.ts';
import { DAY_MS, NOW, RecordingLog, World, authority, issue } from './support.ts';

const NAMES = ['uc.example.com', 'example.com', 'example.org'];
const GIVEN = { certFile: 'cert.pem', keyFile: 'key.pem' };
const good = issue(NAMES);

let world: World;
let writes = 0;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

/** Writes the given files; each write has a time of its own, whatever the file system's clock says. */
function give(cert: string, key: string): void {
  for (const [name, text] of [['cert.pem', cert] as const, ['key.pem', key] as const]) {
    writeFileSync(world.file(name), text);
    utimesSync(world.file(name), ++writes, writes);
  }
}

const refused = (code: string, message: RegExp): void => {
  expect(() => world.keeper(GIVEN).start()).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
  );
};

test('given files are served as they are, and nothing is made', () => {
  give(good.certificate + authority().certificate, good.key);
  const keeper = world.keeper(GIVEN);
  keeper.start();
  expect(keeper.tls()).toEqual({ cert: good.certificate + authority().certificate, key: good.key, ca: [] });
  expect(keeper.caCertificate).toBe(authority().certificate);
  expect(keeper.status()[0]).toMatchObject({ role: 'server', file: world.file('cert.pem') });
  keeper.stop();
});

test('without its authority in the chain or in caFile there is none to export', () => {
  give(good.certificate, good.key);
  expect(world.keeper(GIVEN).caCertificate).toBeUndefined();
  writeFileSync(world.file('ca.pem'), authority().certificate);
  const keeper = world.keeper({ ...GIVEN, caFile: world.file('ca.pem') });
  expect(keeper.caCertificate).toBe(authority().certificate);
  expect(keeper.tls().ca).toEqual([authority().certificate]);
});

test('one of the two files alone is refused by name', () => {
  expect(() => world.keeper({ certFile: 'cert.pem' })).toThrow(/names certFile but not keyFile/);
  expect(() => world.keeper({ keyFile: 'key.pem' })).toThrow(/names keyFile but not certFile/);
});

test('a missing file is refused with its path', () => {
  refused('PKI_FILE_UNREADABLE', /cert\.pem cannot be read: ENOENT/);
});

test('files that hold something else are refused', () => {
  give('hello', good.key);
  refused('PKI_CERTIFICATE_MALFORMED', /no BEGIN CERTIFICATE/);
  give('-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n', good.key);
  refused('PKI_CERTIFICATE_MALFORMED', /cert\.pem/);
  give(good.certificate, 'hello');
  refused('PKI_KEY_MALFORMED', /key\.pem/);
});

test('an encrypted key is refused with the command that decrypts it', () => {
  const encrypted = createPrivateKey(good.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  give(good.certificate, encrypted);
  refused('PKI_KEY_MALFORMED', /it is encrypted/);
});

test('a key of another certificate is refused', () => {
  give(good.certificate, authority().key);
  refused('PKI_KEY_MISMATCH', /key\.pem does not belong to the certificate "uc\.example\.com"/);
});

test('a chain in the wrong order is refused, whichever way it is wrong', () => {
  give(authority().certificate + good.certificate, good.key);
  refused('PKI_CHAIN_ORDER', /the key belongs to number 2, "uc\.example\.com"/);
  give(good.certificate + makeAuthority('the tests', NOW).certificate, good.key);
  refused('PKI_CHAIN_ORDER', /followed by "Parley authority of the tests", which did not issue it/);
});

test('a certificate that does not name the server and its domains is refused, unless that is allowed', () => {
  const narrow = issue(['uc.example.com', '*.example.com']);
  give(narrow.certificate, narrow.key);
  refused('PKI_NAMES_MISSING', /is good for uc\.example\.com, \*\.example\.com, but not for example\.com, example\.org/);
  expect(world.keeper({ ...GIVEN, allowMissingNames: true }).tls().key).toBe(narrow.key);
});

test('files that change are served within seconds, and who uses them is told once', () => {
  give(good.certificate, good.key);
  const keeper = world.keeper(GIVEN);
  keeper.start();
  const seen: string[] = [];
  keeper.onChange(() => seen.push(keeper.tls().key));
  world.clock.advance(60_000);
  const newer = issue(NAMES, NOW + DAY_MS);
  give(newer.certificate, newer.key);
  world.clock.advance(60_000);
  expect(seen).toEqual([newer.key]);
  keeper.stop();
});

test('a bad replacement is refused with a log line, the old certificate stays, and a good one is taken after it', () => {
  give(good.certificate, good.key);
  const keeper = world.keeper(GIVEN);
  keeper.start();
  give(good.certificate, authority().key);
  world.clock.advance(60_000);
  expect(keeper.tls().key).toBe(good.key);
  expect(world.log.alarms).toEqual(['the new server certificate cannot be used; the old one stays']);
  expect(keeper.health()).toMatchObject({ state: 'warn', detail: expect.stringContaining('does not belong') as string });
  rmSync(world.file('key.pem'));
  world.clock.advance(60_000);
  expect(keeper.tls().key).toBe(good.key);
  const newer = issue(NAMES, NOW + DAY_MS);
  give(newer.certificate, newer.key);
  world.clock.advance(60_000);
  expect(keeper.tls().key).toBe(newer.key);
  expect(keeper.health().state).toBe('ok');
  keeper.stop();
});

test('an expired certificate is served all the same, loudly: other transports still work', () => {
  give(good.certificate, good.key);
  world.clock.jump(400 * DAY_MS);
  const keeper = world.keeper(GIVEN);
  keeper.start();
  expect(world.log.alarms).toEqual(['the server certificate has expired: clients that verify it cannot connect']);
  expect(keeper.health().state).toBe('fail');
  keeper.stop();
});

test('a certificate near its end is warned of at 30, 14, 7 and 1 days, once each, and when it has ended', () => {
  const [server] = readCertificates(good.certificate, 'cert.pem');
  const log = new RecordingLog();
  const watch = new ExpiryWatch(log);
  for (let hours = 0; hours < 450 * 24; hours += 6)
    watch.look('server', server as X509Certificate, 'cert.pem', NOW + (hours * DAY_MS) / 24);
  expect(log.alarms).toEqual([
    ...[30, 14, 7, 1].map((days) => `the server certificate expires in ${days} days`),
    'the server certificate has expired: clients that verify it cannot connect',
  ]);
});
