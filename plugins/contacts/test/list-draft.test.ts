import { expect, test } from 'vitest';
import { EMPTY_LIST } from '../src/contact-list.ts';
import type { ContactList } from '../src/contact-list.ts';
import { ListDraft } from '../src/list-draft.ts';
import type { Changed } from '../src/list-draft.ts';

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };
const BOB = 'bob@example.com';

function edited(list: ContactList, edit: (draft: ListDraft) => unknown, limits = LIMITS): Changed {
  const draft = new ListDraft(list, limits);
  edit(draft);
  return draft.done();
}

/** The list after these changes, one operation each. */
function listAfter(...edits: readonly ((draft: ListDraft) => unknown)[]): ContactList {
  return edits.reduce((list, edit) => edited(list, edit).list, EMPTY_LIST);
}

const groupIds = (list: ContactList): number[] => [...list.groups.keys()];

test('MS-PRES R28: a new list has number 1 and the group that everybody has; further groups are numbered from 2', () => {
  expect(EMPTY_LIST.deltaNum).toBe(1);
  expect([...EMPTY_LIST.groups.values()]).toEqual([{ id: 1, name: '~', externalUri: '' }]);
  const list = listAfter(
    (draft) => draft.addGroup('Friends', ''),
    (draft) => draft.addGroup('Work', ''),
  );
  expect(groupIds(list)).toEqual([1, 2, 3]);
});

test('MS-PRES R27: each operation, whatever it finds, makes the number of the list one higher', () => {
  const edits: readonly ((draft: ListDraft) => unknown)[] = [
    (draft) => draft.addGroup('Friends', ''),
    (draft) => draft.setContact({ uri: BOB, groups: [2] }),
    (draft) => draft.setContact({ uri: BOB, groups: [2] }),
    (draft) => draft.modifyGroup(2, 'Pals', undefined),
    (draft) => draft.deleteContact(BOB),
    (draft) => draft.deleteContact(BOB),
    (draft) => draft.deleteGroup(2),
    (draft) => draft.deleteGroup(2),
  ];
  edits.reduce((list, edit, i) => {
    const next = edited(list, edit).list;
    expect(next.deltaNum).toBe(i + 2);
    return next;
  }, EMPTY_LIST);
});

test('a change makes another list and leaves the one before as it was', () => {
  const before = listAfter((draft) => draft.setContact({ uri: BOB }));
  const { list } = edited(before, (draft) => draft.deleteContact(BOB));
  expect([before.contacts.has(BOB), list.contacts.has(BOB)]).toEqual([true, false]);
});

test('MS-PRES R30: a contact that is there is modified, and keeps what the client does not mention', () => {
  const known = { uri: BOB, name: 'Bobby', groups: [1], subscribed: false, externalUri: 'x:y', extension: '<a/>' };
  const before = listAfter((draft) => draft.setContact(known));
  const { list, entries } = edited(before, (draft) => draft.setContact({ uri: BOB, name: 'Robert' }));
  expect(list.contacts.get(BOB)).toEqual({ ...known, name: 'Robert' });
  expect(entries.map(({ kind }) => kind)).toEqual(['modifiedContact']);
});

test('MS-PRES R30: a contact in a group that is not there is refused', () => {
  expect(() => edited(EMPTY_LIST, (draft) => draft.setContact({ uri: BOB, groups: [1, 7] }))).toThrow(
    expect.objectContaining({ code: 'CONTACTS_GROUP_UNKNOWN', status: 400 }),
  );
});

test('a contact without a group is in the one that everybody has; ids are kept once and in order', () => {
  const list = listAfter(
    (draft) => draft.addGroup('Friends', ''),
    (draft) => draft.setContact({ uri: BOB }),
    (draft) => draft.setContact({ uri: 'carol@example.com', groups: [2, 1, 2] }),
  );
  expect([...list.contacts.values()].map(({ groups }) => groups)).toEqual([[1], [1, 2]]);
});

