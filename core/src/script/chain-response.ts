/** Responses on their way back through the applications that saw the request, in the opposite order. Sheet mspl 5.1. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Flow, Identity } from '../transport/index.ts';
import type { ApplicationChain } from './chain.ts';
import { isOpen } from './chain-index.ts';
import type { ChainedApplication } from './chain-index.ts';
import { countErrors } from './chain-leg.ts';
import type { ChainLeg } from './chain-leg.ts';
import type { RequestSource, RequestTarget } from './chain-parties.ts';
import type { ScriptActions, ScriptEnvironment, ScriptRun, ScriptStamps, ScriptValue } from './run.ts';

/** What a handler gets when a script dispatches a response to it: it may change the response, which then goes on. */
export class ResponseEvent {
  constructor(
    readonly response: SipResponse,
    /** The request that was sent to the one who answers. */
    readonly request: SipRequest,
    readonly parameters: readonly ScriptValue[],
  ) {}
}

/** Shows `response` to `watchers`, the last first; false when one of them keeps it from the caller. */
export function runOnResponse(
  watchers: readonly ChainedApplication[],
  response: SipResponse,
  leg: ChainLeg,
  chain: ApplicationChain,
): boolean {
  for (let i = watchers.length - 1; i >= 0; i--) {
    const application = watchers[i] as ChainedApplication;
    if (!isOpen(application) || !application.compiled.manifest.wantsResponse(response.status)) continue;
    const run = new ResponseRun(response, leg, application, chain);
    countErrors(application, application.compiled.run(run), chain);
    if (!run.passed && !application.compiled.manifest.proxyByDefault) return false;
  }
  return true;
}

class ResponseRun implements ScriptRun, ScriptActions {
  readonly request = undefined;
  passed = false;

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

  proxyResponse(): void {
    this.passed = true;
  }

  dispatch(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.application.busy?.() === true) return false;
    const run = this.application.handler?.get(method) as
      ((event: ResponseEvent, ...parameters: readonly ScriptValue[]) => unknown) | undefined;
    this.passed = true;
    try {
      if (run === undefined) throw new Error(`${this.application.name} has no handler method ${method}`);
      run(new ResponseEvent(this.response, this.leg.request, parameters), ...parameters);
    } catch (error) {
      this.chain.reports.handlerFailed(this.application, method, error);
    }
    return true;
  }

  notify(method: string, parameters: readonly ScriptValue[]): boolean {
    if (this.application.busy?.() === true) return false;
    queueMicrotask(() => this.dispatch(method, parameters));
    return true;
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
