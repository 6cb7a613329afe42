import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { InvalidConfig, checkConfig, defineServer, definePlugin } from '../../src/host/index.ts';
import type { Fault } from '../../src/host/index.ts';
import { ROOT, folder, installed, plugin } from './fixtures.ts';

const registrar = definePlugin({
  name: 'registrar',
  summary: 'Keeps registrations.',
  config: z.strictObject({
    maxContacts: z.int().min(1).max(100).default(10).describe('Contacts of one user'),
    mode: z.enum(['memory', 'store']).default('store').describe('Where they are kept'),
    peers: z.array(z.strictObject({ host: z.string().min(1).describe('Name'), weight: z.number().min(0).optional() })).default([]),
  }),
  root: ROOT,
});

const PLUGIN_SOURCE = `{ name: 'fax', summary: '', root: new URL('.', import.meta.url), config: { safeParse: (data) => ({ success: true, data }) } }`;

async function faultsOf(input: unknown, options: Parameters<typeof checkConfig>[1] = {}): Promise<readonly Fault[]> {
  const error: unknown = await checkConfig(input, options).then(
    () => expect.fail('the configuration was accepted'),
    (e: unknown) => e,
  );
  if (!(error instanceof InvalidConfig)) throw error;
  return error.faults;
}

test('the smallest configuration is a server that can be tried', async () => {
  const config = await checkConfig(defineServer({ plugins: [] }), { folder: '/srv/parley' });
  expect(config).toMatchObject({
    domains: ['parley.localhost'],
    fqdn: 'parley.localhost',
    dataDir: '/srv/parley/parley-data',
    store: { kind: 'sqlite', file: 'parley.sqlite' },
    log: { level: 'info' },
    timers: { t1: 500 },
    plugins: [],
  });
  expect(config.listen.map(({ transport, port }) => `${transport} ${port}`)).toEqual(['udp 5060', 'tcp 5060', 'tls 5061']);
});

test('a configuration is typed where it is written', () => {
  // @ts-expect-error the transport is no transport
  defineServer({ listen: [{ transport: 'sctp', port: 5060 }], plugins: [] });
  // @ts-expect-error limits has no such field
  defineServer({ limits: { conections: 5 }, plugins: [] });
  // @ts-expect-error maxContacts is a number
  defineServer({ plugins: [registrar({ maxContacts: 'many' })] });
});

test('paths are relative to the file', async () => {
  const config = await checkConfig(
    {
      dataDir: 'data',
      log: { file: 'log/parley.log' },
      scripts: { extra: ['routes/mine.am', '/etc/parley/other.am'] },
      listen: [{ transport: 'tls', port: 5061, tls: { certFile: 'cert.pem', keyFile: '/etc/key.pem' } }],
      plugins: [],
    },
    { folder: '/srv/parley' },
  );
  expect(config.dataDir).toBe('/srv/parley/data');
  expect(config.log.file).toBe('/srv/parley/log/parley.log');
  expect(config.scripts.extra).toEqual(['/srv/parley/routes/mine.am', '/etc/parley/other.am']);
  expect(config.listen[0]?.tls).toMatchObject({ certFile: '/srv/parley/cert.pem', keyFile: '/etc/key.pem', minVersion: 'TLSv1.2' });
});

