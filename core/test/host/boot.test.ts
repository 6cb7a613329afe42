/** Which plugins start, in which order, and what is said when they cannot. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { Clock, Store, bootHost, checkConfig, provide, token } from '../../src/host/index.ts';
import type { Token } from '../../src/host/index.ts';
import type { Migration } from '../../src/store/index.ts';
import { Greeter, Hello, Other, boot, folder, installed, plugin, provider, recorder } from './fixtures.ts';

test('plugins start after what they require and stop before it, whatever order they are written in', async () => {
  const { calls, part } = recorder();
  const last = plugin('last', { requires: [Greeter, Other], handler: part('last') });
  const middle = plugin('middle', { requires: [Greeter], provides: [provide(Other, part('middle'))] });
  const first = plugin('first', { provides: [provide(Greeter, part('first') as new () => Greeter)] });
  const { host } = await boot([last, first, middle]);
  expect(calls).toEqual(['start first', 'start middle', 'start last']);
  calls.length = 0;
  await host.close();
  expect(calls.slice(0, 3).sort()).toEqual(['drain first', 'drain last', 'drain middle']);
  expect(calls.slice(3)).toEqual(['stop last', 'stop middle', 'stop first']);
});

// Looks into every plugin of the workspace, so it takes as long as loading them does.
test('a requirement that nobody provides is reported with who asks and who could provide it', { timeout: 20_000 }, async () => {
  const PhoneBook = token<object>('phone-book');
  const needy = plugin('needy', { requires: [PhoneBook, Other] });
  const folder = installed({
    'plugin-contacts': `{ name: 'contacts', summary: '', root: new URL('.', import.meta.url), config: { safeParse() {} }, provides: [{ name: 'phone-book' }] }`,
  });
  await expect(boot([needy], {}, {}, join(folder, 'parley.config.json'))).rejects.toMatchObject({
    code: 'HOST_PLUGINS_UNFIT',
    message: expect.stringMatching(
      /"needy" needs "phone-book", which no plugin of the configuration provides: add "@example\/plugin-contacts" to plugins\n.*"needy" needs "other", .*: no plugin that is installed does either. Check the name/,
    ) as string,
  });
});

test('plugins that wait for each other are reported as a circle', async () => {
  const a = plugin('a', { requires: [Other], provides: [provide(Greeter, Hello)] });
  const b = plugin('b', { requires: [Greeter], provides: [provide(Other, Hello)] });
  await expect(boot([a, b])).rejects.toThrow('"a" waits for "other" of "b" waits for "greeter" of "a"');
});

test('two plugins cannot provide the same, and none can replace what is core’s', async () => {
  const twin = plugin('twin', { provides: [provide(Greeter, Hello)] });
  const usurper = plugin('usurper', { provides: [provide(Clock as Token<object>, Hello)] });
  const failure = boot([provider, twin, usurper]);
  await expect(failure).rejects.toThrow('"greeter" is provided by "provider" and "twin"');
  await expect(failure).rejects.toThrow('"core.clock" is provided by "core" and "usurper"');
});

test('a plugin that fails to start stops those that had started, and is named with what it was at', async () => {
  const { calls, part } = recorder();
  class Broken extends part('broken') {
    start(): Promise<void> {
      return Promise.reject(new Error('no such host'));
    }
  }
  const first = plugin('first', { provides: [provide(Greeter, part('first') as new () => Greeter)] });
  const broken = plugin('broken', { requires: [Greeter], handler: Broken });
  const never = plugin('never', { handler: part('never') });
  await expect(boot([first, broken, never])).rejects.toMatchObject({
    code: 'HOST_PLUGIN_FAILED',
    message: 'Plugin "broken" could not start: Broken.start() failed: no such host',
  });
  expect(calls).toEqual(['start first', 'stop broken', 'stop first']);
});

test('a plugin that does not get on is given up, with what it waits for', async () => {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const slow = plugin('slow', {
    setup: () => {
      reach();
      return new Promise(() => {});
    },
  });
  let clock: Clock | undefined;
  const watcher = boot([slow], {
    services: (core) => {
      ({ clock } = core);
      return [];
    },
  });
  const refused = expect(watcher).rejects.toMatchObject({
    code: 'HOST_PLUGIN_SLOW',
    message: 'Plugin "slow" did not start within 30 s: it still waits for setup().',
  });
  await reached;
  (clock as unknown as { advance(ms: number): void }).advance(30_000);
  await refused;
});

test('a plugin’s tables are there before it starts', async () => {
  const migration: Migration = { up: (db) => db.schema.createTable('doors').addColumn('width', 'bigint').execute() };
  let rows: unknown;
  const tables = plugin('tables', {
    migrations: { '001-doors': migration },
    setup: async (scope) => {
      ({ rows } = await sql`select * from doors`.execute(scope.resolve(Store).read));
    },
  });
  const { host, log } = await boot([tables]);
  expect(rows).toEqual([]);
  expect(log.lines).toContainEqual(expect.objectContaining({ plugin: 'tables', migrations: ['001-doors'] }));
  await host.close();
});

test('a host keeps its data folder to itself while it runs, and gives it back when it cannot boot', async () => {
  const dataDir = join(folder(), 'data');
  const config = await checkConfig({ dataDir, log: { level: 'silent' }, plugins: [provider] });
  const broken = await checkConfig({
    dataDir,
    log: { level: 'silent' },
    plugins: [plugin('broken', { setup: () => Promise.reject(new Error('no')) })],
  });
  await expect(bootHost(broken)).rejects.toMatchObject({ code: 'HOST_PLUGIN_FAILED' });
  const host = await bootHost(config);
  await expect(bootHost(config)).rejects.toMatchObject({ code: 'STORE_FOLDER_IN_USE' });
  await host.close();
  const again = await bootHost(config);
  await again.close();
});

test('offline, only what provides something is made and started', async () => {
  const { calls, part } = recorder();
  const both = plugin('both', { provides: [provide(Greeter, part('service') as new () => Greeter)], handler: part('handler') });
  const handlerProvides = plugin('handler-provides', { provides: [Other], handler: part('providing handler') });
  const { host } = await boot([both, handlerProvides], { mode: 'offline' });
  expect(calls).toEqual(['start service', 'start providing handler']);
  expect(host.core.server.mode).toBe('offline');
  await host.close();
});

test('offline, one plugin boots with what it needs and without the rest', async () => {
  const user = plugin('user', { requires: [Greeter] });
  const { host } = await boot([plugin('unrelated'), user, provider], { mode: 'offline', only: ['user'] });
  expect(host.plugins().map((p) => p.name)).toEqual(['provider', 'user']);
  await host.close();
});

test('the boot tree and the list of plugins say how long each took', async () => {
  const { host } = await boot([provider]);
  expect(host.tree()).toMatchObject({ children: [{ name: 'provider', milliseconds: expect.any(Number) as number, children: [] }] });
  expect(host.plugins()).toEqual([
    { name: 'provider', version: '0.0.0', summary: 'The plugin provider.', state: 'running', milliseconds: 0 },
  ]);
  await host.close();
  expect(host.plugins()[0]?.state).toBe('stopped');
});
