/** What a handler does with a request that it does not keep: answer it, send it on, send it to several places. */
import type { AnswerHeaders, AnswerOptions, ForkTarget, RequestContext } from '@parley/core';

/** What goes with a response besides its status. */
export interface ResponseParts extends AnswerOptions {
  /** By name; several fields of a name as a list. */
  readonly headers?: AnswerHeaders;
}

/**
 * Answers the request. False when it was answered or sent on before, or is an ACK.
 * @example respond(tx, 302, { headers: { Contact: '<sip:bob@example.org>' } });
 */
export function respond(tx: Pick<RequestContext, 'respond'>, status: number, { headers, ...options }: ResponseParts = {}): boolean {
  return tx.respond(status, headers, options);
}

/**
 * Sends the request on as it is, through the applications that come after this one.
 * @example if (!isOurs(tx.request)) return proxy(tx);
 */
export function proxy(tx: Pick<RequestContext, 'proxy'>): void {
  tx.proxy();
}

/** How a request goes to several places. */
export interface ForkOptions {
  /** `parallel`: all ring at once, the first answer wins (the default). `serial`: one after the other, in the order of the list. */
  readonly order?: 'parallel' | 'serial';
  /** How long an INVITE rings at each place, in seconds. */
  readonly ringSeconds?: number;
}

/**
 * Sends a copy of the request to each place; a text is its Request-URI: the address of a user here, whose endpoints then get it, or a
 * place elsewhere. Throws RangeError without a place.
 * @example fork(tx, ['sip:reception@example.com', 'sip:night@example.com'], { order: 'serial', ringSeconds: 20 });
 */
export function fork(tx: Pick<RequestContext, 'fork'>, places: readonly (string | ForkTarget)[], options: ForkOptions = {}): void {
  const { order = 'parallel', ringSeconds } = options;
  const targets = places.map((place, index): ForkTarget => {
    const target = typeof place === 'string' ? { uri: place } : place;
    return {
      ...target,
      // A lower q is tried when all of a higher one have failed. RFC 3261 section 16.6.
      ...(order === 'serial' ? { q: 1 - index / places.length } : {}),
      ...(ringSeconds === undefined ? {} : { timeoutMs: ringSeconds * 1000 }),
    };
  });
  tx.fork(targets);
}
