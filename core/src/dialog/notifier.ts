/** The side of a subscription that notifies. RFC 6665 section 4.2; notification extensions: [MS-SIPRE] sheet section 6. */
import type { Timer } from '../clock/index.ts';
import { H, detach } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import type { Agent, ReceivedRequest, Usage } from './agent.ts';
import { NO_CONTENT } from './content.ts';
import type { Content, Header } from './content.ts';
import type { Dialog } from './dialog.ts';
import { IncomingRequest } from './incoming-request.ts';
import { OutgoingRequest, UnansweredRequest } from './outgoing-request.ts';
import { AUTOEXTEND_OPTION, BENOTIFY_OPTION, PIGGYBACK_OPTION, offers, sameEvent, writeSubscriptionState } from './subscription-state.ts';
import type { SubscriptionState } from './subscription-state.ts';

/** Why a subscription is over at the notifier: they gave it up, it ran out, a NOTIFY was refused or lost or their connection closed, or we closed it. */
export type NotifierEnd = 'unsubscribed' | 'expired' | 'unreachable' | 'closed';

/** What a plugin does for a subscription that it serves. */
export interface NotifierUser {
  /** The state as it is now: for the first notification, the one after each refresh, and the last. */
  current(): Content;
  /** They ask for so many seconds more (undefined: as long as we like); returns how many they get. Left out: `expires` decides again. */
  onRefresh?(subscribe: SipRequest, wanted: number | undefined): number;
  onEnded?(reason: NotifierEnd): void;
}

/** How a subscription is served. */
export interface NotifierOptions {
  /** Our Contact value. */
  readonly contact: string;
  /** Event value of the notifications; that of the SUBSCRIBE when left out. A REFER needs one: `refer;id=93809823`. */
  readonly event?: string;
  /** The most seconds that it runs without a refresh; a subscriber that asks for less gets less. 0 tells the state once (RFC 6665 4.4.3). */
  readonly expires: number;
  readonly state?: 'active' | 'pending';
  /** For the 2xx to the SUBSCRIBE. */
  readonly headers?: readonly Header[];
}

/** Answers to a NOTIFY that end the subscription, unless they say when to try again. RFC 6665 4.2.2, RFC 5057. */
const ENDS_SUBSCRIPTION = new Set([404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 503, 604]);

const TIMED_OUT: SubscriptionState = { state: 'terminated', reason: 'timeout' };

/** A subscription that this side serves: `notify` tells a change, `close` ends it. RFC 6665 section 4.2. */
export class Notifier implements Usage {
  readonly event: string;
  private readonly extensions: { readonly benotify: boolean; readonly autoextend: boolean };
  private state: 'active' | 'pending';
  private granted: number;
  private expiresAt = 0;
  private timer: Timer | undefined = undefined;
  private ended = false;
  private flow: Flow;

  /** For the layer, which then calls `begin`. */
  constructor(
    private readonly agent: Agent,
    readonly dialog: Dialog,
    received: ReceivedRequest,
    private readonly options: NotifierOptions,
    private readonly user: NotifierUser,
  ) {
    const { request } = received;
    // The value is a slice of the SUBSCRIBE, which a subscription of hours must not keep alive.
    this.event = detach(options.event ?? request.first(H.Event) ?? '');
    this.extensions = { benotify: offers(request, BENOTIFY_OPTION), autoextend: offers(request, AUTOEXTEND_OPTION) };
    this.state = options.state ?? 'active';
    this.granted = this.grant(request.expires);
    this.flow = received.flow;
    agent.add(this);
  }

  /** A client's subscriptions go with its connection ([MS-SIPREGE] R17): no notification could reach it. */
  get lifeline(): Flow | undefined {
    const { flow } = this;
    return flow.reliable && flow.listener !== undefined && !flow.trusted ? flow : undefined;
  }

  /** Seconds that the subscription has still to run. */
  get remaining(): number {
    return Math.max(0, Math.ceil((this.expiresAt - this.agent.clock.now()) / 1000));
  }

  /** Tells the subscriber. Best effort where it offered that (BENOTIFY, which is not answered). Nothing after the end. */
  notify(content: Content): void {
    if (this.ended) return;
    if (this.extensions.autoextend) this.extend(this.granted);
    this.tell({ state: this.state, expires: this.remaining }, content);
  }

  /** A pending subscription was approved: tells the state. */
  activate(): void {
    this.state = 'active';
    this.notify(this.user.current());
  }

