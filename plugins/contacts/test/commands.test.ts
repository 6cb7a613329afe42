import { expect, test } from 'vitest';
import { bodyOf, captured, serving } from './server.ts';

const FILE =
  'owner,uri,name,groups,subscribed\nalice@example.test,sip:bob@example.test,Bobby,Friends;Work,true\nalice@example.test,sip:dave@example.org,,,false\n';

test('an administrator imports, lists and exports contacts', async () => {
  const { command } = await serving();
  expect((await command('contacts import', { file: FILE }, { check: true })).text).toBe('All of it is good: 2 contacts.');
  expect((await command('contacts import', { file: FILE })).text).toBe('Imported 2 contacts into 1 list.');
  const listed = await command('contacts list', { address: 'sip:Alice@example.test' });
  expect(listed.rows).toEqual([
    { uri: 'sip:bob@example.test', name: 'Bobby', groups: ['Friends', 'Work'], presence: 'yes' },
    { uri: 'sip:dave@example.org', name: '', groups: [], presence: 'no' },
  ]);
  expect(listed.text).toBe('2 contacts of at most 1000, 2 groups, changed 1 time.');
  expect((await command('contacts export', { address: 'alice@example.test' }, { format: 'csv' })).text).toBe(FILE.trimEnd());
  const everybody = (await command('contacts export', {}, { format: 'json' })).text ?? '';
  expect(JSON.parse(everybody)).toMatchObject([{ owner: 'alice@example.test', groups: ['Friends', 'Work'] }]);
});

test('a client that is signed in gets what an administrator imports, at once and as the whole list', async () => {
  const { command, client } = await serving();
  const alice = await client();
  alice.send(captured('subscribe-roaming-contacts'));
  await alice.next();
  await command('contacts import', { file: FILE });
  const told = await alice.next();
  expect(told).toMatch(/^BENOTIFY /);
  expect(bodyOf(told)).toMatch(/^<contactList deltaNum="2"><group id="1" .*<contact uri="bob@example\.test" name="Bobby" groups="2 3" /);
});

test('an import with faults imports nothing unless told to, and says each fault', async () => {
  const { command } = await serving({ maxContacts: 1 });
  const file =
    'owner,uri\nbob@example.test,sip:alice@example.test\nbob@example.test,alice\nnobody@example.test,sip:a@b\nalice@example.test,sip:a@b\nalice@example.test,sip:c@d\n';
  const lines = [
    'bob@example.test, alice: "alice" is no address of a contact',
    'nobody@example.test: nobody@example.test does not exist',
    'alice@example.test: limit reached: a contact list has at most 1 contacts',
  ];
  expect((await command('contacts import', { file }, { check: true })).data).toEqual({ faults: lines });
  await expect(command('contacts import', { file })).rejects.toMatchObject({
    code: 'CONTACTS_IMPORT_REFUSED',
    message: expect.stringContaining(lines.join('\n')) as string,
  });
  expect((await command('contacts export', {}, { format: 'json' })).text).toBe('[]');
  expect((await command('contacts import', { file }, { skipBad: true })).text).toBe(
    `Imported 1 contact into 1 list.\nSkipped:\n${lines.join('\n')}`,
  );
});

test('a list of a user who does not exist is refused', async () => {
  const { command } = await serving();
  await expect(command('contacts list', { address: 'carol@example.test' })).rejects.toMatchObject({ code: 'CONTACTS_USER_UNKNOWN' });
});
