/** The store inside the process: SQLite in write-ahead mode, one connection that writes and one that reads. */
import { closeSync, openSync } from 'node:fs';
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
  /** False: nothing ever waits for the disk. For tests. */
  readonly survivesPowerCut?: boolean;
  readonly afterClose?: () => void;
}

/** How long SQLite waits for another process that has the file open, such as a backup. */
const BUSY_MS = 5_000;
/** Bytes of write-ahead log kept between checkpoints. */
const JOURNAL_BYTES = 67_108_864;

/** Throws STORE_OPEN_FAILED. */
export function openSqliteStore(options: SqliteStoreOptions): SqlStore {
  const schema = { value: 0 };
  const connections: SqliteConnection[] = [];
  const connect = (...pragmas: string[]): SqliteConnection => {
    const connection = openSqlite({ file: options.file, schema, pragmas: [`busy_timeout=${BUSY_MS}`, ...pragmas, 'foreign_keys=on'] });
    connections.push(connection);
    return connection;
  };
  try {
    // SQLite gives the files beside it the same mode.
    closeSync(openSync(options.file, 'a', 0o600));
    const writer = connect('journal_mode=wal', `journal_size_limit=${JOURNAL_BYTES}`, 'synchronous=full');
    const reader = connect('query_only=on');
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: writer }) });
    const queue = new WriteQueue({ db, clock: options.clock, writeMs: options.writeMs, beforeBegin: durability(writer, options) });
    const read = new Kysely<unknown>({ dialect: new SqliteDialect({ database: reader }) });
    // Kysely closes only what it has used.
    return new SqlStore('sqlite', read, queue, () => {
      for (const connection of connections) connection.close();
      options.afterClose?.();
      return Promise.resolve();
    });
  } catch (error) {
    for (const connection of connections) connection.close();
    throw StoreErrors.STORE_OPEN_FAILED(
      { database: options.file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

/** `synchronous=normal` leaves the log unsynced until the next durable commit, which then covers it. */
function durability(writer: SqliteConnection, options: SqliteStoreOptions): (durable: boolean) => void {
  let mode = 'full';
  return (durable) => {
    const wanted = options.survivesPowerCut === false ? 'off' : durable ? 'full' : 'normal';
    if (wanted === mode) return;
    writer.pragma(`synchronous=${wanted}`);
    mode = wanted;
  };
}
