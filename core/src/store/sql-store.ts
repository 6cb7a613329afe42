/** The store on any dialect: a reading handle beside a write queue. */
import type { Kysely, Transaction } from 'kysely';
import type { Store, StoreDialect, WriteOptions } from './store.ts';
import type { WriteQueue, WriteStats } from './write-queue.ts';

/** What the opener of a store holds; everyone else sees `Store`. */
export class SqlStore<Tables = unknown> implements Store<Tables> {
  private closing: Promise<void> | undefined = undefined;

  constructor(
    readonly dialect: StoreDialect,
    readonly read: Kysely<Tables>,
    private readonly queue: WriteQueue,
    private readonly release: () => Promise<void>,
  ) {}

  async write<T>(work: (trx: Transaction<Tables>) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    return (await this.queue.push(work as (trx: Transaction<unknown>) => Promise<unknown>, options.durable !== false)) as T;
  }

  as<Other>(): Store<Other> {
    return this as unknown as Store<Other>;
  }

  stats(): WriteStats {
    return this.queue.stats();
  }

  /** Finishes the writes that wait, then lets go of the database. */
  close(): Promise<void> {
    this.closing ??= this.queue.close().then(this.release);
    return this.closing;
  }
}
