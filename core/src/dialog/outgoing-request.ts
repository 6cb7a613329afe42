/** Requests of a user agent on their way out. RFC 3261 sections 8.1.2 and 8.1.3. */
import type { ParleyError } from '../errors/index.ts';
import { H, SipResponse, newBranch } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ClientTransaction, ClientUser } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';
import type { Agent } from './agent.ts';
import type { Header } from './content.ts';
import { nextHopOf } from './route-set.ts';

/** Hears the answers to one request. */
export interface ResponseListener {
  /** Provisional (not 100) and final responses; each further 2xx to an INVITE. No answer counts as 408, no way as 503 (RFC 3261 8.1.3.1). */
  onResponse(response: SipResponse, sent: OutgoingRequest): void;
  /** Nothing more can come. */
  onTerminated?(): void;
}

/** The flow for a request, from its Route or Request-URI. */
function flowFor(agent: Agent, request: SipRequest, last: Flow | undefined): Flow | Promise<Flow> {
  return agent.nextHop(nextHopOf(request.uri, request.list(H.Route)[0]), last, request);
}

/** A request in a transaction, from finding its flow to its final response. */
export class OutgoingRequest implements ClientUser {
  /** The flow that it went out on. */
  flow: Flow | undefined = undefined;
  private transaction: ClientTransaction | undefined = undefined;
  private cancelled = false;

  constructor(
    private readonly agent: Agent,
    readonly request: SipRequest,
    private readonly listener: ResponseListener,
  ) {}

  /** Finds the flow, adds the Via, sends. Nothing is told from inside. */
  send(last: Flow | undefined): this {
    this.agent.review(this.request, (answer) => {
      if (answer === undefined) this.sendTo(last);
      else this.finish(answer);
    });
    return this;
  }

  private sendTo(last: Flow | undefined): void {
    try {
      const flow = flowFor(this.agent, this.request, last);
      if (flow instanceof Promise) {
        flow.then((found) => this.sendOn(found)).catch(() => this.fail(503));
      } else {
        this.sendOn(flow);
      }
    } catch {
      this.fail(503);
    }
  }

  /** See ClientTransaction.cancel; before it was sent, the request is not sent at all. */
  cancel(headers?: readonly Header[]): void {
    this.cancelled = true;
    this.transaction?.cancel(headers);
  }

  onResponse(response: SipResponse): void {
    if (response.status !== 100) this.tell(response);
  }

  onTimeout(): void {
    this.tell(SipResponse.reply(this.request, 408));
  }

  onTransportError(_transaction: ClientTransaction, _error: ParleyError): void {
    this.tell(SipResponse.reply(this.request, 503));
  }

  onTerminated(): void {
    this.agent.guard(() => this.listener.onTerminated?.());
  }

  private tell(response: SipResponse): void {
    this.agent.guard(() => this.listener.onResponse(response, this));
  }

  private sendOn(flow: Flow): void {
    if (this.cancelled) {
      this.fail(487);
      return;
    }
    const branch = newBranch();
    this.flow = flow;
    this.request.prepend(H.Via, this.agent.transport.viaFor(flow, branch));
    this.transaction = this.agent.transactions.send(this.request, flow, this, branch);
  }

  private fail(status: number): void {
    this.finish(SipResponse.reply(this.request, status));
  }

  private finish(response: SipResponse): void {
    this.agent.after(0, () => {
      this.listener.onResponse(response, this);
      this.listener.onTerminated?.();
    });
  }
}

/** A request that has no response: the ACK for a 2xx, and BENOTIFY. It may be sent again, with the same Via. */
export class UnansweredRequest {
  constructor(
    private readonly agent: Agent,
    private readonly request: SipRequest,
    private readonly last: Flow | undefined,
  ) {}

  /** Sends it, once more if it was sent before; what cannot be sent is lost. */
  send(): this {
    const { request } = this;
    if (request.method === 'ACK' || request.has(H.Via)) this.sendNow();
    else {
      this.agent.review(request, (answer) => {
        if (answer === undefined) this.sendNow();
      });
    }
    return this;
  }

  private sendNow(): void {
    try {
      const flow = flowFor(this.agent, this.request, this.last);
      if (flow instanceof Promise) {
        flow.then((found) => this.sendOn(found)).catch(() => undefined);
      } else {
        this.sendOn(flow);
      }
    } catch {
      // There is no way: the other side repeats its 2xx, or misses a notification.
    }
  }

  private sendOn(flow: Flow): void {
    if (!this.request.has(H.Via)) this.request.prepend(H.Via, this.agent.transport.viaFor(flow, newBranch()));
    // A copy of what may be sent again, since stamps may change what they are given.
    this.agent.transport.send(this.request.method === 'ACK' ? this.request.clone() : this.request, flow);
  }
}
