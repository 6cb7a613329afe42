/** What must hold on every database; PARLEY_TEST_PG runs it on PostgreSQL. */
import { expect, onTestFinished, test } from 'vitest';
import { testBus, testServer, testStore } from '@parley/sdk/testkit';
import type { TestStore } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { ContactsChanged } from '../src/api.ts';
import type { ContactsChange } from '../src/api.ts';
import { EMPTY_LIST } from '../src/contact-list.ts';
import { ContactLists } from '../src/contact-lists.ts';
import type { ListDraft } from '../src/list-draft.ts';
import { migrations } from '../src/rows.ts';
import type { ContactsTables } from '../src/rows.ts';

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };

/** One server's lists, and what it says on the bus. */
interface Node {
  readonly lists: ContactLists;
  readonly said: () => ContactsChange[];
}

interface World {
  readonly store: TestStore<ContactsTables>;
  /** A server on the store; two are two nodes. */
  readonly node: () => Node;
  readonly alice: User;
  readonly bob: User;
}

async function aWorld(): Promise<World> {
  const server = await testServer({ plugins: [directory()], users: ['alice', 'bob'] });
  onTestFinished(() => server.close());
  const store = await testStore<ContactsTables>(migrations);
  onTestFinished(() => store.close());
  const users = server.find(Directory);
  const node = (): Node => {
    const bus = testBus();
    return { lists: new ContactLists(store, users, bus, LIMITS), said: () => bus.of(ContactsChanged) };
  };
  const [alice, bob] = users.list().users as [User, User];
  return { store, node, alice, bob };
}

const DAVE = 'dave@example.com';
const add =
  (uri: string): ((draft: ListDraft) => void) =>
  (draft) =>
    draft.setContact({ uri });

test('what a change resolved for is there for a server that starts on the same store', async () => {
  const { node, alice } = await aWorld();
  const { lists } = node();
  await lists.change(alice, (draft) => draft.addGroup('Friends', 'ldap:x'));
  await lists.change(alice, (draft) =>
    draft.setContact({ uri: DAVE, name: 'Dave', groups: [1, 2], subscribed: false, externalUri: 'x:y', extension: '<a/>' }),
  );
  await lists.change(alice, (draft) => draft.setAccess({ type: 'USER', mask: DAVE, rights: 'BD' }));
  const after = await node().lists.read(alice.id);
  expect(after).toEqual(await lists.read(alice.id));
  expect(after).toEqual({
    deltaNum: 3,
    lastGroupId: 2,
    groups: new Map([...EMPTY_LIST.groups, [2, { id: 2, name: 'Friends', externalUri: 'ldap:x' }]]),
    contacts: new Map([[DAVE, { uri: DAVE, name: 'Dave', groups: [1, 2], subscribed: false, externalUri: 'x:y', extension: '<a/>' }]]),
    access: { deltaNum: 2, entries: new Map([[`USER ${DAVE}`, { type: 'USER', mask: DAVE, rights: 'BD' }]]) },
  });
});

test('what is held in memory is always what is stored', async () => {
  const { node, alice } = await aWorld();
  const { lists } = node();
  await lists.hold(alice.id);
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
    await lists.change(alice, edit);
    expect(await node().lists.read(alice.id)).toEqual(lists.current(alice.id));
  }
});

test('MS-SIPREGE R12: changes of a user that are asked for at once are made in that order, each with a number of its own', async () => {
  const { node, alice } = await aWorld();
  const { lists } = node();
  const told: number[] = [];
  lists.onChange((_, { before, list }) => {
    expect(list.deltaNum).toBe(before.deltaNum + 1);
    told.push(list.deltaNum);
  });
  await Promise.all(Array.from({ length: 50 }, (_, i) => lists.change(alice, add(`u${i}@example.com`))));
  expect(told).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
  expect((await lists.read(alice.id)).contacts.size).toBe(50);
});

test('MS-PRES R27: a change is answered after it is committed and before anybody is told', async () => {
  const { store, node, alice } = await aWorld();
  const { lists, said } = node();
  const events: string[] = [];
  lists.onChange(() => events.push('told'));
  const stored: Promise<unknown>[] = [];
  await lists.change(alice, add(DAVE), () => {
    events.push('answered');
    stored.push(store.read.selectFrom('contacts_contact').select('uri').execute());
    expect(said()).toEqual([]);
  });
  expect(events).toEqual(['answered', 'told']);
  expect(await stored[0]).toEqual([{ uri: DAVE }]);
  expect(said()).toMatchObject([{ userId: alice.id, aor: alice.aor, deltaNum: 2, aclDeltaNum: 1, added: [DAVE], removed: [] }]);
});

