/** Contact lists on a store of their own, as the host would put them together. */
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { FakeClock, migrate, openStore, temporaryStore } from '@parley/sdk';
import type { Bus, Store } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { ContactsChange } from '../src/api.ts';
import { ContactLists } from '../src/contact-lists.ts';
import type { ContactsTables } from '../src/rows.ts';
import { migrations } from '../src/rows.ts';

export const ALICE = { id: 'a1', aor: 'alice@example.com' };
export const BOB = { id: 'b1', aor: 'bob@example.com' };

const LIMITS = { maxContacts: 1000, maxGroups: 64, maxAccessEntries: 1000 };

type OpenStore = Store<ContactsTables> & { close(): Promise<void> };

/** SQLite in a folder of its own; a schema of its own in PostgreSQL when PARLEY_TEST_PG names a database. */
export async function openTestStore(): Promise<OpenStore> {
  const url = process.env['PARLEY_TEST_PG'];
  const store = url === undefined ? temporaryStore() : await openSchema(url);
  onTestFinished(() => store.close());
  await migrate(store, 'contacts', migrations, 0);
  return store;
}

async function openSchema(url: string): Promise<Store & { close(): Promise<void> }> {
  const schema = `parley_test_${randomBytes(6).toString('hex')}`;
  const within = new URL(url);
  within.searchParams.set('options', `-c search_path=${schema}`);
  const store = await openStore({ kind: 'postgres', url: within.href, connections: 2 }, { clock: new FakeClock() });
  await store.write((trx) => trx.schema.createSchema(schema).execute());
  return {
    dialect: store.dialect,
    read: store.read,
    write: store.write.bind(store),
    as: store.as.bind(store),
    close: async () => {
      await store.write((trx) => trx.schema.dropSchema(schema).cascade().execute());
      await store.close();
    },
  };
}

/** One server's lists, and what it said on the bus. */
export interface Node {
  readonly lists: ContactLists;
  readonly said: ContactsChange[];
}

/** A server on this store. Two on one store are two nodes. */
export function aNode(store: Store<ContactsTables>): Node {
  const said: ContactsChange[] = [];
  const bus = { publish: (_subject: unknown, message: unknown) => void said.push(message as ContactsChange) } as unknown as Pick<
    Bus,
    'publish'
  >;
  const users = [ALICE, BOB] as unknown as User[];
  const directory = { findByAor: (aor: string) => users.find((user) => user.aor === aor.toLowerCase()) };
  return { lists: new ContactLists(store, directory, bus, LIMITS), said };
}
