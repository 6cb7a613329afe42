/** What must hold on every database; PARLEY_TEST_PG runs it on PostgreSQL. */
import { expect, test } from 'vitest';
import { EMPTY_LIST } from '../src/contact-list.ts';
import type { ListDraft } from '../src/list-draft.ts';
import { ALICE, BOB, aNode, openTestStore } from './support.ts';
import type { Node } from './support.ts';

const DAVE = 'dave@example.com';
const add =
  (uri: string): ((draft: ListDraft) => void) =>
  (draft) =>
    draft.setContact({ uri });

test('what a change resolved for is there for a server that starts on the same store', async () => {
  const store = await openTestStore();
  const { lists } = aNode(store);
  await lists.change(ALICE, (draft) => draft.addGroup('Friends', 'ldap:x'));
  await lists.change(ALICE, (draft) =>
    draft.setContact({ uri: DAVE, name: 'Dave', groups: [1, 2], subscribed: false, externalUri: 'x:y', extension: '<a/>' }),
  );
  await lists.change(ALICE, (draft) => draft.setAccess({ type: 'USER', mask: DAVE, rights: 'BD' }));
  const after = await aNode(store).lists.read(ALICE.id);
  expect(after).toEqual(await lists.read(ALICE.id));
  expect(after).toEqual({
    deltaNum: 3,
    lastGroupId: 2,
    groups: new Map([...EMPTY_LIST.groups, [2, { id: 2, name: 'Friends', externalUri: 'ldap:x' }]]),
    contacts: new Map([[DAVE, { uri: DAVE, name: 'Dave', groups: [1, 2], subscribed: false, externalUri: 'x:y', extension: '<a/>' }]]),
    access: { deltaNum: 2, entries: new Map([[`USER ${DAVE}`, { type: 'USER', mask: DAVE, rights: 'BD' }]]) },
  });
});

test('what is held in memory is always what is stored', async () => {
  const store = await openTestStore();
  const { lists } = aNode(store);
  await lists.hold(ALICE.id);
  const edits: readonly ((draft: ListDraft) => unknown)[] = [
    (draft) => draft.addGroup('Friends', ''),
    (draft) => draft.setContact({ uri: DAVE, groups: [2] }),
    (draft) => draft.modifyGroup(2, 'Pals', ''),
    (draft) => draft.setContact({ uri: DAVE, name: 'D', groups: [1] }),
    (draft) => draft.deleteGroup(2),
    (draft) => draft.setAccess({ type: 'ALL', mask: '', rights: 'AA' }),
    (draft) => draft.addGroup('Work', ''),
    (draft) => draft.deleteContact(DAVE),
  ];
  for (const edit of edits) {
    await lists.change(ALICE, edit);
    expect(await aNode(store).lists.read(ALICE.id)).toEqual(lists.current(ALICE.id));
  }
});

test('MS-SIPREGE R12: changes of a user that are asked for at once are made in that order, each with a number of its own', async () => {
  const store = await openTestStore();
  const { lists } = aNode(store);
  const told: number[] = [];
  lists.onChange((_, { before, list }) => {
    expect(list.deltaNum).toBe(before.deltaNum + 1);
    told.push(list.deltaNum);
  });
  await Promise.all(Array.from({ length: 50 }, (_, i) => lists.change(ALICE, add(`u${i}@example.com`))));
  expect(told).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
  expect((await lists.read(ALICE.id)).contacts.size).toBe(50);
});

test('MS-PRES R27: a change is answered after it is committed and before anybody is told', async () => {
  const store = await openTestStore();
  const { lists, said } = aNode(store);
  const events: string[] = [];
  lists.onChange(() => events.push('told'));
  const stored: Promise<unknown>[] = [];
  await lists.change(ALICE, add(DAVE), () => {
    events.push('answered');
    stored.push(store.read.selectFrom('contacts_contact').select('uri').execute());
    expect(said).toEqual([]);
  });
  expect(events).toEqual(['answered', 'told']);
  expect(await stored[0]).toEqual([{ uri: DAVE }]);
  expect(said).toMatchObject([{ userId: ALICE.id, aor: ALICE.aor, deltaNum: 2, aclDeltaNum: 1, added: [DAVE], removed: [] }]);
});

