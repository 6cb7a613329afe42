/** A request that was sent, until its user has heard what became of it. RFC 3261 section 17.1. */
import type { Timer, Timers } from '../clock/index.ts';
import type { ParleyError } from '../errors/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import { TransactionErrors } from './errors.ts';
import { KeyedEntry } from './keyed-table.ts';
import type { Waiting } from './waiting-list.ts';
import type { InviteClientState } from './invite-client-machine.ts';
import type { NonInviteClientState } from './non-invite-client-machine.ts';
import type { TimerValues, TransactionTransport } from './options.ts';

/** State of a client transaction. RFC 3261 section 17.1. */
export type ClientState = InviteClientState | NonInviteClientState;

/**
 * Hears what becomes of a request: exactly one of a final response, `onTimeout` and `onTransportError`, never from inside `send`.
 * After an error response the transaction knows its user no more, except for `onTerminated`.
 */
export interface ClientUser {
  /** Every provisional response, the final one, and each further 2xx to an INVITE. Vias are as they came: ours is on top. */
  onResponse(response: SipResponse, transaction: ClientTransaction, inbound: Inbound<SipResponse>): void;
  /** No final response in 64*T1 (timers B, F), or within 64*T1 of the CANCEL. */
  onTimeout(transaction: ClientTransaction): void;
  /** The request could not be sent, or its connection was lost before the answer. */
  onTransportError(transaction: ClientTransaction, error: ParleyError): void;
  onTerminated?(transaction: ClientTransaction): void;
}

/** What a client transaction needs of the layer. */
export interface ClientHome {
  readonly transport: TransactionTransport;
  readonly timers: Timers;
  readonly values: TimerValues;
  /** It waits for a final response no more. Called once, before `clientEnded`. */
  clientSettled(transaction: ClientTransaction): void;
  clientEnded(transaction: ClientTransaction): void;
  timedOut(): void;
  /** Only further 2xx to an INVITE can still come, and they go to `caller`: timer M. */
  rememberBranch(transaction: ClientTransaction, caller: Flow): void;
  sendCancel(invite: ClientTransaction, cancel: SipRequest): void;
  /** A user's callback has thrown. */
  reportUserError(error: unknown): void;
}

/** A request that was sent; `cancel` withdraws an INVITE. RFC 3261 section 17.1. */
export abstract class ClientTransaction extends KeyedEntry implements Waiting<ClientTransaction> {
  /** For the list of its connection. */
  previousWaiting: ClientTransaction | undefined = undefined;
  nextWaiting: ClientTransaction | undefined = undefined;
  isWaiting = false;
  abstract readonly isInvite: boolean;
  abstract readonly state: ClientState;
  readonly method: string;
  protected user: ClientUser | undefined;
  protected held: SipRequest | undefined;
  /** The response being handled. */
  protected arrived: Inbound<SipResponse> | undefined = undefined;
  /** Timers A and E. */
  protected retransmission: Timer | undefined = undefined;
  /** Timers B, F, the one after CANCEL, D, K and M: one follows the other. */
  protected timer: Timer | undefined = undefined;
  protected interval: number;
  /** The request as it was sent; over unreliable transports only. */
  private bytes: Buffer | undefined = undefined;
  private lost: ParleyError | undefined = undefined;
  private settled = false;

  constructor(
    protected readonly home: ClientHome,
    key: string,
    request: SipRequest,
    readonly flow: Flow,
    user: ClientUser,
  ) {
    super(key);
    this.held = request;
    this.user = user;
    this.method = request.method;
    this.interval = home.values.t1;
  }

  /** The request as it was sent. Throws TRANSACTION_RELEASED once the user has had the final response: keep a reference of your own. */
  get request(): SipRequest {
    if (this.held === undefined) throw TransactionErrors.TRANSACTION_RELEASED();
    return this.held;
  }

