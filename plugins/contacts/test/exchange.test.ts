import { expect, test } from 'vitest';
import { EMPTY_LIST } from '../src/contact-list.ts';
import type { ContactList } from '../src/contact-list.ts';
import { exchanged, readExchanged, toCsv, toJson } from '../src/exchange.ts';
import { importList } from '../src/import-list.ts';
import { ListDraft } from '../src/list-draft.ts';

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };

function edited(list: ContactList, edit: (draft: ListDraft) => unknown): ContactList {
  const draft = new ListDraft(list, LIMITS);
  edit(draft);
  return draft.done().list;
}

const LIST = edited(EMPTY_LIST, (draft) => {
  draft.addGroup('Friends; best', '');
  draft.addGroup('Work \\ "other"', '');
  draft.addGroup('Empty', '');
  draft.setContact({ uri: 'bob@example.com', name: 'Bob, the builder', groups: [2, 3] });
  draft.setContact({ uri: 'tel:+14255550100', subscribed: false });
});
const ALICE = exchanged('alice@example.com', LIST);

test('a list goes to JSON and back', () => {
  expect(readExchanged(toJson([ALICE]))).toEqual([ALICE]);
  expect(ALICE).toEqual({
    owner: 'alice@example.com',
    groups: ['Friends; best', 'Work \\ "other"', 'Empty'],
    contacts: [
      { uri: 'sip:bob@example.com', name: 'Bob, the builder', groups: ['Friends; best', 'Work \\ "other"'], subscribed: true },
      { uri: 'tel:+14255550100', name: '', groups: [], subscribed: false },
    ],
  });
});

test('a list goes to CSV and back, but for groups without contacts', () => {
  expect(toCsv([ALICE])).toBe(
    'owner,uri,name,groups,subscribed\n' +
      'alice@example.com,sip:bob@example.com,"Bob, the builder","Friends\\; best;Work \\\\ ""other""",true\n' +
      'alice@example.com,tel:+14255550100,,,false',
  );
  expect(readExchanged(toCsv([ALICE]))).toEqual([{ ...ALICE, groups: ['Friends; best', 'Work \\ "other"'] }]);
});

test('CSV may have columns in any order, and those that are absent are empty', () => {
  expect(readExchanged('URI, Owner\nsip:bob@x,sip:Alice@Example.com\n')).toEqual([
    { owner: 'alice@example.com', groups: [], contacts: [{ uri: 'sip:bob@x', name: '', groups: [], subscribed: true }] },
  ]);
});

test.each([
  ['', 'its first line must name the columns'],
  ['uri,name\nsip:bob@x,Bob', 'its first line must name the columns'],
  ['owner,uri,subscribed\na@x,sip:b@x,maybe', 'line 2 says neither true nor false'],
  [`owner,uri,name\na@x,sip:b@x,${'n'.repeat(257)}`, 'line 2 has a name of more than 256 characters'],
  ['owner,uri\n"a', 'a quote is never closed'],
  ['[', 'JSON'],
  ['[{"owner":"a@x"}]', '0.contacts'],
  ['{"owner":"a@x","contacts":[{"uri":"sip:b@x","nick":"B"}]}', 'nick'],
])('a file that is none is refused, and why is said: %j', (text, reason) => {
  expect(() => readExchanged(text)).toThrow(
    expect.objectContaining({ code: 'CONTACTS_IMPORT_MALFORMED', message: expect.stringContaining(reason) as string }),
  );
});

test('an import adds contacts and groups to what is there', () => {
  const before = edited(EMPTY_LIST, (draft) => {
    draft.addGroup('Empty', '');
    draft.setContact({ uri: 'bob@example.com', name: 'B', groups: [2] });
    draft.setContact({ uri: 'carol@example.com' });
  });
  const after = edited(before, (draft) => importList(draft, ALICE, false));
  expect([...after.groups.values()].map(({ name }) => name)).toEqual(['~', 'Empty', 'Friends; best', 'Work \\ "other"']);
  expect([...after.contacts.keys()]).toEqual(['bob@example.com', 'carol@example.com', 'tel:+14255550100']);
  expect(after.contacts.get('bob@example.com')).toMatchObject({ name: 'Bob, the builder', groups: [3, 4] });
  expect(after.deltaNum).toBe(before.deltaNum + 1);
});

test('an import that replaces leaves what is in the file, and groups that stay keep their ids', () => {
  const before = edited(EMPTY_LIST, (draft) => {
    for (let i = 0; i < 62; i++) draft.addGroup(`G${i}`, '');
    draft.addGroup('Empty', '');
    draft.setContact({ uri: 'bob@example.com', groups: [2, 64] });
    draft.setContact({ uri: 'carol@example.com', groups: [3] });
  });
  const after = edited(before, (draft) => importList(draft, ALICE, true));
  expect(exchanged('alice@example.com', after).contacts).toEqual(ALICE.contacts);
  expect([...after.groups.values()].map(({ id, name }) => [id, name])).toEqual([
    [1, '~'],
    [64, 'Empty'],
    [2, 'Friends; best'],
    [3, 'Work \\ "other"'],
  ]);
});
