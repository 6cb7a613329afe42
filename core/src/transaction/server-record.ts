/**
 * What the layer keeps of a request that was received: the part of a server transaction that outlives its final response.
 * It lets go of the request and of its user with the final response, so that the states that only wait for retransmissions are small.
 */
import type { Timer, Timers } from '../clock/index.ts';
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import { takeAnotherWay } from './another-way.ts';
import { KeyedEntry } from './keyed-table.ts';
import type { TimerValues, TransactionTransport } from './options.ts';
import type { ServerState, ServerTransaction } from './server-transaction.ts';

/** What a server record needs of the layer. */
export interface ServerHome {
  readonly transport: TransactionTransport;
  readonly timers: Timers;
  readonly values: TimerValues;
  /** It waits for a final response no more. Called once, before `serverEnded`. */
  settled(): void;
  serverEnded(record: ServerRecord): void;
  /** Keeps the final response to a non-INVITE request for as long as the request may come again over UDP: timer J. */
  remember(record: ServerRecord, answer: Buffer): void;
  /** Only copies of an INVITE that was answered with a 2xx can still come, and they are absorbed: timer L. */
  rememberInvite(record: ServerRecord): void;
  passAck(ack: Inbound<SipRequest>, user: ServerTransaction | undefined): void;
  /** Runs a user's callback; what it throws is reported and goes no further. */
  guard(callback: () => void): void;
}

export abstract class ServerRecord extends KeyedEntry {
  abstract readonly isInvite: boolean;
  abstract readonly state: ServerState;
  /** A CANCEL came before the final response. */
  abstract readonly cancelled: boolean;
  finalSent = 0;
  /** The To tag of this server's own responses, once there is one. */
  toTag: string | undefined = undefined;
  /** Under which key `isMerged` knows it. */
  mergeKey: string | undefined = undefined;
  protected user: ServerTransaction | undefined = undefined;
  /** Trying, silence, expiry and lingering: one follows the other, so one timer is enough. */
  protected timer: Timer | undefined = undefined;
  /** The last response, as it was sent; over unreliable transports only. A byte string, since a Buffer would keep its whole pool alive. */
  private last: string | undefined = undefined;
  /** The response being sent, between `respond` and the machine's `send`. */
  private pending: SipResponse | undefined = undefined;
  private pendingBytes: Buffer | undefined = undefined;
  private toldTransportError = false;
  /** The final response is out, or there will be none. */
  settled = false;

  constructor(
    protected readonly home: ServerHome,
    key: string,
    readonly flow: Flow,
  ) {
    super(key);
  }

  /** Starts the machine for `user`. */
  begin(user: ServerTransaction): void {
    this.user = user;
    this.startTrying();
  }

  /** The request came again. */
  abstract absorb(): void;
  /** The user gives it up. */
  abstract abandon(): void;
  /** See ServerTransaction.handOver. */
  abstract handOver(): void;
  /** See ServerTransaction.respond. */
  abstract respond(response: SipResponse): boolean;
  protected abstract startTrying(): void;
  protected abstract transportError(): void;

  protected encode(response: SipResponse): void {
    this.pendingBytes = this.home.transport.encode(response, this.flow);
    this.pending = response;
  }

  /** Sends what `encode` made. @param keep it may have to be sent again */
  protected sendPending(keep: boolean): void {
    const { pending, pendingBytes } = this;
    this.pending = undefined;
    this.pendingBytes = undefined;
    if (pending === undefined || pendingBytes === undefined) return;
    if (keep && !this.flow.reliable) this.keep(pendingBytes);
    else this.last = undefined;
    if (this.flow.write(pendingBytes)) return;
    const failed = (): void => this.transportError();
    if (!takeAnotherWay(this.home.transport, pending, this.flow, failed)) failed();
  }

  /** Remembers what was sent, in case that it has to be sent again. */
  protected keep(bytes: Buffer): void {
    this.last = bytes.toString('latin1');
  }

  /** Over reliable transports nothing is kept, and nothing is sent twice. */
  protected resend(): void {
    if (this.last !== undefined && !this.flow.write(Buffer.from(this.last, 'latin1'))) this.transportError();
  }

  protected send100(): void {
    const { user } = this;
    if (user === undefined) return;
    this.home.guard(() => this.encode(SipResponse.reply(user.request, 100)));
    this.sendPending(true);
  }

  /** A response of the layer's own, where its user has nothing to say. */
  protected answer(status: number): void {
    const { user } = this;
    if (user !== undefined) this.home.guard(() => void this.respond(SipResponse.reply(user.request, status, undefined, user.toTag)));
  }

  protected restart(delayMs: number, callback: (record: unknown) => void): void {
    this.home.timers.cancel(this.timer);
    this.timer = this.home.timers.start(delayMs, callback, this);
  }

  protected tellTransportError(): void {
    const told = this.user?.onTransportError;
    if (told === undefined || this.toldTransportError) return;
    this.toldTransportError = true;
    this.home.guard(told);
  }

  /** The final response is out, or there will be none: the user is kept only if it wants to hear of the end. */
  protected settle(): void {
    if (this.settled) return;
    this.settled = true;
    this.home.settled();
    const { user } = this;
    if (user?.onTerminated === undefined) this.user = undefined;
    if (user?.settledListeners !== undefined) for (const listener of user.settledListeners) this.home.guard(listener);
  }

  /** Leaves the layer; nothing of it remains. */
  protected end(): void {
    this.home.timers.cancel(this.timer);
    this.timer = undefined;
    this.last = undefined;
    const { user } = this;
    this.user = undefined;
    this.home.serverEnded(this);
    if (user?.onTerminated !== undefined) this.home.guard(user.onTerminated);
  }
}
