import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkConfig, unknownVariables } from '@parley/core';
import type { ServerConfig } from '@parley/core';
import { checkNames, ownAddresses } from '../src/doctor-names.ts';
import type { NameLookup } from '../src/doctor-names.ts';
import { checkPort } from '../src/doctor-ports.ts';
import { examine } from '../src/doctor.ts';
import type { Finding } from '../src/finding.ts';
import { webListener } from '../src/web-config.ts';

const closing: Server[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
});

/** A DNS that knows these records; everything else does not exist. */
function aDns(records: Readonly<Record<string, string | { readonly name: string; readonly port: number }>>): NameLookup {
  const ask = (name: string): Promise<unknown> => {
    const found = records[name];
    return found === undefined ? Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })) : Promise.resolve([found]);
  };
  return { resolve4: ask, resolve6: () => ask(''), resolveSrv: ask } as unknown as NameLookup;
}

const ZONE = {
  domains: ['example.com'],
  fqdn: 'uc.example.com',
  listeners: [{ transport: 'tls', port: 5061 }],
  web: { hosts: ['uc.example.com'], autodiscover: true },
} as const;

test('MS-CONMGMT 3.1: every name that clients look for is asked for, and what is missing is said with its purpose', async () => {
  const dns = aDns({
    '_sipinternaltls._tcp.example.com': { name: 'UC.example.com', port: 5061 },
    '_sip._tls.example.com': { name: 'edge.example.com', port: 443 },
    'sip.example.com': '192.0.2.10',
  });
  const findings = new Map((await checkNames(ZONE, dns)).map((finding) => [finding.check, finding]));
  expect(findings.get('DNS SRV _sipinternaltls._tcp.example.com')).toMatchObject({ state: 'ok', found: 'UC.example.com:5061' });
  expect(findings.get('DNS SRV _sip._tls.example.com')).toMatchObject({
    state: 'warn',
    found: 'edge.example.com:443',
    fix: 'It should lead to uc.example.com. port 5061.',
  });
  expect(findings.get('DNS A sip.example.com')).toMatchObject({ state: 'warn', found: '192.0.2.10: not of this machine' });
  expect(findings.get('DNS A uc.example.com')).toMatchObject({ state: 'fail', found: 'no address' });
  expect(findings.get('DNS A lyncdiscover.example.com')).toMatchObject({
    state: 'warn',
    fix: 'Publish it (Lync autodiscover, outside); parley dns prints the zone.',
  });
  expect(findings.get('DNS SRV _sipfederationtls._tcp.example.com')?.state).toBe('warn');
});

test.skipIf(ownAddresses().length === 0)('an address of this machine is good', async () => {
  const [own = ''] = ownAddresses();
  const findings = await checkNames(ZONE, aDns({ 'uc.example.com': own }));
  expect(findings.find(({ check }) => check === 'DNS A uc.example.com')).toEqual({
    check: 'DNS A uc.example.com',
    state: 'ok',
    found: own,
  });
});

test('a server for this machine alone has nothing to publish', async () => {
  expect(await checkNames({ ...ZONE, domains: ['parley.localhost'] }, aDns({}))).toMatchObject([{ state: 'ok' }]);
});

test('a port that another program has is found, and who has it is a command away', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  closing.push(other);
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  expect(await checkPort({ transport: 'https', host: '127.0.0.1', port }, false)).toMatchObject({
    state: 'fail',
    found: 'EADDRINUSE',
    fix: expect.stringContaining(`ss -lnp | grep ${port}`) as string,
  });
  expect(await checkPort({ transport: 'https', host: '127.0.0.1', port }, true)).toMatchObject({ state: 'ok' });
});

/** A configuration with plugins of these names and settings. */
function aConfig(plugins: Readonly<Record<string, unknown>>): ServerConfig {
  return {
    domains: ['parley.localhost'],
    fqdn: 'parley.localhost',
    dataDir: '/nonexistent/parley-data',
    listen: [{ transport: 'tls', host: '127.0.0.1', port: 0 }],
    plugins: Object.entries(plugins).map(([name, config]) => ({ plugin: { name }, config, version: '0.0.0' })),
  } as unknown as ServerConfig;
}

