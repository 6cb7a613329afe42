/** Several directories on one store, as several servers of one pool have them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock, testBus, testLog, testStore } from '@parley/sdk/testkit';
import type { TestBus, TestLog } from '@parley/sdk/testkit';
import { DirectoryConfig } from '../src/config.ts';
import { EmbeddedDirectoryAdmin } from '../src/directory-admin.ts';
import { EmbeddedDirectory } from '../src/directory.ts';
import { migrations } from '../src/schema.ts';

const ALICE = { uri: 'alice@example.com', logins: ['EXAMPLE\\alice'], groups: ['Sales'], password: 'Wonderland 7' };

interface Node {
  readonly directory: EmbeddedDirectory;
  readonly admin: EmbeddedDirectoryAdmin;
}

interface Pool {
  readonly bus: TestBus;
  readonly log: TestLog;
  readonly node: (config?: object) => Promise<Node>;
}

async function aPool(): Promise<Pool> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-directory-'));
  const store = await testStore(migrations);
  onTestFinished(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });
  const [bus, log, server] = [testBus(), testLog(), { domains: ['example.com'], dataDir }];
  const node = async (settings: object = {}): Promise<Node> => {
    const config = DirectoryConfig.parse(settings);
    const directory = new EmbeddedDirectory(store, server, bus, log, config);
    await directory.start();
    return { directory, admin: new EmbeddedDirectoryAdmin(directory, store, server, bus, new FakeClock(), config) };
  };
  return { bus, log, node };
}

test('what one node writes, another one with the same store and bus sees', async () => {
  const { bus, node } = await aPool();
  const [one, two] = [await node(), await node()];
  const { id } = await one.admin.addUser(ALICE);
  await bus.idle();
  expect(two.directory.findByLogin('EXAMPLE\\alice')?.id).toBe(id);
  expect(two.directory.checkPassword(id, 'Wonderland 7')).toBe(true);
  expect(two.directory.group('Sales')?.members).toEqual(['alice@example.com']);
  await one.admin.removeGroup('Sales');
  await one.admin.removeUser('alice@example.com');
  await bus.idle();
  expect(two.directory.list().total).toBe(0);
  expect(two.directory.group('Sales')).toBeUndefined();
});

test('a realm that no password has a digest for is a warning at start', async () => {
  const { log, node } = await aPool();
  await (await node()).admin.addUser(ALICE);
  await node({ realms: ['elsewhere.example'] });
  expect(log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    expect.stringContaining('no digest for the realm'),
  ]);
});
