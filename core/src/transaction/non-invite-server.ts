/** The shell of a non-INVITE server transaction: runs the machine's actions, owns its timers. */
import type { SipResponse } from '../sip/index.ts';
import { stepNonInviteServer } from './non-invite-server-machine.ts';
import type { NonInviteServerAction, NonInviteServerInput, NonInviteServerState } from './non-invite-server-machine.ts';
import { ServerRecord } from './server-record.ts';

export class NonInviteServer extends ServerRecord {
  readonly isInvite = false;
  readonly cancelled = false;
  state: NonInviteServerState = 'trying';
  /** The time has come in which a 100 may be sent over UDP. RFC 4320 4.1. */
  private late = false;

  absorb(): void {
    this.input('request');
  }

  handOver(): void {
    // Its answer was the last.
  }

  abandon(): void {
    this.input('abandon');
  }

  respond(response: SipResponse): boolean {
    const { status } = response;
    if (this.finalSent !== 0 || this.state === 'terminated') return false;
    if (status === 408) {
      this.input('tu408');
      return false;
    }
    if (status < 200) return this.provisional(response);
    this.encode(response);
    this.finalSent = status;
    this.input('tuFinal');
    return true;
  }

  private provisional(response: SipResponse): boolean {
    if (response.status !== 100) return false;
    if (!this.flow.reliable && !this.late) {
      this.input('tu100TooEarly');
      return true;
    }
    this.encode(response);
    this.input('tu100');
    return true;
  }

  input(input: NonInviteServerInput): void {
    const row = stepNonInviteServer(this.state, input);
    const next = row[0];
    if (next === this.state && row.length === 1) return;
    this.state = next;
    for (let i = 1; i < row.length && this.state === next; i++) this.run(row[i] as NonInviteServerAction);
    if (this.state !== next) return;
    if (next === 'completed' || next === 'terminated') this.settle();
    if (next === 'terminated') this.end();
  }

  protected startTrying(): void {
    this.restart(this.home.values.nonInviteTryingAfter, onTimer100);
  }

  protected override keep(bytes: Buffer): void {
    if (this.finalSent === 0) super.keep(bytes);
    else this.home.remember(this, bytes);
  }

  protected transportError(): void {
    this.input('transportError');
  }

  fire100(): void {
    this.late = true;
    this.input('timer100');
  }

  private run(action: NonInviteServerAction): void {
    const { values } = this.home;
    switch (action) {
      case 'send':
        return this.sendPending(true);
      case 'resend':
        return this.resend();
      case 'send100':
        return this.send100();
      case 'startExpiry':
        return this.restart(values.patience - values.nonInviteTryingAfter, onExpiry);
      case 'startJ':
        // Over UDP the answer is remembered without its transaction until timer J has run out.
        return this.input('timerJ');
      case 'tellTransportError':
        return this.tellTransportError();
    }
  }
}

const onTimer100 = (record: unknown): void => (record as NonInviteServer).fire100();
const onExpiry = (record: unknown): void => (record as NonInviteServer).input('timerExpiry');