test('every fault is listed at once, with its path, what was found and what is allowed', async () => {
  const faults = await faultsOf({
    domains: ['exa mple.com', 5],
    listen: [
      { transport: 'udp', host: 'localhost', port: 70_000 },
      { transport: 'tpc', port: 5060 },
    ],
    limits: { conections: 10, drainSeconds: -1 },
    store: { kind: 'mysql' },
    plugins: [registrar({ maxContacts: 0, peers: [{ host: '' }] })],
    pulgins: [],
  });
  expect(faults).toEqual([
    { path: 'domains[0]', found: '"exa mple.com"', allowed: 'a host name such as sip.example.com' },
    { path: 'domains[1]', found: '5', allowed: 'a host name such as sip.example.com, or an IPv4 address, or an IPv6 address' },
    { path: 'listen[0].host', found: '"localhost"', allowed: expect.stringContaining('an IPv4 or IPv6 address of this machine') as string },
    { path: 'listen[0].port', found: '70000', allowed: 'a whole number from 0 to 65535 (Port; 0 takes a free one)' },
    { path: 'listen[1].transport', found: '"tpc"', allowed: 'one of "udp", "tcp", "tls", "ws", "wss" (How SIP travels here)' },
    { path: 'store.kind', found: '"mysql"', allowed: '"sqlite", or "postgres"' },
    { path: 'limits.drainSeconds', found: '-1', allowed: expect.stringMatching(/^a number from 0 to 600 \(Time for/) as string },
    {
      path: 'limits.conections',
      found: 'a field that is not known here',
      allowed: expect.stringContaining('connections, ') as string,
      hint: '"connections"',
    },
    {
      path: 'pulgins',
      found: 'a field that is not known here',
      allowed: expect.stringContaining('domains, fqdn, ') as string,
      hint: '"plugins"',
    },
    { path: 'plugins.registrar.maxContacts', found: '0', allowed: 'a whole number from 1 to 100 (Contacts of one user)' },
    { path: 'plugins.registrar.peers[0].host', found: '""', allowed: 'a text of at least 1 character (Name)' },
  ]);
});

test('the message lists them one a line', async () => {
  const file = '/srv/parley.config.json';
  const checked = checkConfig({ domains: 'example.com', plugins: [registrar({ mode: 'disk' as 'store' })] }, { file });
  await expect(checked).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    place: file,
    message: [
      '/srv/parley.config.json has 2 faults:',
      '  domains: found "example.com"; allowed: a list of at least 1, each a host name such as sip.example.com, or an IPv4 address, or an IPv6 address (SIP domains that this server is responsible for; the first is the default one).',
      '  plugins.registrar.mode: found "disk"; allowed: one of "memory", "store" (Where they are kept).'.replace(
        'found "store"',
        'found "disk"',
      ),
    ].join('\n'),
  });
});

test.each([undefined, null, 5, 'text', []])('%j is no configuration', async (input) => {
  expect(await faultsOf(input)).toMatchObject([{ path: 'the configuration' }]);
});

test('a secret that is wrong is not shown', async () => {
  const secretive = definePlugin({
    name: 'secretive',
    summary: 'Has one.',
    config: z.strictObject({ password: z.string().min(100), nested: z.array(z.strictObject({ secret: z.string() })).max(0) }),
    root: ROOT,
  });
  const faults = await faultsOf({
    store: { kind: 'postgres', url: 'mysql://root:hunter2@db' },
    plugins: [secretive({ password: 'hunter2', nested: [{ secret: 'hunter2' }] })],
  });
  expect(faults.map((fault) => fault.path)).toEqual(['store.url', 'plugins.secretive.password', 'plugins.secretive.nested']);
  expect(JSON.stringify(faults)).not.toContain('hunter2');
});

test('a plugin may be named in every way that JSON knows', async () => {
  const root = installed({ 'plugin-fax': PLUGIN_SOURCE });
  const ways = [
    [{ plugin: '@example/plugin-fax', config: { pages: 2 } }],
    ['@example/plugin-fax'],
    { '@example/plugin-fax': { pages: 2 } },
    [{ plugin: './node_modules/@example/plugin-fax', config: { pages: 2 } }],
    [{ plugin: './node_modules/@example/plugin-fax/plugin.mjs' }],
    [join(root, 'node_modules/@example/plugin-fax')],
  ];
  for (const plugins of ways) {
    const config = await checkConfig({ plugins }, { folder: root });
    expect(config.plugins).toMatchObject([{ plugin: { name: 'fax' }, version: '1.2.3' }]);
  }
});

test('a path that leads to no plugin is told as the folder that it means', async () => {
  const root = installed({ 'plugin-fax': PLUGIN_SOURCE });
  expect(await faultsOf({ plugins: ['./nowhere', './node_modules'] }, { folder: root })).toMatchObject([
    { path: 'plugins[0]', found: `"./nowhere": there is no folder ${join(root, 'nowhere')}` },
    { path: 'plugins[1]', found: '"./node_modules", a folder without a plugin: its package.json names none' },
  ]);
});

