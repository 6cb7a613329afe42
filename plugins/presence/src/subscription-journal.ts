/** Subscriptions that need no connection, kept so that they outlive the process. A server that closes in order ends them itself. */
import { Clock, DEFAULT_LIMITS, Log, PluginConfig, Store, Transport, inject, injectable, parseMessage } from '@parley/sdk';
import type { Flow, Identity, Notifier, ReceivedRequest, SipRequest, Timer } from '@parley/sdk';
import type { PresenceConfig } from './config.ts';
import type { WatcherIdentity } from './documents/index.ts';
import type { PresenceSubscription } from './presence-subscription.ts';
import type { PresenceTables, SubscriptionRow } from './rows.ts';

/** What is kept of one. */
interface Kept {
  /** The SUBSCRIBE that began it, byte for byte in latin1. */
  readonly subscribe: string;
  /** Our tag. */
  readonly tag: string;
  readonly remote: { readonly host: string; readonly port: number };
  readonly watcher: WatcherIdentity;
  /** It was authenticated. */
  readonly authenticated: boolean;
  /** When `sequence` was looked at, milliseconds since 1970. */
  readonly beganAt: number;
  /** The CSeq that notifications had come to then. */
  readonly sequence: number;
}

/** Serves one again. Throws when it cannot. */
export type Resume = (
  received: ReceivedRequest,
  watcher: WatcherIdentity,
  seconds: number,
) => { readonly notifier: Notifier; readonly subscription: Pick<PresenceSubscription, 'onLasting'> };

/** The first answer goes nowhere, and so does what it carries: nothing must be sent with the numbers of the first life. */
const CARRIES_FIRST = ['Supported', 'ms-piggyback-first-notify'] as const;
/** Notifications that may have been sent in a second at most, when they have no pace; their CSeq must not come again. */
const UNPACED_PER_SECOND = 100;
const SPARE = 100;

/** Listeners open when all plugins have started: looked for so often, so many times. */
const LOOK_MS = 500;
const LOOKS = 20;

@injectable()
export class SubscriptionJournal {
  private timer: Timer | undefined = undefined;
  private readonly writes = new Set<Promise<void>>();

  constructor(
    @inject(Store) private readonly store: Store<PresenceTables>,
    @inject(Transport) private readonly transport: Pick<Transport, 'udpFlow' | 'listeners'>,
    @inject(Clock) private readonly clock: Clock,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'paceMs'>,
    @inject(Log) private readonly log: Log,
  ) {}

  /** Goes on with those that were there when the process ended, as soon as they can be told. Looks for them before anybody can subscribe. */
  async start(resume: Resume): Promise<void> {
    const rows = await this.store.read.selectFrom('presence_subscriptions').selectAll().execute();
    if (rows.length > 0) this.look(rows, resume, LOOKS);
  }

  /** Resolves when everything is written. */
  async stop(): Promise<void> {
    this.clock.timers.cancel(this.timer);
    await Promise.all(this.writes);
  }

  /** Keeps one, best effort; the function that it returns is told for how many seconds more it lasts. */
  keep(notifier: Notifier, subscribe: SipRequest, flow: Flow, watcher: WatcherIdentity): (seconds: number) => void {
    const now = this.clock.now();
    const { dialog } = notifier;
    const kept: Kept = {
      subscribe: subscribe.serialize().toString('latin1'),
      tag: dialog.localTag,
      remote: flow.remote,
      watcher,
      authenticated: dialog.peer !== undefined,
      beganAt: now,
      sequence: 0,
    };
    this.put(dialog.key, kept, now + notifier.remaining * 1000);
    return this.keeping(notifier, kept);
  }

  /** For one that is kept already. */
  private keeping({ dialog }: Notifier, kept: Kept): (seconds: number) => void {
    return (seconds) => {
      const now = this.clock.now();
      if (seconds === 0) this.write((trx) => trx.deleteFrom('presence_subscriptions').where('id', '=', dialog.key).execute());
      else this.put(dialog.key, { ...kept, beganAt: now, sequence: dialog.nextSequence() }, now + seconds * 1000);
    };
  }

  private put(id: string, kept: Kept, expiresAt: number): void {
    const row = { id, details: JSON.stringify(kept), expires_at: expiresAt };
    this.write(async (trx) => {
      await trx.deleteFrom('presence_subscriptions').where('id', '=', id).execute();
      await trx.insertInto('presence_subscriptions').values(row).execute();
    });
  }

  private look(rows: readonly SubscriptionRow[], resume: Resume, looks: number): void {
    this.timer = this.clock.timers.start(LOOK_MS, () => {
      this.timer = undefined;
      if (this.transport.listeners.some(({ transport }) => transport === 'UDP')) this.restore(rows, resume);
      else if (looks > 1) this.look(rows, resume, looks - 1);
    });
  }

  /** Tells each how things are now. */
  private restore(rows: readonly SubscriptionRow[], resume: Resume): void {
    const now = this.clock.now();
    let restored = 0;
    for (const row of rows) {
      const seconds = Math.floor((row.expires_at - now) / 1000);
      try {
        if (seconds <= 0) throw new RangeError('it has expired');
        this.resumeOne(JSON.parse(row.details) as Kept, seconds, now, resume);
        restored++;
      } catch (error) {
        // Its subscriber hears nothing more, and subscribes anew when the time is over.
        this.log.debug({ err: error, subscription: row.id }, 'a subscription could not be gone on with');
        this.write((trx) => trx.deleteFrom('presence_subscriptions').where('id', '=', row.id).execute());
      }
    }
    if (restored > 0) this.log.info({ subscriptions: restored }, 'subscriptions over UDP go on after the restart');
  }

  private resumeOne(kept: Kept, seconds: number, now: number, resume: Resume): void {
    const parsed = parseMessage(Buffer.from(kept.subscribe, 'latin1'), DEFAULT_LIMITS);
    if (!parsed.ok) throw parsed.error;
    const request = parsed.message as SipRequest;
    request.append(...CARRIES_FIRST);
    const identity: Identity | undefined = kept.authenticated ? { aor: kept.watcher.aor, mechanism: 'restart' } : undefined;
    const received: ReceivedRequest = {
      request,
      flow: this.transport.udpFlow('UDP', kept.remote),
      identity,
      toTag: kept.tag,
      respond: () => true,
      abandon: () => undefined,
      onCancel: undefined,
      onTerminated: undefined,
    };
    const { notifier, subscription } = resume(received, kept.watcher, seconds);
    const used = kept.sequence + Math.ceil((now - kept.beganAt) / 1000) * this.perSecond + SPARE;
    for (let i = 0; i < used; i++) notifier.dialog.nextSequence();
    subscription.onLasting = this.keeping(notifier, kept);
    // A life that ends before the next refresh must count on from here.
    this.put(notifier.dialog.key, { ...kept, beganAt: now, sequence: used }, now + seconds * 1000);
    // The subscriber may have missed something.
    notifier.activate();
  }

  private get perSecond(): number {
    const { paceMs } = this.config;
    return paceMs === 0 ? UNPACED_PER_SECOND : Math.ceil(1000 / paceMs) + 1;
  }

  private write(work: Parameters<Store<PresenceTables>['write']>[0]): void {
    const written = this.store.write(work, { durable: false }).then(
      () => undefined,
      (error: unknown) => this.complain(error),
    );
    this.writes.add(written);
    void written.then(() => this.writes.delete(written));
  }

  private complain(error: unknown): void {
    this.log.warn({ err: error }, 'subscriptions over UDP do not outlive a restart now');
  }
}
