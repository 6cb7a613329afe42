/** What a test does to the server's process and its disk. */
import { describe, expect, test } from 'vitest';
import directory from '@parley/plugin-directory';
import { Directory, DirectoryAdmin } from '@parley/plugin-directory/api';
import presence from '@parley/plugin-presence';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { TEST_STORES, testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions } from '@parley/sdk/testkit';

const serving = (more: Partial<TestServerOptions> = {}): Promise<TestServer> =>
  testServer({ plugins: [directory(), registrar(), presence(), routing()], users: ['alice', 'bob'], ...more });

describe.each(TEST_STORES)('on %s', (store) => {
  test('data outlives the server, and time may pass while it is down', async () => {
    await using server = await serving({ store });
    expect(server.store.dialect).toBe(store);
    await server.find(DirectoryAdmin).addGroup('Sales');
    await server.restart('1h');
    expect(server.now).toBeGreaterThanOrEqual(3_600_000);
    expect(server.find(Directory).group('Sales')).toMatchObject({ members: [] });
    await server.find(DirectoryAdmin).addMembers('Sales', ['alice@example.com']);
    await server.kill();
    expect(server.find(Directory).group('Sales')?.members).toEqual(['alice@example.com']);
  });

  test('a full disk takes nothing, until there is room again', async () => {
    await using server = await serving({ store });
    const admin = server.find(DirectoryAdmin);
    server.disk.full = true;
    await expect(admin.addGroup('Sales')).rejects.toThrow('the disk is full');
    server.disk.full = false;
    await admin.addGroup('Sales');
  });
});

test('a server that is killed says nothing any more, and its connections break', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice', { transport: 'udp' });
  const watching = alice.subscribe('bob', 'presence', { headers: { Accept: 'application/pidf+xml' } });
  await watching.expect(200);
  await watching.expect('NOTIFY');
  const bob = await server.endpoint('bob').register();
  await watching.expect('NOTIFY', { within: '2s' });
  const before = server.messages.length;
  const sent = bob.send('OPTIONS', 'sip:uc.example.com');
  await server.kill();
  await expect(sent.expect(200)).rejects.toThrow('lost the connection');
  expect(server.messages.slice(before).filter(({ from }) => from === 'server')).toEqual([]);
  await bob.register();
  await watching.expect('NOTIFY', { headers: { 'Subscription-State': /^active/ }, within: '2s' });
});