test('a plugin that is not there, does not load, is none or is there twice is a fault like any other', async () => {
  const root = installed({ 'plugin-fax': PLUGIN_SOURCE, 'plugin-broken': 'notDefined', 'plugin-none': '{}' });
  const faults = await faultsOf(
    {
      plugins: [
        '@example/plugin-fx',
        '@example/plugin-broken',
        { plugin: '@example/plugin-none' },
        { plugin: '@example/plugin-fax', confg: {} },
        '@example/plugin-fax',
        42,
      ],
    },
    { folder: root },
  );
  expect(faults).toMatchObject([
    { path: 'plugins[0]', found: '"@example/plugin-fx", which is not installed', hint: '"@example/plugin-fax"' },
    { path: 'plugins[1]', allowed: expect.stringContaining('notDefined is not defined') as string },
    { path: 'plugins[2]', allowed: expect.stringContaining('was not made by definePlugin') as string },
    { path: 'plugins[3].confg', allowed: 'plugin, config' },
    { path: 'plugins[4]', found: 'the plugin "fax" again' },
    { path: 'plugins[5]', found: '42' },
  ]);
});

test('a missing list of plugins is a fault', async () => {
  expect(await faultsOf({})).toMatchObject([{ path: 'plugins', found: 'nothing' }]);
});

test('the environment replaces addresses and secrets', async () => {
  const env = {
    PARLEY_FQDN: 'sip.example.com',
    PARLEY_DOMAINS: 'example.com, example.net',
    PARLEY_LISTEN: 'udp:127.0.0.1:5070,tls:[::1]:5071',
    PARLEY_DATA_DIR: '/data',
    PARLEY_STORE_URL: 'postgres://parley:secret@db/parley',
    PARLEY_LOG_LEVEL: 'debug',
    PARLEY_LOG_FILE: '',
    PARLEY_PLUGIN_REGISTRAR_MAX_CONTACTS: '3',
  };
  const input = {
    listen: [{ transport: 'tls', port: 5061, tls: { minVersion: 'TLSv1' } }],
    log: { level: 'warn', file: 'parley.log' },
    plugins: [registrar({ maxContacts: 7, mode: 'memory' })],
  };
  const config = await checkConfig(input, { env, folder: '/srv' });
  expect(config).toMatchObject({
    fqdn: 'sip.example.com',
    domains: ['example.com', 'example.net'],
    dataDir: '/data',
    store: { kind: 'postgres', url: 'postgres://parley:secret@db/parley', connections: 8 },
    log: { level: 'debug', file: '/srv/parley.log' },
    plugins: [{ config: { maxContacts: 3, mode: 'memory' } }],
  });
  expect(config.listen).toMatchObject([
    { transport: 'udp', host: '127.0.0.1', port: 5070 },
    { transport: 'tls', host: '::1', port: 5071, tls: { minVersion: 'TLSv1' } },
  ]);
  expect(input.log.level).toBe('warn');
});

test('what is wrong in the environment is reported under the name of the variable', async () => {
  const faults = await faultsOf(
    { plugins: [registrar()] },
    { env: { PARLEY_LISTEN: '5060', PARLEY_LOG_LEVEL: 'loud', PARLEY_STORE_URL: 'mysql://x:hunter2@y', PARLEY_PLUGIN_REGISTRAR_MAX: '5' } },
  );
  expect(faults).toMatchObject([
    { path: 'PARLEY_LISTEN', found: '"5060"', allowed: 'listeners such as udp:0.0.0.0:5060,tls:[::]:5061' },
    { path: 'store.url (from PARLEY_STORE_URL)' },
    { path: 'log.level (from PARLEY_LOG_LEVEL)', found: '"loud"' },
    { path: 'plugins.registrar.max' },
  ]);
  expect(JSON.stringify(faults)).not.toContain('hunter2');
});

test('two plugins with one name are not told apart, so they are refused', async () => {
  expect(await faultsOf({ plugins: [plugin('twin'), plugin('twin')] }, { folder: folder() })).toEqual([
    { path: 'plugins[1]', found: 'the plugin "twin" again', allowed: 'each plugin once, and plugins[0] is this one' },
  ]);
  const stranger = definePlugin({ ...plugin('twin'), root: new URL('file:///opt/stranger/') });
  expect(await faultsOf({ plugins: [plugin('twin'), stranger] }, { folder: folder() })).toEqual([
    {
      path: 'plugins[1]',
      found: 'another plugin that is called "twin", from /opt/stranger/',
      allowed: `one plugin of each name, and plugins[0] has this one, from ${fileURLToPath(plugin('twin').root)}`,
    },
  ]);
});
