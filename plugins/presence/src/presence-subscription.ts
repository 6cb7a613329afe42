/** One subscription to presence: one contact or a list of them, told in one form. [MS-PRES] sections 3.10 and 3.11 of the sheet; RFC 3856, 4662 */
import type { Content, Notifier, NotifierEnd, NotifierUser, SipRequest } from '@parley/sdk';
import type { BatchAction, WatcherIdentity } from './documents/index.ts';
import type { Presentity } from './presentity.ts';
import { Watch } from './watching.ts';
import type { PresenceForm, WatchingSubscription } from './watching.ts';

/** What a subscription needs of the one who serves it. */
export interface SubscriptionHost {
  /** Whether one more may watch the contact. */
  hasRoom(aor: string): boolean;
  /** Throws PRESENCE_LIMIT: too many watch the contact. */
  refuse(aor: string): never;
  /** Throws PRESENCE_LIMIT when a subscription has too many contacts. */
  demandSize(watcher: string, contacts: number): void;
  find(aor: string): Presentity | undefined;
  containerFor(aor: string, watcher: WatcherIdentity): number;
  /** From now on the contact's changes are told. */
  watch(watch: Watch): void;
  unwatch(watch: Watch): void;
  /** Told already, in the answer to a SUBSCRIBE. */
  told(watch: Watch): void;
  /** Writes the contacts that are told with an answer. @param refused addresses of those that too many watch already */
  write(subscription: PresenceSubscription, watches: readonly Watch[], refused: readonly string[]): Content;
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
  private fresh: readonly Watch[] | undefined = undefined;
  /** Those that the next answer refuses. */
  private refused: readonly string[] = [];
  private live = false;

  constructor(
    readonly watcher: WatcherIdentity,
    readonly form: PresenceForm,
    /** The one contact that it is about; undefined: it began with Require: adhoclist, and is about a list. */
    readonly target: string | undefined,
    /** It asks once, and takes nobody's room. */
    private readonly isPoll: boolean,
    private readonly host: SubscriptionHost,
  ) {}

  /** The answer is a list. */
  get isList(): boolean {
    return this.target === undefined;
  }

  /** Adds and takes away contacts, all or none. In a list those that have no room are refused one by one. Throws PRESENCE_LIMIT. */
  apply(actions: readonly BatchAction[], categories: (action: BatchAction) => ReadonlySet<string>): void {
    /** By address: the categories that are wanted from now on; undefined: none. */
    const wanted = new Map<string, ReadonlySet<string> | undefined>();
    for (const action of actions) {
      const names = action.name === 'subscribe' ? categories(action) : undefined;
      for (const { aor } of action.resources) wanted.set(aor, names);
    }
    this.host.demandSize(this.watcher.aor, this.sizeWith(wanted));
    const refused = new Set([...wanted].filter(([aor, names]) => names !== undefined && !this.hasRoom(aor)).map(([aor]) => aor));
    if (this.target !== undefined && refused.has(this.target)) this.host.refuse(this.target);
    const fresh: Watch[] = [];
    for (const [aor, names] of wanted) {
      this.drop(aor);
      if (names !== undefined && !refused.has(aor)) fresh.push(this.add(aor, names));
    }
    this.fresh = fresh;
    this.refused = [...refused];
  }

  /** It is going to last: contacts are watched from now on. */
  begin(notifier: Notifier): void {
    this.notifier = notifier;
    this.live = true;
    for (const watch of this.watches.values()) this.host.watch(watch);
  }

  current(): Content {
    const watches = this.fresh ?? [...this.watches.values()];
    const { refused } = this;
    this.fresh = undefined;
    this.refused = [];
    for (const watch of watches) {
      watch.clear();
      if (this.live) this.host.told(watch);
    }
    return this.host.write(this, watches, refused);
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

  private hasRoom(aor: string): boolean {
    return this.isPoll || this.watches.has(aor) || this.host.hasRoom(aor);
  }

  private sizeWith(wanted: ReadonlyMap<string, ReadonlySet<string> | undefined>): number {
    let size = this.watches.size;
    for (const [aor, names] of wanted) size += Number(names !== undefined) - Number(this.watches.has(aor));
    return size;
  }

  private add(aor: string, names: ReadonlySet<string>): Watch {
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
