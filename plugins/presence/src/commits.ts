/** One writer: changes of many users that come together are committed together. */
import { Log, Store, inject, injectable } from '@parley/sdk';
import type { Draft } from './draft.ts';
import { PresenceErrors } from './errors.ts';
import { containerRow, delegatesRow, instanceRow, subscriberRow } from './held-rows.ts';
import type { ContainerRow, DelegatesRow, InstanceRow, PresenceTables, SubscriberRow, UserRow } from './rows.ts';

/** Changes in one transaction; bounds how long the first waits for the last. */
const MAX_BATCH = 400;
/** Rows in one statement; databases have a bound for parameters. */
const MAX_ROWS = 200;

/** Tables that have rows of users. */
const FORGOTTEN = ['presence_instances', 'presence_containers', 'presence_subscribers', 'presence_delegates', 'presence_users'] as const;

interface Waiting {
  readonly draft: Draft;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type Transaction = Parameters<Parameters<Store<PresenceTables>['write']>[0]>[0];
type InstanceId = Pick<InstanceRow, 'user_id' | 'category' | 'container' | 'instance'>;

/** What a batch comes to; a user is in it at most once, so no row is. */
class Batch {
  readonly instances: InstanceRow[] = [];
  readonly removed: InstanceId[] = [];
  readonly containers: ContainerRow[] = [];
  readonly subscribers: SubscriberRow[] = [];
  readonly forgotten: Pick<SubscriberRow, 'user_id' | 'watcher'>[] = [];
  readonly delegates: DelegatesRow[] = [];
  readonly users: UserRow[] = [];

  add(draft: Draft): void {
    const { userId } = draft;
    for (const { key, was, now } of draft.changedInstances.values()) {
      if (now === undefined) {
        if (was?.origin !== 'aggregate')
          this.removed.push({ user_id: userId, category: key.name, container: key.container, instance: key.instance });
      } else if (now.origin !== 'aggregate') this.instances.push(instanceRow(userId, now));
    }
    for (const container of draft.changedContainers.values()) this.containers.push(containerRow(userId, container));
    for (const [watcher, subscriber] of draft.changedSubscribers) {
      if (subscriber === undefined) this.forgotten.push({ user_id: userId, watcher });
      else this.subscribers.push(subscriberRow(userId, subscriber));
    }
    if (draft.changedDelegates !== undefined) this.delegates.push(delegatesRow(userId, draft.changedDelegates));
    if (draft.generation !== draft.before.generation) this.users.push({ user_id: userId, generation: draft.generation });
  }

  async write(trx: Transaction): Promise<void> {
    for (const rows of chunks(this.removed)) await removeInstances(trx, rows);
    for (const rows of chunks(this.instances)) await putInstances(trx, rows);
    for (const rows of chunks(this.containers)) await putContainers(trx, rows);
    for (const rows of chunks(this.forgotten)) await forgetSubscribers(trx, rows);
    for (const rows of chunks(this.subscribers)) await putSubscribers(trx, rows);
    for (const rows of chunks(this.delegates)) await putDelegates(trx, rows);
    for (const rows of chunks(this.users)) await putUsers(trx, rows);
  }
}

/** Writes drafts. */
@injectable()
export class Commits {
  /** What the last attempt failed with; undefined when it succeeded. */
  failure: unknown = undefined;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined = undefined;

  constructor(
    @inject(Store) private readonly store: Store<PresenceTables>,
    @inject(Log) private readonly log: Log,
  ) {}

  /** Changes that are not committed yet. */
  get size(): number {
    return this.waiting.length;
  }

  /** Resolves when the change survives a power cut. A user has one change under way at a time. @throws PRESENCE_NOT_STORED */
  commit(draft: Draft): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ draft, resolve, reject });
      this.writing ??= this.run();
    });
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  /** Everything of a user goes. */
  async forget(userId: string): Promise<void> {
    await this.settled();
    await this.store.write(async (trx) => {
      for (const table of FORGOTTEN) await trx.deleteFrom(table).where('user_id', '=', userId).execute();
    });
  }

  private async run(): Promise<void> {
    // What has come in this turn of the event loop is committed together.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.writeBatch(this.waiting.splice(0, MAX_BATCH));
    this.writing = undefined;
  }

  private async writeBatch(jobs: readonly Waiting[]): Promise<void> {
    const batch = new Batch();
    for (const { draft } of jobs) batch.add(draft);
    try {
      await this.store.write((trx) => batch.write(trx));
      this.failure = undefined;
    } catch (error) {
      if (this.failure === undefined) this.log.error({ err: error }, 'presence cannot be written to the store: clients cannot publish');
      this.failure = error;
      for (const { reject } of jobs) reject(PresenceErrors.PRESENCE_NOT_STORED({}, { cause: error }));
      return;
    }
    for (const { resolve } of jobs) resolve();
  }
}

function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += MAX_ROWS) yield rows.slice(at, at + MAX_ROWS);
}

async function removeInstances(trx: Transaction, rows: readonly InstanceId[]): Promise<void> {
  await trx
    .deleteFrom('presence_instances')
    .where((eb) => eb.or(rows.map((row) => eb.and(row))))
    .execute();
}

async function forgetSubscribers(trx: Transaction, rows: readonly Pick<SubscriberRow, 'user_id' | 'watcher'>[]): Promise<void> {
  await trx
    .deleteFrom('presence_subscribers')
    .where((eb) => eb.or(rows.map((row) => eb.and(row))))
    .execute();
}

async function putInstances(trx: Transaction, rows: readonly InstanceRow[]): Promise<void> {
  await trx
    .insertInto('presence_instances')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'category', 'container', 'instance']).doUpdateSet((row) => ({
        version: row.ref('excluded.version'),
        publish_time: row.ref('excluded.publish_time'),
        expire_type: row.ref('excluded.expire_type'),
        expires: row.ref('excluded.expires'),
        endpoint: row.ref('excluded.endpoint'),
        endpoint_id: row.ref('excluded.endpoint_id'),
        origin: row.ref('excluded.origin'),
        content: row.ref('excluded.content'),
      })),
    )
    .execute();
}

async function putContainers(trx: Transaction, rows: readonly ContainerRow[]): Promise<void> {
  await trx
    .insertInto('presence_containers')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'container'])
        .doUpdateSet((row) => ({ version: row.ref('excluded.version'), members: row.ref('excluded.members') })),
    )
    .execute();
}

async function putSubscribers(trx: Transaction, rows: readonly SubscriberRow[]): Promise<void> {
  await trx
    .insertInto('presence_subscribers')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'watcher']).doUpdateSet((row) => ({
        display_name: row.ref('excluded.display_name'),
        relation: row.ref('excluded.relation'),
        context: row.ref('excluded.context'),
        acknowledged: row.ref('excluded.acknowledged'),
        asked_at: row.ref('excluded.asked_at'),
      })),
    )
    .execute();
}

async function putDelegates(trx: Transaction, rows: readonly DelegatesRow[]): Promise<void> {
  await trx
    .insertInto('presence_delegates')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((row) => ({ version: row.ref('excluded.version'), members: row.ref('excluded.members') })),
    )
    .execute();
}

async function putUsers(trx: Transaction, rows: readonly UserRow[]): Promise<void> {
  await trx
    .insertInto('presence_users')
    .values(rows)
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet((row) => ({ generation: row.ref('excluded.generation') })))
    .execute();
}
