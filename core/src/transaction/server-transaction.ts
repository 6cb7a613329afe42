/** What a transaction user holds of a request that it has to answer. RFC 3261 section 17.2. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Identity, Inbound } from '../transport/index.ts';

export type ServerState = 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

export class ServerTransaction {
  /** The INVITE was cancelled before its final response. Without a handler the layer answers 487 itself. Called once. RFC 3261 9.2. */
  onCancel: ((cancel: SipRequest) => void) | undefined = undefined;
  /** A response could not be sent; told once. An INVITE transaction stays all the same (RFC 6026 section 7.1). */
  onTransportError: (() => void) | undefined = undefined;
  /** No ACK came for a final response of 300 or more: timer H. */
  onAckTimeout: (() => void) | undefined = undefined;
  /** The transaction has ended and takes no more responses. Called exactly once. */
  onTerminated: (() => void) | undefined = undefined;

  constructor(readonly inbound: Inbound<SipRequest>) {}

  get request(): SipRequest {
    return this.inbound.message;
  }

  get flow(): Flow {
    return this.inbound.flow;
  }

  /** Who sent the request, as the gates established it. */
  get identity(): Identity | undefined {
    return this.inbound.identity;
  }

  get isInvite(): boolean {
    throw new Error('not yet');
  }

  get state(): ServerState {
    throw new Error('not yet');
  }

  /** Status of the final response that was sent, 0 before. */
  get finalSent(): number {
    throw new Error('not yet');
  }

  /** The To tag for responses that this server makes itself; the same on each call, so that 180, 200 and the 200 to a CANCEL agree. */
  get toTag(): string {
    throw new Error('not yet');
  }

  /**
   * Sends a provisional or final response. False when nothing was sent and nothing will be: a final one went before (except for
   * further 2xx to an INVITE), or RFC 4320 forbids it (408 or a 1xx other than 100 to anything but INVITE; the 408 ends the
   * transaction in silence).
   */
  respond(_response: SipResponse): boolean {
    throw new Error('not yet');
  }

  /** Ends the transaction without a final response; retransmissions of the request are then new requests. */
  abandon(): void {
    throw new Error('not yet');
  }
}
