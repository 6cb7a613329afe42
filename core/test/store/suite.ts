/** What every store must do, whatever the database. */
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { brokenConstraint, identity, migrate } from '../../src/store/index.ts';
import type { Migration, SqlStore, Store } from '../../src/store/index.ts';

interface Tables {
  users: { name: string; visits: number };
}

const USERS: Migration = {
  up: async (db) => {
    await db.schema
      .createTable('users')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('visits', 'bigint', (c) => c.notNull().check(sql`visits >= 0`))
      .execute();
  },
};

/** @param open gives a store with an empty database, and closes nothing itself */
export function storeSuite(name: string, open: (clock: FakeClock) => Promise<SqlStore>): void {
  const opened: SqlStore[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  const openWithUsers = async (clock = new FakeClock()): Promise<Store<Tables>> => {
    const store = await open(clock);
    opened.push(store);
    await migrate(store, 'suite', { '001-users': USERS }, 0);
    return store.as<Tables>();
  };
  const add = (store: Store<Tables>, user: string, visits = 0): Promise<unknown> =>
    store.write((trx) => trx.insertInto('users').values({ name: user, visits }).execute());
  const names = async (store: Store<Tables>): Promise<string[]> =>
    (await store.read.selectFrom('users').select('name').orderBy('name').execute()).map((row) => row.name);

  describe(`store on ${name}`, () => {
    test('what a write resolved for can be read', async () => {
      const store = await openWithUsers();
      await add(store, 'alice');
      expect(await names(store)).toEqual(['alice']);
    });

    test('writes run in the order they were asked for, each seeing the one before', async () => {
      const store = await openWithUsers();
      await add(store, 'alice');
      const visit = (): Promise<number> =>
        store.write(async (trx) => {
          const { visits } = await trx.selectFrom('users').select('visits').where('name', '=', 'alice').executeTakeFirstOrThrow();
          await trx
            .updateTable('users')
            .set({ visits: visits + 1 })
            .where('name', '=', 'alice')
            .execute();
          return visits + 1;
        });
      const answers = await Promise.all(Array.from({ length: 100 }, visit));
      expect(answers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    });

    test('writes that wait together share a commit', async () => {
      const store = await openWithUsers();
      const before = opened[0]?.stats() ?? expect.fail();
      await Promise.all(Array.from({ length: 50 }, (_, i) => add(store, `user-${i}`)));
      const after = opened[0]?.stats() ?? expect.fail();
      expect(after.writes - before.writes).toBe(50);
      expect(after.commits - before.commits).toBeLessThan(10);
    });

    test('a write that fails is undone and takes nothing of the others with it', async () => {
      const store = await openWithUsers();
      const outcomes = await Promise.allSettled([
        add(store, 'alice'),
        store.write(async (trx) => {
          await trx.insertInto('users').values({ name: 'mallory', visits: 0 }).execute();
          throw new Error('changed my mind');
        }),
        add(store, 'bob'),
        add(store, 'alice'),
        add(store, 'carol'),
      ]);
      expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
      expect(await names(store)).toEqual(['alice', 'bob', 'carol']);
    });

    test('a write rejects with what its work threw', async () => {
      const store = await openWithUsers();
      const mistake = new Error('my own');
      await expect(store.write(() => Promise.reject(mistake))).rejects.toBe(mistake);
    });

    test('readers see nothing of a write before its commit', async () => {
      const store = await openWithUsers();
      await store.write(async (trx) => {
        await trx.insertInto('users').values({ name: 'alice', visits: 0 }).execute();
        expect(await names(store)).toEqual([]);
      });
      expect(await names(store)).toEqual(['alice']);
    });

    test('the reading handle cannot write', async () => {
      const store = await openWithUsers();
      await expect(store.read.insertInto('users').values({ name: 'alice', visits: 0 }).execute()).rejects.toThrow(/read-?only/i);
    });

    test('a write inside a write is refused instead of waiting for itself', async () => {
      const store = await openWithUsers();
      await expect(store.write(() => add(store, 'alice'))).rejects.toMatchObject({ code: 'STORE_WRITE_NESTED' });
    });

    test('a write that a finished write left behind is no nested one', async () => {
      const store = await openWithUsers();
      let later: () => Promise<unknown> = () => expect.fail();
      const { promise, resolve } = Promise.withResolvers<void>();
      await store.write(() => {
        later = () => promise.then(() => add(store, 'alice'));
        return Promise.resolve();
      });
      const pending = later();
      resolve();
      await pending;
      expect(await names(store)).toEqual(['alice']);
    });

    test('a transaction is of no use after its write', async () => {
      const store = await openWithUsers();
      const leaked = await store.write((trx) => Promise.resolve({ trx }));
      await expect(leaked.trx.selectFrom('users').selectAll().execute()).rejects.toMatchObject({ code: 'STORE_WRITE_OVER' });
    });

    test('a write that waits for something else too long is undone, and the next one runs', async () => {
      const clock = new FakeClock();
      const store = await openWithUsers(clock);
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
      const stuck = store.write(async (trx) => {
        await trx.insertInto('users').values({ name: 'mallory', visits: 0 }).execute();
        reach();
        await new Promise(() => {});
      });
      const next = add(store, 'alice');
      const refused = expect(stuck).rejects.toMatchObject({ code: 'STORE_WRITE_TIMEOUT' });
      await reached;
      clock.advance(30_000);
      await refused;
      await next;
      expect(await names(store)).toEqual(['alice']);
      expect(clock.timers.size).toBe(0);
    });

    test('closing finishes the writes that wait and refuses new ones', async () => {
      const store = await openWithUsers();
      const written = Promise.all([add(store, 'alice'), add(store, 'bob')]);
      const closed = opened[0]?.close();
      await expect(add(store, 'carol')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      await closed;
      expect(await written).toHaveLength(2);
    });

    test('a write behind memory is committed like any other', async () => {
      const store = await openWithUsers();
      await store.write((trx) => trx.insertInto('users').values({ name: 'alice', visits: 0 }).execute(), { durable: false });
      await add(store, 'bob');
      expect(await names(store)).toEqual(['alice', 'bob']);
    });

    test('broken rules of the schema have the same name everywhere', async () => {
      const store = await openWithUsers();
      await add(store, 'alice');
      expect(brokenConstraint(await add(store, 'alice').catch((e: unknown) => e))).toBe('unique');
      expect(brokenConstraint(await add(store, 'bob', -1).catch((e: unknown) => e))).toBe('check');
      const withoutVisits = store.write((trx) => sql`insert into users (name) values ('carol')`.execute(trx));
      expect(brokenConstraint(await withoutVisits.catch((e: unknown) => e))).toBe('not-null');
      expect(brokenConstraint(new Error('something else'))).toBeUndefined();
    });

    test('the recommended column types hold the same values everywhere', async () => {
      const store = await openWithUsers();
      const values = { id: 1, number: 2 ** 53 - 1, real: 0.1, words: 'naïve ☎ 𝄞', bytes: Buffer.from([0, 255, 128]), nothing: null };
      await migrate(store.as(), 'types', { '001-kinds': { up: (db, dialect) => createKinds(db, dialect) } }, 0);
      const kinds = store.as<KindTables>();
      const { id: _, ...given } = values;
      const inserted = await kinds.write((trx) => trx.insertInto('kinds').values(given).returning('id').executeTakeFirstOrThrow());
      expect(inserted.id).toBe(1);
      const found = await kinds.read.selectFrom('kinds').selectAll().executeTakeFirstOrThrow();
      expect({ ...found }).toEqual(values);
      expect(Buffer.isBuffer(found.bytes)).toBe(true);
    });

    test('counts and sums are numbers', async () => {
      const store = await openWithUsers();
      await add(store, 'alice', 2 ** 40);
      await add(store, 'bob', 2);
      const row = await store.read
        .selectFrom('users')
        .select((e) => [e.fn.countAll().as('count'), e.fn.sum('visits').as('sum')])
        .executeTakeFirstOrThrow();
      expect({ ...row }).toEqual({ count: 2, sum: 2 ** 40 + 2 });
    });

    test('a key that counts itself is not used twice', async () => {
      const store = await openWithUsers();
      await migrate(store.as(), 'types', { '001-kinds': { up: (db, dialect) => createKinds(db, dialect) } }, 0);
      const kinds = store.as<KindTables>();
      const insert = (): Promise<{ id: number }> =>
        kinds.write((trx) =>
          trx.insertInto('kinds').values({ number: 1, real: 1, words: '', nothing: null }).returning('id').executeTakeFirstOrThrow(),
        );
      expect((await insert()).id).toBe(1);
      await kinds.write((trx) => trx.deleteFrom('kinds').execute());
      expect((await insert()).id).toBe(2);
    });

    test('migrations are applied once, in the order of their names', async () => {
      const store = await openWithUsers();
      const ran: string[] = [];
      const step = (step: string): Migration => ({ up: () => Promise.resolve(void ran.push(step)) });
      expect(await migrate(store.as(), 'other', { '002-b': step('b'), '001-a': step('a') }, 0)).toEqual(['001-a', '002-b']);
      expect(await migrate(store.as(), 'other', { '002-b': step('b'), '001-a': step('a'), '003-c': step('c') }, 0)).toEqual(['003-c']);
      expect(ran).toEqual(['a', 'b', 'c']);
    });

    test('a migration that fails leaves nothing behind, keeps those before it and is tried again', async () => {
      const store = await openWithUsers();
      const half: Migration = {
        up: async (db) => {
          await db.schema.createTable('half').addColumn('a', 'text').execute();
          throw new Error('no space for the other half');
        },
      };
      const fine: Migration = { up: (db) => db.schema.createTable('half').addColumn('a', 'text').execute() };
      const first: Migration = { up: (db) => db.schema.createTable('first').addColumn('a', 'text').execute() };
      await expect(migrate(store.as(), 'other', { '001': first, '002': half }, 0)).rejects.toMatchObject({
        code: 'STORE_MIGRATION_FAILED',
        message: 'Migration other/002 failed and was undone: no space for the other half.',
      });
      expect(await migrate(store.as(), 'other', { '001': first, '002': fine }, 0)).toEqual(['002']);
    });

    test('a database that knows a migration which the program does not is refused', async () => {
      const store = await openWithUsers();
      const nothing: Migration = { up: () => Promise.resolve() };
      await migrate(store.as(), 'other', { '001': nothing, '002-later': nothing }, 0);
      await expect(migrate(store.as(), 'other', { '001': nothing }, 0)).rejects.toMatchObject({
        code: 'STORE_NEWER',
        message: expect.stringContaining('002-later') as string,
      });
    });

    test('a new migration that sorts before an applied one is refused', async () => {
      const store = await openWithUsers();
      const nothing: Migration = { up: () => Promise.resolve() };
      await migrate(store.as(), 'other', { '002': nothing }, 0);
      await expect(migrate(store.as(), 'other', { '001': nothing, '002': nothing }, 0)).rejects.toMatchObject({
        code: 'STORE_MIGRATION_ORDER',
      });
    });

    test('a query is compiled anew after the table under it has changed', async () => {
      const store = await openWithUsers();
      await add(store, 'alice');
      const all = (): Promise<object[]> => sql<object>`select * from users`.execute(store.read).then((result) => result.rows);
      expect((await all()).map((row) => Object.keys(row))).toEqual([['name', 'visits']]);
      await migrate(
        store.as(),
        'other',
        { '001': { up: (db) => db.schema.alterTable('users').addColumn('picture', 'bytea').execute() } },
        0,
      );
      await store.write((trx) => sql`update users set picture = ${Buffer.from('png')}`.execute(trx));
      expect((await all()).map((row) => ({ ...row }))).toEqual([{ name: 'alice', visits: 0, picture: Buffer.from('png') }]);
    });
  });
}

interface KindTables {
  kinds: {
    id: import('kysely').Generated<number>;
    number: number;
    real: number;
    words: string;
    bytes: Buffer | null;
    nothing: string | null;
  };
}

async function createKinds(db: import('kysely').Kysely<unknown>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  await db.schema
    .createTable('kinds')
    .addColumn('id', ...identity(dialect))
    .addColumn('number', 'bigint')
    .addColumn('real', 'double precision')
    .addColumn('words', 'text')
    .addColumn('bytes', 'bytea')
    .addColumn('nothing', 'text')
    .execute();
}
