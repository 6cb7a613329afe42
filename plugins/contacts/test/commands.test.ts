import { expect, test } from 'vitest';
import { bodyOf, captured, client, heard, say, serving } from './serving.ts';

const FILE =
  'owner,uri,name,groups,subscribed\nalice@example.test,sip:bob@example.test,Bobby,Friends;Work,true\nalice@example.test,sip:dave@example.org,,,false\n';

test('an administrator imports, lists and exports contacts', async () => {
  await using server = await serving();
  expect((await server.command('contacts import', { file: FILE }, { check: true })).text).toBe('All of it is good: 2 contacts.');
  expect((await server.command('contacts import', { file: FILE })).text).toBe('Imported 2 contacts into 1 list.');
  const listed = await server.command('contacts list', { address: 'sip:Alice@example.test' });
  expect(listed.rows).toEqual([
    { uri: 'sip:bob@example.test', name: 'Bobby', groups: ['Friends', 'Work'], presence: 'yes' },
    { uri: 'sip:dave@example.org', name: '', groups: [], presence: 'no' },
  ]);
  expect(listed.text).toBe('2 contacts of at most 1000, 2 groups, changed 1 time.');
  expect((await server.command('contacts export', { address: 'alice@example.test' }, { format: 'csv' })).text).toBe(FILE.trimEnd());
  const everybody = (await server.command('contacts export', {}, { format: 'json' })).text ?? '';
  expect(JSON.parse(everybody)).toMatchObject([{ owner: 'alice@example.test', groups: ['Friends', 'Work'] }]);
});

test('an import of many lists says now and then how far it is', async () => {
  await using server = await serving();
  const owners = Array.from({ length: 250 }, (_, i) => `owner${i}`);
  await server.addUsers(...owners);
  const file = ['owner,uri,name,groups', ...owners.map((name) => `${name}@example.test,sip:bob@example.test,,`)].join('\n');
  const said: string[] = [];
  const { text } = await server.command('contacts import', { file }, {}, (line) => said.push(line));
  expect(said).toEqual(['100 of 250 lists', '200 of 250 lists']);
  expect(text).toBe('Imported 250 contacts into 250 lists.');
});

test('a client that is signed in gets what an administrator imports, at once and as the whole list', async () => {
  await using server = await serving();
  const alice = client(server);
  await say(alice, captured('subscribe-roaming-contacts'));
  await heard(alice);
  await server.command('contacts import', { file: FILE });
  const told = await heard(alice);
  expect(told).toMatch(/^BENOTIFY /);
  expect(bodyOf(told)).toMatch(/^<contactList deltaNum="2"><group id="1" .*<contact uri="bob@example\.test" name="Bobby" groups="2 3" /);
});

test('an import with faults imports nothing unless told to, and says each fault', async () => {
  await using server = await serving({ maxContacts: 1 });
  const file =
    'owner,uri\nbob@example.test,sip:alice@example.test\nbob@example.test,alice\nnobody@example.test,sip:a@b\nalice@example.test,sip:a@b\nalice@example.test,sip:c@d\n';
  const lines = [
    'bob@example.test, alice: "alice" is no address of a contact',
    'nobody@example.test: nobody@example.test does not exist',
    'alice@example.test: limit reached: a contact list has at most 1 contacts',
  ];
  expect((await server.command('contacts import', { file }, { check: true })).data).toEqual({ faults: lines });
  await expect(server.command('contacts import', { file })).rejects.toMatchObject({
    code: 'CONTACTS_IMPORT_REFUSED',
    message: expect.stringContaining(lines.join('\n')) as string,
  });
  expect((await server.command('contacts export', {}, { format: 'json' })).text).toBe('[]');
  expect((await server.command('contacts import', { file }, { skipBad: true })).text).toBe(
    `Imported 1 contact into 1 list.\nSkipped:\n${lines.join('\n')}`,
  );
});

test('a list of a user who does not exist is refused', async () => {
  await using server = await serving();
  await expect(server.command('contacts list', { address: 'carol@example.test' })).rejects.toMatchObject({ code: 'CONTACTS_USER_UNKNOWN' });
});
