import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { Bus, definePlugin } from '@parley/sdk';
import type { TestServer } from '@parley/sdk/testkit';
import { Directory, DirectoryAdmin, DirectoryEvents } from '../src/api.ts';
import type { Mechanism } from '../src/api.ts';
import { serving } from './serving.ts';

const ALICE = {
  uri: 'sip:Alice@Example.com',
  displayName: 'Alice Ames',
  logins: ['EXAMPLE\\alice', 'alice@corp.example'],
  phones: ['tel:+1 (425) 555-0100'],
  groups: ['Sales'],
  password: 'Wonderland 7',
};

/** Hears what is said on the bus. */
const said: { readonly subject: string; readonly message: unknown }[] = [];
const listener = definePlugin({
  name: 'listener',
  summary: 'Hears of every change',
  config: z.strictObject({}),
  root: new URL('.', import.meta.url),
  setup(scope) {
    for (const subject of Object.values(DirectoryEvents))
      scope.onClose(scope.resolve(Bus).subscribe<unknown>(subject, (message) => void said.push({ subject: subject.name, message })));
  },
});

let server: TestServer;
let directory: Directory;
let admin: DirectoryAdmin;
const look = (): void => {
  directory = server.find(Directory);
  admin = server.find(DirectoryAdmin);
};
const restart = async (): Promise<void> => {
  await server.restart();
  look();
};
beforeEach(async () => {
  said.splice(0);
  server = await serving({ realms: ['example.com', 'example.org'] }, { plugins: [listener()], log: 'trace' });
  look();
});
afterEach(() => server.close());

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

test('a user is found by address, sign-in name and phone number, in any case and spelling', async () => {
  const alice = await admin.addUser(ALICE);
  expect(alice).toMatchObject({ aor: 'alice@example.com', displayName: 'Alice Ames', enabled: true, homeServer: null, groups: ['Sales'] });
  expect(directory.findByAor('ALICE@example.com')).toBe(alice);
  expect(directory.findByLogin('example\\ALICE')).toBe(alice);
  expect(directory.findByLogin('Alice@Corp.Example')).toBe(alice);
  expect(directory.findByLogin('alice@example.com')).toBe(alice);
  expect(directory.findByPhone('+1-425-555-0100')).toBe(alice);
  expect(directory.findById(alice.id)).toBe(alice);
  expect(directory.isEnabled('alice@example.com')).toBe(true);
  expect(directory.isEnabled('nobody@example.com')).toBe(false);
});

test('everything is there after a restart', async () => {
  const alice = await admin.addUser(ALICE);
  await restart();
  expect(directory.findByAor('alice@example.com')).toEqual(alice);
  expect(directory.group('sales')?.members).toEqual(['alice@example.com']);
  expect(directory.checkPassword(alice.id, 'Wonderland 7')).toBe(true);
});

test.each(['alice', 'alice@example.com', 'EXAMPLE\\alice', 'example\\alice', 'alice@corp.example'])(
  'the digest of user name %s is kept in each realm, for MD5 and SHA-256 (RFC 8760 section 2.4)',
  async (name) => {
    const { id } = await admin.addUser(ALICE);
    for (const realm of ['example.com', 'example.org']) {
      const text = `${name}:${realm}:Wonderland 7`;
      expect(directory.digestHa1(id, 'MD5', realm, name)?.toString('hex')).toBe(hash('md5', text));
      expect(directory.digestHa1(id, 'SHA-256', realm, name)?.toString('hex')).toBe(hash('sha256', text));
    }
    expect(directory.digestHa1(id, 'MD5', 'elsewhere', name)).toBeUndefined();
  },
);

test('the NT hash is kept for NTLM', async () => {
  const { id } = await admin.addUser({ uri: 'bob@example.com', password: 'Password' });
  expect(directory.credential(id, 'nt-hash')?.toString('hex')).toBe('a4f49c406510bdcab6824ee7c30fd852');
  expect(directory.mechanismsOf(id)).toEqual(['digest-md5', 'digest-sha-256', 'nt-hash']);
});

