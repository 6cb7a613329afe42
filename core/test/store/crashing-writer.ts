/** A process that writes and reports each write once it is kept, until it is killed. */
import { SystemClock } from '../../src/clock/index.ts';
import { migrate, openDataFolder, openStore } from '../../src/store/index.ts';

interface Tables {
  users: { name: string };
}

/** Writes `user-0`, `user-1` ... from several sides at once; one line of standard output for each that is kept. */
export async function main(folder: string): Promise<void> {
  openDataFolder(folder);
  const store = await openStore({ kind: 'sqlite', file: `${folder}/store.sqlite` }, { clock: new SystemClock() });
  await migrate(store, 'test', { '001': { up: (db) => db.schema.createTable('users').addColumn('name', 'text').execute() } }, 0);
  const users = store.as<Tables>();
  let next = 0;
  const side = async (): Promise<void> => {
    for (;;) {
      const name = `user-${next++}`;
      await users.write((trx) => trx.insertInto('users').values({ name }).execute());
      process.stdout.write(`${name}\n`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, side));
}
