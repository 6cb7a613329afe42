/** An INVITE usage of a dialog at either side: what a call is once both know each other. RFC 3261 sections 12 to 15. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import type { Agent, ReceivedRequest, Usage } from './agent.ts';
import { NO_CONTENT, hasSession } from './content.ts';
import type { Content } from './content.ts';
import type { Dialog } from './dialog.ts';
import { DialogErrors } from './errors.ts';
import { IncomingInvite } from './incoming-invite.ts';
import { IncomingRequest, buildResponse } from './incoming-request.ts';
import { InviteUsage } from './invite-usage.ts';
import type { Verdict } from './invite-usage.ts';
import { OutgoingInvite } from './outgoing-invite.ts';
import type { InviteUser } from './outgoing-invite.ts';
import { OutgoingRequest } from './outgoing-request.ts';

/**
 * Why a session is over: they said BYE; we did; the caller withdrew; the INVITE was refused; no ACK came for our 2xx; a request in the
 * dialog got 408, 481 or no answer (RFC 3261 12.2.1.2).
 */
export type EndReason = 'bye' | 'hangup' | 'cancelled' | 'refused' | 'unacknowledged' | 'lost';

/** What a plugin hears of a session. Each may be left out. */
export interface SessionUser {
  /** A re-INVITE, to be answered. Left out, it gets 488: nothing about the session changes. */
  onInvite?(invite: IncomingInvite): void;
  /** An UPDATE, to be answered. Left out, one with an offer gets 488, any other 200. */
  onUpdate?(update: IncomingRequest): void;
  /**
   * INFO, MESSAGE, REFER and all else of the dialog, to be answered; also the NOTIFYs that follow a REFER of ours, and a SUBSCRIBE, which
   * the layer's `notifier` answers. Left out: 405, and 481 to a NOTIFY.
   */
  onRequest?(request: IncomingRequest): void;
  /** The ACK to our 2xx; it has the answer when the 2xx had the offer. */
  onAck?(ack: SipRequest): void;
  /** `message`: the BYE or the response that ended it. */
  onEnded?(reason: EndReason, message: SipRequest | SipResponse | undefined): void;
}

const ALLOWED = 'INVITE, ACK, CANCEL, BYE, PRACK, UPDATE';

/** A call at either side, once both know each other: re-INVITE, UPDATE, other requests, BYE. RFC 3261 sections 12 to 15. */
export class Session implements Usage {
  readonly usage = new InviteUsage();
  /** Where the other side was heard last. */
  flow: Flow | undefined;
  private incoming: IncomingInvite | undefined = undefined;
  private heldBye: Content | undefined = undefined;
  private byeUnderWay = false;

  constructor(
    private readonly agent: Agent,
    readonly dialog: Dialog,
    flow: Flow | undefined,
    public user: SessionUser,
  ) {
    this.flow = flow;
    agent.add(this);
  }

  get ended(): boolean {
    return this.usage.ended;
  }

  /** Sends a re-INVITE. Throws DIALOG_ENDED, or DIALOG_BUSY while an INVITE or an offer is under way. RFC 3261 14.1. */
  invite(content: Content, user: InviteUser): OutgoingInvite {
    this.demand('INVITE', content.body !== undefined);
    return new OutgoingInvite(this.agent, this.dialog.request('INVITE', content), user, this, content).send(this.flow);
  }

  /** Sends an UPDATE, before or after the final response. Throws as `invite`. RFC 3311. */
  update(content: Content, onAnswer: (response: SipResponse) => void): void {
    const offer = content.body !== undefined;
    this.demand('UPDATE', offer);
    const { usage, dialog } = this;
    usage.updating = true;
    if (offer) usage.ourOffer = true;
    this.send('UPDATE', content, (response) => {
      usage.updating = false;
      if (offer) usage.ourOffer = false;
      if (response.status < 300) dialog.refreshTarget(response);
      onAnswer(response);
    });
  }

  /** Sends any other request of the dialog: INFO, MESSAGE, REFER ... `onAnswer` gets the final response. Throws DIALOG_ENDED. */
  request(method: string, content: Content, onAnswer: (response: SipResponse) => void = () => undefined): void {
    this.demand(method, false);
    this.send(method, content, onAnswer);
  }

  /**
   * Ends the session: by BYE, as soon as that is allowed (not before the ACK to our 2xx, RFC 3261 section 15), or by 480 to an INVITE
   * that was not accepted yet. A session that has ended is left alone.
   */
  bye(content: Content = NO_CONTENT): void {
    if (this.dialog.state === 'early' && this.incoming !== undefined) this.incoming.withdraw(480, 'hangup');
    else this.hangUp('hangup', undefined, content);
  }

  /** All that no subscription of the dialog has taken. */
  accepts(): boolean {
    return true;
  }

  receive(received: ReceivedRequest): void {
    const { request, flow } = received;
    this.flow = flow;
    const verdict = this.usage.judge(request.method, hasSession(request));
    if (!verdict.ok) this.refuse(received, verdict);
    else if (request.method === 'INVITE') this.receiveInvite(received);
    else if (request.method === 'UPDATE') this.receiveUpdate(received);
    else if (request.method === 'PRACK') this.receivePrack(received);
    else if (request.method === 'BYE') this.receiveBye(received);
    else this.receiveOther(received);
  }

