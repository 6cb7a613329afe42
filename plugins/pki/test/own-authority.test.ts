import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isIssuedBy, missingNames } from '../src/certificate.ts';
import { DAY_MS, NOW, World } from './support.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const fingerprints = (keeper: ReturnType<World['keeper']>): string[] => keeper.status().map((s) => s.fingerprint);

test('the first start makes an authority and a server certificate with every name that clients look for', () => {
  const keeper = world.keeper({ extraNames: ['192.0.2.10', '*.phones.example.com'] });
  const [server, authority] = [new X509Certificate(keeper.tls().cert), new X509Certificate(keeper.caCertificate as string)];
  expect(isIssuedBy(server, authority)).toBe(true);
  expect([server.ca, authority.ca]).toEqual([false, true]);
  expect(server.subjectAltName?.split(', ')).toEqual([
    'DNS:uc.example.com',
    'DNS:example.com',
    'DNS:example.org',
    ...['sip', 'sipinternal', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'].map((host) => `DNS:${host}.example.com`),
    ...['sip', 'sipinternal', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'].map((host) => `DNS:${host}.example.org`),
    'IP Address:192.0.2.10',
    'DNS:*.phones.example.com',
    'DNS:localhost',
    'IP Address:127.0.0.1',
    'IP Address:0:0:0:0:0:0:0:1',
  ]);
  expect(missingNames(server, ['phone7.phones.example.com', '::1', 'elsewhere.example'])).toEqual(['elsewhere.example']);
});

test('the server certificate lives 397 days, the authority five years, both begin in the past', () => {
  const [server, authority] = world.keeper().status();
  expect(server).toMatchObject({ role: 'server', subject: 'uc.example.com', daysLeft: 396 });
  expect(authority).toMatchObject({ role: 'authority', subject: 'Parley authority of uc.example.com', daysLeft: 1824 });
  expect(Date.parse(server?.validFrom ?? '')).toBeLessThan(NOW);
});

test('keys are for the server alone, certificates for everybody', () => {
  world.keeper().start();
  const mode = (file: string): number => statSync(world.file(`pki/${file}`)).mode & 0o777;
  expect([mode(''), mode('ca.key'), mode('server.key'), mode('ca.pem'), mode('server.pem')]).toEqual([0o700, 0o600, 0o600, 0o644, 0o644]);
});

test('a client that trusts the authority connects by name and by address; one that does not is refused', async () => {
  world.clock.jump(Date.now() - NOW); // OpenSSL has a clock of its own
  const keeper = world.keeper();
  const { cert, key } = keeper.tls();
  const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const attempt = (options: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
        socket.destroy();
        resolve('connected');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  const ca = keeper.caCertificate as string;
  expect(await attempt({ ca, servername: 'sip.example.org' })).toBe('connected');
  expect(await attempt({ ca })).toBe('connected');
  expect(await attempt({ ca, servername: 'sip.elsewhere.example' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await attempt({ servername: 'sip.example.org' })).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  server.close();
});

test('the next start uses the same certificates', () => {
  expect(fingerprints(world.withAuthority().keeper())).toEqual(fingerprints(world.keeper()));
});

test('a new domain gets a new server certificate from the same authority', () => {
  const [server, authority] = fingerprints(world.withAuthority().keeper());
  world.domains = ['example.com', 'example.net'];
  const [newServer, sameAuthority] = fingerprints(world.keeper());
  expect(sameAuthority).toBe(authority);
  expect(newServer).not.toBe(server);
});

test('a server certificate that is damaged, or whose key is another, is made anew', () => {
  const [server, authority] = fingerprints(world.withAuthority().keeper());
  writeFileSync(world.file('pki/server.pem'), 'half a certifi');
  const [second] = fingerprints(world.keeper());
  writeFileSync(world.file('pki/server.key'), readFileSync(world.file('pki/ca.key')));
  const [third, same] = fingerprints(world.keeper());
  expect(new Set([server, second, third]).size).toBe(3);
  expect(same).toBe(authority);
});

test('half an authority is an error: clients trust it, and only the operator may replace it', () => {
  world.withAuthority().keeper().start();
  const key = readFileSync(world.file('pki/ca.key'));
  rmSync(world.file('pki/ca.key'));
  expect(() => world.keeper().start()).toThrow(expect.objectContaining({ code: 'PKI_CA_DAMAGED' }) as Error);
  writeFileSync(world.file('pki/ca.key'), readFileSync(world.file('pki/server.key')));
  expect(() => world.keeper().start()).toThrow(/ca\.key does not belong to ca\.pem/);
  writeFileSync(world.file('pki/ca.key'), key);
  chmodSync(world.file('pki/ca.key'), 0o600);
  world.keeper().start();
});

test('thirty days before the end the server renews its certificate by itself and tells who uses it', () => {
  const keeper = world.withAuthority().keeper();
  keeper.start();
  const [before] = fingerprints(keeper);
  const seen: string[] = [];
  keeper.onChange(() => seen.push(keeper.tls().cert));
  world.clock.jump(366 * DAY_MS);
  world.clock.hour();
  expect(seen).toEqual([]);
  world.clock.jump(DAY_MS);
  world.clock.hour();
  expect(seen).toHaveLength(1);
  expect(fingerprints(keeper)[0]).not.toBe(before);
  expect(keeper.status()[0]?.daysLeft).toBeGreaterThan(390);
  expect(readFileSync(world.file('pki/server.pem'), 'utf8')).toBe(seen[0]);
  expect(world.log.alarms).toEqual([]);
  keeper.stop();
});

test('what listens no more is not called; one that throws costs the others nothing', () => {
  const keeper = world.withAuthority().keeper();
  keeper.start();
  let calls = 0;
  keeper.onChange(() => calls++)();
  keeper.onChange(() => {
    throw new Error('cannot');
  });
  keeper.onChange(() => calls++);
  world.clock.jump(368 * DAY_MS);
  world.clock.hour();
  expect(calls).toBe(1);
  keeper.stop();
  expect(world.clock.timers.size).toBe(0);
});

test('a server certificate is never good for longer than its authority, and the end of both is warned of', () => {
  world.withAuthority().clock.jump((5 * 365 - 20) * DAY_MS);
  const keeper = world.keeper();
  keeper.start();
  const [server, authority] = keeper.status();
  expect(server?.validTo).toBe(authority?.validTo);
  expect(world.log.alarms).toEqual(['the server certificate expires in 20 days', 'the authority certificate expires in 20 days']);
  expect(keeper.health().state).toBe('warn');
  world.clock.jump(20 * DAY_MS);
  world.clock.hour();
  expect(world.log.alarms.at(-1)).toMatch(/authority certificate has expired/);
  expect(keeper.health().state).toBe('fail');
  keeper.stop();
});
