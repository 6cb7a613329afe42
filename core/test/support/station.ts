/** A transaction layer on the in-memory network, with what it tells written down. */
import { TransactionLayer } from '../../src/transaction/index.ts';
import type { ServerTransaction, TransactionOptions } from '../../src/transaction/index.ts';
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import type { Inbound } from '../../src/transport/index.ts';
import { serializing } from './lossy-network.ts';
import type { Endpoint, LossyNetwork } from './lossy-network.ts';

export class Station {
  readonly endpoint: Endpoint;
  readonly layer: TransactionLayer;
  readonly requests: ServerTransaction[] = [];
  readonly acks: { readonly ack: SipRequest; readonly of: ServerTransaction | undefined }[] = [];
  readonly strays: SipResponse[] = [];
  readonly errors: unknown[] = [];
  /** Every message that reached it. */
  readonly arrived: Inbound[] = [];

  constructor(network: LossyNetwork, host: string, options: Partial<TransactionOptions> = {}) {
    this.endpoint = network.endpoint(host);
    this.layer = new TransactionLayer(serializing, network.clock, options);
    this.layer.onRequest = (transaction) => this.requests.push(transaction);
    this.layer.onAck = (ack, of) => this.acks.push({ ack: ack.message, of });
    this.layer.onStrayResponse = (response) => this.strays.push(response.message);
    this.layer.onUserError = (error) => this.errors.push(error);
    this.endpoint.onMessage = (inbound) => {
      this.arrived.push(inbound);
      this.layer.receive(inbound);
    };
    this.endpoint.onClosed = (flow) => this.layer.flowClosed(flow);
  }

  /** The one request that has come. */
  get request(): ServerTransaction {
    const [first, ...others] = this.requests;
    if (first === undefined || others.length > 0) throw new Error(`${this.requests.length} requests have come`);
    return first;
  }
}
