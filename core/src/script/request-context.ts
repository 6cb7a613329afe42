/** What a plugin's handler gets when a script dispatches a request to it. */
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ParleyError } from '../errors/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { Destination, Flow, Identity } from '../transport/index.ts';
import type { ChainLeg } from './chain-leg.ts';
import type { ScriptValue } from './run.ts';

/** One place to which a handler sends the request. */
export interface ForkTarget {
  /** The new Request-URI. */
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

/**
 * One request at one place in the chain. A handler does exactly one of `respond` with a final status, `reject`, `fork` or
 * `proxy`, now or later; what it does after that changes nothing.
 */
export class RequestContext {
  constructor(
    private readonly leg: ChainLeg,
    /** The further arguments of the script's Dispatch. */
    readonly parameters: readonly ScriptValue[],
  ) {}

  /** The request as the applications before have left it; a handler may change it before it sends it on. */
  get request(): SipRequest {
    return this.leg.request;
  }

  /** Undefined for an ACK. */
  get transaction(): ServerTransaction | undefined {
    return this.leg.context?.transaction;
  }

  /** How the request came in. */
  get flow(): Flow {
    return this.leg.sourceFlow;
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

  /** Answers the request. False when it was answered before, or sent on, or is an ACK. */
  respond(status: number, headers?: AnswerHeaders, options?: AnswerOptions): boolean {
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
    this.leg.forkTo(targets);
  }

  /** Sends the request on as it is, through the applications that come after this one. */
  proxy(): void {
    this.leg.resume();
  }

  /** Calls `listener` when the sender cancels the request or its connection fails. */
  onCancelled(listener: () => void): void {
    this.leg.context?.onCancelled(listener);
  }
}

function appendAll(response: SipResponse, name: string, values: string | readonly string[]): void {
  if (typeof values === 'string') response.append(name, values);
  else for (const value of values) response.append(name, value);
}

/** A Warning value with the sentence of `error`; nothing that it quotes from a peer can end the quotes or the line. RFC 3261 section 20.43. */
export function warningValue(error: ParleyError, fqdn: string): string {
  return `399 ${fqdn} "${error.message.replaceAll(/[^\u0020-\u007e]|["\\]/g, "'").slice(0, REASON_TEXT_LIMIT)}"`;
}