  /**
   * Cancels an INVITE: at once, or as soon as a provisional response has come (RFC 3261 9.1). A second call, one after the final
   * response or one on another method changes nothing. `headers` go onto the CANCEL: Reason and the like.
   */
  abstract cancel(headers?: readonly (readonly [string, string])[]): void;

  /** The user wants to hear nothing more; an INVITE's machine runs on until it ends by itself, and should be cancelled first. */
  abstract abandon(): void;

  /**
   * The user of an INVITE that was answered with a 2xx wants to hear nothing more: the layer itself passes further 2xx to `caller`, and
   * little is kept of the transaction. May be called while that 2xx is being told. Nothing happens with another method, or after another
   * outcome.
   */
  abstract handOver(caller: Flow): void;

  /** Sends the request, `bytes`, and starts the machine. For the layer. */
  begin(bytes: Buffer): void {
    if (!this.flow.reliable) {
      this.bytes = bytes;
      this.startRetransmission(this.interval);
    }
    this.startTimeout();
    if (this.flow.write(bytes)) return;
    // Told from a timer: the user of `send` does not hold the transaction yet.
    this.lost = this.error(TransactionErrors.TRANSACTION_SEND_FAILED);
    this.restart(0, onSendFailed);
  }

  /** For the layer. */
  receive(response: Inbound<SipResponse>): void {
    this.arrived = response;
    this.respond(response.message.status);
    this.arrived = undefined;
  }

  /** The connection is gone. For the layer. */
  connectionLost(): void {
    this.lost ??= this.error(TransactionErrors.TRANSACTION_CONNECTION_LOST);
    this.transportError();
  }

  protected abstract respond(status: number): void;
  protected abstract transportError(): void;
  protected abstract startTimeout(): void;
  protected abstract startRetransmission(interval: number): void;

  /** Tells the user of the response that is being handled. */
  protected pass(): void {
    const { arrived, user } = this;
    if (arrived === undefined || user === undefined) return;
    try {
      user.onResponse(arrived.message, this, arrived);
    } catch (error) {
      this.home.reportUserError(error);
    }
  }

  protected tellTimeout(): void {
    this.home.timedOut();
    try {
      this.user?.onTimeout(this);
    } catch (error) {
      this.home.reportUserError(error);
    }
  }

  protected tellTransportError(): void {
    const lost = this.lost ?? this.error(TransactionErrors.TRANSACTION_SEND_FAILED);
    try {
      this.user?.onTransportError(this, lost);
    } catch (error) {
      this.home.reportUserError(error);
    }
  }

  protected resend(): void {
    if (this.bytes !== undefined && !this.flow.write(this.bytes)) this.transportError();
  }

  protected restart(delayMs: number, callback: (transaction: unknown) => void): void {
    this.home.timers.cancel(this.timer);
    this.timer = this.home.timers.start(delayMs, callback, this);
  }

  protected stopRetransmission(): void {
    this.home.timers.cancel(this.retransmission);
    this.retransmission = undefined;
  }

  /** The outcome has been told: what only served to reach it is let go. `keepUser`: further 2xx are still to be passed up. */
  protected settle(keepUser: boolean): void {
    if (this.settled) return;
    this.settled = true;
    this.stopRetransmission();
    this.bytes = undefined;
    this.held = undefined;
    if (!keepUser && this.user?.onTerminated === undefined) this.user = undefined;
    this.home.clientSettled(this);
  }

  /** Leaves the layer; nothing of it remains. */
  protected end(): void {
    this.home.timers.cancel(this.timer);
    this.timer = undefined;
    const { user } = this;
    this.user = undefined;
    this.home.clientEnded(this);
    try {
      user?.onTerminated?.(this);
    } catch (error) {
      this.home.reportUserError(error);
    }
  }

  private error(make: (typeof TransactionErrors)['TRANSACTION_SEND_FAILED']): ParleyError {
    const { host, port } = this.flow.remote;
    return make({ method: this.method, host, port });
  }
}

const onSendFailed = (transaction: unknown): void => (transaction as ClientTransaction).connectionLost();