test('a mechanism of another plugin is asked when a password is set, and its value is kept', async () => {
  const reversed: Mechanism = { name: 'length', derive: (set) => Buffer.of(set.password.length) };
  directory.addMechanism(reversed);
  const { id } = await admin.addUser(ALICE);
  expect(directory.credential(id, 'length')).toEqual(Buffer.of(12));
  expect(() => directory.addMechanism(reversed)).toThrow(expect.objectContaining({ code: 'DIRECTORY_MECHANISM_TWICE' }) as Error);
});

test('passwords are nowhere: not in the rows, not in the log, not on the bus', async () => {
  await admin.addUser(ALICE);
  await admin.setPassword('alice@example.com', 'Looking glass 8');
  await expect(admin.setPassword('alice@example.com', 'tiny-pw')).rejects.toThrow(/7 characters/);
  const rows = await server.store
    .as<{ directory_credential: object; directory_user: object }>()
    .read.selectFrom('directory_credential')
    .selectAll()
    .execute();
  const ha1 = hash('md5', 'alice:example.com:Looking glass 8');
  const everything = JSON.stringify([rows, server.log, said]);
  for (const secret of ['Wonderland', 'Looking', 'tiny-pw', ha1, Buffer.from(ha1, 'hex').toString('base64')])
    expect(everything).not.toContain(secret);
});

test('unknown users and mechanisms have nothing, and asking for them does not fail', async () => {
  expect(directory.credential(undefined, 'nt-hash')).toBeUndefined();
  expect(directory.credential('no such id', 'nt-hash')).toBeUndefined();
  expect(directory.digestHa1(undefined, 'SHA-256', 'example.com', 'nobody')).toBeUndefined();
  expect(directory.checkPassword(undefined, 'whatever it is')).toBe(false);
});

test('a name that another user has is refused with that user, and nothing is changed', async () => {
  await admin.addUser(ALICE);
  const taken = { code: 'DIRECTORY_TAKEN', message: expect.stringContaining('alice@example.com') as string };
  await expect(admin.addUser({ uri: 'alice@example.com' })).rejects.toMatchObject({ code: 'DIRECTORY_EXISTS' });
  await expect(admin.addUser({ uri: 'bob@example.com', logins: ['Example\\Alice'] })).rejects.toMatchObject(taken);
  await expect(admin.addUser({ uri: 'bob@example.com', logins: ['alice@example.com'] })).rejects.toMatchObject(taken);
  await expect(admin.addUser({ uri: 'bob@example.com', phones: ['+14255550100'] })).rejects.toMatchObject(taken);
  expect(directory.list().total).toBe(1);
});

test('an address that is somebody else’s sign-in name is refused', async () => {
  await admin.addUser({ uri: 'alice@example.com', logins: ['boss@example.com'] });
  await expect(admin.addUser({ uri: 'boss@example.com' })).rejects.toMatchObject({ code: 'DIRECTORY_TAKEN' });
});

test('an unknown domain is refused with the domains that there are', async () => {
  await expect(admin.addUser({ uri: 'alice@exmaple.com' })).rejects.toMatchObject({
    code: 'DIRECTORY_DOMAIN_UNKNOWN',
    fix: expect.stringContaining('example.com') as string,
  });
});

test('users in one batch are added all or none', async () => {
  await expect(admin.addUsers([{ uri: 'a1@example.com' }, { uri: 'a1@example.com' }])).rejects.toMatchObject({ code: 'DIRECTORY_EXISTS' });
  expect(directory.list().total).toBe(0);
  await admin.addUsers(Array.from({ length: 1_200 }, (_, i) => ({ uri: `u${i}@example.com`, logins: [`EX\\u${i}`], groups: ['All'] })));
  expect(directory.group('All')?.members).toHaveLength(1_200);
  await restart();
  expect(directory.list({ filter: 'u119', limit: 5 })).toMatchObject({ total: 11 });
});

test('two additions of the same user at once: one is made, the other refused', async () => {
  const results = await Promise.allSettled([admin.addUser({ uri: 'a@example.com' }), admin.addUser({ uri: 'a@example.com' })]);
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected']);
});

