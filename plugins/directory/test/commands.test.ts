import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestServer } from '@parley/sdk/testkit';
import { Directory, DirectoryAdmin } from '../src/api.ts';
import plugin from '../src/plugin.ts';
import { serving } from './serving.ts';

let server: TestServer;
let directory: Directory;
beforeEach(async () => {
  server = await serving();
  directory = server.find(Directory);
});
afterEach(() => server.close());

const PASSWORD = { password: 'Wonderland 7' };

test('user add takes lists with commas and a password that a shell ended with a line break', async () => {
  const options = {
    login: 'EXAMPLE\\alice, alice@corp.example',
    display: 'Alice Ames',
    phone: '+14255550100',
    group: 'Sales',
    password: 'Wonderland 7\n',
  };
  const { text } = await server.command('user add', { uri: 'sip:alice@example.com' }, options);
  expect(text).toBe('Added alice@example.com. Signs in as alice@example.com or EXAMPLE\\alice or alice@corp.example.');
  const user = directory.findByLogin('EXAMPLE\\alice');
  expect(user).toMatchObject({ displayName: 'Alice Ames', phones: ['+14255550100'], groups: ['Sales'] });
  expect(directory.checkPassword(user?.id, 'Wonderland 7')).toBe(true);
});

test('user add without a password says how to give one, but a wrong address comes first', async () => {
  await expect(server.command('user add', { uri: 'alice@example.com' })).rejects.toMatchObject({ code: 'DIRECTORY_PASSWORD_ABSENT' });
  await expect(server.command('user add', { uri: 'alice@exmaple.com' })).rejects.toMatchObject({ code: 'DIRECTORY_DOMAIN_UNKNOWN' });
  const { text } = await server.command('user add', { uri: 'alice@example.com' }, { withoutPassword: true, disabled: true });
  expect(text).toContain('no password yet');
  expect(directory.isEnabled('alice@example.com')).toBe(false);
});

test('user list pages and filters, and says what to do when nobody is there', async () => {
  expect((await server.command('user list')).text).toContain('parley user add');
  await server.find(DirectoryAdmin).addUsers(Array.from({ length: 7 }, (_, i) => ({ uri: `u${i}@example.com` })));
  const page = await server.command('user list', {}, { page: '2', pageSize: '5' });
  expect(page.rows).toEqual([
    { user: 'u5@example.com', name: 'u5', logins: '', phones: '', state: 'enabled' },
    { user: 'u6@example.com', name: 'u6', logins: '', phones: '', state: 'enabled' },
  ]);
  expect(page.text).toBe('Page 2 of 2, 7 users.');
  expect((await server.command('user list', {}, { filter: 'U3' })).data).toMatchObject({ total: 1 });
  expect((await server.command('user list', {}, { state: 'disabled' })).data).toMatchObject({ total: 0 });
});

test('user show tells everything but credentials', async () => {
  await server.command('user add', { uri: 'alice@example.com' }, { ...PASSWORD, login: 'EXAMPLE\\alice' });
  const { rows, data } = await server.command('user show', { uri: 'sip:ALICE@example.com' });
  expect(rows).toContainEqual({ field: 'Usable for', value: 'digest-md5, digest-sha-256, nt-hash' });
  expect(rows).toContainEqual({ field: 'Signs in as', value: 'alice@example.com, EXAMPLE\\alice' });
  expect(data).toMatchObject({ aor: 'alice@example.com', mechanisms: ['digest-md5', 'digest-sha-256', 'nt-hash'] });
  await expect(server.command('user show', { uri: 'bob@example.com' })).rejects.toMatchObject({ code: 'DIRECTORY_USER_UNKNOWN' });
});

test('user change, password, disable, enable and remove do what they say', async () => {
  await server.command('user add', { uri: 'alice@example.com' }, { ...PASSWORD, phone: '+14255550100' });
  const uri = { uri: 'alice@example.com' };
  expect((await server.command('user change', uri, { login: 'EXAMPLE\\alice', phone: '' })).text).toContain('set the password again');
  expect(directory.findByAor('alice@example.com')).toMatchObject({ logins: ['EXAMPLE\\alice'], phones: [] });
  await server.command('user password', uri, { password: 'Looking glass 8' });
  expect(directory.checkPassword(directory.findByAor('alice@example.com')?.id, 'Looking glass 8')).toBe(true);
  expect((await server.command('user disable', uri)).text).toBe('alice@example.com is disabled.');
  expect((await server.command('user enable', uri)).text).toBe('alice@example.com is enabled.');
  expect((await server.command('user remove', uri)).text).toBe('Removed alice@example.com.');
  expect(directory.findByAor('alice@example.com')).toBeUndefined();
});

