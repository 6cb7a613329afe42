/** One copy of a forwarded request and its way to one target, tried at each of the target's servers in turn. RFC 3261 16.6 and 16.7. */
import { H, SipResponse, newBranch } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Timer } from '../clock/index.ts';
import type { ClientTransaction, ClientUser } from '../transaction/index.ts';
import { exceedsDatagram, isRefusal, overTcp } from '../transport/index.ts';
import type { Destination, Flow } from '../transport/index.ts';
import { addRecordRoute, addVia, createsDialog, dropStamps } from './forward.ts';
import type { ProxyCore } from './proxy-core.ts';
import type { ResponseContext } from './response-context.ts';

/** Where a copy of a request goes. The request is the branch's own: it is changed on its way out. */
export interface Target {
  readonly request: SipRequest;
  /** The connection to use; then `destinations` is not asked. */
  readonly flow: Flow | undefined;
  /** How long an INVITE may ring, in ms; undefined: the server's Timer C. */
  readonly timeoutMs: number | undefined;
  /** Ends the branch parameter; see loop-check.ts. */
  readonly branchSuffix: string;
  /** The other side is behind NAT or a client's connection: later requests of the dialog take the same flow. */
  readonly sticky: boolean;
  /** One of several copies of a request: its Via says `branched=TRUE`. Absent: the only one. */
  readonly branched?: boolean;
  /** Somebody wants to see the responses: `onResponse` is called for each. */
  readonly watched: boolean;
  /**
   * Sees each response before the caller does, and may change it; false keeps it from the caller. `held`: it takes the response over,
   * and tells the response context itself what became of it.
   */
  onResponse(response: SipResponse): boolean | 'held';
}

const NOWHERE: readonly Destination[] = [];

/** After a CANCEL, a branch that says nothing is taken for cancelled (RFC 3261 9.1: 64*T1). */
const CANCEL_PATIENCE_MS = 32_000;

/** Bytes that our Via hardly ever exceeds, and with it two Record-Routes; a request that is nearer to the limit is measured with them. */
const MOST_VIA = 200;
const MOST_OWN_FIELDS = 800;

export class Branch implements ClientUser {
  private transaction: ClientTransaction | undefined;
  private timer: Timer | undefined;
  private remaining: readonly Destination[] = NOWHERE;
  /** The destinations come from the DNS or a URI: RFC 3261 18.1.1 has a say in the transport. */
  private byName = false;
  private current: Destination | undefined;
  /** What the next destination gets, as long as there is one. */
  private spare: SipRequest | undefined;
  private cancelReason: string | undefined;
  private cancelled = false;
  private ended = false;

  private readonly isInvite: boolean;
  /** Let go of when the branch has ended and nobody watches: an INVITE's stays half a minute for late answers (RFC 6026). */
  private target: Target | undefined;

  constructor(
    private readonly core: ProxyCore,
    private readonly context: ResponseContext,
    target: Target,
  ) {
    this.target = target;
    this.isInvite = target.request.method === 'INVITE';
  }

  /** Sends on a known flow. */
  startOn(flow: Flow): void {
    this.sendOn(flow, this.request);
  }

  /**
   * Sends to the first of `destinations` that can be reached; the others are for failover (RFC 3263 section 4.3).
   * @param byName they are what a URI leads to. An endpoint that registered over UDP has said nothing of TCP, and behind NAT could not
   * take a connection: there a large request goes in a datagram all the same.
   */
  startAt(destinations: readonly Destination[], byName = false): void {
    this.remaining = destinations;
    this.byName = byName;
    this.tryNext(this.request);
  }

  /** Ends the leg before anything was sent. */
  fail(error: ParleyError): void {
    this.end(this.local(error.status ?? 500));
  }

  /** Withdraws the branch, with a Reason value for the callee; nothing happens when it has ended. RFC 3261 16.10. */
  cancel(reason: string | undefined): void {
    if (this.ended || this.cancelled) return;
    this.cancelled = true;
    this.cancelReason = reason;
    if (this.transaction === undefined) {
      this.end(this.local(487));
      return;
    }
    if (this.isInvite) this.sendCancel();
  }

  onResponse(response: SipResponse): void {
    const { status } = response;
    if (status < 200) {
      if (status === 100 || this.ended) return;
      this.restartTimerC();
      response.shift(H.Via);
      if (this.passes(response) === true) this.context.provisional(response);
      return;
    }
    if (status === 503 && !this.ended && this.failover()) return;
    response.shift(H.Via);
    const again = this.ended;
    if (again && status >= 300) return;
    const passes = this.passes(response);
    this.markEnded();
    if (passes === 'held') return;
    if (passes) this.context.final(response, again);
    else if (!again) this.context.silent();
  }

  onTimeout(): void {
    if (this.ended || this.failover()) return;
    if (this.isInvite) this.end(this.local(408));
    else this.endSilently();
  }

  onTransportError(_transaction: ClientTransaction, _error: ParleyError): void {
    if (this.ended || this.failover()) return;
    // A failed send is as good as a 503 from the next hop (RFC 3261 16.9).
    this.end(this.local(503));
  }

