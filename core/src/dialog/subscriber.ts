/** The side of a subscription that is notified. RFC 6665 section 4.1; notification extensions: [MS-SIPRE] sheet section 6. */
import type { Timer } from '../clock/index.ts';
import { H } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import type { Agent, ReceivedRequest, Usage } from './agent.ts';
import type { Content, Header } from './content.ts';
import { Dialog } from './dialog.ts';
import { IncomingRequest } from './incoming-request.ts';
import { OutgoingRequest } from './outgoing-request.ts';
import { readSubscriptionState, refreshAfter, sameEvent } from './subscription-state.ts';
import type { SubscriptionState } from './subscription-state.ts';

/**
 * Why a subscription is over at the subscriber: the SUBSCRIBE was refused (or had no answer), the notifier terminated it, it ran out,
 * the notifier does not know it any more, we gave it up, or no first notification came.
 */
export type SubscriberEnd = 'refused' | 'terminated' | 'expired' | 'lost' | 'unsubscribed' | 'silent';

/** What a plugin hears of a subscription of its own. */
export interface SubscriberUser {
  /** A NOTIFY or BENOTIFY, answered already; or the 2xx that carries the first notification. */
  onNotify(message: SipRequest | SipResponse, state: SubscriptionState): void;
  /** `message`: what ended it. */
  onEnded?(reason: SubscriberEnd, message: SipRequest | SipResponse | undefined): void;
}

/** What the layer knows of a SUBSCRIBE that has no dialog yet. */
export interface SubscriberParts {
  readonly request: SipRequest;
  readonly event: string;
  readonly expires: number;
  /** Repeated on each refresh. */
  readonly content: Content;
  /** No dialog needs to be told from its From tag any more. */
  onSettled(): void;
}

/** A subscription of ours; it is refreshed until it is ended. RFC 6665 section 4.1. */
export class Subscriber implements Usage {
  private current: Dialog | undefined = undefined;
  private timer: Timer | undefined = undefined;
  private expiry: Timer | undefined = undefined;
  private flow: Flow | undefined = undefined;
  private notified = false;
  private ended = false;
  private leaving = false;
  private wanted: number;

  /** For the layer. */
  constructor(
    private readonly agent: Agent,
    private readonly parts: SubscriberParts,
    private readonly user: SubscriberUser,
  ) {
    this.wanted = parts.expires;
  }

  /** The dialog, once the first answer or notification has made it. */
  get dialog(): Dialog {
    if (this.current === undefined) throw new Error('the subscription has no dialog yet');
    return this.current;
  }

  /** For the layer. */
  start(): this {
    const listener = { onResponse: (response: SipResponse, sent: OutgoingRequest): void => this.first(response, sent) };
    new OutgoingRequest(this.agent, this.parts.request, listener).send(undefined);
    return this;
  }

  /** Asks for the state, and for more time, now. Happens by itself before the time runs out. */
  refresh(): void {
    if (!this.ended && !this.leaving && this.current !== undefined) this.subscribe(this.wanted);
  }

  /** Gives the subscription up; a last notification may still come. RFC 6665 4.1.2.3. */
  unsubscribe(): void {
    if (this.ended || this.leaving) return;
    this.leaving = true;
    this.wait(64 * this.agent.options.t1);
    if (this.current !== undefined) this.subscribe(0);
  }

  accepts(request: SipRequest): boolean {
    return (request.method === 'NOTIFY' || request.method === 'BENOTIFY') && sameEvent(this.parts.event, request.first(H.Event));
  }

  receive(received: ReceivedRequest): void {
    const { request } = received;
    this.flow = received.flow;
    this.dialog.refreshTarget(request);
    new IncomingRequest(received, this.dialog).answer(200);
    this.take(request);
  }

  receiveAck(): boolean {
    return false;
  }

  leave(): void {
    this.unsubscribe();
  }

