/** One subscription to presence: one contact or a list of them, told in one form. [MS-PRES] sections 3.10 and 3.11 of the sheet; RFC 3856, 4662 */
import type { Content, Notifier, NotifierEnd, NotifierUser, SipRequest } from '@parley/sdk';
import type { BatchAction, WatcherIdentity } from './documents/index.ts';
import type { Presentity } from './presentity.ts';
import { Watch } from './watching.ts';
import type { PresenceForm, WatchingSubscription } from './watching.ts';

/** What a subscription needs of the one who serves it. */
export interface SubscriptionHost {
  /** Throws when there are too many already. */
  demandRoom(aor: string): void;
  find(aor: string): Presentity | undefined;
  containerFor(aor: string, watcher: WatcherIdentity): number;
  /** From now on the contact's changes are told. */
  watch(watch: Watch): void;
  unwatch(watch: Watch): void;
  /** Told already, in the answer to a SUBSCRIBE. */
  told(watch: Watch): void;
  /** Writes the contacts that are told with an answer. */
  write(subscription: PresenceSubscription, watches: readonly Watch[]): Content;
  /** Does what a SUBSCRIBE within the dialog asks for. */
  refresh(subscription: PresenceSubscription, subscribe: SipRequest): void;
  grant(wanted: number | undefined): number;
  ended(subscription: PresenceSubscription): void;
}

export class PresenceSubscription implements NotifierUser, WatchingSubscription {
  notifier: Notifier | undefined = undefined;
  /** Told for how many seconds more it lasts; 0: it is over. */
  onLasting: ((seconds: number) => void) | undefined = undefined;
  readonly watches = new Map<string, Watch>();
  /** Those that the next answer tells of; undefined: all. */
  private fresh: Watch[] | undefined = undefined;
  private live = false;

  constructor(
    readonly watcher: WatcherIdentity,
    readonly form: PresenceForm,
    /** It began with Require: adhoclist: the answer is a list. */
    readonly isList: boolean,
    private readonly host: SubscriptionHost,
  ) {}

  /** Adds and takes away contacts. Throws PRESENCE_LIMIT. @param most contacts in the subscription */
  apply(actions: readonly BatchAction[], categories: (action: BatchAction) => ReadonlySet<string>, most: (count: number) => void): void {
    const fresh: Watch[] = [];
    for (const action of actions) {
      if (action.name === 'unsubscribe') {
        for (const { aor } of action.resources) this.drop(aor);
        continue;
      }
      const names = categories(action);
      most(new Set([...this.watches.keys(), ...action.resources.map(({ aor }) => aor)]).size);
      for (const { aor } of action.resources) fresh.push(this.add(aor, names));
    }
    this.fresh = fresh;
  }

  /** It is going to last: contacts are watched from now on. */
  begin(notifier: Notifier): void {
    this.notifier = notifier;
    this.live = true;
    for (const watch of this.watches.values()) this.host.watch(watch);
  }

  current(): Content {
    const watches = this.fresh ?? [...this.watches.values()];
    this.fresh = undefined;
    for (const watch of watches) {
      watch.clear();
      if (this.live) this.host.told(watch);
    }
    return this.host.write(this, watches);
  }

  onRefresh(subscribe: SipRequest, wanted: number | undefined): number {
    this.host.refresh(this, subscribe);
    const granted = this.host.grant(wanted);
    this.onLasting?.(granted);
    return granted;
  }

  onEnded(_reason: NotifierEnd): void {
    this.live = false;
    this.onLasting?.(0);
    for (const watch of this.watches.values()) this.host.unwatch(watch);
    this.host.ended(this);
  }

  private add(aor: string, names: ReadonlySet<string>): Watch {
    this.drop(aor);
    if (this.live) this.host.demandRoom(aor);
    const watch = new Watch(this, aor, names, this.host.containerFor(aor, this.watcher), (of) => this.host.find(of));
    this.watches.set(aor, watch);
    if (this.live) this.host.watch(watch);
    return watch;
  }

  private drop(aor: string): void {
    const watch = this.watches.get(aor);
    if (watch === undefined) return;
    this.watches.delete(aor);
    if (this.live) this.host.unwatch(watch);
  }
}
