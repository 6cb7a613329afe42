import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandResult, PluginScope } from '@parley/sdk';
import type { CertificateKeeper } from '../src/keeper.ts';
import plugin from '../src/plugin.ts';
import { World, issue } from './support.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

async function run(path: string, keeper: CertificateKeeper): Promise<CommandResult> {
  const command = plugin.commands?.find((c) => c.path === path);
  if (command === undefined) throw new Error(`no command ${path}`);
  const scope = { resolve: () => keeper } as unknown as PluginScope;
  return command.run({ arguments: {}, options: {}, progress: () => undefined, signal: new AbortController().signal }, scope);
}

test('pki show tells what the server shows and until when', async () => {
  const { rows, data } = await run('pki show', world.withAuthority().keeper());
  expect(rows).toContainEqual({ field: 'Server certificate', value: 'uc.example.com' });
  expect(rows).toContainEqual({ field: 'Authority', value: 'Parley authority of the tests' });
  expect(rows).toContainEqual({ field: 'Valid until', value: '2031-02-15 (396 days)' });
  expect(rows).toContainEqual({ field: 'Good for', value: 'uc.example.com' });
  expect(data).toHaveLength(2);
  expect(JSON.stringify([rows, data])).not.toContain('PRIVATE');
});

test('pki export-ca prints the certificate of the authority, never a key', async () => {
  const keeper = world.withAuthority().keeper();
  const { text, data } = await run('pki export-ca', keeper);
  expect(new X509Certificate(text as string).ca).toBe(true);
  expect(text).not.toContain('PRIVATE');
  expect(data).toEqual({ pem: keeper.caCertificate });
});

test('pki export-ca says where to get the authority of a given certificate', async () => {
  const { certificate, key } = issue(['uc.example.com', 'example.com', 'example.org']);
  writeFileSync(world.file('cert.pem'), certificate);
  writeFileSync(world.file('key.pem'), key);
  await expect(run('pki export-ca', world.keeper({ certFile: 'cert.pem', keyFile: 'key.pem' }))).rejects.toMatchObject({
    code: 'PKI_NO_CA',
  });
});

test('a misspelt option is refused by name', () => {
  expect(() => plugin.config.parse({ certfile: 'x' })).toThrow(/certfile/);
});
