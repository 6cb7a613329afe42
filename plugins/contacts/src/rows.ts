/** Contact lists as rows: the only file of this plugin that speaks SQL. */
import type { Migration, Store, StoreDialect } from '@parley/sdk';
import type { AccessEntry, Contact, ContactGroup } from './api.ts';
import { EMPTY_LIST, accessKey } from './contact-list.ts';
import type { ContactList } from './contact-list.ts';
import type { Changed, ListEntry } from './list-draft.ts';

interface ListRow {
  readonly user_id: string;
  readonly delta_num: number;
  readonly last_group_id: number;
  readonly acl_delta_num: number;
}

interface GroupRow {
  readonly user_id: string;
  readonly id: number;
  readonly name: string;
  readonly external_uri: string;
}

interface ContactRow {
  readonly user_id: string;
  readonly uri: string;
  readonly name: string;
  /** Ids with blanks between them. */
  readonly group_ids: string;
  /** 0 or 1. */
  readonly subscribed: number;
  readonly external_uri: string;
  readonly extension: string;
}

interface AccessRow {
  readonly user_id: string;
  readonly type: AccessEntry['type'];
  readonly mask: string;
  readonly rights: string;
}

/** The first group of each list is not stored: it is always the same. */
export interface ContactsTables {
  readonly contacts_list: ListRow;
  readonly contacts_group: GroupRow;
  readonly contacts_contact: ContactRow;
  readonly contacts_access: AccessRow;
}

/** Reads what is committed, or what a write sees. */
export type Reader = Store<ContactsTables>['read'];
/** Inside a write. */
export type Writer = Parameters<Parameters<Store<ContactsTables>['write']>[0]>[0];

/** Schema changes of the plugin, by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-contacts': {
    async up(db): Promise<void> {
      await db.schema
        .createTable('contacts_list')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('delta_num', 'bigint', (column) => column.notNull())
        .addColumn('last_group_id', 'bigint', (column) => column.notNull())
        .addColumn('acl_delta_num', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('contacts_group')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('id', 'bigint', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('external_uri', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('contacts_group_key', ['user_id', 'id'])
        .execute();
      await db.schema
        .createTable('contacts_contact')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('uri', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('group_ids', 'text', (column) => column.notNull())
        .addColumn('subscribed', 'bigint', (column) => column.notNull())
        .addColumn('external_uri', 'text', (column) => column.notNull())
        .addColumn('extension', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('contacts_contact_key', ['user_id', 'uri'])
        .execute();
      await db.schema
        .createTable('contacts_access')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('mask', 'text', (column) => column.notNull())
        .addColumn('rights', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('contacts_access_key', ['user_id', 'type', 'mask'])
        .execute();
    },
  },
};

/** The list as it is stored; the empty one for a user who has none. */
export async function loadList(db: Reader, userId: string): Promise<ContactList> {
  const row = await db.selectFrom('contacts_list').selectAll().where('user_id', '=', userId).executeTakeFirst();
  return row === undefined ? EMPTY_LIST : loadDetails(db, row);
}

/**
 * The same inside a write, which no other server can then change the list beside.
 * @param known what this server believes the list to be; taken when its numbers are still those of the store
 */
export async function lockList(trx: Writer, dialect: StoreDialect, userId: string, known: ContactList | undefined): Promise<ContactList> {
  const first: ListRow = { user_id: userId, delta_num: 1, last_group_id: EMPTY_LIST.lastGroupId, acl_delta_num: 1 };
  await trx
    .insertInto('contacts_list')
    .values(first)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await trx
    .selectFrom('contacts_list')
    .selectAll()
    .where('user_id', '=', userId)
    // SQLite has one writer, and no word for this.
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .executeTakeFirstOrThrow();
  if (known?.deltaNum === row.delta_num && known.access.deltaNum === row.acl_delta_num) return known;
  return loadDetails(trx, row);
}