  /** Ends it, with a last notification. @param reason `deactivated`, `rejected`, `noresource`, `giveup` ... RFC 6665 4.1.3 */
  close(reason: string, content: Content = NO_CONTENT, retryAfter?: number): void {
    if (this.ended) return;
    this.tell({ state: 'terminated', reason, retryAfter }, content);
    this.end('closed');
  }

  accepts(request: SipRequest): boolean {
    return request.method === 'SUBSCRIBE' && sameEvent(this.event, request.first(H.Event));
  }

  /** They refresh it, or give it up. */
  receive(received: ReceivedRequest): void {
    const { request } = received;
    const wanted = request.expires;
    const { lifeline } = this;
    this.flow = received.flow;
    this.agent.moved(this, lifeline);
    this.dialog.refreshTarget(request);
    const granted = wanted === 0 ? 0 : (this.user.onRefresh?.(request, wanted) ?? this.grant(wanted));
    this.answer(received, 200, granted);
    if (granted === 0) this.end('unsubscribed');
  }

  receiveAck(): boolean {
    return false;
  }

  leave(reason: string): void {
    this.close(reason);
  }

  cutOff(): void {
    this.end('unreachable');
  }

  /** Answers the first SUBSCRIBE and tells the state. For the layer. */
  begin(received: ReceivedRequest): void {
    this.answer(received, this.state === 'pending' ? 202 : 200, this.granted);
    if (this.granted === 0) this.end('expired');
  }

  /** The 2xx, and the notification that belongs to it: inside it where the subscriber understands that, else behind it. */
  private answer(received: ReceivedRequest, status: number, granted: number): void {
    const piggyback = offers(received.request, PIGGYBACK_OPTION);
    // First of all, for it may throw.
    const current = this.user.current();
    this.extend(granted);
    const headers: Header[] = [['Expires', String(granted)]];
    const extensions = [...(this.extensions.benotify ? [BENOTIFY_OPTION] : []), ...(piggyback ? [PIGGYBACK_OPTION] : [])];
    if (extensions.length > 0) headers.push(['Supported', extensions.join(', ')]);
    headers.push(...(this.options.headers ?? []));
    const answer = new IncomingRequest(received, this.dialog);
    if (!piggyback) {
      answer.answer(status, { headers });
      this.tell(granted === 0 ? TIMED_OUT : { state: this.state, expires: granted }, current);
      return;
    }
    const state: SubscriptionState = { state: granted === 0 ? 'terminated' : this.state, expires: granted };
    headers.push(...this.stateHeaders(state), ['ms-piggyback-cseq', String(this.dialog.nextSequence())], ...(current.headers ?? []));
    answer.answer(status, { ...current, headers });
  }

  private grant(wanted: number | undefined): number {
    return Math.min(wanted ?? this.options.expires, this.options.expires);
  }

  private stateHeaders(state: SubscriptionState): Header[] {
    return [
      ['Event', this.event],
      ['Subscription-State', writeSubscriptionState(state)],
    ];
  }

  private tell(state: SubscriptionState, content: Content): void {
    const full = { ...content, headers: [...this.stateHeaders(state), ...(content.headers ?? [])] };
    if (this.extensions.benotify) {
      new UnansweredRequest(this.agent, this.dialog.request('BENOTIFY', full), this.flow).send();
      return;
    }
    const listener = { onResponse: (response: SipResponse): void => this.judge(response) };
    new OutgoingRequest(this.agent, this.dialog.request('NOTIFY', full), listener).send(this.flow);
  }

  private judge(response: SipResponse): void {
    if (ENDS_SUBSCRIPTION.has(response.status) && !response.has(H.RetryAfter)) this.end('unreachable');
  }

  private expire(): void {
    this.tell(TIMED_OUT, this.user.current());
    this.end('expired');
  }

  /** A timer that runs is left to end too early when it has to: with autoextend, each notification moves the end. */
  private extend(granted: number): void {
    const { clock } = this.agent;
    const before = this.expiresAt;
    this.granted = granted;
    this.expiresAt = clock.now() + granted * 1000;
    if (this.timer !== undefined && granted > 0 && this.expiresAt >= before) return;
    clock.timers.cancel(this.timer);
    this.timer = granted === 0 ? undefined : this.agent.after(granted * 1000, () => this.timeOut());
  }

  private timeOut(): void {
    const left = this.expiresAt - this.agent.clock.now();
    if (left <= 0) this.expire();
    else this.timer = this.agent.after(left, () => this.timeOut());
  }

  private end(reason: NotifierEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.agent.clock.timers.cancel(this.timer);
    this.agent.remove(this);
    this.user.onEnded?.(reason);
  }
}
