import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { Server, checkConfig, definePlugin, rehearseStart, startServer, token } from '../../src/index.ts';
import type { PluginUse, ServerConfig } from '../../src/index.ts';
import { SILENT } from '../../src/host/logger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-rehearsed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const Key = token<object>('key');

/** Wants a file of the data folder, as a plugin with a keytab does. */
const reader = definePlugin({
  name: 'reader',
  summary: 'reads a file',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
  setup(scope) {
    const server = scope.resolve(Server);
    const file = join(server.dataDir, 'reader.key');
    if (server.rehearsal === true && !existsSync(file)) throw new Error(`there is no ${file}`);
  },
});

const needy = definePlugin({
  name: 'needy',
  summary: 'needs what nobody has',
  config: z.strictObject({}),
  requires: [Key],
  root: new URL('..', import.meta.url),
});

async function aServer(plugins: readonly (() => PluginUse)[], scripts: readonly string[] = [], tls = false): Promise<ServerConfig> {
  const dataDir = join(folder, 'data');
  const listen = [{ transport: tls ? 'tls' : 'tcp', host: '127.0.0.1', port: 0 }] as const;
  const extra = scripts.map((name) => join(folder, name));
  return checkConfig({ domains: ['example.com'], dataDir, listen, plugins: plugins.map((plugin) => plugin()), scripts: { extra } });
}

test('a start that would succeed leaves no trace, not even a data folder', async () => {
  expect(await rehearseStart(await aServer([]))).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('plugins that do not fit together are told', async () => {
  expect(await rehearseStart(await aServer([needy]))).toMatchObject({ reason: expect.stringMatching(/needy/) as string });
});

test('a plugin looks at the files that it needs, and what it says names the real folder', async () => {
  const config = await aServer([reader]);
  const refusal = await rehearseStart(config);
  expect(refusal?.reason).toContain(`there is no ${join(config.dataDir, 'reader.key')}`);
});

test('scripts of the configuration are read and compiled', async () => {
  const gone = await aServer([], ['gone.am']);
  expect((await rehearseStart(gone))?.reason).toContain('gone.am');
  writeFileSync(join(folder, 'gone.am'), '<no manifest>');
  expect((await rehearseStart(gone))?.reason).toContain('gone.am');
});

test('a TLS listener without a certificate is told', async () => {
  expect((await rehearseStart(await aServer([], [], true)))?.reason).toContain('no certificate for example.com');
});

test('it may be tried beside a server that runs on the folder', async () => {
  const config = await aServer([]);
  const logger = { log: SILENT, reopen: () => undefined, flush: () => undefined };
  await using ends = new AsyncDisposableStack();
  const host = await startServer(config, { logger });
  ends.defer(() => host.close());
  expect(await rehearseStart(config)).toBeUndefined();
});
