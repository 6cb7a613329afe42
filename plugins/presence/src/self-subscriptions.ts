/** The subscriptions of users' endpoints to their own users. [MS-PRES] R3, R6, R15 */
import { Dialogs, inject, injectable } from '@parley/sdk';
import { Location } from '@parley/plugin-registrar/api';
import type { Change } from './changes.ts';
import { eventOf } from './content-type.ts';
import { readRoamingList } from './documents/index.ts';
import type { RoamingSet } from './documents/index.ts';
import { endpointKey, senderOf } from './endpoint-key.ts';
import { FanOut } from './fan-out.ts';
import { Requesters } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import { SelfSubscription, pendingForm, roamingForm } from './self-subscription.ts';
import { SubscriptionTerms } from './subscription-terms.ts';

/** The event packages: everything of one's own, and for clients of LCS 2005 those who wait to be let see. */
export const SELF_PACKAGE = 'vnd-microsoft-roaming-self';
export const PENDING_PACKAGE = 'presence.wpending';

const PENDING_SETS: ReadonlySet<RoamingSet> = new Set(['subscribers']);

@injectable()
export class SelfSubscriptions {
  private readonly byAor = new Map<string, Set<SelfSubscription>>();
  private count = 0;

  constructor(
    @inject(Requesters) private readonly requesters: Requesters,
    @inject(Dialogs) private readonly dialogs: Pick<Dialogs, 'notifier'>,
    @inject(Location) private readonly location: Pick<Location, 'bindings'>,
    @inject(FanOut) private readonly fanOut: FanOut,
    @inject(SubscriptionTerms) private readonly terms: SubscriptionTerms,
  ) {}

  get size(): number {
    return this.count;
  }

  /** Serves a SUBSCRIBE. @throws PRESENCE_*, PRESENCE_DOCUMENT_*, DIALOG_* */
  subscribe(tx: PresenceRequest): void {
    const { request, flow } = tx;
    const presentity = this.requesters.ownerOf(tx);
    const pending = eventOf(request) === PENDING_PACKAGE;
    const sets = pending ? PENDING_SETS : readRoamingList(this.terms.bodyOf(request, 'bodyBytes'));
    this.terms.check(request);
    const binding = senderOf(request, flow, this.location.bindings(presentity.aor));
    const key = binding === undefined ? request.from.epid?.toLowerCase() : endpointKey(binding);
    this.terms.demandRoom(presentity.aor, request);
    const subscription = new SelfSubscription(presentity, key, sets, pending ? pendingForm : roamingForm, (ended) => this.remove(ended));
    const notifier = this.dialogs.notifier(tx, { expires: this.terms.seconds() }, subscription);
    subscription.notifier = notifier;
    if (notifier.remaining > 0) this.add(subscription);
  }

  /** A change is committed: the user's endpoints are told. */
  changed(change: Change): void {
    for (const subscription of this.byAor.get(change.presentity.aor) ?? []) {
      if (subscription.note(change)) this.fanOut.push(subscription);
    }
  }

  private add(subscription: SelfSubscription): void {
    const { aor } = subscription.presentity;
    const known = this.byAor.get(aor);
    if (known === undefined) this.byAor.set(aor, new Set([subscription]));
    else known.add(subscription);
    this.count++;
    this.terms.began(aor, subscription);
  }

  private remove(subscription: SelfSubscription): void {
    const { aor } = subscription.presentity;
    const known = this.byAor.get(aor);
    if (known?.delete(subscription) !== true) return;
    this.count--;
    this.terms.ended(aor, subscription);
    this.fanOut.forget(subscription);
    if (known.size === 0) this.byAor.delete(aor);
  }
}
