/** An INVITE that came, first of a dialog or re-INVITE, until its ACK. RFC 3261 13.3 and 14.2, RFC 3262 section 3. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Agent, ReceivedRequest } from './agent.ts';
import { NO_CONTENT, hasSession } from './content.ts';
import type { Content } from './content.ts';
import { DialogErrors } from './errors.ts';
import { IncomingRequest, buildResponse } from './incoming-request.ts';
import type { InviteUsage } from './invite-usage.ts';
import { ReliableNumbers, readRAck, reliability } from './reliable-provisional.ts';
import { Repetition } from './repetition.ts';
import type { EndReason, Session } from './session.ts';

/** An INVITE that came, until its ACK: ring, accept or reject it. RFC 3261 sections 13.3 and 14.2. */
export class IncomingInvite {
  /** The caller has withdrawn it (CANCEL, or BYE), or no PRACK has come; it has been answered. */
  onWithdrawn: (() => void) | undefined = undefined;
  /** A PRACK has come for a reliable response; what is returned goes onto its 200: the answer, when the PRACK brought an offer. */
  onPrack: ((prack: SipRequest) => Content | undefined) | undefined = undefined;
  private readonly numbers: ReliableNumbers;
  private repetition: Repetition | undefined = undefined;
  /** Responses that wait for the PRACK to the one before. */
  private waiting: (() => void)[] = [];
  private state: 'unanswered' | 'accepted' | 'done' = 'unanswered';
  /** The offer of this exchange has been made, by the INVITE or by a reliable response. */
  private offered: boolean;

  constructor(
    private readonly agent: Agent,
    readonly session: Session,
    private readonly received: ReceivedRequest,
    /** It has created the dialog. */
    readonly isFirst: boolean,
  ) {
    this.numbers = new ReliableNumbers(agent.random());
    const { usage } = session;
    usage.invitation = 'unanswered';
    this.offered = hasSession(received.request);
    usage.theirOffer = this.offered;
    received.onCancel = () => this.withdraw(487, 'cancelled');
    received.onTerminated = () => this.withdraw(487, 'refused'); // nobody has answered it in time
  }

  get request(): SipRequest {
    return this.received.request;
  }

  /**
   * Sends a provisional response, 101 to 199. `reliable` asks for a PRACK where the caller knows that; where it demands it, every one
   * is reliable. One after another waits for its PRACK.
   */
  ring(status: number, content: Content & { readonly reliable?: boolean } = NO_CONTENT): void {
    if (this.state !== 'unanswered') throw DialogErrors.DIALOG_ANSWERED({ method: 'INVITE' });
    const can = reliability(this.request);
    const response = buildResponse(this.received, this.session.dialog, status, content);
    if (can === 'required' || (can === 'supported' && content.reliable === true)) this.inTurn(() => this.sendReliable(response));
    else this.received.respond(response);
  }

  /** Sends the 2xx, and again until its ACK comes. Waits for the PRACK to what went before. Throws DIALOG_ANSWERED the second time. */
  accept(content: Content = NO_CONTENT, status = 200): void {
    if (this.state !== 'unanswered') throw DialogErrors.DIALOG_ANSWERED({ method: 'INVITE' });
    this.state = 'accepted';
    const response = buildResponse(this.received, this.session.dialog, status, content);
    this.inTurn(() => this.sendAccept(response));
  }

  /** Sends a final response of 300 or more; that of a first INVITE ends its session. Throws DIALOG_ANSWERED the second time. */
  reject(status: number, content: Content = NO_CONTENT): void {
    if (this.state !== 'unanswered') throw DialogErrors.DIALOG_ANSWERED({ method: 'INVITE' });
    this.finish(status, content);
    if (this.isFirst) this.session.end('refused', undefined);
  }

  /** The session is over, or the INVITE was cancelled; it still needs its answer. RFC 3261 9.2 and 15.1.2. For the session. */
  withdraw(status: number, reason: EndReason): void {
    // Also an accepted one whose 2xx still waits for a PRACK.
    if (this.state === 'done' || (this.state === 'accepted' && this.waiting.length === 0)) return;
    this.finish(status, NO_CONTENT);
    this.onWithdrawn?.();
    if (this.isFirst) this.session.end(reason, undefined);
  }

  /** The session has ended: nothing is repeated any more. For the session. */
  stop(): void {
    this.repetition?.stop();
    this.waiting = [];
    this.state = 'done';
  }

  /** For the session; false when the ACK is for another INVITE. */
  acknowledge(ack: SipRequest): boolean {
    if (this.state !== 'accepted' || ack.cseq.number !== this.request.cseq.number) return false;
    const { usage } = this.session;
    this.stop();
    usage.invitation = 'none';
    usage.ourOffer = false;
    if (this.isFirst) usage.mayNotSayBye = false;
    return true;
  }

  /** For the session. RFC 3262 section 3: a PRACK for nothing that waits gets 481. */
  prack(received: ReceivedRequest): void {
    const answer = new IncomingRequest(received, this.session.dialog);
    if (!this.numbers.acknowledge(readRAck(received.request), this.request.cseq.number)) {
      answer.answer(481);
      return;
    }
    this.repetition?.stop();
    const { usage } = this.session;
    usage.ourOffer = false;
    answer.answer(200, this.onPrack?.(received.request));
    this.waiting.shift()?.();
  }

  private inTurn(send: () => void): void {
    if (this.numbers.outstanding === 0) send();
    else this.waiting.push(send);
  }

  private sendReliable(response: SipResponse): void {
    const { usage } = this.session;
    response.append('Require', '100rel');
    response.append('RSeq', String(this.numbers.next()));
    if (hasSession(response)) this.takeBody(usage);
    this.received.respond(response);
    this.repeat(response, Number.POSITIVE_INFINITY, () => this.withdraw(504, 'unacknowledged'));
  }

  private sendAccept(response: SipResponse): void {
    this.received.onTerminated = undefined;
    const { dialog, usage } = this.session;
    usage.invitation = 'unacknowledged';
    if (hasSession(response)) this.takeBody(usage);
    usage.theirOffer = false;
    if (this.isFirst) {
      usage.mayNotSayBye = true;
      dialog.state = 'confirmed';
    } else {
      dialog.refreshTarget(this.request);
    }
    this.received.respond(response);
    this.repeat(response, this.agent.options.t2, () => this.session.unacknowledged());
  }

  /** A body that goes out reliably is the answer to their offer or, where there was none, ours. RFC 3261 13.2.1, RFC 3262 section 5. */
  private takeBody(usage: InviteUsage): void {
    if (usage.theirOffer) usage.theirOffer = false;
    else if (!this.offered) usage.ourOffer = true;
    this.offered = true;
  }

  private repeat(response: SipResponse, longest: number, giveUp: () => void): void {
    const { options } = this.agent;
    this.repetition = new Repetition(this.agent, {
      first: options.t1,
      longest,
      limit: 64 * options.t1,
      send: () => this.received.respond(response),
      giveUp,
    });
  }

  private finish(status: number, content: Content): void {
    const { usage, dialog } = this.session;
    this.stop();
    this.received.onTerminated = undefined;
    usage.invitation = 'none';
    usage.theirOffer = false;
    usage.ourOffer = false;
    this.received.respond(buildResponse(this.received, dialog, status, content));
  }
}