  /**
   * A NOTIFY that came with our tag and one that is not known: the first may be before the 2xx, and makes the dialog (RFC 6665 4.4.1).
   * False for those of other forks, which are not wanted. For the layer.
   */
  receiveFirst(received: ReceivedRequest): boolean {
    if (this.current !== undefined || this.ended || !this.accepts(received.request)) return false;
    this.adopt(Dialog.byNotify(this.parts.request, received.request));
    this.receive(received);
    return true;
  }

  private first(response: SipResponse, sent: OutgoingRequest): void {
    this.flow ??= sent.flow;
    if (response.status < 200 || this.ended) return;
    if (response.status >= 300) {
      this.end('refused', response);
      return;
    }
    if (this.current === undefined) this.adopt(Dialog.asUac(this.parts.request, response));
    else this.dialog.confirmBy(response);
    this.granted(response);
  }

  private adopt(dialog: Dialog): void {
    dialog.state = 'confirmed';
    this.current = dialog;
    this.agent.add(this);
  }

  private subscribe(expires: number): void {
    const headers: Header[] = [['Event', this.parts.event], ['Expires', String(expires)], ...(this.parts.content.headers ?? [])];
    const request = this.dialog.request('SUBSCRIBE', { ...this.parts.content, headers });
    const listener = { onResponse: (response: SipResponse): void => this.answered(response, expires) };
    new OutgoingRequest(this.agent, request, listener).send(this.flow);
  }

  private answered(response: SipResponse, expires: number): void {
    const { status } = response;
    if (status < 200 || this.ended) return;
    if (status === 481) {
      this.end(this.leaving ? 'unsubscribed' : 'lost', response);
    } else if (status === 423 && !this.leaving) {
      const least = Number(response.first(H.MinExpires) ?? '');
      if (least > expires) this.subscribe((this.wanted = least));
    } else if (status < 300) {
      this.dialog.refreshTarget(response);
      if (!this.leaving) this.granted(response);
    }
    // Any other refusal leaves the subscription as it was, until it runs out. RFC 6665 4.1.2.2.
  }

  /** A 2xx says how long the subscription runs, and may hold the first notification. */
  private granted(response: SipResponse): void {
    if (this.leaving) {
      // It was given up before its dialog was there.
      this.subscribe(0);
      return;
    }
    const seconds = Math.min(response.expires ?? this.wanted, this.wanted);
    if (response.has('ms-piggyback-cseq')) this.take(response);
    if (this.ended) return;
    this.run(seconds);
    // RFC 6665 4.1.2.4, timer N: the notification that must follow.
    if (!this.notified) this.wait(64 * this.agent.options.t1);
  }

  private take(message: SipRequest | SipResponse): void {
    const state = readSubscriptionState(message);
    const isFirst = !this.notified;
    this.notified = true;
    if (isFirst || state.expires !== undefined) this.run(Math.min(state.expires ?? this.wanted, this.wanted));
    this.user.onNotify(message, state);
    if (state.state === 'terminated') this.end(this.leaving ? 'unsubscribed' : 'terminated', message);
  }

  /** So many seconds are left. */
  private run(seconds: number): void {
    const { timers } = this.agent.clock;
    if (this.leaving || this.ended) return;
    timers.cancel(this.expiry);
    this.expiry = this.agent.after(seconds * 1000, () => this.end('expired', undefined));
    if (this.notified) this.wait(refreshAfter(seconds) * 1000);
  }

  /** The refresh is due, or what was waited for has not come. */
  private due(): void {
    if (this.leaving) this.end('unsubscribed', undefined);
    else if (!this.notified) this.end('silent', undefined);
    else this.refresh();
  }

  private wait(ms: number): void {
    const { timers } = this.agent.clock;
    timers.cancel(this.timer);
    this.timer = this.agent.after(ms, () => this.due());
  }

  private end(reason: SubscriberEnd, message: SipRequest | SipResponse | undefined): void {
    if (this.ended) return;
    this.ended = true;
    const { timers } = this.agent.clock;
    timers.cancel(this.timer);
    timers.cancel(this.expiry);
    this.parts.onSettled();
    if (this.current !== undefined) {
      this.current.state = 'terminated';
      this.agent.remove(this);
    }
    this.user.onEnded?.(reason, message);
  }
}
