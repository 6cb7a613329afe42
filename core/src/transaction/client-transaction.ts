/** What a transaction user holds of a request that it sent. RFC 3261 section 17.1. */
import type { ParleyError } from '../errors/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';

export type ClientState = 'calling' | 'trying' | 'proceeding' | 'accepted' | 'completed' | 'terminated';

/** Hears what becomes of a request. It gets exactly one of: a final response, `onTimeout`, `onTransportError`. Never called from inside `send`. */
export interface ClientUser {
  /** Every provisional response, the final one, and each further 2xx to an INVITE. Vias are as they came: ours is on top. */
  onResponse(response: SipResponse, transaction: ClientTransaction, inbound: Inbound<SipResponse>): void;
  /** No final response in 64*T1 (timers B, F), or within 64*T1 of the CANCEL. */
  onTimeout(transaction: ClientTransaction): void;
  /** The request could not be sent, or its connection was lost before the answer. */
  onTransportError(transaction: ClientTransaction, error: ParleyError): void;
  onTerminated?(transaction: ClientTransaction): void;
}

export class ClientTransaction {
  constructor(readonly flow: Flow) {}

  /** The request as it was sent. Throws TRANSACTION_RELEASED once the user has had the final response: keep a reference of your own. */
  get request(): SipRequest {
    throw new Error('not yet');
  }

  get isInvite(): boolean {
    throw new Error('not yet');
  }

  get state(): ClientState {
    throw new Error('not yet');
  }

  /**
   * Cancels an INVITE: at once, or as soon as a provisional response has come (RFC 3261 9.1). A second call, one after the final
   * response or one on another method changes nothing. `headers` go onto the CANCEL: Reason and the like.
   */
  cancel(_headers?: readonly (readonly [string, string])[]): void {
    throw new Error('not yet');
  }

  /** The user wants to hear nothing more; the machine runs on until it ends by itself (an INVITE should be cancelled first). */
  abandon(): void {
    throw new Error('not yet');
  }
}
