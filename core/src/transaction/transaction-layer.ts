/** Matches messages with transactions, and makes new ones. RFC 3261 section 17, as corrected by RFC 4320 and RFC 6026. */
import type { Clock } from '../clock/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import type { ClientTransaction, ClientUser } from './client-transaction.ts';
import type { TransactionCounters, TransactionOptions, TransactionSizes, TransactionTransport } from './options.ts';
import type { ServerTransaction } from './server-transaction.ts';

export class TransactionLayer {
  /** A new request; never an ACK or a CANCEL. */
  onRequest: (transaction: ServerTransaction) => void = () => undefined;
  /** An ACK that ends no transaction here: for a 2xx, or stray. With the INVITE's transaction where the ACK names it (RFC 2543 clients). */
  onAck: (ack: Inbound<SipRequest>, transaction: ServerTransaction | undefined) => void = () => undefined;
  /** A response that no client transaction waits for. */
  onStrayResponse: (response: Inbound<SipResponse>) => void = () => undefined;
  /** Asked before a new request gets a transaction: seconds for Retry-After of a 503, or undefined to let it in. Retransmissions, ACK and CANCEL are not asked about. */
  admission: ((inbound: Inbound<SipRequest>) => number | undefined) | undefined = undefined;

  constructor(
    protected readonly transport: TransactionTransport,
    protected readonly clock: Clock,
    protected readonly options: Partial<TransactionOptions> = {},
  ) {}

  /** Takes a message that has passed the gates. */
  receive(_inbound: Inbound): void {
    throw new Error('not yet');
  }

  /** Sends `request`, whose top Via is already ours, and tells `user` what comes of it. `branch` spares the layer from reading it out of the Via. */
  send(_request: SipRequest, _flow: Flow, _user: ClientUser, _branch?: string): ClientTransaction {
    throw new Error('not yet');
  }

  /** Answers without keeping state, and lets the ACK to it (for an INVITE) disappear. RFC 3261 8.2.7. */
  refuse(_inbound: Inbound<SipRequest>, _status: number, _reason?: string, _headers?: readonly (readonly [string, string])[]): void {
    throw new Error('not yet');
  }

  /** A connection is gone: client transactions that wait for an answer on it fail now instead of at their timeout. The host calls it. */
  flowClosed(_flow: Flow): void {
    throw new Error('not yet');
  }

  /**
   * Has this request come before, on another way, with another branch? The user agent that asks answers 482; a proxy does not ask. RFC 3261 8.2.2.2.
   * True for every copy but the first that was asked about.
   */
  isMerged(_request: SipRequest): boolean {
    throw new Error('not yet');
  }

  /** Refuses new requests with 503 from now on; resolves when no transaction waits for a final response any more. */
  drain(): Promise<void> {
    throw new Error('not yet');
  }

  get size(): TransactionSizes {
    throw new Error('not yet');
  }

  get counters(): TransactionCounters {
    throw new Error('not yet');
  }
}
