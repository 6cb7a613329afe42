/** The shell of an INVITE server transaction: runs the machine's actions, owns its timers. */
import type { Timer } from '../clock/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import { stepInviteServer } from './invite-server-machine.ts';
import type { InviteServerAction, InviteServerInput, InviteServerState } from './invite-server-machine.ts';
import { lacksBranch } from './matching.ts';
import { ServerRecord } from './server-record.ts';

export class InviteServer extends ServerRecord {
  readonly isInvite = true;
  state: InviteServerState = 'proceeding';
  cancelled = false;
  private ack: Inbound<SipRequest> | undefined = undefined;
  private retransmission: Timer | undefined = undefined;
  private interval = 0;
  /** The To tag of our error response, where the request had no branch. */
  private errorTag: string | undefined = undefined;

  absorb(): void {
    this.input('request');
  }

  abandon(): void {
    this.input('abandon');
  }

  handOver(): void {
    if (this.user?.onTerminated === undefined) this.input('handOver');
  }

  respond(response: SipResponse): boolean {
    const { status } = response;
    if (this.state === 'proceeding') {
      this.encode(response);
      if (status >= 200) this.finalSent = status;
      if (status >= 300 && this.user !== undefined && lacksBranch(this.user.request)) this.errorTag = response.to.tag;
      this.input(status < 200 ? 'tu1xx' : status < 300 ? 'tu2xx' : 'tuFinal');
      return true;
    }
    if (this.state !== 'accepted' || status < 200 || status >= 300) return false;
    this.encode(response);
    this.input('tu2xx');
    return true;
  }

  /** Of requests without a branch, an ACK for another response may have the same key. RFC 3261 17.2.3. */
  takesAck(ack: SipRequest): boolean {
    const { tag } = ack.to;
    return this.errorTag === undefined || tag === undefined || tag === this.errorTag;
  }

  receiveAck(ack: Inbound<SipRequest>): void {
    this.ack = ack;
    this.input('ack');
    this.ack = undefined;
  }

  /** A CANCEL has been answered; the INVITE is to get its 487 while there is still time. RFC 3261 9.2. */
  cancel(cancel: SipRequest): void {
    const { user } = this;
    if (this.state !== 'proceeding' || this.cancelled || user === undefined) return;
    this.cancelled = true;
    const { onCancel } = user;
    if (onCancel === undefined) this.answer(487);
    else this.home.guard(() => onCancel(cancel));
  }

  /** The user has been silent for too long to be still alive. */
  giveUp(): void {
    this.answer(408);
  }

  input(input: InviteServerInput): void {
    const row = stepInviteServer(this.state, input);
    const next = row[0];
    if (next === this.state && row.length === 1) return;
    this.state = next;
    for (let i = 1; i < row.length && this.state === next; i++) this.run(row[i] as InviteServerAction);
    if (this.state !== next) return;
    if (next !== 'proceeding') this.settle();
    if (next === 'terminated') this.end();
  }

  protected startTrying(): void {
    this.restart(this.home.values.tryingAfter, onTimer100);
  }

  protected transportError(): void {
    this.input('transportError');
  }

  protected override end(): void {
    this.home.timers.cancel(this.retransmission);
    this.retransmission = undefined;
    super.end();
  }

  private run(action: InviteServerAction): void {
    const { values } = this.home;
    switch (action) {
      case 'send':
        // RFC 6026: copies of an accepted INVITE get no answer from here.
        return this.sendPending(this.state !== 'accepted');
      case 'resend':
        return this.resend();
      case 'send100':
        return this.send100();
      case 'passAck':
        if (this.ack !== undefined) this.home.passAck(this.ack, this.user);
        return;
      case 'startSilence':
        return this.restart(values.silenceLimit, onSilence);
      case 'startGH':
        this.restart(values.patience, onTimerH);
        if (!this.flow.reliable) this.startG(values.t1);
        return;
      case 'startI':
        this.home.timers.cancel(this.retransmission);
        if (this.flow.reliable) return this.input('timerI');
        return this.restart(values.t4, onTimerI);
      case 'startL':
        return this.restart(values.patience, onTimerL);
      case 'remember':
        return this.home.rememberInvite(this);
      case 'tellTransportError':
        return this.tellTransportError();
    }
  }

  private startG(interval: number): void {
    this.interval = interval;
    this.retransmission = this.home.timers.start(interval, onTimerG, this);
  }

  /** Timer G doubles up to T2. RFC 3261 17.2.1. */
  fireG(): void {
    this.startG(Math.min(this.interval * 2, this.home.values.t2));
    this.input('timerG');
  }
}

const onTimer100 = (record: unknown): void => (record as InviteServer).input('timer100');
const onSilence = (record: unknown): void => (record as InviteServer).giveUp();
const onTimerG = (record: unknown): void => (record as InviteServer).fireG();
const onTimerH = (record: unknown): void => (record as InviteServer).input('timerH');
const onTimerI = (record: unknown): void => (record as InviteServer).input('timerI');
const onTimerL = (record: unknown): void => (record as InviteServer).input('timerL');
