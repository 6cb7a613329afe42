/** Requests that an application sends of its own, and the answers that it waits for. */
import { ParleyError } from '@parley/core/errors';
import { ApplicationErrors as E } from './errors.ts';
import { ApplicationResponse } from './message.ts';
import type { ApplicationFrame, DialogSide, WireHeader, WireResponse } from './protocol.ts';
import { settleable } from './settleable.ts';
import type { Settleable } from './settleable.ts';
import type { Transaction } from './transaction.ts';

interface RequestParts {
  /** Any that needs no dialog of its own: MESSAGE, OPTIONS, NOTIFY, INFO ...; inside a dialog BYE too. */
  readonly method: string;
  /** A header's value, or several fields of that name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer | string;
  readonly contentType?: string;
}

/** A request to somebody. */
export interface NewOwnRequest extends RequestParts {
  /** A user of the server, whose endpoints all get it, or any other URI. */
  readonly uri: string;
  /** From value, of a domain of the server; `sip:NAME@DOMAIN` of the application when left out. */
  readonly from?: string;
  /** To value; the uri when left out. */
  readonly to?: string;
}

/** A request inside a dialog that began with a request which this application has answered with a 2xx, or sent on. */
export interface OwnRequestWithin extends RequestParts {
  /** That of the first request; also when it has ended. */
  readonly within: Transaction;
  /** Who gets it: the one who sent the first request, or the one who answered it. */
  readonly side: DialogSide;
}

/** A request of an application's own. */
export type OwnRequest = NewOwnRequest | OwnRequestWithin;

/** Answers that are waited for on one connection. */
export class AwaitedAnswers {
  private readonly waiting = new Map<number, Settleable<ApplicationResponse>>();
  private last = 0;

  /** Sends it. The promise gives the final answer; it is rejected with what the server has against it, and when the connection is lost. */
  ask(request: OwnRequest, send: (frame: ApplicationFrame) => void): Promise<ApplicationResponse> {
    const number = ++this.last;
    const awaited = settleable<ApplicationResponse>();
    this.waiting.set(number, awaited);
    send(frameOf(number, request));
    return awaited.promise;
  }

  /** The server has an answer. */
  answer(number: number, message: WireResponse): void {
    this.take(number)?.resolve(new ApplicationResponse(message));
  }

  /** The server has not sent it. */
  refuse(number: number, code: string, sentence: string): void {
    this.take(number)?.reject(new ParleyError(code, { sentence, fix: 'See the message; the server’s log says more.' }));
  }

  /** Nothing comes any more. */
  end(reason: string): void {
    const error = E.APPLICATION_GONE({ reason });
    for (const number of this.waiting.keys()) this.take(number)?.reject(error);
  }

  private take(number: number): Settleable<ApplicationResponse> | undefined {
    const awaited = this.waiting.get(number);
    this.waiting.delete(number);
    return awaited;
  }
}

function frameOf(request: number, parts: OwnRequest): ApplicationFrame {
  const { method, headers = {}, body, contentType } = parts;
  const list = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value): WireHeader => [name, value]));
  return {
    type: 'send',
    request,
    method,
    ...('within' in parts ? { within: { transaction: parts.within.id, side: parts.side } } : placeOf(parts)),
    ...(list.length === 0 ? {} : { headers: list }),
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function placeOf({ uri, from, to }: NewOwnRequest): { readonly uri: string; readonly from?: string; readonly to?: string } {
  return { uri, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
