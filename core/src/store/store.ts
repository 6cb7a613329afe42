/** The one database of a server: a handle to read, and one queue to write. */
import type { Kysely, Transaction } from 'kysely';

/** SQL differs in few places; a migration that needs one asks for it. */
export type StoreDialect = 'sqlite' | 'postgres';

/**
 * A step that changes the schema, run once in a transaction of its own.
 * Column types that mean the same on both databases: `text`, `bigint` (numbers up to 2^53, times in milliseconds, booleans as 0 and 1),
 * `double precision`, `bytea`. A key that the database counts up: see `identity`.
 */
export interface Migration {
  up(db: Kysely<unknown>, dialect: StoreDialect): Promise<void>;
}

/** How hard a write has to reach the disk. */
export interface WriteOptions {
  /**
   * True (the default): the promise resolves when the change survives a power cut. False, for what is written behind memory:
   * it resolves when the change survives the death of the process, without waiting for the disk.
   */
  readonly durable?: boolean;
}

/** `Tables` maps table names to row types, as Kysely wants them: `Store<{ users: UserRow }>`. */
export interface Store<Tables = unknown> {
  readonly dialect: StoreDialect;
  /** Reads what is committed. Writing through it fails. */
  readonly read: Kysely<Tables>;
  /**
   * Runs `work` alone in a transaction, after the writes asked for before it; resolves once it is committed.
   * When `work` throws, its changes are undone and the promise rejects with what it threw.
   * Reads that the change depends on go through the same `trx`. Waiting inside for another `write` throws STORE_WRITE_NESTED.
   */
  write<T>(work: (trx: Transaction<Tables>) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** The same store, seen as having these tables. */
  as<Other>(): Store<Other>;
}
