/** When registrations end, and what other plugins hear of them. */
import { expect, test } from 'vitest';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import type { Binding } from '../src/api.ts';
import { AOR, Bystander, another, reachable, serving, size, withContact } from './serving.ts';

test('a registration ends when its time is over, and says so', async () => {
  const bystander = new Bystander();
  await using server = await serving({}, { plugins: [bystander.plugin] });
  await server.endpoint('alice', { transport: 'udp' }).register({ expires: 60 });
  await server.advance(59_900);
  expect(reachable(server)).toHaveLength(1);
  await server.advance(200);
  expect(reachable(server)).toHaveLength(0);
  expect(bystander.told).toEqual(['bound', 'unbound expired']);
});

test('a refresh moves the end, later or earlier, and is not told', async () => {
  const bystander = new Bystander();
  await using server = await serving({}, { plugins: [bystander.plugin] });
  const alice = await server.endpoint('alice', { transport: 'udp' }).register({ expires: 60 });
  await server.advance('50s');
  await alice.register({ expires: 600 });
  await server.advance('599s');
  expect(size(server)).toBe(1);
  await alice.register({ expires: 6000 });
  await alice.register({ expires: 60 });
  await server.advance(60_100);
  expect(size(server)).toBe(0);
  expect(bystander.told).toEqual(['bound', 'unbound expired']);
});

test('MS-CONMGMT R7: the registrations of a connection end with it, and no others', async () => {
  const bystander = new Bystander();
  await using server = await serving({}, { plugins: [bystander.plugin] });
  const alice = await server.endpoint('alice').register();
  await another(server, 'tls').register();
  await another(server, 'udp').register();
  const others = reachable(server)
    .slice(1)
    .map(({ contact }) => contact);
  alice.disconnect();
  await server.settle();
  expect(reachable(server).map(({ contact }) => contact)).toEqual(others);
  expect(bystander.told.slice(3)).toEqual(['unbound disconnected']);
});

test('MS-CONMGMT R7: an endpoint whose connection breaks is reached again when it is back', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  bob.disconnect();
  await server.settle();
  await alice.message('bob', 'where are you?').expect(480);
  await bob.register();
  const sent = alice.message('bob', 'and now?');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('an endpoint that moved to a new connection outlives the old one', async () => {
  const bystander = new Bystander();
  await using server = await serving({}, { plugins: [bystander.plugin] });
  const options = { user: 'alice', epid: 'a1b2c3d4e5f6' };
  const before = await server.endpoint('before', options).register();
  await server.endpoint('after', options).register();
  before.disconnect();
  await server.settle();
  expect(size(server)).toBe(1);
  expect(bystander.told).toEqual(['bound', 'bound']);
});

test.each([
  ['disabled', 'unbound disabled'],
  ['removed', 'unbound disabled'],
  ['dropped', 'unbound administrator'],
  ['given another password', 'unbound password'],
  ['moved to another server', 'unbound moved'],
])('a user who is %s loses all endpoints at once', async (what, told) => {
  const bystander = new Bystander();
  await using server = await serving({}, { plugins: [bystander.plugin] });
  await server.endpoint('alice', { transport: 'udp' }).register();
  await another(server).register();
  const admin = server.find(DirectoryAdmin);
  if (what === 'disabled') await admin.setEnabled(AOR, false);
  else if (what === 'removed') await admin.removeUser(AOR);
  else if (what === 'dropped') await server.command('registrations drop', { address: AOR });
  else if (what === 'moved to another server') await bystander.moves(server, AOR, 'fe2.example.com');
  else await admin.setPassword(AOR, 'correct horse battery staple');
  await server.settle();
  expect(size(server)).toBe(0);
  expect(server.figure('parley_registered_addresses')).toBe(0);
  expect(bystander.told).toEqual(['bound', 'bound', told, told]);
});

test('who holds a registration sees that it is over', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice', { transport: 'udp' }).register();
  const [held] = reachable(server) as readonly [Binding];
  await alice.registering(withContact('*', { Expires: '0' })).expect(200);
  expect(held.expiresAt).toBe(0);
});

test('`registrations` lists endpoints, those of an address if one is named', async () => {
  await using server = await serving();
  expect(await server.command('registrations')).toMatchObject({ rows: [], text: 'Nobody is registered.' });
  await server.endpoint('alice', { transport: 'udp', address: '192.0.2.50', userAgent: 'phone/1' }).register();
  await server.endpoint('bob').register();
  await server.advance('1s');
  expect(await server.command('registrations', { address: 'sip:Alice@example.com' })).toMatchObject({
    rows: [{ aor: AOR, contact: 'sip:alice@192.0.2.50:5060', via: 'UDP', expires: 7199, userAgent: 'phone/1' }],
    text: '1 registration.',
  });
  expect((await server.command('registrations')).rows).toHaveLength(2);
  expect((await server.command('registrations', { address: 'carol' })).text).toBe('No registration matches.');
});

test('`registrations drop` ends those of one address', async () => {
  await using server = await serving();
  await server.endpoint('alice', { transport: 'udp' }).register();
  await server.endpoint('bob', { transport: 'udp' }).register();
  const dropped = await server.command('registrations drop', { address: 'sip:alice@example.com' });
  expect(dropped.text).toBe('1 registration of alice@example.com ended.');
  expect(size(server)).toBe(1);
  await expect(server.command('registrations drop', { address: AOR })).rejects.toThrow(/has no registration/);
});
