/** How anything changes: one change of a user after the other, aggregated, committed, and only then seen and told. */
import { Clock, Log, inject, injectable } from '@parley/sdk';
import type { Lifecycle } from '@parley/sdk';
import { Commits } from './commits.ts';
import { Draft } from './draft.ts';
import { PresenceErrors } from './errors.ts';
import { expiryOf, nextExpiry } from './presence-state.ts';
import type { PresenceState } from './presence-state.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';
import { concernsAggregation, refreshAggregate } from './server-publications.ts';

/** A change that is committed. */
export interface Change {
  readonly presentity: Presentity;
  readonly before: PresenceState;
  readonly after: PresenceState;
  readonly draft: Draft;
  /** Key of the endpoint whose answer tells it already; undefined when there is none. */
  readonly by: string | undefined;
}

/** What `run` is asked for. */
export interface ChangeOptions {
  readonly by?: string | undefined;
  /** Registrations have changed: aggregates anew whatever the change is. */
  readonly aggregates?: boolean;
}

/** Changes of one user that may wait for the store. */
const MAX_WAITING = 200;

@injectable()
export class Changes implements Lifecycle {
  private readonly listeners = new Set<(change: Change) => void>();
  private stopped = false;

  constructor(
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Commits) private readonly commits: Commits,
    @inject(Clock) private readonly clock: Clock,
    @inject(Log) private readonly log: Log,
  ) {}

  /** Calls `listener` after each commit until what it returns is called. */
  onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Changes a user. `work` looks at the draft, changes it, and may throw, which undoes everything; its result is returned, with the
   * change, when it is committed. A change that changes nothing is not written.
   * @throws PRESENCE_BUSY, PRESENCE_NOT_STORED, what `work` throws
   */
  run<T>(
    presentity: Presentity,
    work: (draft: Draft) => T,
    options: ChangeOptions = {},
  ): Promise<{ readonly result: T; readonly change: Change }> {
    const { aor, waiting } = presentity;
    if (waiting >= MAX_WAITING) return Promise.reject(PresenceErrors.PRESENCE_BUSY({ count: waiting, aor }));
    return new Promise((resolve, reject) => {
      presentity.queue(async () => {
        try {
          resolve(await this.turn(presentity, work, options));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Wakes the user when the next instance is over. */
  watchTime(presentity: Presentity): void {
    this.clock.timers.cancel(presentity.timer);
    const next = nextExpiry(presentity.state);
    presentity.timer =
      next === undefined || this.stopped || presentity.gone
        ? undefined
        : this.clock.timers.start(Math.max(0, next - this.clock.now()), () => this.expire(presentity));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.presentities.stopTimers();
    await this.commits.settled();
  }

  private async turn<T>(
    presentity: Presentity,
    work: (draft: Draft) => T,
    { by, aggregates = false }: ChangeOptions,
  ): Promise<{ readonly result: T; readonly change: Change }> {
    const before = presentity.state;
    const draft = new Draft(presentity.userId, before, this.clock.now());
    const result = work(draft);
    if (aggregates || concernsAggregation(draft)) refreshAggregate(draft, presentity.aor, this.presentities.phonesOf(presentity.aor));
    const change: Change = { presentity, before, after: draft.seal(), draft, by };
    if (!draft.isEmpty) await this.commits.commit(draft);
    presentity.state = change.after;
    if (!draft.isEmpty) this.committed(change);
    return { result, change };
  }

  private committed(change: Change): void {
    this.watchTime(change.presentity);
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.log.error({ err: error, user: change.presentity.aor }, 'a change of presence could not be told');
      }
    }
  }

  private expire(presentity: Presentity): void {
    presentity.timer = undefined;
    const done = this.run(presentity, (draft) => {
      for (const held of draft.instances.values()) {
        const expiry = expiryOf(held);
        if (expiry !== undefined && expiry <= draft.now) draft.remove(held);
      }
    });
    done.then(
      () => this.watchTime(presentity),
      () => {
        // Nobody waits for it: it is tried again, and the writer has logged what is wrong.
        if (!this.stopped && !presentity.gone) presentity.timer ??= this.clock.timers.start(RETRY_MS, () => this.expire(presentity));
      },
    );
  }
}

/** After a failure to write that something is over. */
const RETRY_MS = 5000;
