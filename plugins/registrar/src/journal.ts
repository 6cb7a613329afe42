/** Registrations behind memory: written to the store in batches, and only when they matter after a restart. */
import type { Clock, Log, Store, Timer } from '@parley/sdk';
import type { BindingRecord } from './binding.ts';
import { toRow } from './binding-row.ts';
import type { RegistrarTables } from './binding-row.ts';

/** How often changes are written, in ms. */
const INTERVAL_MS = 1000;
/** Rows in one statement; as many waiting changes are written at once. */
const BATCH = 500;
/** Changes that may wait while the store does not take any; beyond it the oldest are forgotten, and those endpoints after a restart. */
const MAX_DELETES = 100_000;
/** A refresh is written when the store's expiry is this part of a lifetime behind. */
const COALESCED_PART = 4;

/**
 * Writes bindings behind memory. Everything is best effort: a registration that the store has not got yet is lost with the process,
 * and its endpoint comes back with its next refresh.
 */
export class Journal {
  /** What the last attempt failed with; undefined when it succeeded. */
  failure: unknown = undefined;
  private readonly dirty = new Set<BindingRecord>();
  private deleted: number[] = [];
  private timer: Timer | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly store: Store<RegistrarTables>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Changes that wait to be written. */
  get waiting(): number {
    return this.dirty.size + this.deleted.length;
  }

  /** The binding is new, or reached in another way than before. */
  changed(record: BindingRecord): void {
    if (record.dirty) return;
    record.dirty = true;
    this.dirty.add(record);
    this.wake();
  }

  /** The binding lives longer or shorter; written now only if the store is far behind. */
  refreshed(record: BindingRecord): void {
    const lifetime = record.expiresAt - record.refreshedAt;
    if (Math.abs(record.expiresAt - record.storedExpiry) * COALESCED_PART >= lifetime) this.changed(record);
  }

  removed(record: BindingRecord): void {
    if (record.dirty) {
      record.dirty = false;
      this.dirty.delete(record);
    }
    if (record.storedExpiry === 0) return;
    if (this.deleted.length < MAX_DELETES) this.deleted.push(record.id);
    this.wake();
  }

  /** Writes everything that waits, as the last thing; resolves when it is done or has failed. */
  async flush(): Promise<void> {
    do await this.write();
    while (this.waiting > 0 && this.failure === undefined);
    // Also the one that a write has started which found more to do.
    this.clock.timers.cancel(this.timer);
    this.timer = undefined;
  }

  private wake(): void {
    if (this.waiting >= BATCH && this.failure === undefined) {
      this.clock.timers.cancel(this.timer);
      this.timer = undefined;
      void this.write();
    } else if (this.timer === undefined && this.writing === undefined) {
      this.timer = this.clock.timers.start(INTERVAL_MS, writeLater, this);
    }
  }

  onTimer(): void {
    this.timer = undefined;
    void this.write();
  }

  /** One batch at a time; those who ask meanwhile wait for the one that runs. */
  private write(): Promise<void> {
    this.writing ??= this.writeBatch().then(() => {
      this.writing = undefined;
      if (this.waiting > 0) this.wake();
    });
    return this.writing;
  }

  private async writeBatch(): Promise<void> {
    const records: BindingRecord[] = [];
    for (const record of this.dirty) {
      if (records.length === BATCH) break;
      records.push(record);
    }
    const deleted = this.deleted.splice(0, BATCH);
    if (records.length === 0 && deleted.length === 0) return;
    const rows = records.map(toRow);
    for (const record of records) {
      this.dirty.delete(record);
      record.dirty = false;
      record.storedExpiry = record.expiresAt;
    }
    try {
      await this.store.write(
        async (trx) => {
          if (deleted.length > 0) await trx.deleteFrom('registrar_bindings').where('id', 'in', deleted).execute();
          if (rows.length === 0) return;
          await trx
            .insertInto('registrar_bindings')
            .values(rows)
            .onConflict((conflict) =>
              conflict.column('id').doUpdateSet((row) => ({
                contact: row.ref('excluded.contact'),
                expires_at: row.ref('excluded.expires_at'),
                details: row.ref('excluded.details'),
              })),
            )
            .execute();
        },
        { durable: false },
      );
      this.failure = undefined;
    } catch (error) {
      this.failed(error, records, deleted);
    }
  }

  private failed(error: unknown, records: readonly BindingRecord[], deleted: readonly number[]): void {
    if (this.failure === undefined)
      this.log.error({ err: error }, 'registrations cannot be written to the store; they would not outlive a restart now');
    this.failure = error;
    this.deleted = [...deleted, ...this.deleted].slice(0, MAX_DELETES);
    for (const record of records) {
      // What was removed meanwhile must not come back: its expiry is 0 then.
      if (record.dirty || record.expiresAt === 0) continue;
      record.dirty = true;
      this.dirty.add(record);
    }
  }
}

function writeLater(journal: unknown): void {
  (journal as Journal).onTimer();
}
