/** Users, groups and credentials as rows: the only file of the directory that speaks SQL. */
import type { Kysely, Transaction } from 'kysely';
import type { User } from './api.ts';
import { foldName } from './names.ts';
import type { CredentialRow, DirectoryTables, GroupRow, LoginRow, MemberRow, PhoneRow, UserRow } from './schema.ts';

/** Rows in one INSERT: seven columns each stay far below the databases' limits on parameters. */
const CHUNK = 500;
/** Ids in one WHERE ... IN. */
const ID_CHUNK = 1_000;

/** A user to store, with what was derived from the password and the ids of the groups. */
export interface StoredUser {
  readonly user: User;
  readonly groupIds: readonly string[];
  readonly credentials: readonly CredentialRow[];
}

/** Everything that the memory holds. */
export interface Snapshot {
  readonly users: readonly User[];
  readonly credentials: readonly CredentialRow[];
}

/** How many rows need the key file. */
export async function countCredentials(db: Kysely<DirectoryTables>): Promise<number> {
  const row = await db
    .selectFrom('directory_credential')
    .select((e) => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return row.n;
}

/** All groups. */
export function loadGroups(db: Kysely<DirectoryTables>): Promise<GroupRow[]> {
  return db.selectFrom('directory_group').selectAll().execute();
}

/** All users with their credentials, or those of `ids` that exist. */
export async function loadUsers(db: Kysely<DirectoryTables>, ids?: readonly string[]): Promise<Snapshot> {
  if (ids === undefined) return loadPart(db, undefined);
  const parts: Snapshot[] = [];
  for (let at = 0; at < ids.length; at += ID_CHUNK) parts.push(await loadPart(db, ids.slice(at, at + ID_CHUNK)));
  return { users: parts.flatMap((p) => p.users), credentials: parts.flatMap((p) => p.credentials) };
}

async function loadPart(db: Kysely<DirectoryTables>, ids: readonly string[] | undefined): Promise<Snapshot> {
  const some = ids !== undefined;
  const wanted = ids ?? [];
  const users = await db
    .selectFrom('directory_user')
    .selectAll()
    .$if(some, (q) => q.where('id', 'in', wanted))
    .execute();
  const logins = await db
    .selectFrom('directory_login')
    .selectAll()
    .$if(some, (q) => q.where('user_id', 'in', wanted))
    .orderBy('position')
    .execute();
  const phones = await db
    .selectFrom('directory_phone')
    .selectAll()
    .$if(some, (q) => q.where('user_id', 'in', wanted))
    .orderBy('position')
    .execute();
  const members = await db
    .selectFrom('directory_member')
    .innerJoin('directory_group', 'directory_group.id', 'directory_member.group_id')
    .select(['directory_member.user_id', 'directory_group.written'])
    .$if(some, (q) => q.where('directory_member.user_id', 'in', wanted))
    .orderBy('directory_group.name')
    .execute();
  const credentials = await db
    .selectFrom('directory_credential')
    .selectAll()
    .$if(some, (q) => q.where('user_id', 'in', wanted))
    .execute();
  const [loginsOf, phonesOf, groupsOf] = [byUser(logins), byUser(phones), byUser(members)];
  return {
    users: users.map((row) => toUser(row, loginsOf.get(row.id), phonesOf.get(row.id), groupsOf.get(row.id))),
    credentials,
  };
}

function byUser<Row extends { user_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, (row) => row.user_id);
}

function toUser(row: UserRow, logins: LoginRow[] = [], phones: PhoneRow[] = [], groups: { written: string }[] = []): User {
  return Object.freeze({
    id: row.id,
    aor: row.aor,
    displayName: row.display_name,
    logins: logins.map((l) => l.written),
    phones: phones.map((p) => p.number),
    groups: groups.map((g) => g.written),
    enabled: row.enabled !== 0,
    homeServer: row.home_server,
    createdAt: row.created_at,
    passwordChangedAt: row.password_changed_at,
  });
}

/** Adds users; fails as a whole when a name is taken. */
export async function insertUsers(trx: Transaction<DirectoryTables>, stored: readonly StoredUser[]): Promise<void> {
  for (const rows of chunks(stored.map(({ user }) => userRow(user)))) await trx.insertInto('directory_user').values(rows).execute();
  await insertDetails(trx, stored);
  for (const rows of chunks(stored.flatMap((s) => s.credentials))) await trx.insertInto('directory_credential').values(rows).execute();
}

/** Writes a changed user over the stored one. Credentials are replaced only by those given. */
export async function updateUser(trx: Transaction<DirectoryTables>, stored: StoredUser): Promise<void> {
  const { id, ...columns } = userRow(stored.user);
  await trx.updateTable('directory_user').set(columns).where('id', '=', id).execute();
  await deleteDetails(trx, id);
  await insertDetails(trx, [stored]);
  if (stored.credentials.length === 0) return;
  await trx.deleteFrom('directory_credential').where('user_id', '=', id).execute();
  await trx
    .insertInto('directory_credential')
    .values([...stored.credentials])
    .execute();
}

/** Removes a user and everything kept of it. */
export async function deleteUser(trx: Transaction<DirectoryTables>, id: string): Promise<void> {
  await deleteDetails(trx, id);
  await trx.deleteFrom('directory_credential').where('user_id', '=', id).execute();
  await trx.deleteFrom('directory_user').where('id', '=', id).execute();
}

/** Adds groups that do not exist yet. */
export async function insertGroups(trx: Transaction<DirectoryTables>, groups: readonly GroupRow[]): Promise<void> {
  for (const rows of chunks(groups)) await trx.insertInto('directory_group').values(rows).execute();
}

/** Removes a group and its memberships. */
export async function deleteGroup(trx: Transaction<DirectoryTables>, id: string): Promise<void> {
  await trx.deleteFrom('directory_member').where('group_id', '=', id).execute();
  await trx.deleteFrom('directory_group').where('id', '=', id).execute();
}

async function insertDetails(trx: Transaction<DirectoryTables>, stored: readonly StoredUser[]): Promise<void> {
  const logins = stored.flatMap(({ user }) =>
    user.logins.map((l, i) => ({ name: foldName(l), written: l, user_id: user.id, position: i })),
  );
  const phones = stored.flatMap(({ user }) => user.phones.map((number, i) => ({ number, user_id: user.id, position: i })));
  const members: MemberRow[] = stored.flatMap((s) => s.groupIds.map((group_id) => ({ group_id, user_id: s.user.id })));
  for (const rows of chunks(logins)) await trx.insertInto('directory_login').values(rows).execute();
  for (const rows of chunks(phones)) await trx.insertInto('directory_phone').values(rows).execute();
  for (const rows of chunks(members)) await trx.insertInto('directory_member').values(rows).execute();
}

async function deleteDetails(trx: Transaction<DirectoryTables>, id: string): Promise<void> {
  await trx.deleteFrom('directory_login').where('user_id', '=', id).execute();
  await trx.deleteFrom('directory_phone').where('user_id', '=', id).execute();
  await trx.deleteFrom('directory_member').where('user_id', '=', id).execute();
}

function userRow(user: User): UserRow {
  return {
    id: user.id,
    aor: user.aor,
    display_name: user.displayName,
    enabled: user.enabled ? 1 : 0,
    home_server: user.homeServer,
    created_at: user.createdAt,
    password_changed_at: user.passwordChangedAt,
  };
}

function* chunks<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let at = 0; at < rows.length; at += CHUNK) yield rows.slice(at, at + CHUNK);
}