test('the HTTPS host is known by the settings of the plugin web', () => {
  expect(webListener(aConfig({ routing: {} }))).toBeUndefined();
  const web = { host: '0.0.0.0', port: 8443, plain: { host: '127.0.0.1', port: 80 } };
  expect(webListener(aConfig({ web }))).toEqual({ ...web, hosts: ['parley.localhost'], autodiscover: false });
  const urls = { ...web, internalUrl: 'https://uc.example.com', externalUrl: 'https://ucext.example.com:8443' };
  expect(webListener(aConfig({ web: urls, autodiscover: {} }))).toMatchObject({
    hosts: ['uc.example.com', 'ucext.example.com'],
    autodiscover: true,
  });
});

test('the ports of plugins are looked at as those of the SIP listeners', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  closing.push(other);
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const host = '127.0.0.1';
  const states = async (plugins: Readonly<Record<string, unknown>>): Promise<unknown[]> =>
    (await examine(aConfig(plugins), false))
      .filter(({ check }) => check.endsWith(`${host}:${port}`))
      .map(({ check, state }) => [check, state]);
  expect(await states({ metrics: { host, port } })).toEqual([[`port http ${host}:${port}`, 'fail']]);
  expect(await states({ 'external-applications': { tls: { host, port } } })).toEqual([[`port tls ${host}:${port}`, 'fail']]);
  expect(await states({ web: { host, port: 0, plain: { host, port } } })).toEqual([[`port http ${host}:${port}`, 'fail']]);
  expect(await states({ 'external-applications': {} })).toEqual([]);
});

test('MS-OCDISCWS 2: autodiscover on another port than 443 is a warning, since no client asks there', async () => {
  const web = { host: '127.0.0.1', port: 0 };
  const checks = async (plugins: Readonly<Record<string, unknown>>): Promise<unknown[]> =>
    (await examine(aConfig(plugins), false)).filter(({ check }) => check === 'autodiscover port').map(({ state }) => state);
  expect(await checks({ web, autodiscover: {} })).toEqual(['warn']);
  expect(await checks({ web })).toEqual([]);
});

test('what start would refuse is a fault, and a file that is younger than the server a warning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-doctor-'));
  try {
    const file = join(folder, 'parley.config.json');
    writeFileSync(file, '{}');
    writeFileSync(join(folder, 'server.json'), JSON.stringify({ pid: 1, host: 'uc', since: '2026-01-01T00:00:00.000Z' }));
    const listen = [{ transport: 'tcp', host: '127.0.0.1', port: 0 }] as const;
    const config = { ...(await checkConfig({ domains: ['parley.localhost'], dataDir: folder, listen, plugins: [] })), file };
    const found = async (given: ServerConfig): Promise<Map<string, Finding>> =>
      new Map((await examine(given, true)).map((finding) => [finding.check, finding]));
    expect((await found(config)).get('start')?.state).toBe('ok');
    expect((await found(config)).get('configuration')).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('after the server was started') as string,
      // The file's time does not tell what was changed: who reloaded scripts must not be sent to a restart.
      fix: expect.stringContaining('where only scripts were changed, `parley script reload` is enough') as string,
    });
    const broken = { ...config, scripts: { ...config.scripts, extra: [join(folder, 'gone.am')] } };
    expect((await found(broken)).get('start')).toMatchObject({ state: 'fail', found: expect.stringContaining('gone.am') as string });
    utimesSync(file, 0, 0);
    expect((await found(config)).get('configuration')?.state).toBe('ok');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a variable that means nothing is told with the one that was meant', () => {
  const env = { PARLEY_FQDNX: 'uc', PARLEY_FQDN: 'uc', PARLEY_PLUGIN_WEB_PORT: '1', PATH: '' };
  expect(unknownVariables(env, ['web'])).toEqual([{ name: 'PARLEY_FQDNX', meant: 'PARLEY_FQDN' }]);
});
