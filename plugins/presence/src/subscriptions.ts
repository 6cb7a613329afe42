/** Serves SUBSCRIBE for presence: lists of contacts, single contacts, polls, and plain SIP watchers. [MS-PRES] R21 to R24, R34; RFC 3856 */
import { Dialogs, PluginConfig, Server, inject, injectable } from '@parley/sdk';
import type { Content, Notifier, ReceivedRequest, SipRequest } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { PresenceConfig } from './config.ts';
import { acceptedTypes, contentTypeOf, refuseUnknownExtensions, requires } from './content-type.ts';
import { CONTAINERS, CONTENT_TYPES, categoryRules, readAdhocList, readBatchSubscribe, resourceListBody } from './documents/index.ts';
import type { BatchAction, CategoryRules, ListedResource, WatcherIdentity } from './documents/index.ts';
import { PresenceErrors } from './errors.ts';
import { FanOut } from './fan-out.ts';
import { PresenceSubscription } from './presence-subscription.ts';
import type { SubscriptionHost } from './presence-subscription.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';
import { Prompts } from './prompts.ts';
import { Requesters, targetOf } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import { SubscriptionJournal } from './subscription-journal.ts';
import type { Resume } from './subscription-journal.ts';
import { SubscriptionTerms, isPoll } from './subscription-terms.ts';
import { Watched, containerFor } from './watched.ts';
import { PLAIN_CATEGORIES, categoriesForm, msrtcForm, pidfForm } from './watcher-content.ts';
import type { PresenceForm, Watch } from './watching.ts';

/** The event package. */
export const PRESENCE_PACKAGE = 'presence';

/** RFC 4662: the answer is a list. */
const LIST_HEADERS: NonNullable<Content['headers']> = [['Require', 'eventlist']];
const LIST_OPTION = 'adhoclist';

@injectable()
export class Subscriptions implements SubscriptionHost {
  /** Since the start, by kind, for the metrics. */
  readonly counts = { list: 0, single: 0, poll: 0, plain: 0 };
  private readonly rules: CategoryRules;
  private readonly listForm = categoriesForm(LIST_HEADERS);
  private readonly singleForm = categoriesForm();
  /** Lists of categories that are subscribed to, each once. */
  private readonly categoryLists = new Map<string, ReadonlySet<string>>();
  private count = 0;