test('a change that is refused changes nothing and holds up nobody', async () => {
  const { node, alice } = await aWorld();
  const { lists, said } = node();
  const refused = lists.change(alice, (draft) => {
    draft.setContact({ uri: DAVE });
    draft.deleteGroup(1);
  });
  const next = lists.change(alice, add('erin@example.com'));
  await expect(refused).rejects.toMatchObject({ code: 'CONTACTS_GROUP_FIXED' });
  await next;
  expect([...(await lists.read(alice.id)).contacts.keys()]).toEqual(['erin@example.com']);
  expect(said().map(({ deltaNum }) => deltaNum)).toEqual([2]);
});

test('a list stays in memory as long as somebody holds it', async () => {
  const { node, alice, bob } = await aWorld();
  const { lists } = node();
  await Promise.all([lists.hold(alice.id), lists.hold(alice.id), lists.hold(bob.id)]);
  expect(lists.heldSize).toBe(2);
  lists.release(alice.id);
  lists.release(bob.id);
  expect(lists.heldSize).toBe(1);
  lists.release(alice.id);
  expect(lists.heldSize).toBe(0);
});

test('what other plugins ask is answered for lists that are held and those that are not', async () => {
  const { node, alice } = await aWorld();
  const { lists } = node();
  await lists.change(alice, add(DAVE));
  const check = async (): Promise<void> => {
    expect(await lists.has('sip:Alice@example.com', 'sip:Dave@example.com')).toBe(true);
    expect(await lists.has(alice.aor, 'erin@example.com')).toBe(false);
    expect(await lists.has('nobody@example.com', DAVE)).toBe(false);
    expect((await lists.contactsOf(alice.aor)).map(({ uri }) => uri)).toEqual([DAVE]);
    expect(await lists.groupsOf(alice.aor)).toEqual([{ id: 1, name: '~', externalUri: '' }]);
    expect(await lists.contactsOf('nobody@example.com')).toEqual([]);
    expect(await lists.accessOf(alice.aor)).toEqual([]);
  };
  await check();
  await lists.hold(alice.id);
  await check();
});

test('a user who is removed leaves nothing behind', async () => {
  const { store, node, alice, bob } = await aWorld();
  const { lists } = node();
  for (const user of [alice, bob]) {
    await lists.change(user, (draft) => {
      draft.addGroup('Friends', '');
      draft.setContact({ uri: DAVE });
      draft.setAccess({ type: 'USER', mask: DAVE, rights: 'AA' });
    });
  }
  await lists.forget(alice.id);
  for (const table of ['contacts_list', 'contacts_group', 'contacts_contact', 'contacts_access'] as const) {
    const rows = await store.read.selectFrom(table).select('user_id').execute();
    expect(rows, table).toEqual([{ user_id: bob.id }]);
  }
  expect(await lists.owners()).toEqual([bob.id]);
});

test('two servers on one database: numbers grow over both, and who holds a list gets what the other one wrote', async () => {
  const { node, alice } = await aWorld();
  const [one, two] = [node(), node()];
  const forward = async (from: Node, to: Node): Promise<void> => {
    for (const change of from.said()) await to.lists.changedElsewhere(change);
  };
  const told: (readonly [from: number, to: number, entries: number])[] = [];
  for (const { lists } of [one, two]) {
    lists.onChange((_, { before, list, entries }) => told.push([before.deltaNum, list.deltaNum, entries.length]));
  }
  await Promise.all([one.lists.hold(alice.id), two.lists.hold(alice.id)]);
  await one.lists.change(alice, add(DAVE));
  await one.lists.change(alice, add('erin@example.com'));
  await forward(one, two);
  expect(told, 'no entries: the whole list').toEqual([
    [1, 2, 1],
    [2, 3, 1],
    [1, 3, 0],
  ]);
  expect([...two.lists.current(alice.id).contacts.keys()]).toEqual([DAVE, 'erin@example.com']);
  // The first has not been told yet of what the second writes: it does not undo it, and its clients get both changes.
  await two.lists.change(alice, (draft) => draft.deleteContact(DAVE));
  await one.lists.change(alice, add('frank@example.com'));
  expect([...one.lists.current(alice.id).contacts.keys()]).toEqual(['erin@example.com', 'frank@example.com']);
  expect(told.slice(3)).toEqual([
    [3, 4, 1],
    [3, 5, 0],
  ]);
  await forward(two, one);
  expect(told).toHaveLength(5);
});
