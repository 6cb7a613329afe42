/** The store inside the process: SQLite in write-ahead mode, one connection that writes and one that reads. */
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { StoreErrors } from './errors.ts';
import { openSqlite } from './sqlite-database.ts';
import type { SqliteConnection } from './sqlite-database.ts';
import { SqlStore } from './sql-store.ts';
import { WriteQueue } from './write-queue.ts';

export interface SqliteStoreOptions {
  /** Absolute path of the database file. */
  readonly file: string;
  readonly clock: Clock;
  /** Milliseconds for one write's own work. */
  readonly writeMs: number;
  /** False: nothing ever waits for the disk. For tests. Default: true. */
  readonly survivesPowerCut?: boolean;
  readonly afterClose?: () => void;
}

/** How long SQLite waits for another process that has the file open, such as a backup. */
const BUSY_MS = 5_000;
/** Bytes of write-ahead log kept between checkpoints. */
const JOURNAL_BYTES = 67_108_864;

/** Throws STORE_OPEN_FAILED. */
export function openSqliteStore(options: SqliteStoreOptions): SqlStore {
  const { survivesPowerCut = true } = options;
  const schema = { value: 0 };
  const journal = new Journal(`${options.file}-wal`);
  const connections: SqliteConnection[] = [];
  const connect = (...pragmas: string[]): SqliteConnection => {
    const connection = openSqlite({ file: options.file, schema, pragmas: [`busy_timeout=${BUSY_MS}`, ...pragmas, 'foreign_keys=on'] });
    connections.push(connection);
    return connection;
  };
  try {
    // SQLite gives the files beside it the same mode.
    closeSync(openSync(options.file, 'a', 0o600));
    const writer = connect(
      'journal_mode=wal',
      `journal_size_limit=${JOURNAL_BYTES}`,
      survivesPowerCut ? 'synchronous=normal' : 'synchronous=off',
    );
    const reader = connect('query_only=on');
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: writer }) });
    const sync = survivesPowerCut ? journal.sync : undefined;
    const queue = new WriteQueue({ db, clock: options.clock, writeMs: options.writeMs, sync });
    const read = new Kysely<unknown>({ dialect: new SqliteDialect({ database: reader }) });
    // Kysely closes only what it has used.
    return new SqlStore('sqlite', read, queue, async () => {
      await journal.close();
      for (const connection of connections) connection.close();
      options.afterClose?.();
    });
  } catch (error) {
    for (const connection of connections) connection.close();
    throw StoreErrors.STORE_OPEN_FAILED(
      { database: options.file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

/**
 * The write-ahead log as a file. With `synchronous=normal` a commit is in there, whole and in order, but may not be on the disk yet.
 * The wait for that is ours and not SQLite's, because SQLite would hold up the whole process meanwhile. Checkpoints wait by themselves.
 */
class Journal {
  private handle: Promise<FileHandle> | undefined = undefined;

  constructor(private readonly file: string) {}

  /** Waits until everything that is committed is on the disk. */
  readonly sync = async (): Promise<void> => {
    this.handle ??= this.open();
    await (await this.handle).datasync();
  };

  /** There from the first commit on, and the same file until the last connection is closed. Its name has to reach the disk, too. */
  private async open(): Promise<FileHandle> {
    const handle = await open(this.file, 'r+');
    if (process.platform !== 'win32') {
      const folder = await open(dirname(this.file), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    }
    return handle;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.then((file) => file.close());
  }
}
