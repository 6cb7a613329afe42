/** Schema changes that plugins bring, each applied once and remembered in one table. */
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import { StoreErrors } from './errors.ts';
import type { Migration, Store, StoreDialect } from './store.ts';

interface MigrationTables {
  parley_migrations: { owner: string; name: string; applied_at: number };
}

/** Any constant: what several servers on one PostgreSQL database agree on while one of them migrates. */
const ADVISORY_LOCK = 7_275_390;

/**
 * Applies what is missing of `migrations`, in the order of their names, each in a transaction of its own.
 * @param owner the plugin's name
 * @param now milliseconds since 1970, remembered with each
 * @returns the names that were applied now
 * @throws STORE_NEWER, STORE_MIGRATION_ORDER, STORE_MIGRATION_FAILED
 */
export async function migrate(
  store: Store,
  owner: string,
  migrations: Readonly<Record<string, Migration>>,
  now: number,
): Promise<readonly string[]> {
  const tracked = store.as<MigrationTables>();
  await tracked.write((trx) => prepare(trx, store.dialect));
  const names = Object.keys(migrations).sort();
  check(owner, names, await appliedNames(tracked.read, owner));
  const applied: string[] = [];
  for (const name of names) {
    const isNew = await tracked.write(async (trx) => {
      await lock(trx, store.dialect);
      // Another server on the same database may have been faster.
      if ((await appliedNames(trx, owner)).includes(name)) return false;
      await apply(trx, owner, name, migrations[name] as Migration, store.dialect);
      await trx.insertInto('parley_migrations').values({ owner, name, applied_at: now }).execute();
      return true;
    });
    if (isNew) applied.push(name);
  }
  return applied;
}

async function prepare(trx: Transaction<MigrationTables>, dialect: StoreDialect): Promise<void> {
  await lock(trx, dialect);
  await trx.schema
    .createTable('parley_migrations')
    .ifNotExists()
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('parley_migrations_key', ['owner', 'name'])
    .execute();
}

async function lock(trx: Transaction<MigrationTables>, dialect: StoreDialect): Promise<void> {
  if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`.execute(trx);
}

async function appliedNames(db: Kysely<MigrationTables>, owner: string): Promise<string[]> {
  const rows = await db.selectFrom('parley_migrations').select('name').where('owner', '=', owner).execute();
  return rows.map((row) => row.name).sort();
}

function check(owner: string, names: readonly string[], applied: readonly string[]): void {
  const unknown = applied.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw StoreErrors.STORE_NEWER({ owner, unknown: unknown.join(', ') });
  const last = applied.at(-1);
  const late = last === undefined ? undefined : names.find((name) => name < last && !applied.includes(name));
  if (late !== undefined) throw StoreErrors.STORE_MIGRATION_ORDER({ owner, name: late, applied: last as string });
}

async function apply(
  trx: Transaction<MigrationTables>,
  owner: string,
  name: string,
  migration: Migration,
  dialect: StoreDialect,
): Promise<void> {
  try {
    await migration.up(trx as unknown as Kysely<unknown>, dialect);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw StoreErrors.STORE_MIGRATION_FAILED({ owner, name, reason }, { cause: error });
  }
}
