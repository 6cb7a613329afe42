/** Subscriptions of users' endpoints to their own contact and access lists. [MS-SIPREGE] R12, R13; [MS-SIP] sections 3.7.4.1 and 3.7.4.2. */
import { Dialogs, H, PluginConfig, inject, injectable } from '@parley/sdk';
import type { Content, Notifier, RequestContext } from '@parley/sdk';
import type { ContactsConfig } from './config.ts';
import type { ContactList } from './contact-list.ts';
import { ContactLists } from './contact-lists.ts';
import { ACL_TYPE, CONTACTS_TYPE, aclDocument, changeDocument, listDocument } from './document.ts';
import type { Changed } from './list-draft.ts';

/** What of a user's list an endpoint is told. */
export type RoamingPart = 'contacts' | 'access';

interface Subscription {
  readonly part: RoamingPart;
  /** Gets `sip:` before the addresses in a change. */
  readonly scheme: boolean;
  notifier: Notifier | undefined;
}

/** The parts of a request that begin a subscription. */
export type SubscribeRequest = Pick<RequestContext, 'request' | 'transaction' | 'flow'>;

@injectable()
export class Roaming {
  private readonly byUser = new Map<string, Set<Subscription>>();

  constructor(
    @inject(ContactLists) private readonly lists: Pick<ContactLists, 'hold' | 'release' | 'current'>,
    @inject(Dialogs) private readonly dialogs: Pick<Dialogs, 'notifier'>,
    @inject(PluginConfig) private readonly config: Pick<ContactsConfig, 'subscriptionSeconds' | 'bareChanges'>,
  ) {}

  /** Subscriptions that run. */
  get size(): number {
    let size = 0;
    for (const subscriptions of this.byUser.values()) size += subscriptions.size;
    return size;
  }

  /** Accepts a SUBSCRIBE and tells the list as it is. Throws what `Dialogs.notifier` throws. */
  async subscribe(tx: SubscribeRequest, userId: string, part: RoamingPart): Promise<void> {
    const subscription: Subscription = { part, scheme: this.wantsScheme(tx.request.first(H.UserAgent) ?? ''), notifier: undefined };
    await this.lists.hold(userId);
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      this.remove(userId, subscription);
      this.lists.release(userId);
    };
    // The client has gone while its list was read: nothing would end the subscription.
    if (!tx.flow.open) {
      end();
      return;
    }
    try {
      const user = { current: () => whole(part, this.lists.current(userId)), onEnded: end };
      subscription.notifier = this.dialogs.notifier(tx, { expires: this.config.subscriptionSeconds }, user);
    } catch (error) {
      end();
      throw error;
    }
    if (!over) this.add(userId, subscription);
  }

  /** Tells all endpoints of the user, the one that made the change among them. */
  changed(userId: string, changed: Changed): void {
    const { before, list } = changed;
    const contacts = list.deltaNum > before.deltaNum;
    const access = list.access.deltaNum > before.access.deltaNum;
    for (const { part, scheme, notifier } of this.byUser.get(userId) ?? []) {
      if (part === 'contacts' && contacts) notifier?.notify({ body: changeDocument(changed, scheme), contentType: CONTACTS_TYPE });
      if (part === 'access' && access) notifier?.notify(whole('access', list));
    }
  }

  private wantsScheme(agent: string): boolean {
    return !this.config.bareChanges.some((name) => agent.includes(name));
  }

  private add(userId: string, subscription: Subscription): void {
    const subscriptions = this.byUser.get(userId);
    if (subscriptions === undefined) this.byUser.set(userId, new Set([subscription]));
    else subscriptions.add(subscription);
  }

  private remove(userId: string, subscription: Subscription): void {
    const subscriptions = this.byUser.get(userId);
    subscriptions?.delete(subscription);
    if (subscriptions?.size === 0) this.byUser.delete(userId);
  }
}

function whole(part: RoamingPart, list: ContactList): Content {
  if (part === 'access') return { body: aclDocument(list), contentType: ACL_TYPE };
  return { body: listDocument(list), contentType: CONTACTS_TYPE };
}