  constructor(
    @inject(Requesters) private readonly requesters: Requesters,
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Watched) private readonly watched: Watched,
    @inject(FanOut) private readonly fanOut: FanOut,
    @inject(Prompts) private readonly prompts: Prompts,
    @inject(SubscriptionJournal) private readonly journal: SubscriptionJournal,
    @inject(Dialogs) private readonly dialogs: Pick<Dialogs, 'notifier' | 'notifierWithin'>,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor'>,
    @inject(Server) private readonly server: Pick<Server, 'isLocalDomain'>,
    @inject(SubscriptionTerms) private readonly terms: SubscriptionTerms,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'categories' | 'limits'>,
  ) {
    this.rules = categoryRules(config.categories);
  }

  get size(): number {
    return this.count;
  }

  /** Serves a SUBSCRIBE. @throws PRESENCE_*, PRESENCE_DOCUMENT_*, DIALOG_* */
  subscribe(tx: PresenceRequest): void {
    const { request } = tx;
    const watcher = this.requesters.watcherOf(tx);
    this.terms.check(request);
    this.terms.demandRoom(watcher.aor, request);
    if (request.body.length === 0) this.plain(tx, watcher);
    else this.contacts(tx, watcher);
  }

  hasRoom(aor: string): boolean {
    return this.watched.hasRoom(aor);
  }

  refuse(aor: string): never {
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit: this.config.limits.watchers, what: 'watchers', setting: 'watchers' });
  }

  demandSize(watcher: string, contacts: number): void {
    const limit = this.config.limits.watched;
    if (contacts > limit)
      throw PresenceErrors.PRESENCE_LIMIT({ aor: watcher, limit, what: 'contacts in a subscription', setting: 'watched' });
  }

  find(aor: string): Presentity | undefined {
    return this.presentities.shown(aor);
  }

  containerFor(aor: string, watcher: WatcherIdentity): number {
    const presentity = this.find(aor);
    return presentity === undefined ? CONTAINERS.default : containerFor(aor, presentity.state, watcher);
  }

  watch(watch: Watch): void {
    this.watched.add(watch);
  }

  unwatch(watch: Watch): void {
    this.watched.remove(watch);
  }

  told(watch: Watch): void {
    this.fanOut.told(watch);
  }

  refresh(subscription: PresenceSubscription, subscribe: SipRequest): void {
    refuseUnknownExtensions(subscribe);
    if (subscribe.body.length === 0) return;
    const actions = this.actionsOf(subscribe);
    if (subscription.target !== undefined) demandOne(subscription.target, actions);
    this.apply(subscription, actions);
    this.tellContacts(subscription.watcher, subscribe, actions);
  }

  grant(wanted: number | undefined): number {
    return this.terms.grant(wanted);
  }

  write(subscription: PresenceSubscription, watches: readonly Watch[], refused: readonly string[]): Content {
    const { form, isList, watcher } = subscription;
    if (!isList) {
      const [only] = watches;
      return only === undefined ? {} : form.content(this.find(only.aor), only.aor, only.container, only.categories);
    }
    const list = resourceListBody(watcher.aor, [...watches.map((watch) => this.listed(watch, form)), ...refused.map(refusedResource)]);
    return { ...list, headers: LIST_HEADERS };
  }

  ended(subscription: PresenceSubscription): void {
    if (subscription.notifier === undefined) return;
    subscription.notifier = undefined;
    this.count--;
    this.terms.ended(subscription.watcher.aor, subscription);
  }

  /** Several contacts, or one in the form of clients of this family. */
  private contacts(tx: PresenceRequest, watcher: WatcherIdentity): void {
    const { request } = tx;
    const actions = this.actionsOf(request);
    const to = targetOf(tx);
    const isList = requires(request, LIST_OPTION);
    if (isList && to !== watcher.aor) throw PresenceErrors.PRESENCE_NOT_YOURS({ who: watcher.aor, aor: to });
    if (!isList) demandOne(to, actions);
    const older = contentTypeOf(request) === CONTENT_TYPES.adhocList;
    const form = older ? msrtcForm(this.directory, isList ? LIST_HEADERS : []) : isList ? this.listForm : this.singleForm;
    const subscription = new PresenceSubscription(watcher, form, isList ? undefined : to, isPoll(request), this);
    this.apply(subscription, actions);
    const lasts = this.serve(tx, subscription);
    this.counts[lasts ? (isList ? 'list' : 'single') : 'poll']++;
    // A poll leaves nothing behind.
    if (lasts) this.tellContacts(watcher, request, actions);
  }

  private actionsOf(request: SipRequest): readonly BatchAction[] {
    const body = this.terms.bodyOf(request, 'subscribeBytes');
    const type = contentTypeOf(request);
    if (type === CONTENT_TYPES.batchSubscribe) return readBatchSubscribe(body).actions;
    if (type === CONTENT_TYPES.adhocList) return readAdhocList(body, [...PLAIN_CATEGORIES]);
    const expected = `${CONTENT_TYPES.batchSubscribe}, ${CONTENT_TYPES.adhocList}`;
    throw PresenceErrors.PRESENCE_CONTENT_TYPE({ found: type === '' ? 'of no type' : type.slice(0, 60), expected });
  }

  /** Goes on with a subscription that was there before a restart. Throws when it cannot. */
  resume(received: ReceivedRequest, watcher: WatcherIdentity, seconds: number): ReturnType<Resume> {
    const { request } = received;
    // Disabled while the server was down.
    if (this.presentities.of(watcher.aor)?.hidden === true) throw PresenceErrors.PRESENCE_USER_DISABLED({ aor: watcher.aor });
    const subscription = this.plainSubscription(request, targetOf({ request }), watcher);
    const notifier = this.dialogs.notifierWithin(received, { expires: seconds }, subscription);
    this.begin(subscription, notifier);
    return { notifier, subscription };
  }

  private plain(tx: PresenceRequest, watcher: WatcherIdentity): void {
    const { request, flow } = tx;
    const aor = targetOf(tx);
    if (this.find(aor) === undefined) throw PresenceErrors.PRESENCE_USER_UNKNOWN({ aor });
    const subscription = this.plainSubscription(request, aor, watcher);
    this.counts.plain++;
    // What comes on a connection ends with it; a datagram needs none, so that the next life of the server can go on.
    if (this.serve(tx, subscription) && !flow.reliable && subscription.notifier !== undefined)
      subscription.onLasting = this.journal.keep(subscription.notifier, request, flow, watcher);
  }

  private plainSubscription(request: SipRequest, aor: string, watcher: WatcherIdentity): PresenceSubscription {
    const subscription = new PresenceSubscription(watcher, this.plainForm(request), aor, isPoll(request), this);
    const resources = [{ aor, uri: request.uri, context: undefined }];
    this.apply(subscription, [{ name: 'subscribe', id: '', resources, categories: [...PLAIN_CATEGORIES] }]);
    return subscription;
  }

  /** RFC 3856 section 6.5: who accepts nothing in particular accepts PIDF. */
  private plainForm(request: SipRequest): PresenceForm {
    const types = acceptedTypes(request);
    for (const type of types.length === 0 ? [CONTENT_TYPES.pidf] : types) {
      if (type === CONTENT_TYPES.msrtcPidf) return msrtcForm(this.directory);
      if (type === CONTENT_TYPES.textPidf) return pidfForm(this.directory, CONTENT_TYPES.textPidf);
      if (type === CONTENT_TYPES.pidf || type === '*/*' || type === 'application/*') return pidfForm(this.directory, CONTENT_TYPES.pidf);
    }
    throw PresenceErrors.PRESENCE_NOT_ACCEPTED();
  }

  private serve(tx: PresenceRequest, subscription: PresenceSubscription): boolean {
    const notifier = this.dialogs.notifier(tx, { expires: this.terms.seconds() }, subscription);
    if (notifier.remaining === 0) return false;
    this.begin(subscription, notifier);
    return true;
  }

  private begin(subscription: PresenceSubscription, notifier: Notifier): void {
    this.count++;
    this.terms.began(subscription.watcher.aor, subscription);
    subscription.begin(notifier);
  }

  private apply(subscription: PresenceSubscription, actions: readonly BatchAction[]): void {
    subscription.apply(actions, ({ categories }) => this.categoryList(categories));
  }

  /** Names that nobody knows, and categories that are nobody's business, are passed over. */
  private categoryList(names: readonly string[]): ReadonlySet<string> {
    const shown = names.filter((name) => this.rules.get(name)?.private === false);
    const key = shown.join(' ');
    const known = this.categoryLists.get(key);
    if (known !== undefined) return known;
    const list = new Set(shown);
    if (this.categoryLists.size < MAX_LISTS) this.categoryLists.set(key, list);
    return list;
  }

  private listed({ aor, container, categories }: Watch, form: PresenceForm): ListedResource {
    const presentity = this.find(aor);
    if (presentity !== undefined) {
      const { body, contentType } = form.content(presentity, aor, container, categories);
      return { state: 'active', aor, document: String(body ?? ''), contentType };
    }
    const domain = aor.slice(aor.indexOf('@') + 1);
    return this.server.isLocalDomain(domain)
      ? { state: 'terminated', aor, reason: 'noresource', statusCode: 404 }
      : { state: 'resubscribe', aor };
  }

  private tellContacts(watcher: WatcherIdentity, request: SipRequest, actions: readonly BatchAction[]): void {
    for (const { name, resources } of actions) {
      if (name !== 'subscribe') continue;
      for (const { aor, context } of resources) if (context !== undefined) this.prompts.asked(aor, watcher, request, context);
    }
  }
}

/** Clients know a handful. Beyond it lists are not shared, and what is made for them is not kept: somebody makes them up. */
const MAX_LISTS = 64;

/** Served to as many as there may be. */
function refusedResource(aor: string): ListedResource {
  return { state: 'terminated', aor, reason: 'rejected', statusCode: 403 };
}

function demandOne(to: string, actions: readonly BatchAction[]): void {
  const about = new Set(actions.flatMap(({ resources }) => resources.map(({ aor }) => aor)));
  if (about.size !== 1 || !about.has(to)) throw PresenceErrors.PRESENCE_BATCH_TARGET({ to, about: [...about].slice(0, 3).join(', ') });
}
