/** Responses on their way back through the applications that saw the request, in the opposite order. Sheet mspl 5.1. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Identity } from '../transport/index.ts';
import type { ApplicationChain } from './chain.ts';
import { isOpen } from './chain-index.ts';
import type { ChainedApplication } from './chain-index.ts';
import { countErrors } from './critical-errors.ts';
import type { ChainLeg } from './chain-leg.ts';
import type { RequestSource, RequestTarget } from './chain-parties.ts';
import type { ScriptActions, ScriptEnvironment, ScriptRun, ScriptStamps, ScriptValue } from './run.ts';

/** True: it goes on to the caller. False: an application keeps it from there. `held`: an application decides later. */
export type Passage = boolean | 'held';

interface ResponseTraits {
  readonly notification: boolean;
  readonly marshalContent: boolean;
  readonly transaction: object | undefined;
}

/** What a handler gets when a script dispatches a response to it: it may change the response, which then goes on. */
export class ResponseEvent {
  private decided: ((passes: boolean) => void) | undefined;
  private verdict: boolean | undefined;

  constructor(
    readonly response: SipResponse,
    /** The request that was sent to the one who answers. */
    readonly request: SipRequest,
    readonly parameters: readonly ScriptValue[],
    private readonly traits: ResponseTraits,
  ) {}

  /** The script only tells: nothing can be done with the response. */
  get notification(): boolean {
    return this.traits.notification;
  }

  /** False: the script asks that the body does not leave this process (Transaction.MarshalContent). */
  get marshalContent(): boolean {
    return this.traits.marshalContent;
  }

  /** The same object as that of the request's RequestContext; undefined for what the server made itself. */
  get transaction(): object | undefined {
    return this.traits.transaction;
  }

  /** True between `hold` and its end. */
  get held(): boolean {
    return this.decided !== undefined && this.verdict === undefined;
  }

  /**
   * Keeps the response, and those of the same branch that come after it, until the function that this gives is called: with true it
   * goes on, with false it never reaches the caller. Whoever holds has to let go, in whatever way its own work ends.
   */
  hold(): (passes: boolean) => void {
    this.decided = () => undefined;
    return (passes) => this.decide(passes);
  }

  /** For the chain: whoever looked at the response has failed. If it was held, nobody else would let go: it goes on. */
  abandon(): void {
    if (this.held) this.decide(true);
  }

  /** For the chain: calls back with the verdict on a held response. */
  onDecided(listener: (passes: boolean) => void): void {
    this.decided = listener;
  }

  /** For the chain: what has been decided already. */
  get passes(): boolean {
    return this.verdict ?? true;
  }

  private decide(passes: boolean): void {
    if (this.verdict !== undefined) return;
    this.verdict = passes;
    this.decided?.(passes);
  }
}

/** A handler that wants to see what comes back of a request that it has sent on. */
export interface ResponseObserver {
  observe(event: ResponseEvent): void | Promise<void>;
}

/** Who sees the responses to a request. */
export type Watcher = ChainedApplication | ResponseObserver;

/** A response in front of the applications that asked for it. */
export interface Showing {
  readonly watchers: readonly Watcher[];
  readonly response: SipResponse;
  readonly leg: ChainLeg;
  readonly chain: ApplicationChain;
  /** Called once with the outcome when `showResponse` gave `held`. */
  decided(passes: boolean): void;
}

/** Shows the response to the applications, the last first. */
export function showResponse(showing: Showing, from = showing.watchers.length - 1): Passage {
  const { watchers, response, leg, chain } = showing;
  for (let i = from; i >= 0; i--) {
    const watcher = watchers[i] as Watcher;
    const event = 'observe' in watcher ? observe(watcher, showing) : runScript(watcher, response, leg, chain);
    if (event === false) return false;
    if (event?.held === true) {
      event.onDecided((passes) => goOn(showing, i - 1, passes));
      return 'held';
    }
    if (event?.passes === false) return false;
  }
  return true;
}

