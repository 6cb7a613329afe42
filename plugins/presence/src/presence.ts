/** Presence as a whole: brings it back at the start, hears of users and endpoints, tells who has to know. */
import { Bus, Server, inject, injectable } from '@parley/sdk';
import type { Lifecycle } from '@parley/sdk';
import { Directory, DirectoryEvents } from '@parley/plugin-directory/api';
import { Bound, Unbound } from '@parley/plugin-registrar/api';
import type { OwnPublication, Presence, PresenceStatus } from './api.ts';
import { Changes } from './changes.ts';
import type { Change } from './changes.ts';
import { Commits } from './commits.ts';
import { CONTAINERS } from './documents/index.ts';
import { Endpoints } from './endpoints.ts';
import { PresenceErrors } from './errors.ts';
import { FanOut } from './fan-out.ts';
import { aggregationParts } from './held-rows.ts';
import { instanceKey } from './presence-state.ts';
import type { PresenceState } from './presence-state.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';
import { SelfSubscriptions } from './self-subscriptions.ts';
import { refreshCard } from './server-publications.ts';
import { SubscriptionJournal } from './subscription-journal.ts';
import { SubscriptionTerms } from './subscription-terms.ts';
import { Subscriptions } from './subscriptions.ts';
import { Watched, containerFor } from './watched.ts';
import { statusIn } from './watcher-content.ts';

@injectable()
export class PresenceService implements Presence, Lifecycle {
  private readonly listeners = new Set<(aor: string, status: PresenceStatus) => void>();
  private readonly unsubscribes: (() => void)[] = [];
  /** Removals of users that are being written. */
  private readonly leaving = new Set<Promise<void>>();

  constructor(
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Changes) private readonly changes: Changes,
    @inject(Commits) private readonly commits: Commits,
    @inject(Endpoints) private readonly endpoints: Endpoints,
    @inject(SubscriptionTerms) private readonly terms: SubscriptionTerms,
    @inject(SelfSubscriptions) private readonly selfSubscriptions: SelfSubscriptions,
    @inject(Watched) private readonly watched: Watched,
    @inject(Subscriptions) private readonly subscriptions: Subscriptions,
    @inject(SubscriptionJournal) private readonly journal: SubscriptionJournal,
    @inject(FanOut) private readonly fanOut: FanOut,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor'>,
    @inject(Bus) private readonly bus: Pick<Bus, 'subscribe'>,
    @inject(Server) private readonly server: Pick<Server, 'mode'>,
  ) {}

  async start(): Promise<void> {
    await this.presentities.load();
    if (this.server.mode === 'offline') return;
    for (const presentity of this.presentities.timed()) this.changes.watchTime(presentity);
    this.endpoints.start();
    await this.journal.start((received, watcher, seconds) => this.subscriptions.resume(received, watcher, seconds));
    this.unsubscribes.push(
      this.changes.onChange((change) => this.changed(change)),
      this.bus.subscribe(Bound, (endpoint) => this.endpoints.bound(endpoint)),
      this.bus.subscribe(Unbound, (endpoint) => this.endpoints.unbound(endpoint)),
      this.bus.subscribe(DirectoryEvents.added, ({ aor }) => this.replaced(aor)),
      this.bus.subscribe(DirectoryEvents.changed, ({ aor }) => this.cardChanged(aor)),
      this.bus.subscribe(DirectoryEvents.removed, ({ id, aor }) => this.removed(id, aor)),
      this.bus.subscribe(DirectoryEvents.disabled, ({ aor }) => this.disabled(aor)),
      this.bus.subscribe(DirectoryEvents.enabled, ({ aor }) => this.enabled(aor)),
    );
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe();
    this.endpoints.stop();
    await this.journal.stop();
    this.fanOut.stop();
    await this.changes.stop();
    await Promise.all(this.leaving);
  }

  stateOf(aor: string): PresenceStatus | undefined {
    const presentity = this.presentities.of(aor.toLowerCase());
    return presentity === undefined ? undefined : statusOf(presentity.state);
  }

  onChange(listener: (aor: string, status: PresenceStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async publishAs(aor: string, publications: readonly OwnPublication[]): Promise<void> {
    const presentity = this.presentities.of(aor.toLowerCase());
    if (presentity === undefined) throw PresenceErrors.PRESENCE_USER_UNKNOWN({ aor });
    await this.changes.run(presentity, (draft) => {
      for (const { category: name, instance, container, content, seconds } of publications) {
        const was = draft.instances.get(instanceKey({ name, instance, container }));
        if (content === undefined) {
          if (was !== undefined) draft.remove(was);
          continue;
        }
        draft.put({
          name,
          instance,
          container,
          version: (was?.version ?? 0) + 1,
          publishTime: draft.now,
          expireType: seconds === undefined ? 'static' : 'time',
          expires: seconds,
          content,
          origin: 'server',
          endpoint: '',
          ...aggregationParts(name, content),
        });
      }
    });
  }

  private changed(change: Change): void {
    this.selfSubscriptions.changed(change);
    this.watched.changed(change);
    if (this.listeners.size === 0) return;
    const [before, after] = [statusOf(change.before), statusOf(change.after)];
    if (before.availability === after.availability && before.activity === after.activity && before.note === after.note) return;
    for (const listener of this.listeners) listener(change.presentity.aor, after);
  }

  private cardChanged(aor: string): void {
    const user = this.directory.findByAor(aor);
    const presentity = this.presentities.heldOf(aor);
    if (user === undefined || presentity === undefined) return;
    // Nobody waits for it; the writer logs what is wrong, and the next start or change makes up for it.
    this.changes.run(presentity, (draft) => refreshCard(draft, this.presentities.cardOf(user))).catch(() => undefined);
  }

  /** The user's subscriptions end, and so does what was published for as long as the user is there. */
  private disabled(aor: string): void {
    this.terms.endAll(aor, 'rejected');
    const presentity = this.presentities.heldOf(aor);
    if (presentity !== undefined) {
      presentity.hidden = true;
      this.endpoints.disabled(presentity);
    }
    this.replaced(aor);
  }

  private enabled(aor: string): void {
    const presentity = this.presentities.peek(aor);
    if (presentity !== undefined) presentity.hidden = false;
    this.replaced(aor);
  }

  private removed(userId: string, aor: string): void {
    const gone = Promise.withResolvers<void>();
    this.terms.endAll(aor, 'rejected');
    // Behind what is under way. What cannot be deleted belongs to nobody: ids of users are not given twice.
    const forget = (): Promise<void> => this.commits.forget(userId).then(gone.resolve, () => gone.resolve());
    const presentity = this.presentities.forget(aor);
    if (presentity === undefined) void forget();
    else presentity.queue(forget);
    this.leaving.add(gone.promise);
    void gone.promise.then(() => this.leaving.delete(gone.promise));
    this.replaced(aor);
  }

  private replaced(aor: string): void {
    if (this.watched.watchersOf(aor) === 0) return;
    const presentity: Presentity | undefined = this.presentities.shown(aor);
    this.watched.replaced(aor, (watcher) => (presentity === undefined ? CONTAINERS.default : containerFor(aor, presentity.state, watcher)));
  }
}

function statusOf(state: PresenceState): PresenceStatus {
  const { availability, token, note } = statusIn(state, CONTAINERS.friends);
  return { availability, activity: token, note };
}
