/** What a plugin's handler gets when a script dispatches a request to it. */
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Timer, Timers } from '../clock/index.ts';
import type { ParleyError } from '../errors/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { Destination, Flow, Identity } from '../transport/index.ts';
import type { ResponseContext } from '../proxy/index.ts';
import type { ChainedApplication } from './chain-index.ts';
import type { ResponseEvent } from './chain-response.ts';
import type { RequestStamps, ApplicationStamp } from './request-stamps.ts';
import type { ScriptEnvironment, ScriptValue } from './run.ts';

/** One place to which a handler sends the request. */
export interface ForkTarget {
  /**
   * The new Request-URI. With neither `flow`, `destination` nor `routes`, the address of a user here is left to default routing, which
   * delivers it to all endpoints of that user; any other is where the copy goes (RFC 3263).
   */
  readonly uri: string;
  /** The connection to use: that of a registered endpoint. */
  readonly flow?: Flow | undefined;
  /** The address to send to, when there is no connection to prefer. */
  readonly destination?: Destination | undefined;
  /** Route values to put on top, first hop first: the Path of a registration (RFC 3327). */
  readonly routes?: readonly string[] | undefined;
  /** 0..1, 1 when absent; targets with a lower q are tried when those with a higher one have failed. */
  readonly q?: number | undefined;
  /** Added to the To of the request as delivered; [MS-SIPRE] 3.1. */
  readonly epid?: string | undefined;
  /** How long an INVITE may ring here, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Sees each response of this target before the applications that saw the request earlier; may change it, or hold it. */
  readonly onResponse?: ((event: ResponseEvent) => void | Promise<void>) | undefined;
}

/** What a dispatched request is to the chain: one that came in, or one that the server made. */
export interface DispatchedLeg {
  readonly request: SipRequest;
  /** As it came. */
  readonly original: SipRequest;
  readonly context: ResponseContext | undefined;
  readonly sourceFlow: Flow | undefined;
  readonly identity: Identity | undefined;
  readonly routed: boolean;
  readonly fixedRoute: boolean;
  readonly marshalContent: boolean;
  readonly stamps: RequestStamps;
  readonly environment: ScriptEnvironment;
  /** Undefined: nobody waits for decisions. */
  readonly timers: Timers | undefined;
  answer(response: SipResponse): boolean;
  forkTo(targets: readonly ForkTarget[]): void;
  resume(): void;
  observe?(observer: (event: ResponseEvent) => void | Promise<void>): void;
  reviewAnswers?(): void;
  /** A handler has decided nothing for `PATIENCE_MS`. */
  undecided(application: ChainedApplication, method: string): void;
  /** A listener of a handler threw. @param where the method and what it listened for */
  listenerFailed(application: ChainedApplication, where: string, error: unknown): void;
}

/** How a request ended. */
export interface RequestEnd {
  /** Status of the final response that was sent; 0 when there was none. */
  readonly status: number;
  /** The sender had cancelled it, or its connection had failed. */
  readonly cancelled: boolean;
}

/** What goes with a response besides its status and headers. */
export interface AnswerOptions {
  /** The reason phrase; the one of RFC 3261 when absent. */
  readonly reason?: string;
  readonly body?: Buffer | string;
  /** Needed with a body. */
  readonly contentType?: string;
  /** The To tag of a handler that is a user agent and keeps dialogs. */
  readonly toTag?: string;
}

/** A header's value, or several fields of that name. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

const REASON_TEXT_LIMIT = 200;

/** How long a handler may keep a request before its server's operator is told. */
export const PATIENCE_MS = 10_000;

/**
 * One request at one place in the chain. A handler does exactly one of `respond` with a final status, `reject`, `fork` or
 * `proxy`, now or later; what it does after that changes nothing.
 */
export class RequestContext {
  /** The handler has answered, sent the request on, or taken its transaction. */
  private decided = false;
  private patience: Timer | undefined = undefined;

  constructor(
    private readonly leg: DispatchedLeg,
    private readonly application: ChainedApplication,
    private readonly method: string,
    /** The further arguments of the script's Dispatch. */
    readonly parameters: readonly ScriptValue[],
    /** The script only tells (DispatchNotification) and goes on itself: what is done with the request here is not asked for. */
    readonly notification = false,
  ) {}

  /** The request as the applications before have left it; a handler may change it before it sends it on. */
  get request(): SipRequest {
    return this.leg.request;
  }

  /** Undefined for an ACK, and for a request that the server made. What is answered through it is seen by the scripts before. */
  get transaction(): ServerTransaction | undefined {
    this.decide();
    this.leg.reviewAnswers?.();
    return this.leg.context?.transaction;
  }

  /** How the request came in. Throws TypeError for a request that the server made. */
  get flow(): Flow {
    if (this.leg.sourceFlow === undefined) throw new TypeError('the server made this request: it came in on no connection');
    return this.leg.sourceFlow;
  }

  /** The same object for all that happens to the request; also as `ResponseEvent.transaction`. */
  get key(): object {
    return this.leg.context?.transaction ?? this.leg;
  }

  /** False: the script asks that the body does not leave this process (Transaction.MarshalContent). */
  get marshalContent(): boolean {
    return this.leg.marshalContent;
  }

