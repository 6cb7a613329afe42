/** One copy of a request on its way through the chain: what scripts see and do, and at the end what the proxy core sends. */
import { ParleyError } from '../errors/index.ts';
import { H, SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Admitted, Leg, ResponseContext } from '../proxy/index.ts';
import type { Destination, Flow, Identity, Inbound } from '../transport/index.ts';
import type { ApplicationChain } from './chain.ts';
import { isOpen, whySkipped } from './chain-index.ts';
import type { ChainedApplication } from './chain-index.ts';
import type { MessageTrace } from './chain-trace.ts';
import { RequestContext } from './request-context.ts';
import type { ForkTarget } from './request-context.ts';
import type { Passage, ResponseEvent, Watcher } from './chain-response.ts';
import { countErrors } from './critical-errors.ts';
import { addEpid, groupByQ } from './fork-targets.ts';
import { LegResponses } from './leg-responses.ts';
import { RequestStamps } from './request-stamps.ts';
import type { ScriptActions, ScriptEnvironment, ScriptRun, ScriptValue } from './run.ts';
import { RequestSource, RequestTarget, passesTargetFilter } from './chain-parties.ts';

/** What the run of one application did with the leg. */
type Disposition = 'open' | 'next' | 'ended';

export class ChainLeg implements Leg, ScriptRun, ScriptActions {
  readonly response = undefined;
  /** While somebody follows this request. */
  trace: MessageTrace | undefined = undefined;
  flow: Flow | undefined = undefined;
  destination: Destination | undefined = undefined;
  timeoutMs: number | undefined = undefined;
  sticky = false;
  branched = false;
  routed = false;
  /** The user whom RetargetRequest has named last. */
  private retargeted: string | undefined;
  private position = 0;
  private disposition: Disposition = 'open';
  /** Answered, forked or sent: nothing more can be done with this leg. */
  private done = false;
  /** Applications that saw this request and want its responses, in the order in which they saw it. */
  private watchers: Watcher[] | undefined;
  private current: ChainedApplication | undefined;
  private targetInfo: RequestTarget | undefined;
  private ownStamps: RequestStamps | undefined;
  /** Transaction.MarshalContent, which scripts may change. */
  marshalContent = true;
  /** Made with the first response that somebody watches. */
  private responses: LegResponses | undefined;

  constructor(
    private readonly chain: ApplicationChain,
    private readonly applications: readonly ChainedApplication[],
    readonly request: SipRequest,
    readonly inbound: Inbound<SipRequest>,
    /** Undefined for an ACK. */
    readonly context: ResponseContext | undefined,
    readonly admitted: Admitted,
  ) {}

  get actions(): ScriptActions {
    return this;
  }

