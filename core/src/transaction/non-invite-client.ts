/** The shell of a non-INVITE client transaction: runs the machine's actions, owns its timers. */
import { ClientTransaction } from './client-transaction.ts';
import { stepNonInviteClient } from './non-invite-client-machine.ts';
import type { NonInviteClientAction, NonInviteClientInput, NonInviteClientState } from './non-invite-client-machine.ts';

export class NonInviteClient extends ClientTransaction {
  readonly isInvite = false;
  state: NonInviteClientState = 'trying';

  /** Nothing but an INVITE can be cancelled. RFC 3261 9.1. */
  cancel(): void {
    // deliberately empty
  }

  handOver(): void {
    // Its answer was the last.
  }

  abandon(): void {
    this.user = undefined;
    this.input('abandon');
  }

  protected respond(status: number): void {
    this.input(status < 200 ? 'response1xx' : 'responseFinal');
  }

  protected transportError(): void {
    this.input('transportError');
  }

  protected startTimeout(): void {
    this.restart(this.home.values.patience, onTimerF);
  }

  protected startRetransmission(interval: number): void {
    this.interval = interval;
    this.retransmission = this.home.timers.start(interval, onTimerE, this);
  }

  input(input: NonInviteClientInput): void {
    const row = stepNonInviteClient(this.state, input);
    const next = row[0];
    if (next === this.state && row.length === 1) return;
    this.state = next;
    for (let i = 1; i < row.length && this.state === next; i++) this.run(row[i] as NonInviteClientAction);
    if (this.state !== next) return;
    if (next === 'completed' || next === 'terminated') this.settle(false);
    if (next === 'terminated') this.end();
  }

  private run(action: NonInviteClientAction): void {
    const { values } = this.home;
    switch (action) {
      case 'resend':
        return this.resend();
      case 'startE':
        return this.startRetransmission(Math.min(this.interval * 2, values.t2));
      case 'startSlowE':
        return this.startRetransmission(values.t2);
      case 'pass':
        return this.pass();
      case 'startK':
        this.stopRetransmission();
        // Timer K would keep the transaction for its copies of the response alone. Without it they match nothing, and what matches
        // nothing is dropped, too: at 10,000 requests a second that saves 50,000 objects which the garbage collector has to look at.
        return this.input('timerK');
      case 'tellTimeout':
        return this.tellTimeout();
      case 'tellTransportError':
        return this.tellTransportError();
    }
  }
}

const onTimerE = (transaction: unknown): void => (transaction as NonInviteClient).input('timerE');
const onTimerF = (transaction: unknown): void => (transaction as NonInviteClient).input('timerF');
