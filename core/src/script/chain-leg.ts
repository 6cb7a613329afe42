/** One copy of a request on its way through the chain: what scripts see and do, and at the end what the proxy core sends. */
import { ParleyError } from '../errors/index.ts';
import { H, SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Admitted, Leg, ResponseContext } from '../proxy/index.ts';
import type { Destination, Flow, Identity, Inbound } from '../transport/index.ts';
import type { ApplicationChain } from './chain.ts';
import type { ChainedApplication } from './chain-index.ts';
import type { RequestContext, ForkTarget } from './request-context.ts';
import type { Passage, ResponseEvent, Watcher } from './chain-response.ts';
import { addEpid, groupByQ } from './fork-targets.ts';
import { LegResponses } from './leg-responses.ts';
import { RequestStamps } from './request-stamps.ts';
import { RequestSource } from './chain-parties.ts';
import { ScriptedLeg } from './scripted-leg.ts';

export class ChainLeg extends ScriptedLeg implements Leg {
  flow: Flow | undefined = undefined;
  destination: Destination | undefined = undefined;
  timeoutMs: number | undefined = undefined;
  sticky = false;
  branched = false;
  /** The user whom RetargetRequest has named last. */
  private retargeted: string | undefined;
  /** Applications that saw this request and want its responses, in the order in which they saw it. */
  private watchers: Watcher[] | undefined;
  private ownStamps: RequestStamps | undefined;
  /** Made with the first response that somebody watches. */
  private responses: LegResponses | undefined;

  constructor(
    chain: ApplicationChain,
    applications: readonly ChainedApplication[],
    request: SipRequest,
    readonly inbound: Inbound<SipRequest>,
    /** Undefined for an ACK. */
    readonly context: ResponseContext | undefined,
    readonly admitted: Admitted,
  ) {
    super(chain, applications, request);
  }

  get original(): SipRequest {
    return this.inbound.message;
  }

  get identity(): Identity | undefined {
    return this.inbound.identity;
  }

  get sourceFlow(): Flow {
    return this.inbound.flow;
  }

  get fixedRoute(): boolean {
    return this.admitted.fixedRoute;
  }

  get branchSuffix(): string {
    return this.admitted.branchSuffix;
  }

  get source(): RequestSource {
    return new RequestSource(this.original, this.environment.sourceOf?.(this.inbound));
  }

  get stamps(): RequestStamps {
    return (this.ownStamps ??= new RequestStamps(this.request, this.environment));
  }

  protected enter(application: ChainedApplication): void {
    if (!application.compiled.manifest.wantsResponses) return;
    this.watchers ??= [];
    this.watchers.push(application);
  }

  protected leave(): void {
    this.done = true;
    this.trace?.sent();
    if (this.context !== undefined) this.chain.proxy.forward(this.context, this);
    else this.chain.proxy.forwardAck(this);
  }

  /** Takes a response made here; a final one ends the leg. False when it has ended already, or for an ACK. */
  answer(response: SipResponse): boolean {
    const { context } = this;
    if (context === undefined || this.done || context.transaction.finalSent !== 0) return false;
    if (response.status >= 200) {
      this.disposition = 'ended';
      this.done = true;
    }
    this.trace?.answered(response, this.current);
    this.responsesOf(context).made(response, this.earlierWatchers());
    return true;
  }

  /** What one application answers passes those that saw the request before it, like any response. Sheet mspl 5.1. */
  private earlierWatchers(): readonly Watcher[] {
    return this.watchers?.filter((watcher) => watcher !== this.current) ?? [];
  }

  /** Lets scripts that saw the request see what is answered through its transaction, past this leg: a dialog's accepting 200. */
  reviewAnswers(): void {
    const earlier = this.earlierWatchers();
    if (this.context !== undefined && earlier.length > 0) this.responsesOf(this.context).review(earlier);
  }

  private responsesOf(context: ResponseContext): LegResponses {
    return (this.responses ??= new LegResponses(this, this.chain, context));
  }

