/** An INVITE that we sent, first of its dialogs or re-INVITE, with all that forks of it answer. RFC 3261 13.2 and 14.1, RFC 3262 section 4. */
import type { Timer } from '../clock/index.ts';
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import type { Agent } from './agent.ts';
import { NO_CONTENT, hasSession } from './content.ts';
import type { Content, Header } from './content.ts';
import { Dialog } from './dialog.ts';
import { glareWait } from './invite-usage.ts';
import { OutgoingRequest, UnansweredRequest } from './outgoing-request.ts';
import type { ResponseListener } from './outgoing-request.ts';
import { ReliableOrder, readRSeq } from './reliable-provisional.ts';
import { Session } from './session.ts';
import type { SessionUser } from './session.ts';

/** What a plugin hears of an INVITE that it sent. */
export interface InviteUser {
  /**
   * A provisional response with a To tag: one session for each phone that rings. For a reliable one, what is returned goes onto the
   * PRACK: the answer, when the response brought the offer.
   */
  onProgress?(response: SipResponse, session: Session): Content | undefined;
  /** A 2xx. What is returned goes onto the ACK: the answer, when the 2xx brought the offer. */
  onAnswer(response: SipResponse, session: Session): Content | undefined;
  /** A final response of 300 or more; 408 when none came, 503 when there was no way, 487 when a cancelled INVITE was answered 200 all the same. */
  onRefused(response: SipResponse): void;
  /** Further phones that answer are welcome; left out, they get ACK and BYE. */
  readonly takesForks?: boolean;
}

/** One phone that rings or has answered. */
interface Leg {
  readonly session: Session;
  readonly order: ReliableOrder;
  ack: UnansweredRequest | undefined;
}

const MAX_GLARE_RETRIES = 3;

/** An INVITE that we sent, with all that forks of it answer; `cancel` withdraws it. RFC 3261 sections 13.2 and 14.1. */
export class OutgoingInvite implements ResponseListener {
  private readonly legs = new Map<string, Leg>();
  private readonly sent: OutgoingRequest;
  private ringing: Timer | undefined = undefined;
  private cancelled = false;
  private answered = false;
  private done = false;
  /** The try after glare. */
  private retry: OutgoingInvite | undefined = undefined;

  /**
   * @param session of a re-INVITE; undefined for a first INVITE
   * @param content of a re-INVITE, for trying again after glare
   */
  constructor(
    private readonly agent: Agent,
    private readonly request: SipRequest,
    private readonly user: InviteUser,
    private readonly session: Session | undefined,
    private readonly content: Content = NO_CONTENT,
    private readonly sessionUser: SessionUser = {},
    private readonly glares = 0,
  ) {
    this.sent = new OutgoingRequest(agent, request, this);
  }

  /** For the layer and the session. */
  send(last: Flow | undefined): this {
    if (this.session !== undefined) this.markInvited(this.session);
    this.ringing = this.agent.after(this.agent.options.ringLimit, () => this.cancel());
    this.sent.send(last);
    return this;
  }

  /** Withdraws it. When a 2xx crosses the CANCEL, the session is ended by ACK and BYE (RFC 5407 3.1.2). */
  cancel(headers?: readonly Header[]): void {
    this.retry?.cancel(headers);
    if (this.cancelled) return;
    this.cancelled = true;
    if (!this.done) this.sent.cancel(headers);
  }

  onResponse(response: SipResponse): void {
    if (response.status < 200) this.progress(response);
    else if (response.status < 300) this.succeed(response);
    else this.fail(response);
  }

  /** The time in which further 2xx may come is over: phones that have not answered never will. RFC 3261 13.2.2.4. */
  onTerminated(): void {
    this.stopRinging();
    if (this.session !== undefined) return;
    for (const { session } of this.legs.values()) if (session.dialog.state === 'early') session.end('refused', undefined);
  }

  private progress(response: SipResponse): void {
    const tag = response.to.tag;
    if (tag === undefined || this.done) return;
    const leg = this.legOf(tag, response);
    const number = readRSeq(response);
    if (number !== undefined && !leg.order.take(number)) return;
    const content = this.user.onProgress?.(response, leg.session) ?? NO_CONTENT;
    if (number === undefined || leg.session.ended) return;
    if (hasSession(response)) leg.session.usage.ourOffer = false;
    const rack: Header = ['RAck', `${number} ${this.request.cseq.number} INVITE`];
    leg.session.request('PRACK', { ...content, headers: [rack, ...(content.headers ?? [])] });
  }

