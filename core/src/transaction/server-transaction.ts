/** What a transaction user holds of a request that it has to answer. RFC 3261 section 17.2. */
import { newTag } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Identity, Inbound } from '../transport/index.ts';
import { TransactionErrors } from './errors.ts';
import type { InviteServerState } from './invite-server-machine.ts';
import type { NonInviteServerState } from './non-invite-server-machine.ts';
import type { ServerRecord } from './server-record.ts';

/** State of a server transaction. RFC 3261 section 17.2. */
export type ServerState = InviteServerState | NonInviteServerState;

/**
 * A request and the right to answer it. The layer forgets this object with the final response, so what its user hangs on it is
 * free then; handlers that are to be called later are set before.
 */
export class ServerTransaction {
  /** The INVITE was cancelled before its final response. Without a handler the layer answers 487 itself. Called at most once. RFC 3261 9.2. */
  onCancel: ((cancel: SipRequest) => void) | undefined = undefined;
  /** A response could not be sent; told once. An INVITE transaction stays all the same (RFC 6026 section 7.1). */
  onTransportError: (() => void) | undefined = undefined;
  /** Sees what a user answers before it is sent: `send` sends it, now or later. True when it was sent. */
  review: ((response: SipResponse, send: () => boolean) => boolean) | undefined = undefined;
  /** The transaction has ended and takes no more responses. Called exactly once. */
  onTerminated: (() => void) | undefined = undefined;
  /** For the layer: see `onSettled`. */
  settledListeners: (() => void)[] | undefined = undefined;

  constructor(
    private held: Inbound<SipRequest> | undefined,
    /** The layer's part of it; not for users. */
    readonly record: ServerRecord,
  ) {}

  /** The request as it came in. Throws TRANSACTION_RELEASED after `release`. */
  get inbound(): Inbound<SipRequest> {
    if (this.held === undefined) throw TransactionErrors.TRANSACTION_RELEASED();
    return this.held;
  }

  get request(): SipRequest {
    return this.inbound.message;
  }

  get flow(): Flow {
    return this.record.flow;
  }

  /** Who sent the request, as the gates established it. */
  get identity(): Identity | undefined {
    return this.inbound.identity;
  }

  get isInvite(): boolean {
    return this.record.isInvite;
  }

  get state(): ServerState {
    return this.record.state;
  }

  /** Status of the final response that was sent, 0 before. */
  get finalSent(): number {
    return this.record.finalSent;
  }

  /** A CANCEL came before the final response. */
  get cancelled(): boolean {
    return this.record.cancelled;
  }

  /** The To tag for responses that this server makes itself; the same on each call, so that 180, 200 and the 200 to a CANCEL agree. */
  get toTag(): string {
    this.record.toTag ??= newTag();
    return this.record.toTag;
  }

  /**
   * Sends a provisional or final response. False when nothing was sent and nothing will be: a final one went before (except for
   * further 2xx to an INVITE), or RFC 4320 forbids it (408 or a 1xx other than 100 to anything but INVITE; the 408 ends the
   * transaction in silence). Throws what a stamp throws; nothing was sent then.
   * @param reviewed whoever `review` speaks for has seen it
   */
  respond(response: SipResponse, reviewed = false): boolean {
    if (this.review === undefined || reviewed) return this.record.respond(response);
    return this.review(response, () => this.record.respond(response));
  }

  /** Calls `listener` when the final response has been sent, or it is certain that there will be none; at once when that is past. */
  onSettled(listener: () => void): void {
    if (this.record.settled) {
      listener();
      return;
    }
    this.settledListeners ??= [];
    this.settledListeners.push(listener);
  }

  /**
   * Lets go of the request, of `onCancel` and `onTransportError`: for a user that has sent its final response and stays only for
   * late 2xx, of which there may be hundreds of thousands at a time. `respond` goes on working.
   */
  release(): void {
    this.held = undefined;
    this.onCancel = undefined;
    this.onTransportError = undefined;
  }

  /**
   * The user of an INVITE that it answered with a 2xx has nothing more to say: the layer absorbs copies of it, and little is kept.
   * Nothing happens with another method, after another answer, or where `onTerminated` is to be told.
   */
  handOver(): void {
    this.record.handOver();
  }

  /** Ends the transaction without a final response; a retransmission of the request is then a new request. */
  abandon(): void {
    this.record.abandon();
  }
}