  retarget(uri: string): void {
    this.rename(uri);
    this.retargeted = uri;
    this.disposition = 'next';
  }

  protected failed(application: ChainedApplication, method: string, context: RequestContext, error: unknown): void {
    // What the request is to blame for has a status of its own, as at the gates.
    if (error instanceof ParleyError && error.status !== undefined && !context.notification) {
      context.reject(error);
      return;
    }
    this.chain.reports.handlerFailed(application, method, error);
    // What was only told of the request has no say in it.
    if (!context.notification) this.answer(SipResponse.reply(this.original, 500, 'Server Internal Error'));
  }

  /**
   * Makes a leg of each target, which goes on through the rest of the chain. Targets with a higher q go first, the others
   * only when those have failed; equal q go in parallel (RFC 3261 16.6 step 7). An ACK goes to the first alone.
   * Throws RangeError without a target.
   */
  forkTo(targets: readonly ForkTarget[]): void {
    const { context } = this;
    if (targets.length === 0) throw new RangeError('a fork needs at least one target');
    if (this.done) return;
    if (targets.length === 1 || context === undefined) {
      this.takeTarget(targets[0] as ForkTarget);
      this.resume();
      return;
    }
    this.done = true;
    this.disposition = 'ended';
    const groups = groupByQ(targets);
    for (const group of groups.slice(1)) context.enqueue(group.length, () => this.startGroup(group));
    const first = groups[0] ?? [];
    context.split(first.length);
    this.startGroup(first);
  }

  private startGroup(group: readonly ForkTarget[]): void {
    for (const target of group) {
      const leg = new ChainLeg(this.chain, this.applications, this.request.clone(), this.inbound, this.context, this.admitted);
      leg.position = this.position;
      leg.watchers = this.watchers === undefined ? undefined : [...this.watchers];
      leg.retargeted = this.retargeted;
      leg.marshalContent = this.marshalContent;
      leg.branched = true;
      leg.timeoutMs = this.timeoutMs;
      leg.trace = this.trace?.branch(leg.request);
      leg.takeTarget(target);
      leg.advance();
    }
  }

  private takeTarget(target: ForkTarget): void {
    this.setRequestUri(target.uri);
    this.routed = !this.isLeftToRouting(target);
    this.flow = target.flow;
    this.destination = target.destination;
    // An application before may have said how long it rings at a user, whose endpoints are the targets now.
    this.timeoutMs = target.timeoutMs ?? this.timeoutMs;
    this.sticky = target.flow !== undefined;
    if (target.onResponse !== undefined) this.observe(target.onResponse);
    if (target.epid !== undefined) addEpid(this.request, target.epid);
    for (const route of (target.routes ?? []).toReversed()) this.request.prepend(H.Route, route);
  }

  /** An address of ours and no way to it: who that is, and where, is for default routing to find out. */
  private isLeftToRouting(target: ForkTarget): boolean {
    if (target.flow !== undefined || target.destination !== undefined || target.routes !== undefined) return false;
    const { scheme, host, port } = this.request.requestUri;
    return scheme !== 'tel' && port === undefined && this.environment.isLocalDomain?.(host) === true;
  }

  get watched(): boolean {
    return this.retargeted !== undefined || this.watchers !== undefined;
  }

  /** A handler wants to see what comes back. */
  observe(observer: (event: ResponseEvent) => void | Promise<void>): void {
    this.watchers = [...(this.watchers ?? []), { observe: observer }];
  }

  /** A response of the branch. `held`: this leg ends itself in the response context when it is decided. */
  onResponse(response: SipResponse): Passage {
    this.trace?.message(response, undefined);
    if (this.retargeted !== undefined && response.status >= 200 && response.status < 300 && !response.has(H.PAssertedIdentity)) {
      response.append(H.PAssertedIdentity, `<${this.retargeted}>`);
    }
    if (this.watchers === undefined || this.context === undefined) return true;
    return this.responsesOf(this.context).ofBranch(response, this.watchers);
  }
}