test('the change of a sign-in name frees the old one; the password stays good for the names that stay', async () => {
  const { id } = await admin.addUser(ALICE);
  await admin.changeUser('alice@example.com', { logins: ['EXAMPLE\\abaker'], displayName: 'Alice Baker' });
  expect(directory.findByLogin('EXAMPLE\\alice')).toBeUndefined();
  expect(directory.findByLogin('EXAMPLE\\abaker')).toMatchObject({ id, displayName: 'Alice Baker', phones: ['+14255550100'] });
  expect(directory.digestHa1(id, 'MD5', 'example.com', 'EXAMPLE\\abaker')).toBeUndefined();
  expect(directory.checkPassword(id, 'Wonderland 7')).toBe(true);
  await admin.changeUser('alice@example.com', { password: 'Wonderland 7' });
  expect(directory.digestHa1(id, 'MD5', 'example.com', 'EXAMPLE\\abaker')).toBeDefined();
  const before = directory.findByAor('alice@example.com');
  await restart();
  expect(directory.findByAor('alice@example.com')).toEqual(before);
});

test('a removed user leaves no rows and no names behind', async () => {
  const { id } = await admin.addUser(ALICE);
  await admin.removeUser('sip:alice@example.com');
  expect(directory.findByLogin('EXAMPLE\\alice')).toBeUndefined();
  expect(directory.credential(id, 'nt-hash')).toBeUndefined();
  expect(directory.group('Sales')?.members).toEqual([]);
  const again = await admin.addUser(ALICE);
  expect(again.id).not.toBe(id);
  await expect(admin.removeUser('bob@example.com')).rejects.toMatchObject({ code: 'DIRECTORY_USER_UNKNOWN' });
});

test('each change is said on the bus, after it can be seen', async () => {
  const { id } = await admin.addUser(ALICE);
  await admin.setPassword('alice@example.com', 'Looking glass 8');
  await admin.setEnabled('alice@example.com', false);
  await admin.setEnabled('alice@example.com', false);
  expect(directory.isEnabled('alice@example.com')).toBe(false);
  await admin.setEnabled('alice@example.com', true);
  await admin.removeUser('alice@example.com');
  const events = said.filter((s) => s.subject.startsWith('user.'));
  expect(events.map((s) => s.subject)).toEqual(['user.added', 'user.password-changed', 'user.disabled', 'user.enabled', 'user.removed']);
  expect(events[0]?.message).toEqual({ id, aor: 'alice@example.com' });
});

test('groups: members come and go, and a group that is removed leaves its users', async () => {
  await admin.addUser(ALICE);
  await admin.addUser({ uri: 'bob@example.com' });
  expect((await admin.addMembers('sales', ['sip:bob@example.com', 'alice@example.com'])).members).toEqual([
    'alice@example.com',
    'bob@example.com',
  ]);
  expect((await admin.removeMembers('Sales', ['alice@example.com'])).members).toEqual(['bob@example.com']);
  await expect(admin.addGroup('SALES')).rejects.toMatchObject({ code: 'DIRECTORY_TAKEN' });
  await expect(admin.addMembers('Support', ['bob@example.com'])).rejects.toMatchObject({ code: 'DIRECTORY_GROUP_UNKNOWN' });
  await admin.removeGroup('Sales');
  expect(directory.listGroups()).toEqual([]);
  expect(directory.findByAor('bob@example.com')?.groups).toEqual([]);
});

test('the server does not start without the key that its rows were sealed with', async () => {
  await admin.addUser(ALICE);
  const file = server.file('directory.key');
  rmSync(file);
  await expect(server.restart()).rejects.toMatchObject({ cause: { code: 'DIRECTORY_KEY_MISSING' } });
  writeFileSync(file, Buffer.alloc(32, 1), { mode: 0o600 });
  await expect(server.restart()).rejects.toMatchObject({ cause: { code: 'DIRECTORY_KEY_WRONG' } });
});