/** In an order that is the same on every database. */
async function loadDetails(db: Reader, row: ListRow): Promise<ContactList> {
  const { user_id: userId } = row;
  const groups = await db.selectFrom('contacts_group').selectAll().where('user_id', '=', userId).orderBy('id').execute();
  const contacts = await db.selectFrom('contacts_contact').selectAll().where('user_id', '=', userId).orderBy('uri').execute();
  const access = await db.selectFrom('contacts_access').selectAll().where('user_id', '=', userId).orderBy('type').orderBy('mask').execute();
  return {
    deltaNum: row.delta_num,
    lastGroupId: row.last_group_id,
    groups: new Map([...EMPTY_LIST.groups, ...groups.map((group) => [group.id, toGroup(group)] as const)]),
    contacts: new Map(contacts.map((contact) => [contact.uri, toContact(contact)])),
    access: {
      deltaNum: row.acl_delta_num,
      entries: new Map(access.map(({ type, mask, rights }) => [accessKey({ type, mask }), { type, mask, rights }])),
    },
  };
}

/** Writes what is different. */
export async function saveChange(trx: Writer, userId: string, { list, entries }: Changed): Promise<void> {
  for (const entry of entries) await saveEntry(trx, userId, entry);
  await trx
    .updateTable('contacts_list')
    .set({ delta_num: list.deltaNum, last_group_id: list.lastGroupId, acl_delta_num: list.access.deltaNum })
    .where('user_id', '=', userId)
    .execute();
}

async function saveEntry(trx: Writer, userId: string, entry: ListEntry): Promise<void> {
  switch (entry.kind) {
    case 'addedGroup':
    case 'modifiedGroup':
      await removeGroup(trx, userId, entry.group.id);
      await trx.insertInto('contacts_group').values(groupRow(userId, entry.group)).execute();
      return;
    case 'deletedGroup':
      await removeGroup(trx, userId, entry.id);
      return;
    case 'addedContact':
    case 'modifiedContact':
      await removeContact(trx, userId, entry.contact.uri);
      await trx.insertInto('contacts_contact').values(contactRow(userId, entry.contact)).execute();
      return;
    case 'deletedContact':
      await removeContact(trx, userId, entry.uri);
      return;
    case 'access':
      await removeAccess(trx, userId, entry.entry);
      await trx
        .insertInto('contacts_access')
        .values({ user_id: userId, ...entry.entry })
        .execute();
  }
}

/** Users of whom anything is kept. */
export async function listOwners(db: Reader): Promise<readonly string[]> {
  const rows = await db.selectFrom('contacts_list').select('user_id').execute();
  return rows.map((row) => row.user_id);
}

/** Removes all that is kept of a user. */
export async function deleteList(trx: Writer, userId: string): Promise<void> {
  await trx.deleteFrom('contacts_access').where('user_id', '=', userId).execute();
  await trx.deleteFrom('contacts_contact').where('user_id', '=', userId).execute();
  await trx.deleteFrom('contacts_group').where('user_id', '=', userId).execute();
  await trx.deleteFrom('contacts_list').where('user_id', '=', userId).execute();
}

/** Whether an address is on a list, without reading the list. */
export async function hasContact(db: Reader, userId: string, uri: string): Promise<boolean> {
  const row = await db.selectFrom('contacts_contact').select('uri').where('user_id', '=', userId).where('uri', '=', uri).executeTakeFirst();
  return row !== undefined;
}

async function removeGroup(trx: Writer, userId: string, id: number): Promise<void> {
  await trx.deleteFrom('contacts_group').where('user_id', '=', userId).where('id', '=', id).execute();
}

async function removeContact(trx: Writer, userId: string, uri: string): Promise<void> {
  await trx.deleteFrom('contacts_contact').where('user_id', '=', userId).where('uri', '=', uri).execute();
}

async function removeAccess(trx: Writer, userId: string, { type, mask }: AccessEntry): Promise<void> {
  await trx.deleteFrom('contacts_access').where('user_id', '=', userId).where('type', '=', type).where('mask', '=', mask).execute();
}

function groupRow(userId: string, { id, name, externalUri }: ContactGroup): GroupRow {
  return { user_id: userId, id, name, external_uri: externalUri };
}

function toGroup({ id, name, external_uri: externalUri }: GroupRow): ContactGroup {
  return { id, name, externalUri };
}

function contactRow(userId: string, contact: Contact): ContactRow {
  const { uri, name, groups, subscribed, externalUri, extension } = contact;
  const columns = { group_ids: groups.join(' '), subscribed: subscribed ? 1 : 0, external_uri: externalUri };
  return { user_id: userId, uri, name, extension, ...columns };
}

function toContact(row: ContactRow): Contact {
  const { uri, name, extension, external_uri: externalUri } = row;
  return { uri, name, groups: row.group_ids.split(' ').map(Number), subscribed: row.subscribed !== 0, externalUri, extension };
}