  /** The call is answered, and nobody here wants to see what else comes: the transaction layer passes it to the caller. */
  handOver(): void {
    this.transaction?.handOver(this.context.transaction.flow);
  }

  /** Can nothing but further 2xx still come, which nobody here looks at? */
  get isQuiet(): boolean {
    const state = this.transaction?.state;
    return this.target === undefined && state !== 'calling' && state !== 'proceeding';
  }

  private failover(): boolean {
    if (this.current !== undefined) this.core.failed(this.current, undefined);
    if (this.cancelled || this.remaining.length === 0 || this.spare === undefined) return false;
    this.tryNext(this.spare);
    return true;
  }

  /** @param request not yet changed for any destination */
  private tryNext(request: SipRequest): void {
    const [destination, ...others] = this.remaining;
    if (destination === undefined || this.cancelled) {
      this.end(this.local(503));
      return;
    }
    this.current = destination;
    this.remaining = others;
    this.spare = others.length > 0 ? request.clone() : undefined;
    const flow = this.core.flowTo(destination);
    if (flow === undefined) this.connect(destination, request);
    else if (this.byName && !flow.reliable && this.isTooLarge(request, flow)) this.sendByTcp(overTcp(destination), request, flow);
    else this.sendOn(flow, request);
  }

  /** RFC 3261 18.1.1. @param datagrams for a peer that refuses the connection */
  private sendByTcp(destination: Destination, request: SipRequest, datagrams: Flow): void {
    const flow = this.core.flowTo(destination);
    if (flow === undefined) this.connect(destination, request, datagrams);
    else this.sendOn(flow, request);
  }

  private connect(destination: Destination, request: SipRequest, datagrams?: Flow): void {
    this.core.connect(destination).then(
      (opened) => {
        if (!this.ended) this.sendOn(opened, request);
      },
      (error: unknown) => {
        if (datagrams !== undefined && isRefusal(error)) {
          if (!this.ended) this.sendOn(datagrams, request);
          return;
        }
        this.core.failed(destination, error instanceof ParleyError ? error : undefined);
        if (!this.ended) this.tryNext(request);
      },
    );
  }

  /** Would the request, with what is added to it on that flow, be too large for a datagram? */
  private isTooLarge(request: SipRequest, flow: Flow): boolean {
    if (!exceedsDatagram(request, createsDialog(request) ? MOST_OWN_FIELDS : MOST_VIA)) return false;
    const copy = request.clone();
    this.addOwnFields(copy, flow, this.newBranch());
    return exceedsDatagram(copy);
  }

  private sendOn(flow: Flow, request: SipRequest): void {
    const branch = this.newBranch();
    this.addOwnFields(request, flow, branch);
    this.restartTimerC();
    this.transaction = this.core.transactions.send(request, flow, this, branch);
  }

  private newBranch(): string {
    return newBranch() + (this.target?.branchSuffix ?? '');
  }

  private addOwnFields(request: SipRequest, flow: Flow, branch: string): void {
    const { core, context } = this;
    const { sticky = false, branched } = this.target ?? {};
    if (createsDialog(request)) addRecordRoute(request, context.transaction.flow, flow, sticky, core.names, core.signer);
    if (!flow.trusted) dropStamps(request);
    addVia(request, flow, branch, core.names, branched);
  }

  private restartTimerC(): void {
    if (!this.isInvite || this.cancelled) return;
    const { timers } = this.core.clock;
    timers.cancel(this.timer);
    this.timer = timers.start(this.target?.timeoutMs ?? this.core.options.timerCMs, ringingTooLong, this);
  }

  /** Timer C: RFC 3261 16.8. */
  onTimerC(): void {
    if (this.ended) return;
    if (this.cancelled) {
      this.end(this.local(487));
      return;
    }
    this.cancelled = true;
    this.sendCancel();
    this.end(this.local(408));
  }

  private sendCancel(): void {
    this.transaction?.cancel(this.cancelReason === undefined ? undefined : [['Reason', this.cancelReason]]);
    const { timers } = this.core.clock;
    timers.cancel(this.timer);
    this.timer = timers.start(CANCEL_PATIENCE_MS, ringingTooLong, this);
  }

  private end(response: SipResponse): void {
    if (this.ended) return;
    this.markEnded();
    this.context.final(response);
  }

  private endSilently(): void {
    this.markEnded();
    this.context.silent();
  }

  private markEnded(): void {
    this.ended = true;
    this.core.clock.timers.cancel(this.timer);
    this.timer = undefined;
    this.spare = undefined;
    this.remaining = NOWHERE;
    this.current = undefined;
    if (this.target?.watched === false) this.target = undefined;
  }

  private get request(): SipRequest {
    return (this.target as Target).request;
  }

  private passes(response: SipResponse): boolean | 'held' {
    return this.target?.watched === true ? this.target.onResponse(response) : true;
  }

  private local(status: number): SipResponse {
    return SipResponse.reply(this.context.transaction.request, status);
  }
}

function ringingTooLong(branch: unknown): void {
  (branch as Branch).onTimerC();
}