function observe(observer: ResponseObserver, { response, leg }: Showing): ResponseEvent {
  const event = responseEvent(response, leg, [], false);
  void observer.observe(event);
  return event;
}

/** False when the application keeps the response; the event when it has dispatched it. */
function runScript(
  application: ChainedApplication,
  response: SipResponse,
  leg: ChainLeg,
  chain: ApplicationChain,
): ResponseEvent | false | undefined {
  const { manifest } = application.compiled;
  if (!isOpen(application) || !manifest.wantsResponse(response.status)) return undefined;
  const run = new ResponseRun(response, leg, application, chain);
  const { trace } = leg;
  countErrors(application, trace === undefined ? application.compiled.run(run) : trace.run(application, run), chain);
  return run.passed || manifest.proxyByDefault ? run.event : false;
}

function responseEvent(response: SipResponse, leg: ChainLeg, parameters: readonly ScriptValue[], notification: boolean): ResponseEvent {
  return new ResponseEvent(response, leg.request, parameters, {
    notification,
    marshalContent: leg.marshalContent,
    transaction: leg.context?.transaction,
  });
}

function goOn(showing: Showing, from: number, passes: boolean): void {
  const passage = passes ? showResponse(showing, from) : false;
  if (passage !== 'held') showing.decided(passage);
}

class ResponseRun implements ScriptRun, ScriptActions {
  readonly request = undefined;
  passed = false;
  /** What the script has dispatched. */
  event: ResponseEvent | undefined;

  constructor(
    readonly response: SipResponse,
    private readonly leg: ChainLeg,
    private readonly application: ChainedApplication,
    private readonly chain: ApplicationChain,
  ) {}

  get actions(): ScriptActions {
    return this;
  }

  get environment(): ScriptEnvironment {
    return this.chain.environment;
  }

  get original(): SipRequest {
    return this.leg.original;
  }

  get identity(): Identity | undefined {
    return this.leg.identity;
  }

  get sourceFlow(): Flow {
    return this.leg.sourceFlow;
  }

  get fixedRoute(): boolean {
    return this.leg.fixedRoute;
  }

  get target(): RequestTarget {
    return this.leg.target;
  }

  get source(): RequestSource {
    return this.leg.source;
  }

  /** Those of the request: a response that came from elsewhere has none of its own. */
  get stamps(): ScriptStamps {
    return this.leg.stamps;
  }

  get marshalContent(): boolean {
    return this.leg.marshalContent;
  }

  setMarshalContent(value: boolean): void {
    this.leg.setMarshalContent(value);
  }

  proxyResponse(): void {
    this.passed = true;
  }

  dispatch(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.application.busy?.() === true) return false;
    this.passed = true;
    this.event = responseEvent(this.response, this.leg, parameters, false);
    this.tell(method, this.event);
    return true;
  }

  notify(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.application.busy?.() === true) return false;
    queueMicrotask(() => this.tell(method, responseEvent(this.response, this.leg, parameters, true)));
    return true;
  }

  private tell(method: string, event: ResponseEvent): void {
    const run = this.application.handler?.get(method) as
      ((event: ResponseEvent, ...parameters: readonly ScriptValue[]) => unknown) | undefined;
    const failed = (error: unknown): void => {
      this.chain.reports.handlerFailed(this.application, method, error);
      event.abandon();
    };
    try {
      if (run === undefined) throw new Error(`${this.application.name} has no handler method ${method}`);
      const result = run(event, ...event.parameters);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  // The runtime refuses these while a response is processed (sheet mspl, section 6); reaching them is a fault of ours.
  respond(): never {
    throw new Error('Respond on a response');
  }

  proxyRequest(): never {
    throw new Error('ProxyRequest on a response');
  }

  retarget(): never {
    throw new Error('RetargetRequest on a response');
  }

  fork(): never {
    throw new Error('Fork on a response');
  }

  setRequestUri(): never {
    throw new Error('RequestUri written on a response');
  }
}