  receiveAck(ack: SipRequest, flow: Flow): boolean {
    if (this.incoming?.acknowledge(ack) !== true) return false;
    this.flow = flow;
    this.user.onAck?.(ack);
    this.releaseBye();
    return true;
  }

  leave(): void {
    this.bye();
  }

  /** The session of a first INVITE that came; for the layer. */
  begin(received: ReceivedRequest): IncomingInvite {
    this.incoming = new IncomingInvite(this.agent, this, received, true);
    return this.incoming;
  }

  /** Our 2xx was never acknowledged: it cannot be said what the other side thinks. RFC 3261 13.3.1.4. For IncomingInvite. */
  unacknowledged(): void {
    this.usage.mayNotSayBye = false;
    this.hangUp('unacknowledged', undefined, NO_CONTENT);
  }

  /** A request in the dialog has shown that the other side does not know it. RFC 3261 12.2.1.2. For the parts of the session. */
  lose(response: SipResponse): void {
    this.hangUp('lost', response, NO_CONTENT);
  }

  /** The BYE that had to wait may go now. For the parts of the session. */
  releaseBye(): void {
    const { heldBye } = this;
    this.heldBye = undefined;
    if (heldBye !== undefined) this.hangUp('hangup', undefined, heldBye);
  }

  /** Over, without a word to the other side. For the parts of the session. */
  end(reason: EndReason, message: SipRequest | SipResponse | undefined): void {
    if (this.usage.ended) return;
    this.usage.ended = true;
    this.dialog.state = 'terminated';
    this.incoming?.withdraw(487, reason);
    this.incoming?.stop();
    if (!this.byeUnderWay) this.agent.remove(this);
    this.user.onEnded?.(reason, message);
  }

  private demand(method: string, hasOffer: boolean): void {
    if (this.usage.ended) throw DialogErrors.DIALOG_ENDED({ method });
    const why = this.usage.objection(method, hasOffer, this.dialog.state);
    if (why !== undefined) throw DialogErrors.DIALOG_BUSY({ method, why });
  }

  private send(method: string, content: Content, onAnswer: (response: SipResponse) => void): void {
    const listener = {
      onResponse: (response: SipResponse): void => {
        if (response.status < 200) return;
        onAnswer(response);
        if (response.status === 481 || response.status === 408) this.lose(response);
      },
    };
    new OutgoingRequest(this.agent, this.dialog.request(method, content), listener).send(this.flow);
  }

  private hangUp(reason: EndReason, message: SipResponse | undefined, content: Content): void {
    if (this.usage.ended) return;
    if (this.usage.mayNotSayBye) {
      this.heldBye ??= content;
      return;
    }
    // The dialog stays known until the BYE is answered: theirs may be on the way (RFC 5407 3.3).
    this.byeUnderWay = true;
    const listener = {
      onResponse: (response: SipResponse): void => {
        if (response.status >= 200) this.agent.remove(this);
      },
    };
    new OutgoingRequest(this.agent, this.dialog.request('BYE', content), listener).send(this.flow);
    this.end(reason, message);
  }

  private refuse(received: ReceivedRequest, verdict: Verdict & { ok: false }): void {
    const headers: [string, string][] = [];
    if (verdict.retryAfter !== undefined) headers.push(['Retry-After', String(Math.floor(this.agent.random() * (verdict.retryAfter + 1)))]);
    received.respond(buildResponse(received, this.dialog, verdict.status, { headers }));
  }

  private receiveInvite(received: ReceivedRequest): void {
    // An INVITE before the ACK to the last shows that our 2xx has arrived (RFC 5407 3.1.4).
    this.incoming?.stop();
    this.usage.mayNotSayBye = false;
    const invite = new IncomingInvite(this.agent, this, received, false);
    this.incoming = invite;
    if (this.user.onInvite === undefined) invite.reject(488);
    else this.user.onInvite(invite);
  }

  private receiveUpdate(received: ReceivedRequest): void {
    const { usage, dialog } = this;
    const offer = hasSession(received.request);
    usage.updated = true;
    if (offer) usage.theirOffer = true;
    const update = new IncomingRequest(received, dialog, (status) => {
      usage.updated = false;
      if (offer) usage.theirOffer = false;
      if (status < 300) dialog.refreshTarget(received.request);
    });
    if (this.user.onUpdate === undefined) update.answer(offer ? 488 : 200);
    else this.user.onUpdate(update);
  }

  private receivePrack(received: ReceivedRequest): void {
    if (this.incoming === undefined) new IncomingRequest(received, this.dialog).answer(481);
    else this.incoming.prack(received);
  }

  private receiveBye(received: ReceivedRequest): void {
    new IncomingRequest(received, this.dialog).answer(200);
    this.end('bye', received.request);
  }

  private receiveOther(received: ReceivedRequest): void {
    const request = new IncomingRequest(received, this.dialog);
    if (this.user.onRequest !== undefined) this.user.onRequest(request);
    else if (received.request.method === 'NOTIFY') request.answer(481);
    else request.answer(405, { headers: [['Allow', ALLOWED]] });
  }
}