  get environment(): ScriptEnvironment {
    return this.chain.environment;
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

  get target(): RequestTarget {
    this.targetInfo ??= new RequestTarget(this.request.uri, this.environment);
    return this.targetInfo;
  }

  get source(): RequestSource {
    return new RequestSource(this.original, this.environment.sourceOf?.(this.inbound));
  }

  get stamps(): RequestStamps {
    return (this.ownStamps ??= new RequestStamps(this.request, this.environment));
  }

  /** Runs the applications from where the leg stands; returns when one has taken it over or when it was sent. */
  advance(): void {
    while (this.position < this.applications.length) {
      const application = this.applications[this.position++] as ChainedApplication;
      if (!isOpen(application) || !passesTargetFilter(application, this)) {
        this.trace?.skipped(application, whySkipped(application));
        continue;
      }
      if (!this.runApplication(application)) return;
    }
    this.done = true;
    this.trace?.sent();
    if (this.context !== undefined) this.chain.proxy.forward(this.context, this);
    else this.chain.proxy.forwardAck(this);
  }

  /** Goes on, on a handler's word, while the script that dispatched to it may still be on the stack. */
  resume(): void {
    if (this.done) return;
    this.advance();
    this.disposition = 'ended';
  }

  /** One application; false when the leg is no longer the chain's. */
  private runApplication(application: ChainedApplication): boolean {
    const { manifest } = application.compiled;
    if (manifest.wantsResponses) {
      this.watchers ??= [];
      this.watchers.push(application);
    }
    this.current = application;
    this.disposition = 'open';
    const { trace } = this;
    countErrors(application, trace === undefined ? application.compiled.run(this) : trace.run(application, this), this.chain);
    // A script sets `disposition` through the actions below, out of the compiler's sight.
    const disposition = this.disposition as Disposition;
    if (disposition !== 'open') return disposition === 'next';
    if (!manifest.proxyByDefault) this.settle(480, 'Not routed');
    return manifest.proxyByDefault;
  }

  respond(status: number, reason: string, headers: readonly (readonly [string, string])[]): boolean {
    const response = SipResponse.reply(this.original, status, reason === '' ? undefined : reason);
    for (const [name, value] of headers) response.append(name, value);
    return this.answer(response);
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

  proxyRequest(uri: string): void {
    if (uri !== '') this.setRequestUri(uri);
    this.disposition = 'next';
  }

  setRequestUri(uri: string): void {
    this.request.uri = uri;
    this.targetInfo = undefined;
    this.routed = true;
  }

  retarget(uri: string): void {
    this.request.uri = uri;
    this.targetInfo = undefined;
    this.retargeted = uri;
    this.disposition = 'next';
  }

  fork(uris: readonly string[]): void {
    this.forkTo(uris.map((uri) => ({ uri })));
  }

  proxyResponse(): void {
    // The runtime refuses ProxyResponse while a request is processed.
    throw new Error('ProxyResponse on a request');
  }

  dispatch(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.current?.busy?.() === true) return false;
    this.disposition = 'ended';
    this.call(this.current as ChainedApplication, method, new RequestContext(this, parameters));
    return true;
  }

  notify(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.current?.busy?.() === true) return false;
    // By then the request may be in front of another application.
    const application = this.current as ChainedApplication;
    queueMicrotask(() => this.call(application, method, new RequestContext(this, parameters, true)));
    return true;
  }

  private call(application: ChainedApplication, method: string, context: RequestContext): void {
    const run = application.handler?.get(method) as ((tx: RequestContext, ...parameters: readonly ScriptValue[]) => unknown) | undefined;
    try {
      if (run === undefined) throw new Error(`${application.name} has no handler method ${method}`);
      const result = run(context, ...context.parameters);
      if (result instanceof Promise) result.catch((error: unknown) => this.failed(application, method, context, error));
    } catch (error) {
      this.failed(application, method, context, error);
    }
  }

  private failed(application: ChainedApplication, method: string, context: RequestContext, error: unknown): void {
    // What the request is to blame for has a status of its own, as at the gates.
    if (error instanceof ParleyError && error.status !== undefined && !context.notification) {
      context.reject(error);
      return;
    }
    this.chain.reports.handlerFailed(application, method, error);
    // What was only told of the request has no say in it.
    if (!context.notification) this.settle(500, 'Server Internal Error');
  }

  private settle(status: number, reason: string): void {
    if (this.context !== undefined) this.answer(SipResponse.reply(this.original, status, reason));
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
      leg.trace = this.trace?.branch(leg.request);
      leg.takeTarget(target);
      leg.advance();
    }
  }

  private takeTarget(target: ForkTarget): void {
    this.setRequestUri(target.uri);
    this.flow = target.flow;
    this.destination = target.destination;
    this.timeoutMs = target.timeoutMs;
    this.sticky = target.flow !== undefined;
    if (target.onResponse !== undefined) this.observe(target.onResponse);
    if (target.epid !== undefined) addEpid(this.request, target.epid);
    for (const route of (target.routes ?? []).toReversed()) this.request.prepend(H.Route, route);
  }

  get watched(): boolean {
    return this.retargeted !== undefined || this.watchers !== undefined;
  }

  /** A handler wants to see what comes back. */
  observe(observer: (event: ResponseEvent) => void): void {
    this.watchers = [...(this.watchers ?? []), { observe: observer }];
  }

  setMarshalContent(value: boolean): void {
    this.marshalContent = value;
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
