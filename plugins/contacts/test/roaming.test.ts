import { expect, test } from 'vitest';
import { DialogErrors } from '@parley/sdk';
import type { Content, Dialogs, Notifier, NotifierUser } from '@parley/sdk';
import { EMPTY_LIST } from '../src/contact-list.ts';
import { ListDraft } from '../src/list-draft.ts';
import type { Changed } from '../src/list-draft.ts';
import { Roaming } from '../src/roaming.ts';
import type { RoamingPart, SubscribeRequest } from '../src/roaming.ts';

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };
const ALICE = 'a1';

/** Subscriptions to lists that count who holds them. */
function aRoaming(notifier?: Dialogs['notifier']): { roaming: Roaming; holders: () => number; users: NotifierUser[]; told: Content[] } {
  let held = 0;
  const users: NotifierUser[] = [];
  const told: Content[] = [];
  const lists = { hold: () => Promise.resolve(void held++), release: () => void held--, current: () => EMPTY_LIST };
  const accept: Dialogs['notifier'] = (_tx, _options, user) => {
    users.push(user);
    return { notify: (content: Content) => void told.push(content) } as unknown as Notifier;
  };
  const roaming = new Roaming(lists, { notifier: notifier ?? accept }, { subscriptionSeconds: 600, bareChanges: [] });
  return { roaming, holders: () => held, users, told };
}

function aRequest(open = true): SubscribeRequest {
  return { request: { first: () => undefined }, transaction: undefined, flow: { open } } as unknown as SubscribeRequest;
}

function change(edit: (draft: ListDraft) => unknown): Changed {
  const draft = new ListDraft(EMPTY_LIST, LIMITS);
  edit(draft);
  return draft.done();
}

test('MS-SIPREGE R17: a list is held as long as its subscriptions run', async () => {
  const { roaming, holders, users } = aRoaming();
  const parts: readonly RoamingPart[] = ['contacts', 'access'];
  for (const part of parts) await roaming.subscribe(aRequest(), ALICE, part);
  expect([roaming.size, holders()]).toEqual([2, 2]);
  for (const user of users) user.onEnded?.('unreachable');
  for (const user of users) user.onEnded?.('unreachable');
  expect([roaming.size, holders()]).toEqual([0, 0]);
});

test('a client that has gone while its list was read leaves nothing behind', async () => {
  const { roaming, holders, users } = aRoaming();
  await roaming.subscribe(aRequest(false), ALICE, 'contacts');
  expect([roaming.size, holders(), users.length]).toEqual([0, 0, 0]);
});

test('a SUBSCRIBE that is refused leaves nothing behind', async () => {
  const { roaming, holders } = aRoaming(() => {
    throw DialogErrors.DIALOG_NO_CONTACT({ what: 'SUBSCRIBE' });
  });
  await expect(roaming.subscribe(aRequest(), ALICE, 'contacts')).rejects.toMatchObject({ code: 'DIALOG_NO_CONTACT' });
  expect([roaming.size, holders()]).toEqual([0, 0]);
});

test('each part of a list is told to those who are subscribed to it', async () => {
  const { roaming, told } = aRoaming();
  await roaming.subscribe(aRequest(), ALICE, 'contacts');
  roaming.changed(
    ALICE,
    change((draft) => draft.setAccess({ type: 'ALL', mask: '', rights: 'AA' })),
  );
  roaming.changed(
    'b1',
    change((draft) => draft.addGroup('Friends', '')),
  );
  expect(told).toEqual([]);
  roaming.changed(
    ALICE,
    change((draft) => draft.addGroup('Friends', '')),
  );
  expect(told).toHaveLength(1);
});