test.each([
  ['MS-PRES R29: group 1 is not deleted', (draft: ListDraft) => draft.deleteGroup(1), 'CONTACTS_GROUP_FIXED', 403],
  ['group 1 is not renamed', (draft: ListDraft) => draft.modifyGroup(1, 'Others', ''), 'CONTACTS_GROUP_FIXED', 403],
  ['group 1 is not added', (draft: ListDraft) => draft.addGroup('~', ''), 'CONTACTS_GROUP_FIXED', 403],
  ['MS-PRES R29: a group with contacts is not deleted', (draft: ListDraft) => draft.deleteGroup(2), 'CONTACTS_GROUP_NOT_EMPTY', 409],
  ['a group does not get the name of another', (draft: ListDraft) => draft.modifyGroup(3, 'Friends', ''), 'CONTACTS_GROUP_TAKEN', 409],
  ['a group that is not there is not renamed', (draft: ListDraft) => draft.modifyGroup(9, 'X', ''), 'CONTACTS_GROUP_UNKNOWN', 400],
])('%s', (_, edit, code, status) => {
  const list = listAfter(
    (draft) => draft.addGroup('Friends', ''),
    (draft) => draft.addGroup('Work', ''),
    (draft) => draft.setContact({ uri: BOB, groups: [2] }),
  );
  expect(() => edited(list, edit)).toThrow(expect.objectContaining({ code, status }));
});

test('two endpoints that add the same group get the same one', () => {
  const list = listAfter((draft) => draft.addGroup('Friends', ''));
  const { list: after, entries } = edited(list, (draft) => expect(draft.addGroup('Friends', '')).toBe(2));
  expect(groupIds(after)).toEqual([1, 2]);
  expect(entries.map(({ kind }) => kind)).toEqual(['modifiedGroup']);
});

test('MS-SIPREGE R14: the id of a deleted group is given again only after all others', () => {
  let list = EMPTY_LIST;
  const given: number[] = [];
  for (let i = 0; i < 64; i++) {
    list = edited(list, (draft) => given.push(draft.addGroup(`G${i}`, ''))).list;
    list = edited(list, (draft) => draft.deleteGroup(given.at(-1) ?? 0)).list;
  }
  expect(given.slice(0, 63)).toEqual(Array.from({ length: 63 }, (_, i) => i + 2));
  expect(given[63]).toBe(2);
});

test('MS-PRES R26: 1,000 contacts and 64 groups are fine, one more is refused, and those that are there can still be changed', () => {
  const full = edited(EMPTY_LIST, (draft) => {
    for (let i = 0; i < 1000; i++) draft.setContact({ uri: `u${i}@example.com` });
    for (let i = 0; i < 63; i++) draft.addGroup(`G${i}`, '');
    for (let i = 0; i < 1000; i++) draft.setAccess({ type: 'USER', mask: `u${i}@example.com`, rights: 'AA' });
  }).list;
  expect([full.contacts.size, full.groups.size, full.access.entries.size]).toEqual([1000, 64, 1000]);
  expect(() => edited(full, (draft) => draft.setContact({ uri: BOB }))).toThrow(
    expect.objectContaining({ code: 'CONTACTS_LIMIT', status: 403, message: 'limit reached: a contact list has at most 1000 contacts' }),
  );
  expect(() => edited(full, (draft) => draft.addGroup('One more', ''))).toThrow(expect.objectContaining({ code: 'CONTACTS_GROUP_LIMIT' }));
  expect(() => edited(full, (draft) => draft.setAccess({ type: 'ALL', mask: '', rights: 'BA' }))).toThrow(
    expect.objectContaining({ code: 'CONTACTS_ACCESS_LIMIT' }),
  );
  const changed = edited(full, (draft) => draft.setContact({ uri: 'u7@example.com', groups: [64] })).list;
  expect(changed.contacts.get('u7@example.com')?.groups).toEqual([64]);
});

test('access control entries have a number of their own, and one for each whom they apply to', () => {
  const list = listAfter(
    (draft) => draft.setAccess({ type: 'USER', mask: BOB, rights: 'AA' }),
    (draft) => draft.setAccess({ type: 'USER', mask: BOB, rights: 'BD' }),
    (draft) => draft.setAccess({ type: 'DOMAIN', mask: 'example.org', rights: 'PA' }),
  );
  expect([list.deltaNum, list.access.deltaNum]).toEqual([1, 4]);
  expect([...list.access.entries.values()].map(({ rights }) => rights)).toEqual(['BD', 'PA']);
});
