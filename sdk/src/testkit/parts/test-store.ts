/** A store that is empty at first and gone afterwards. */
import { FakeClock, migrate, openStore, temporarySchema, temporaryStore } from '@parley/core';
import type { Clock, Migration, SqlStore, Store, StoreDialect } from '@parley/core';

/** @internal A database for the tests, as `postgres://user:password@host/database`. Each store gets a schema of its own in it. */
export const DATABASE = process.env['PARLEY_TEST_PG'];

/** The databases that can be had here, for `describe.each`: PostgreSQL when PARLEY_TEST_PG names one. */
export const TEST_STORES: readonly StoreDialect[] = DATABASE === undefined ? ['sqlite'] : ['sqlite', 'postgres'];

/** The database of stores and servers whose test does not care: then all tests can be run on another one. */
export const DEFAULT_STORE: StoreDialect = DATABASE === undefined ? 'sqlite' : 'postgres';

/** A store, and its end: `await using`, or `close()`. */
export interface TestStore<Tables = unknown> extends Store<Tables>, AsyncDisposable, Pick<SqlStore, 'close' | 'stats'> {}

/** What may be said about a store. */
export interface TestStoreOptions {
  /** Default PostgreSQL when PARLEY_TEST_PG names a database, SQLite otherwise. */
  readonly on?: StoreDialect;
  /** Default one that stands still. */
  readonly clock?: Clock;
  /** Plugin that the migrations are noted for; default `test`. */
  readonly owner?: string;
}

/** An empty store with these migrations applied. Throws what migrations throw, STORE_OPEN_FAILED. */
export async function testStore<Tables = unknown>(
  migrations: Readonly<Record<string, Migration>> = {},
  options: TestStoreOptions = {},
): Promise<TestStore<Tables>> {
  const { on = DEFAULT_STORE, clock = new FakeClock(), owner = 'test' } = options;
  const store = on === 'postgres' ? await onPostgres(clock) : ownStore(temporaryStore(clock), async () => undefined);
  await migrate(store, owner, migrations, clock.now());
  return store as TestStore<Tables>;
}

async function onPostgres(clock: Clock): Promise<TestStore> {
  if (DATABASE === undefined) throw new Error('PARLEY_TEST_PG names no database');
  const schema = await temporarySchema(DATABASE);
  return ownStore(await openStore({ kind: 'postgres', url: schema.url, connections: 2 }, { clock }), () => schema.drop());
}

function ownStore(store: SqlStore, afterwards: () => Promise<void>): TestStore {
  const close = async (): Promise<void> => {
    await store.close();
    await afterwards();
  };
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());
  return {
    dialect: store.dialect,
    read: store.read,
    write: (work, options) => store.write(work, options),
    as: () => store.as(),
    stats: () => store.stats(),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}
