/** A request that the server itself makes, in front of the applications that ask for such. Sheet mspl 3.1, registrarGenerated; R10. */
import { ParleyError } from '../errors/index.ts';
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ApplicationChain } from './chain.ts';
import { isOpen, whySkipped } from './chain-index.ts';
import type { ChainedApplication } from './chain-index.ts';
import type { MessageTrace } from './chain-trace.ts';
import { countErrors } from './critical-errors.ts';
import { RequestSource, RequestTarget, passesTargetFilter } from './chain-parties.ts';
import { RequestContext } from './request-context.ts';
import type { DispatchedLeg, ForkTarget } from './request-context.ts';
import { RequestStamps } from './request-stamps.ts';
import type { ScriptActions, ScriptEnvironment, ScriptRun, ScriptValue } from './run.ts';

/**
 * Scripts may change the request, answer it in the place of the one it is for, or keep it. It goes where the server sends it: it is
 * not forked, and of several targets the first counts.
 */
export class GeneratedLeg implements ScriptRun, ScriptActions, DispatchedLeg {
  readonly response = undefined;
  /** While somebody follows this request. */
  trace: MessageTrace | undefined = undefined;
  readonly context = undefined;
  readonly sourceFlow = undefined;
  readonly identity = undefined;
  readonly source: RequestSource;
  readonly stamps: RequestStamps;
  marshalContent = true;
  routed = false;
  private position = 0;
  private disposition: 'open' | 'next' | 'ended' = 'open';
  private done = false;
  private current: ChainedApplication | undefined;
  private targetInfo: RequestTarget | undefined;

  constructor(
    private readonly chain: ApplicationChain,
    private readonly applications: readonly ChainedApplication[],
    readonly request: SipRequest,
    private readonly send: (answer?: SipResponse) => void,
  ) {
    this.source = new RequestSource(request, { origin: 'LocalMachine' });
    this.stamps = new RequestStamps(request, chain.environment);
  }

  get actions(): ScriptActions {
    return this;
  }

  get environment(): ScriptEnvironment {
    return this.chain.environment;
  }

  get original(): SipRequest {
    return this.request;
  }

  /** It is sent along its dialog, or to whom the server has chosen: scripts do not route it. */
  get fixedRoute(): boolean {
    return this.request.to.tag !== undefined;
  }

  get target(): RequestTarget {
    return (this.targetInfo ??= new RequestTarget(this.request.uri, this.environment));
  }

  /** Runs the applications from where the leg stands. */
  advance(): void {
    while (this.position < this.applications.length) {
      const application = this.applications[this.position++] as ChainedApplication;
      if (!isOpen(application) || !passesTargetFilter(application, this)) {
        this.trace?.skipped(application, whySkipped(application));
        continue;
      }
      if (!this.runApplication(application)) return;
    }
    this.finish();
  }

  resume(): void {
    if (this.done) return;
    this.advance();
    this.disposition = 'ended';
  }

  private runApplication(application: ChainedApplication): boolean {
    this.current = application;
    this.disposition = 'open';
    const { trace } = this;
    countErrors(application, trace === undefined ? application.compiled.run(this) : trace.run(application, this), this.chain);
    const disposition = this.disposition as 'open' | 'next' | 'ended';
    if (disposition !== 'open') return disposition === 'next';
    if (application.compiled.manifest.proxyByDefault) return true;
    this.answer(SipResponse.reply(this.request, 480, 'Not routed'));
    return false;
  }

  /** A final one takes the place of what the request would have been answered with. */
  answer(response: SipResponse): boolean {
    if (this.done) return false;
    if (response.status >= 200) this.finish(response);
    return true;
  }

  private finish(answer?: SipResponse): void {
    this.done = true;
    this.disposition = 'ended';
    if (answer === undefined) this.trace?.sent();
    else this.trace?.answered(answer, this.current);
    this.send(answer);
  }

  respond(status: number, reason: string, headers: readonly (readonly [string, string])[]): boolean {
    const response = SipResponse.reply(this.request, status, reason === '' ? undefined : reason);
    for (const [name, value] of headers) response.append(name, value);
    return this.answer(response);
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
    this.proxyRequest(uri);
  }

  fork(uris: readonly string[]): void {
    this.forkTo(uris.map((uri) => ({ uri })));
  }

  /** Throws RangeError without a target. */
  forkTo([first]: readonly ForkTarget[]): void {
    if (first === undefined) throw new RangeError('a fork needs at least one target');
    if (this.done) return;
    this.setRequestUri(first.uri);
    this.resume();
  }

  setMarshalContent(value: boolean): void {
    this.marshalContent = value;
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
    const isOfRequest = error instanceof ParleyError && error.status !== undefined;
    if (!isOfRequest) this.chain.reports.handlerFailed(application, method, error);
    if (context.notification) return;
    this.answer(SipResponse.reply(this.request, isOfRequest ? (error.status ?? 500) : 500));
  }
}