  /** Stamps of an application on the request, the first set first. */
  stamps(appUri: string): readonly ApplicationStamp[] {
    return this.leg.stamps.all(appUri);
  }

  /** Who sent it, as far as a gate has verified that. */
  get identity(): Identity | undefined {
    return this.leg.identity;
  }

  /** An application before this one has already decided where the request goes (MSPL R51). */
  get routed(): boolean {
    return this.leg.routed;
  }

  /** The request follows a route set: default routing leaves it alone. */
  get fixedRoute(): boolean {
    return this.leg.fixedRoute;
  }

  /** Stamps the request for an application (Message.Stamp). False when the stamp is too long, or the request carries too many. */
  stamp(appUri: string, stamp: string): boolean {
    return this.leg.stamps.add(appUri, stamp);
  }

  /**
   * Answers the request. False when it was answered before, or sent on, or is an ACK.
   * @param status 100 to 699; throws RangeError for another one
   */
  respond(status: number, headers?: AnswerHeaders, options?: AnswerOptions): boolean {
    if (!(status >= 100 && status <= 699)) throw new RangeError(`a response has a status from 100 to 699, and not ${status}`);
    this.decide();
    const response = SipResponse.reply(this.leg.original, status, options?.reason, options?.toTag);
    if (headers !== undefined) {
      for (const name of Object.keys(headers)) appendAll(response, name, headers[name] ?? []);
    }
    if (options?.body !== undefined) response.setBody(options.body, options.contentType);
    return this.leg.answer(response);
  }

  /** Answers with the status of `error`, 500 when it has none, and its sentence as a Warning (RFC 3261 section 20.43). */
  reject(error: ParleyError): boolean {
    return this.respond(error.status ?? 500, { Warning: warningValue(error, this.leg.environment.fqdn) });
  }

  /** Sends a copy to each target, through the applications that come after this one. Throws RangeError without a target. */
  fork(targets: readonly ForkTarget[]): void {
    this.decide();
    this.leg.forkTo(targets.some(isWatched) ? targets.map((target) => this.watch(target)) : targets);
  }

  /**
   * Sends the request on as it is, through the applications that come after this one.
   * @param onResponse see ForkTarget. It sees what every branch brings, and not what the server answers itself: see `onEnded`
   */
  proxy(onResponse?: (event: ResponseEvent) => void | Promise<void>): void {
    this.decide();
    if (onResponse !== undefined) this.leg.observe?.(this.guarded(onResponse));
    this.leg.resume();
  }

  /** Calls `listener` when the sender cancels the request or its connection fails; at once when that has happened. */
  onCancelled(listener: () => void): void {
    this.leg.context?.onCancelled(() => this.tell('onCancelled', listener));
  }

  /**
   * Calls `listener` once when the request has got its final response, whoever made it: this handler, another application, the one who
   * was called, or the server itself (the 408 to a call that rang too long); also when there will be none. At once when that is past.
   * Never for an ACK, nor for a request that the server made.
   */
  onEnded(listener: (end: RequestEnd) => void): void {
    const { context } = this.leg;
    if (context === undefined) return;
    const { transaction } = context;
    transaction.onSettled(() => {
      const end = { status: transaction.finalSent, cancelled: context.cancelled || transaction.cancelled };
      this.tell('onEnded', () => listener(end));
    });
  }

  /** @internal The handler has returned, or is waiting for something: the operator hears of it if nothing is decided soon. */
  awaitDecision(): void {
    if (!this.decided && !this.notification) this.patience = this.leg.timers?.start(PATIENCE_MS, outOfPatience, this);
  }

  /** @internal Nobody need wait any more. */
  decide(): void {
    this.decided = true;
    if (this.patience !== undefined) this.leg.timers?.cancel(this.patience);
  }

  /** @internal */
  tooLate(): void {
    this.leg.undecided(this.application, this.method);
  }

  private watch(target: ForkTarget): ForkTarget {
    return target.onResponse === undefined ? target : { ...target, onResponse: this.guarded(target.onResponse) };
  }

  /** A throw costs the handler its look at this response, and nobody the response. */
  private guarded(onResponse: (event: ResponseEvent) => void | Promise<void>): (event: ResponseEvent) => void {
    return (event) => this.tell('onResponse', () => onResponse(event), event);
  }

  private tell(what: string, listener: () => unknown, event?: ResponseEvent): void {
    const failed = (error: unknown): void => {
      this.leg.listenerFailed(this.application, `${this.method}, ${what}`, error);
      event?.abandon();
    };
    try {
      const told = listener();
      if (told instanceof Promise) told.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function isWatched(target: ForkTarget): boolean {
  return target.onResponse !== undefined;
}

function outOfPatience(context: unknown): void {
  (context as RequestContext).tooLate();
}

function appendAll(response: SipResponse, name: string, values: string | readonly string[]): void {
  if (typeof values === 'string') response.append(name, values);
  else for (const value of values) response.append(name, value);
}

/** A Warning value with the sentence of `error`; nothing that it quotes from a peer can end the quotes or the line. RFC 3261 section 20.43. */
export function warningValue(error: ParleyError, fqdn: string): string {
  return `399 ${fqdn} "${error.message.replaceAll(/[^\u0020-\u007e]|["\\]/g, "'").slice(0, REASON_TEXT_LIMIT)}"`;
}
