/** The store on a PostgreSQL server: one connection that writes, a pool that reads. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import type { Clock } from '../clock/index.ts';
import { StoreErrors } from './errors.ts';
import { SqlStore } from './sql-store.ts';
import { WriteQueue } from './write-queue.ts';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** Connections for reading. */
  readonly connections: number;
  readonly clock: Clock;
  /** Milliseconds for one write's own work. */
  readonly writeMs: number;
  /** Told when an idle connection breaks; the pool opens another when it needs one. */
  readonly onConnectionLost?: (error: Error) => void;
}

const CONNECT_MS = 10_000;
const INT8 = 20;
const NUMERIC = 1700;

/** Throws STORE_OPEN_FAILED. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<SqlStore> {
  // Loaded only by those who use it.
  const { default: driver } = await import('pg');
  const pool = poolMaker(driver, options);
  const writers = pool(1, `-c statement_timeout=${options.writeMs}`);
  const readers = pool(options.connections, '-c default_transaction_read_only=on');
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: writers }) });
  const read = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: readers }) });
  const release = async (): Promise<void> => {
    await Promise.all([writers.end(), readers.end()]);
  };
  try {
    await Promise.all([sql`select 1`.execute(db), sql`select 1`.execute(read)]);
  } catch (error) {
    await release();
    throw StoreErrors.STORE_OPEN_FAILED({ database: withoutPassword(options.url), reason: reasonOf(error) }, { cause: error });
  }
  const queue = new WriteQueue({
    db,
    clock: options.clock,
    writeMs: options.writeMs,
    afterBegin: async (trx, durable) => {
      if (!durable) await sql`set local synchronous_commit = off`.execute(trx);
    },
  });
  return new SqlStore('postgres', read, queue, release);
}

function poolMaker(driver: typeof pg, options: PostgresStoreOptions): (size: number, settings: string) => pg.Pool {
  const parserOf = (oid: number, format?: 'text' | 'binary'): ((text: string) => unknown) => {
    // Eight-byte integers, and the sums and counts made of them, are numbers here as they are in SQLite.
    if (oid === INT8) return exactNumber;
    if (oid === NUMERIC) return Number;
    return format === 'binary' ? driver.types.getTypeParser(oid, 'binary') : driver.types.getTypeParser(oid, 'text');
  };
  return (size, settings) => {
    const made = new driver.Pool({
      connectionString: withoutOptions(options.url),
      max: size,
      connectionTimeoutMillis: CONNECT_MS,
      options: `${optionsOf(options.url)} ${settings}`.trim(),
      application_name: 'parley',
      types: { getTypeParser: parserOf },
    });
    made.on('error', (error) => options.onConnectionLost?.(error));
    return made;
  };
}

function exactNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`integer ${text} does not fit a number`);
  return number;
}

/** Session settings in the address would replace ours; they are put before them instead. */
function optionsOf(url: string): string {
  return new URL(url).searchParams.get('options') ?? '';
}

function withoutOptions(url: string): string {
  const address = new URL(url);
  address.searchParams.delete('options');
  return address.href;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/([^/@]*)@/, (_, user: string) => `//${user.split(':', 1)[0]}@`);
}

function reasonOf(error: unknown): string {
  // A refused connection to a name with several addresses is an AggregateError without a message.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
