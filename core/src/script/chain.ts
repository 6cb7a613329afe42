/** The application chain: which scripts see a request, in which order, and what becomes of it. Sheet mspl, section 5. */
import type { Timers } from '../clock/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { Inbound } from '../transport/index.ts';
import { H } from '../sip/index.ts';
import type { SipRequest, SipResponse } from '../sip/index.ts';
import { ResponseContext } from '../proxy/index.ts';
import type { Admitted, ProxyCore } from '../proxy/index.ts';
import { ChainIndex, whyUninterested } from './chain-index.ts';
import type { ChainedApplication } from './chain-index.ts';
import { ChainLeg } from './chain-leg.ts';
import type { ChainTracer } from './chain-trace.ts';
import { GeneratedLeg } from './generated-leg.ts';
import { dropForeignStamps } from './request-stamps.ts';
import type { ScriptEnvironment } from './run.ts';

/** What the chain tells the server's operator. */
export interface ChainReports {
  /** A handler method threw, or its promise was rejected: the transaction has got its 500. */
  handlerFailed(application: ChainedApplication, method: string, error: unknown): void;
  /** Ten critical errors: the application is out of the chain until it is enabled again. */
  disabled(application: ChainedApplication): void;
  /** A handler method has kept the request for a while without deciding what becomes of it. Told once for each request. */
  undecided?(application: ChainedApplication, method: string, request: SipRequest): void;
}

/**
 * Requests run through the applications in order, from the first that wants them; the proxy core sends what comes out at the
 * end. A new chain replaces the old one between two messages: a message in flight ends on the chain that it began on.
 */
export class ApplicationChain {
  /** Follows messages while somebody wants to see them; undefined, the usual state, costs a comparison for each application. */
  tracer: ChainTracer | undefined = undefined;
  private index = new ChainIndex([]);

  constructor(
    readonly proxy: Pick<ProxyCore, 'forward' | 'forwardAck'>,
    readonly environment: ScriptEnvironment,
    readonly reports: ChainReports,
    /** For `reports.undecided`. */
    readonly timers?: Timers,
  ) {}

  /** The applications in the order in which they see a request. */
  get applications(): readonly ChainedApplication[] {
    return this.index.applications;
  }

  /** Makes `applications` the chain, from the next message on. */
  install(applications: readonly ChainedApplication[]): void {
    this.index = new ChainIndex(applications);
  }

  /** Routes a new request; `admitted` is what the proxy core found on it. */
  request(transaction: ServerTransaction, admitted: Admitted): void {
    const context = new ResponseContext(transaction);
    const { inbound } = transaction;
    const interested = this.index.interested(inbound.message.method, admitted.fixedRoute);
    const leg = new ChainLeg(this, interested, workingCopy(inbound), inbound, context, admitted);
    if (this.tracer !== undefined) this.follow(leg, interested);
    leg.advance();
  }

  /** Routes an ACK for a 2xx. Applications that ask for ACK see it and may change it; nothing can answer it. */
  ack(inbound: Inbound<SipRequest>, admitted: Admitted): void {
    const interested = this.index.interested('ACK', admitted.fixedRoute);
    const leg = new ChainLeg(this, interested, workingCopy(inbound), inbound, undefined, admitted);
    if (this.tracer !== undefined) this.follow(leg, interested);
    leg.advance();
  }

  /** Begins a trace, when the tracer wants one, with the message. */
  private follow(leg: ChainLeg | GeneratedLeg, interested: readonly ChainedApplication[]): void {
    const inbound = leg instanceof ChainLeg ? leg.inbound : undefined;
    const trace = this.tracer?.begin(leg.request, inbound);
    if (trace === undefined) return;
    leg.trace = trace;
    trace.message(leg.request, inbound);
    const why = (application: ChainedApplication): string | undefined =>
      interested.includes(application) ? undefined : whyUninterested(application, leg.request.method, inbound === undefined);
    trace.through(this.applications, why);
  }

  /**
   * Shows a request that the server itself makes to the applications that ask for such (registrarGenerated, MSPL R10).
   * @param send called once, now or later: without a response the request, as it is then, is to be sent; with one it was answered here
   */
  generated(request: SipRequest, send: (answer?: SipResponse) => void): void {
    const interested = this.index.generated(request.method, request.has(H.Route));
    if (interested.length === 0) {
      send();
      return;
    }
    const leg = new GeneratedLeg(this, interested, request, send);
    if (this.tracer !== undefined) this.follow(leg, interested);
    leg.advance();
  }
}

function workingCopy(inbound: Inbound<SipRequest>): SipRequest {
  const copy = inbound.message.clone();
  dropForeignStamps(copy, inbound);
  return copy;
}