  private succeed(response: SipResponse): void {
    const leg = this.legOf(response.to.tag ?? '', response);
    if (leg.ack !== undefined) {
      leg.ack.send(); // our ACK was lost
      return;
    }
    const isFurther = this.answered;
    this.answered = true;
    this.finish();
    const { session } = leg;
    if (session.ended) {
      // Our BYE has crossed it.
      this.acknowledge(leg, NO_CONTENT);
      if (!isFurther) this.user.onRefused(SipResponse.reply(this.request, 487));
      return;
    }
    this.confirm(session, response);
    const isUnwanted = this.cancelled || (isFurther && this.user.takesForks !== true);
    if (isUnwanted && this.session === undefined) {
      this.acknowledge(leg, NO_CONTENT);
      session.bye();
      if (!isFurther) this.user.onRefused(SipResponse.reply(this.request, 487));
      return;
    }
    this.tellAnswer(leg, response);
  }

  /** A BYE that the user sends from the callback is to follow the ACK; a callback that throws costs it the session. */
  private tellAnswer(leg: Leg, response: SipResponse): void {
    const { session } = leg;
    let content = NO_CONTENT;
    session.usage.mayNotSayBye = true;
    try {
      content = this.user.onAnswer(response, session) ?? NO_CONTENT;
    } catch (error) {
      session.bye();
      throw error;
    } finally {
      this.acknowledge(leg, content);
      session.usage.mayNotSayBye = false;
      session.releaseBye();
    }
  }

  private confirm(session: Session, response: SipResponse): void {
    const { dialog, usage } = session;
    usage.invited = false;
    usage.ourOffer = false;
    if (this.session === undefined) dialog.confirmBy(response);
    else dialog.refreshTarget(response);
  }

  private acknowledge(leg: Leg, content: Content): void {
    const { session } = leg;
    leg.ack = new UnansweredRequest(this.agent, session.dialog.ack(this.request, content), this.sent.flow ?? session.flow).send();
  }

  private fail(response: SipResponse): void {
    this.finish();
    const { session } = this;
    if (session === undefined) {
      for (const leg of this.legs.values()) leg.session.end('refused', response);
      this.user.onRefused(response);
      return;
    }
    session.usage.invited = false;
    session.usage.ourOffer = false;
    if (response.status === 491 && !this.cancelled && !session.ended && this.glares < MAX_GLARE_RETRIES) {
      this.agent.after(glareWait(session.dialog.ownsCallId, this.agent.random()), () => this.again());
      return;
    }
    this.user.onRefused(response);
    // RFC 3261 14.1: no answer, or an answer that knows no such dialog, ends the session; any other leaves it as it was.
    if (response.status === 481 || response.status === 408) session.lose(response);
  }

  /** Tries again after a 491. RFC 3261 14.1. */
  private again(): void {
    const { session, content, user } = this;
    if (session === undefined) return;
    const objection = session.usage.objection('INVITE', content.body !== undefined, session.dialog.state);
    if (this.cancelled || session.ended || objection !== undefined) {
      user.onRefused(SipResponse.reply(this.request, this.cancelled || session.ended ? 487 : 491));
      return;
    }
    const request = session.dialog.request('INVITE', content);
    this.retry = new OutgoingInvite(this.agent, request, user, session, content, {}, this.glares + 1).send(session.flow);
  }

  private legOf(tag: string, response: SipResponse): Leg {
    const key = this.session === undefined ? tag : '';
    const known = this.legs.get(key);
    if (known !== undefined) return known;
    const session = this.session ?? this.newSession(response);
    const leg: Leg = { session, order: new ReliableOrder(), ack: undefined };
    this.legs.set(key, leg);
    return leg;
  }

  private newSession(response: SipResponse): Session {
    const session = new Session(this.agent, Dialog.asUac(this.request, response), this.sent.flow, this.sessionUser);
    this.markInvited(session);
    return session;
  }

  private markInvited({ usage }: Session): void {
    usage.invited = true;
    usage.ourOffer = hasSession(this.request);
  }

  private finish(): void {
    this.done = true;
    this.stopRinging();
  }

  private stopRinging(): void {
    this.agent.clock.timers.cancel(this.ringing);
    this.ringing = undefined;
  }
}
