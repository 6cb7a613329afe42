/** What every leg has in common: it runs the applications one after the other, and is what their scripts act on. Sheet mspl, section 5. */
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Timers } from '../clock/index.ts';
import type { Flow, Identity } from '../transport/index.ts';
import type { ApplicationChain } from './chain.ts';
import { isOpen, whySkipped } from './chain-index.ts';
import type { ChainedApplication } from './chain-index.ts';
import { RequestTarget, passesTargetFilter } from './chain-parties.ts';
import type { RequestSource } from './chain-parties.ts';
import type { MessageTrace } from './chain-trace.ts';
import { countErrors } from './critical-errors.ts';
import { RequestContext } from './request-context.ts';
import type { DispatchedLeg, ForkTarget } from './request-context.ts';
import type { RequestStamps } from './request-stamps.ts';
import type { ScriptActions, ScriptEnvironment, ScriptRun, ScriptValue } from './run.ts';

/** What the run of one application did with the leg. */
type Disposition = 'open' | 'next' | 'ended';

export abstract class ScriptedLeg implements ScriptRun, ScriptActions, DispatchedLeg {
  readonly response = undefined;
  /** While somebody follows this request. */
  trace: MessageTrace | undefined = undefined;
  /** Transaction.MarshalContent, which scripts may change. */
  marshalContent = true;
  routed = false;
  protected position = 0;
  protected disposition: Disposition = 'open';
  /** Answered, forked or sent: nothing more can be done with this leg. */
  protected done = false;
  protected current: ChainedApplication | undefined;
  private targetInfo: RequestTarget | undefined;

  constructor(
    protected readonly chain: ApplicationChain,
    protected readonly applications: readonly ChainedApplication[],
    readonly request: SipRequest,
  ) {}

  abstract readonly original: SipRequest;
  abstract readonly context: DispatchedLeg['context'];
  abstract readonly sourceFlow: Flow | undefined;
  abstract readonly identity: Identity | undefined;
  abstract readonly source: RequestSource;
  abstract readonly stamps: RequestStamps;
  abstract readonly fixedRoute: boolean;

  /** Takes a response made here; a final one ends the leg. False when it has ended already. */
  abstract answer(response: SipResponse): boolean;
  abstract retarget(uri: string): void;
  /** Throws RangeError without a target. */
  abstract forkTo(targets: readonly ForkTarget[]): void;
  /** It is through the chain, and goes where it is to go. */
  protected abstract leave(): void;
  /** It comes to an application. */
  protected abstract enter(application: ChainedApplication): void;
  /** A handler threw, or its promise was rejected. */
  protected abstract failed(application: ChainedApplication, method: string, context: RequestContext, error: unknown): void;

  get actions(): ScriptActions {
    return this;
  }

  get environment(): ScriptEnvironment {
    return this.chain.environment;
  }

  /** An ACK that nobody sends on is no fault: it has no sender who waits. */
  get timers(): Timers | undefined {
    return this.request.method === 'ACK' ? undefined : this.chain.timers;
  }

  get target(): RequestTarget {
    return (this.targetInfo ??= new RequestTarget(this.request.uri, this.environment));
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
    this.leave();
  }

  /** Goes on, on a handler's word, while the script that dispatched to it may still be on the stack. */
  resume(): void {
    if (this.done) return;
    this.advance();
    this.disposition = 'ended';
  }

  /** One application; false when the leg is no longer the chain's. */
  private runApplication(application: ChainedApplication): boolean {
    this.enter(application);
    this.current = application;
    this.disposition = 'open';
    const { trace } = this;
    countErrors(application, trace === undefined ? application.compiled.run(this) : trace.run(application, this), this.chain);
    // A script sets `disposition` through the actions below, out of the compiler's sight.
    const disposition = this.disposition as Disposition;
    if (disposition !== 'open') return disposition === 'next';
    const { proxyByDefault } = application.compiled.manifest;
    if (!proxyByDefault) this.answer(SipResponse.reply(this.original, 480, 'Not routed'));
    return proxyByDefault;
  }

  respond(status: number, reason: string, headers: readonly (readonly [string, string])[]): boolean {
    const response = SipResponse.reply(this.original, status, reason === '' ? undefined : reason);
    for (const [name, value] of headers) response.append(name, value);
    return this.answer(response);
  }

  proxyRequest(uri: string): void {
    if (uri !== '') this.setRequestUri(uri);
    this.disposition = 'next';
  }

  setRequestUri(uri: string): void {
    this.rename(uri);
    this.routed = true;
  }

  /** Another Request-URI, which does not say where the request goes. */
  protected rename(uri: string): void {
    this.request.uri = uri;
    this.targetInfo = undefined;
  }

  fork(uris: readonly string[]): void {
    this.forkTo(uris.map((uri) => ({ uri })));
  }

  proxyResponse(): void {
    // The runtime refuses ProxyResponse while a request is processed.
    throw new Error('ProxyResponse on a request');
  }

  setMarshalContent(value: boolean): void {
    this.marshalContent = value;
  }

  dispatch(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.current?.busy?.() === true) return false;
    this.disposition = 'ended';
    const application = this.current as ChainedApplication;
    this.call(application, method, new RequestContext(this, application, method, parameters));
    return true;
  }

  notify(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.current?.busy?.() === true) return false;
    // By then the request may be in front of another application.
    const application = this.current as ChainedApplication;
    queueMicrotask(() => this.call(application, method, new RequestContext(this, application, method, parameters, true)));
    return true;
  }

  undecided(application: ChainedApplication, method: string): void {
    this.chain.reports.undecided?.(application, method, this.request);
  }

  listenerFailed(application: ChainedApplication, where: string, error: unknown): void {
    this.chain.reports.handlerFailed(application, where, error);
  }

  private call(application: ChainedApplication, method: string, context: RequestContext): void {
    const run = application.handler?.get(method) as ((tx: RequestContext, ...parameters: readonly ScriptValue[]) => unknown) | undefined;
    try {
      if (run === undefined) throw new Error(`${application.name} has no handler method ${method}`);
      const result = run(context, ...context.parameters);
      context.awaitDecision();
      if (result instanceof Promise) result.catch((error: unknown) => this.handlerFailed(application, method, context, error));
    } catch (error) {
      this.handlerFailed(application, method, context, error);
    }
  }

  private handlerFailed(application: ChainedApplication, method: string, context: RequestContext, error: unknown): void {
    context.decide();
    this.failed(application, method, context, error);
  }
}
