/** The shell of an INVITE client transaction: runs the machine's actions, owns its timers. */
import type { Flow } from '../transport/index.ts';
import { ackFor, cancelFor } from './hop-by-hop.ts';
import { ClientTransaction } from './client-transaction.ts';
import { stepInviteClient } from './invite-client-machine.ts';
import type { InviteClientAction, InviteClientInput, InviteClientState } from './invite-client-machine.ts';

type Headers = readonly (readonly [string, string])[];
const NO_HEADERS: Headers = [];

export class InviteClient extends ClientTransaction {
  readonly isInvite = true;
  state: InviteClientState = 'calling';
  private cancelState: 'none' | 'held' | 'sent' = 'none';
  private cancelHeaders: Headers = NO_HEADERS;
  /** Who gets further 2xx, while it is handed over. */
  private caller: Flow | undefined = undefined;
  /** The ACK as it was sent, a byte string; over unreliable transports only. */
  private ackBytes: string | undefined = undefined;

  cancel(headers: Headers = NO_HEADERS): void {
    if (this.cancelState !== 'none') return;
    this.cancelHeaders = headers;
    this.input('cancel');
  }

  handOver(caller: Flow): void {
    this.caller = caller;
    this.input('handOver');
    this.caller = undefined;
  }

  abandon(): void {
    this.user = undefined;
  }

  protected respond(status: number): void {
    this.input(status < 200 ? 'response1xx' : status < 300 ? 'response2xx' : 'responseError');
  }

  /**
   * Of a connection that was lost in the middle: a server that we connected to may still send its final response over one of its
   * own (RFC 3261 18.2.2), a client behind a connection it made cannot.
   */
  override connectionLost(): void {
    if (this.state === 'proceeding' && this.flow.listener === undefined) return;
    super.connectionLost();
  }

  protected transportError(): void {
    this.input('transportError');
  }

  protected startTimeout(): void {
    this.restart(this.home.values.patience, onTimerB);
  }

  protected startRetransmission(interval: number): void {
    this.interval = interval;
    this.retransmission = this.home.timers.start(interval, onTimerA, this);
  }

  /** Timer A doubles without an upper limit. RFC 3261 17.1.1.2. */
  fireA(): void {
    this.startRetransmission(this.interval * 2);
    this.input('timerA');
  }

  input(input: InviteClientInput): void {
    const row = stepInviteClient(this.state, input);
    const next = row[0];
    if (next === this.state && row.length === 1) return;
    this.state = next;
    for (let i = 1; i < row.length && this.state === next; i++) this.run(row[i] as InviteClientAction);
    if (this.state !== next) return;
    if (next !== 'calling' && next !== 'proceeding') this.settle(next === 'accepted');
    if (next === 'terminated') this.end();
  }

  private run(action: InviteClientAction): void {
    const { values } = this.home;
    switch (action) {
      case 'resend':
        return this.resend();
      case 'pass':
        return this.pass();
      case 'sendAck':
        return this.sendAck();
      case 'resendAck':
        if (this.ackBytes !== undefined && !this.flow.write(Buffer.from(this.ackBytes, 'latin1'))) this.transportError();
        return;
      case 'holdCancel':
        this.cancelState = 'held';
        return;
      case 'sendHeldCancel':
        if (this.cancelState === 'held') this.input('cancel');
        return;
      case 'sendCancel':
        this.cancelState = 'sent';
        return this.home.sendCancel(this, cancelFor(this.request, this.cancelHeaders));
      case 'stopAB':
        this.stopRetransmission();
        this.home.timers.cancel(this.timer);
        return;
      case 'startCancelled':
        return this.restart(values.patience, onTimerCancelled);
      case 'startD':
        if (this.flow.reliable) return this.input('timerD');
        return this.restart(values.timerD, onTimerD);
      case 'startM':
        return this.restart(values.patience, onTimerM);
      case 'remember':
        if (this.caller !== undefined) this.home.rememberBranch(this, this.caller);
        return;
      case 'tellTimeout':
        return this.tellTimeout();
      case 'tellTransportError':
        return this.tellTransportError();
    }
  }

  private sendAck(): void {
    const response = this.arrived?.message;
    if (response === undefined) return;
    // An ACK that fails is no failure of the request: the response that is on its way up is its outcome.
    try {
      const bytes = this.home.transport.encode(ackFor(this.request, response), this.flow);
      if (!this.flow.reliable) this.ackBytes = bytes.toString('latin1');
      this.flow.write(bytes);
    } catch (error) {
      this.home.reportUserError(error);
    }
  }
}

const onTimerA = (transaction: unknown): void => (transaction as InviteClient).fireA();
const onTimerB = (transaction: unknown): void => (transaction as InviteClient).input('timerB');
const onTimerCancelled = (transaction: unknown): void => (transaction as InviteClient).input('timerCancelled');
const onTimerD = (transaction: unknown): void => (transaction as InviteClient).input('timerD');
const onTimerM = (transaction: unknown): void => (transaction as InviteClient).input('timerM');