test('group add makes a group and fills it, group list shows it, group remove empties and removes it', async () => {
  await server.command('user add', { uri: 'alice@example.com' }, PASSWORD);
  await server.command('group add', { group: 'Sales' });
  await server.command('group add', { group: 'Sales', users: 'alice@example.com' });
  await expect(server.command('group add', { group: 'Sales' })).rejects.toMatchObject({ code: 'DIRECTORY_TAKEN' });
  expect((await server.command('group list')).rows).toEqual([{ group: 'Sales', members: 1 }]);
  expect((await server.command('group list', { group: 'sales' })).rows).toEqual([{ group: 'Sales', members: 'alice@example.com' }]);
  expect((await server.command('group remove', { group: 'Sales', users: 'alice@example.com' })).text).toBe('Sales has 0 members.');
  await server.command('group remove', { group: 'Sales' });
  await expect(server.command('group list', { group: 'Sales' })).rejects.toMatchObject({ code: 'DIRECTORY_GROUP_UNKNOWN' });
});

test('an import stores every user of a good file and tells how far it is', async () => {
  const lines = Array.from(
    { length: 450 },
    (_, i) => `sip:u${i}@example.com,User ${i},EX\\u${i};u${i}@corp.example,+1425555${1000 + i};ext=7,All,Wonderland 7`,
  );
  const told: string[] = [];
  const { text } = await server.command(
    'user import',
    { file: `uri,display,login,phone,group,password\r\n${lines.join('\r\n')}` },
    {},
    (t) => told.push(t),
  );
  expect(text).toBe('Imported 450 users.');
  expect(told).toEqual(['200 of 450 users imported', '400 of 450 users imported', '450 of 450 users imported']);
  expect(directory.findByLogin('u449@corp.example')).toMatchObject({
    phones: ['+14255551449;ext=7'],
    groups: ['All'],
    displayName: 'User 449',
  });
});

const BAD = [
  'uri,login,password,enabled',
  'alice@example.com,EXAMPLE\\alice,Wonderland 7,yes',
  'bob@exmaple.com,,Wonderland 7,',
  '"alice@example.com",,Wonderland 7,no',
  'carol@example.com,EXAMPLE\\alice,short,',
  'dave@example.com,,Wonderland 7,perhaps',
  'erin@example.com,x',
  'frank@example.com,a b,tiny,no',
].join('\n');

test('an import with bad lines stores nothing and lists every fault with its line', async () => {
  const failure: unknown = await server.command('user import', { file: BAD }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'DIRECTORY_IMPORT_REFUSED' });
  const message = (failure as Error).message;
  expect(message).toContain('6 of 7 lines are wrong');
  expect(message).toContain('line 3: This server does not serve the domain "exmaple.com"');
  expect(message).toContain('line 4: There is a user "alice@example.com" already.');
  expect(message).toContain('line 5: The password is not good enough: it has 5 characters');
  expect(message).toContain('line 5: The sign-in name "EXAMPLE\\alice" belongs to alice@example.com already.');
  expect(message).toContain('line 6: enabled is "perhaps"');
  expect(message).toContain('line 7: it has 2 values and the header 4');
  expect(message).toMatch(/line 8: The password.*\n.*line 8: "a b" is not a sign-in name/);
  expect(message).not.toContain('tiny');
  expect(directory.list().total).toBe(0);
});

test('--skip-bad imports the good lines, --check imports none', async () => {
  expect((await server.command('user import', { file: BAD }, { check: true })).text).toContain('line 8');
  expect(directory.list().total).toBe(0);
  const { text, data } = await server.command('user import', { file: BAD }, { skipBad: true });
  expect(text).toMatch(/^Imported 1 users\.\nSkipped:\n {2}line 3/);
  expect(data).toMatchObject({ imported: 1 });
  expect(directory.list().users.map((u) => u.aor)).toEqual(['alice@example.com']);
});

test.each([
  ['', 'the file is empty'],
  ['name,login\n', 'no column uri'],
  ['uri,color\n', 'no such thing as "color"'],
  ['uri,login,login\n', 'login comes twice'],
])('an import of %j is refused', async (file, found) => {
  await expect(server.command('user import', { file })).rejects.toThrow(found);
});

test('every command runs without a listening server and shows examples', () => {
  for (const command of plugin.commands ?? []) {
    expect(command.offline, command.path).toBe(true);
    expect(command.examples.length, command.path).toBeGreaterThan(0);
    for (const example of command.examples) expect(example).toContain(`parley ${command.path}`);
  }
});

test('a misspelt option is refused by name', () => {
  expect(() => plugin.config.parse({ keyfile: 'x' })).toThrow(/keyfile/);
});
