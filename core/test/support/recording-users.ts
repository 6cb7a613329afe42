/** Transaction users that write down what they are told. */
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import type { ClientTransaction, ClientUser, ServerTransaction } from '../../src/transaction/index.ts';

/** Outcomes as words: `180`, `200`, `timeout`, `transport error TRANSACTION_SEND_FAILED`, `terminated`. */
export class RecordingClient implements ClientUser {
  readonly heard: string[] = [];
  readonly responses: SipResponse[] = [];

  onResponse(response: SipResponse): void {
    this.heard.push(String(response.status));
    this.responses.push(response);
  }

  onTimeout(): void {
    this.heard.push('timeout');
  }

  onTransportError(_transaction: ClientTransaction, error: { readonly code: string }): void {
    this.heard.push(`transport error ${error.code}`);
  }

  onTerminated(): void {
    this.heard.push('terminated');
  }

  /** The outcomes among what was heard: a transaction has exactly one. */
  get outcomes(): string[] {
    return this.heard.filter((word) => word === 'timeout' || word.startsWith('transport error') || /^[2-6]\d\d$/.test(word));
  }
}

/** Hangs recorders on a server transaction. */
export class RecordingServer {
  readonly heard: string[] = [];
  readonly cancels: SipRequest[] = [];

  constructor(readonly transaction: ServerTransaction) {
    transaction.onCancel = (cancel) => {
      this.heard.push('cancel');
      this.cancels.push(cancel);
    };
    transaction.onTransportError = () => this.heard.push('transport error');
    transaction.onTerminated = () => this.heard.push('terminated');
  }
}