test('a change that is refused changes nothing and holds up nobody', async () => {
  const store = await openTestStore();
  const { lists, said } = aNode(store);
  const refused = lists.change(ALICE, (draft) => {
    draft.setContact({ uri: DAVE });
    draft.deleteGroup(1);
  });
  const next = lists.change(ALICE, add('erin@example.com'));
  await expect(refused).rejects.toMatchObject({ code: 'CONTACTS_GROUP_FIXED' });
  await next;
  expect([...(await lists.read(ALICE.id)).contacts.keys()]).toEqual(['erin@example.com']);
  expect(said.map(({ deltaNum }) => deltaNum)).toEqual([2]);
});

test('a list stays in memory as long as somebody holds it', async () => {
  const { lists } = aNode(await openTestStore());
  await Promise.all([lists.hold(ALICE.id), lists.hold(ALICE.id), lists.hold(BOB.id)]);
  expect(lists.heldSize).toBe(2);
  lists.release(ALICE.id);
  lists.release(BOB.id);
  expect(lists.heldSize).toBe(1);
  lists.release(ALICE.id);
  expect(lists.heldSize).toBe(0);
});

test('what other plugins ask is answered for lists that are held and those that are not', async () => {
  const { lists } = aNode(await openTestStore());
  await lists.change(ALICE, add(DAVE));
  const check = async (): Promise<void> => {
    expect(await lists.has('sip:Alice@example.com', 'sip:Dave@example.com')).toBe(true);
    expect(await lists.has(ALICE.aor, 'erin@example.com')).toBe(false);
    expect(await lists.has('nobody@example.com', DAVE)).toBe(false);
    expect((await lists.contactsOf(ALICE.aor)).map(({ uri }) => uri)).toEqual([DAVE]);
    expect(await lists.groupsOf(ALICE.aor)).toEqual([{ id: 1, name: '~', externalUri: '' }]);
    expect(await lists.contactsOf('nobody@example.com')).toEqual([]);
    expect(await lists.accessOf(ALICE.aor)).toEqual([]);
  };
  await check();
  await lists.hold(ALICE.id);
  await check();
});

test('a user who is removed leaves nothing behind', async () => {
  const store = await openTestStore();
  const { lists } = aNode(store);
  for (const user of [ALICE, BOB]) {
    await lists.change(user, (draft) => {
      draft.addGroup('Friends', '');
      draft.setContact({ uri: DAVE });
      draft.setAccess({ type: 'USER', mask: DAVE, rights: 'AA' });
    });
  }
  await lists.forget(ALICE.id);
  for (const table of ['contacts_list', 'contacts_group', 'contacts_contact', 'contacts_access'] as const) {
    const rows = await store.read.selectFrom(table).select('user_id').execute();
    expect(rows, table).toEqual([{ user_id: BOB.id }]);
  }
  expect(await lists.owners()).toEqual([BOB.id]);
});

test('two servers on one database: numbers grow over both, and who holds a list gets what the other one wrote', async () => {
  const store = await openTestStore();
  const [one, two] = [aNode(store), aNode(store)];
  const forward = async (from: Node, to: Node): Promise<void> => {
    for (const change of from.said.splice(0)) await to.lists.changedElsewhere(change);
  };
  const told: (readonly [from: number, to: number, entries: number])[] = [];
  for (const { lists } of [one, two]) {
    lists.onChange((_, { before, list, entries }) => told.push([before.deltaNum, list.deltaNum, entries.length]));
  }
  await Promise.all([one.lists.hold(ALICE.id), two.lists.hold(ALICE.id)]);
  await one.lists.change(ALICE, add(DAVE));
  await one.lists.change(ALICE, add('erin@example.com'));
  await forward(one, two);
  expect(told, 'no entries: the whole list').toEqual([
    [1, 2, 1],
    [2, 3, 1],
    [1, 3, 0],
  ]);
  expect([...two.lists.current(ALICE.id).contacts.keys()]).toEqual([DAVE, 'erin@example.com']);
  // The first has not been told yet of what the second writes: it does not undo it, and its clients get both changes.
  await two.lists.change(ALICE, (draft) => draft.deleteContact(DAVE));
  await one.lists.change(ALICE, add('frank@example.com'));
  expect([...one.lists.current(ALICE.id).contacts.keys()]).toEqual(['erin@example.com', 'frank@example.com']);
  expect(told.slice(3)).toEqual([
    [3, 4, 1],
    [3, 5, 0],
  ]);
  await forward(two, one);
  expect(told).toHaveLength(5);
});
