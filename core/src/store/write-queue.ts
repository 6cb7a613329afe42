/** One writer: writes run one after the other, and those that wait together are committed together. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import type { Kysely, KyselyPlugin, QueryResult, RootOperationNode, Transaction, UnknownRow } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { ParleyError } from '../errors/index.ts';
import { StoreErrors } from './errors.ts';
import { GroupSync } from './group-sync.ts';

/** Writes that may share one commit; bounds how long the first of them waits for the last. */
const MAX_BATCH = 256;
const MAX_BATCH_MS = 100;
const MAX_WAITING = 20_000;

export interface WriteQueueOptions {
  readonly db: Kysely<unknown>;
  readonly clock: Clock;
  /** Milliseconds for one write's own work. */
  readonly writeMs: number;
  /** The first step of a transaction (PostgreSQL): how hard it has to reach the disk. */
  readonly afterBegin?: (trx: Transaction<unknown>, durable: boolean) => Promise<void>;
  /** Waits for the disk after a durable commit (SQLite), while the next transaction runs already. Absent: a commit is on the disk. */
  readonly sync?: (() => Promise<void>) | undefined;
}

/** Figures since the queue was made. */
export interface WriteStats {
  readonly waiting: number;
  readonly writes: number;
  readonly commits: number;
}

type Work = (trx: Transaction<unknown>) => Promise<unknown>;

class Job {
  result: unknown = undefined;
  failed = false;

  constructor(
    readonly work: Work,
    readonly durable: boolean,
    readonly resolve: (value: unknown) => void,
    readonly reject: (error: unknown) => void,
  ) {}

  fail(error: unknown): void {
    this.failed = true;
    this.reject(error);
  }
}

/** The write that the present asynchronous call chain runs in. */
const current = new AsyncLocalStorage<WriteGuard>();

/** Refuses queries of a write that is over: they would land in somebody else's part of the transaction. */
class WriteGuard implements KyselyPlugin {
  open = true;

  transformQuery(args: { readonly node: RootOperationNode }): RootOperationNode {
    if (!this.open) throw StoreErrors.STORE_WRITE_OVER();
    return args.node;
  }

  transformResult(args: { readonly result: QueryResult<UnknownRow> }): Promise<QueryResult<UnknownRow>> {
    return Promise.resolve(args.result);
  }
}

/**
 * Each write has a savepoint of its own inside the shared transaction, so one that fails takes nothing of the others with it,
 * and every promise settles only after the commit that decides it.
 */
export class WriteQueue {
  private readonly waiting: Job[] = [];
  private readonly idle: (() => void)[] = [];
  private readonly disk: GroupSync | undefined;
  private running = false;
  /** Batches that are committed and wait for the disk. */
  private syncing = 0;
  private closed = false;
  private writes = 0;
  private commits = 0;

  constructor(private readonly options: WriteQueueOptions) {
    this.disk = options.sync === undefined ? undefined : new GroupSync(options.sync);
  }

  /** Throws STORE_WRITE_NESTED, STORE_CLOSED or STORE_OVERLOADED at once, by the promise. */
  push(work: Work, durable: boolean): Promise<unknown> {
    if (current.getStore()?.open === true) return Promise.reject(StoreErrors.STORE_WRITE_NESTED());
    if (this.closed) return Promise.reject(StoreErrors.STORE_CLOSED());
    if (this.waiting.length >= MAX_WAITING) return Promise.reject(StoreErrors.STORE_OVERLOADED({ count: this.waiting.length }));
    return new Promise((resolve, reject) => {
      this.waiting.push(new Job(work, durable, resolve, reject));
      if (this.running) return;
      this.running = true;
      // Not before the events at hand have been handled: what they write shares the first commit.
      setImmediate(() => void this.run());
    });
  }

  /** Finishes what waits, then refuses. */
  close(): Promise<void> {
    this.closed = true;
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  stats(): WriteStats {
    return { waiting: this.waiting.length, writes: this.writes, commits: this.commits };
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) await this.batch();
    this.running = false;
    this.rest();
  }

  private get isIdle(): boolean {
    return !this.running && this.syncing === 0;
  }

  private rest(): void {
    if (this.isIdle) for (const resolve of this.idle.splice(0)) resolve();
  }

  private async batch(): Promise<void> {
    const jobs: Job[] = [];
    const until = this.options.clock.now() + MAX_BATCH_MS;
    // Whether the disk is waited for is decided when the transaction begins: a durable write does not join one that does not wait.
    const durable = this.waiting.some((job) => job.durable);
    try {
      await this.options.db.transaction().execute(async (trx) => {
        await this.options.afterBegin?.(trx, durable);
        while (jobs.length < MAX_BATCH && (jobs.length === 0 || this.options.clock.now() < until)) {
          if (this.waiting[0] === undefined || (this.waiting[0].durable && !durable)) break;
          const job = this.waiting.shift() as Job;
          jobs.push(job);
          await this.runJob(trx, job);
        }
      });
    } catch (error) {
      // Nothing was kept. When not even a transaction could begin, those who wait would only wait for the same.
      if (jobs.length === 0) jobs.push(...this.waiting.splice(0));
      for (const job of jobs) if (!job.failed) job.reject(commitFailed(error));
      return;
    }
    this.commits++;
    const kept = jobs.filter((job) => !job.failed);
    if (durable && this.disk !== undefined) void this.settle(kept, this.disk);
    else this.done(kept);
  }

  /** The next batch does not wait for it: when the disk is slow, more is committed meanwhile, and the next wait is for all of it. */
  private async settle(jobs: readonly Job[], disk: GroupSync): Promise<void> {
    this.syncing++;
    try {
      await disk.reached();
      this.done(jobs);
    } catch (error) {
      for (const job of jobs) job.reject(commitFailed(error));
    }
    this.syncing--;
    this.rest();
  }

  private done(jobs: readonly Job[]): void {
    this.writes += jobs.length;
    for (const job of jobs) job.resolve(job.result);
  }

  private async runJob(trx: Transaction<unknown>, job: Job): Promise<void> {
    await sql`savepoint parley_write`.execute(trx);
    const guard = new WriteGuard();
    try {
      job.result = await this.withinLimit(current.run(guard, () => job.work(trx.withPlugin(guard))));
      guard.open = false;
    } catch (error) {
      guard.open = false;
      job.fail(error);
      await sql`rollback to savepoint parley_write`.execute(trx);
    }
    await sql`release savepoint parley_write`.execute(trx);
  }

  private withinLimit(work: Promise<unknown>): Promise<unknown> {
    const { clock, writeMs } = this.options;
    return new Promise((resolve, reject) => {
      const timer = clock.timers.start(writeMs, () => reject(StoreErrors.STORE_WRITE_TIMEOUT({ seconds: writeMs / 1000 })));
      void work.then(resolve, reject).finally(() => clock.timers.cancel(timer));
    });
  }
}

function commitFailed(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return StoreErrors.STORE_COMMIT_FAILED({ reason: error instanceof Error ? error.message : String(error) }, { cause: error });
}
