/** A request that the server itself makes, in front of the applications that ask for such. Sheet mspl 3.1, registrarGenerated; R10. */
import { ParleyError } from '../errors/index.ts';
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ApplicationChain } from './chain.ts';
import type { ChainedApplication } from './chain-index.ts';
import { RequestSource } from './chain-parties.ts';
import type { ForkTarget, RequestContext } from './request-context.ts';
import { RequestStamps } from './request-stamps.ts';
import { ScriptedLeg } from './scripted-leg.ts';

/**
 * Scripts may change the request, answer it in the place of the one it is for, or keep it. It goes where the server sends it: it is
 * not forked, and of several targets the first counts.
 */
export class GeneratedLeg extends ScriptedLeg {
  readonly context = undefined;
  readonly sourceFlow = undefined;
  readonly identity = undefined;
  readonly source: RequestSource;
  readonly stamps: RequestStamps;

  constructor(
    chain: ApplicationChain,
    applications: readonly ChainedApplication[],
    request: SipRequest,
    private readonly send: (answer?: SipResponse) => void,
  ) {
    super(chain, applications, request);
    this.source = new RequestSource(request, { origin: 'LocalMachine' });
    this.stamps = new RequestStamps(request, chain.environment);
  }

  get original(): SipRequest {
    return this.request;
  }

  /** It is sent along its dialog, or to whom the server has chosen: scripts do not route it. */
  get fixedRoute(): boolean {
    return this.request.to.tag !== undefined;
  }

  protected enter(): void {
    // Its responses go to whoever made it.
  }

  protected leave(): void {
    this.finish();
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

  retarget(uri: string): void {
    this.proxyRequest(uri);
  }

  forkTo([first]: readonly ForkTarget[]): void {
    if (first === undefined) throw new RangeError('a fork needs at least one target');
    if (this.done) return;
    this.setRequestUri(first.uri);
    this.resume();
  }

  protected failed(application: ChainedApplication, method: string, context: RequestContext, error: unknown): void {
    const isOfRequest = error instanceof ParleyError && error.status !== undefined;
    if (!isOfRequest) this.chain.reports.handlerFailed(application, method, error);
    if (context.notification) return;
    this.answer(SipResponse.reply(this.request, isOfRequest ? (error.status ?? 500) : 500));
  }
}
