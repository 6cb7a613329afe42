/** A request that an endpoint has received. */
import { SipResponse } from '@parley/core';
import type { ServerTransaction, SipRequest } from '@parley/core';
import { TestkitErrors } from '../errors.ts';
import { TestDialog, addParts, makeRequest, usualType } from './dialog.ts';
import type { Parts } from './dialog.ts';
import type { Match } from './match.ts';
import type { Arrival, ExpectedRequest, Party } from './party.ts';
import { Sent } from './sent.ts';

/** What goes into an answer. */
export interface AnswerParts extends Parts {
  /** The reason phrase; the usual one when absent. */
  readonly reason?: string;
  /** Tag on To; one of the endpoint's own when absent. */
  readonly toTag?: string;
}

/** Methods whose 2xx begins a dialog. */
const DIALOG_METHODS: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** A request, to be looked at and answered. In the dialog that a 2xx makes it goes on talking. */
export class Received {
  readonly request: SipRequest;
  private readonly transaction: ServerTransaction | undefined;
  private dialog: TestDialog | undefined;
  private byItself = false;

  /** @internal endpoints make it */
  constructor(
    private readonly party: Party,
    arrival: Arrival,
  ) {
    this.request = arrival.request;
    this.transaction = arrival.transaction;
    this.dialog = arrival.dialog;
  }

  get method(): string {
    return this.request.method;
  }

  /** The first value of a header field. */
  header(name: string): string | undefined {
    return this.request.first(name);
  }

  /** The body as text. */
  get body(): string {
    return this.request.body.toString('utf8');
  }

  /** Whether a final answer was given; an ACK has none. */
  get isAnswered(): boolean {
    return this.transaction === undefined || this.transaction.finalSent !== 0;
  }

  /** @internal is it of this dialog? */
  isOf(dialog: TestDialog): boolean {
    return this.dialog === dialog || dialog.has(this.request);
  }

  /**
   * Answers. A 2xx to an INVITE has `ANSWER` as its body unless one is given.
   * Throws TESTKIT_ACK, TESTKIT_ANSWERED.
   */
  answer(status: number, parts: AnswerParts = {}): this {
    const { transaction, request, party } = this;
    if (transaction === undefined) throw TestkitErrors.TESTKIT_ACK();
    const sent = transaction.finalSent;
    if (sent !== 0) {
      if (this.byItself && sent === status) return this;
      throw TestkitErrors.TESTKIT_ANSWERED({ who: party.name, method: request.method, status: sent });
    }
    if (parts.toTag !== undefined) transaction.record.toTag ??= parts.toTag;
    const response = SipResponse.reply(request, status, parts.reason, transaction.toTag);
    if (status > 100 && status < 300 && DIALOG_METHODS.has(request.method)) this.begin(response, transaction.toTag);
    const body = parts.body ?? (status >= 200 && status < 300 && request.method === 'INVITE' ? ANSWER : undefined);
    addParts(response, { ...parts, ...(body === undefined ? {} : { body }), contentType: parts.contentType ?? usualType(request.method) });
    transaction.respond(response);
    if (request.method === 'INVITE' && status >= 200 && status < 300) party.repetitions.begin(request, () => transaction.respond(response));
    return this;
  }

  /** @internal answers as an endpoint does whose test takes no interest */
  answerByItself(status: number): void {
    this.answer(status);
    this.byItself = true;
  }

  /** Sends a request in the dialog. Throws TESTKIT_NO_ANSWER. */
  send(method: string, parts: Parts = {}): Sent {
    const { party } = this;
    return new Sent(party, makeRequest(this.need(`send ${method}`).head(method, party.contact), parts));
  }

  /** Ends the call. Throws TESTKIT_NO_ANSWER. */
  bye(parts: Parts = {}): Sent {
    return this.send('BYE', parts);
  }

  /** The next request of that method in the dialog: `ACK`, `BYE` ... */
  expect(method: string, match: Match = {}): ExpectedRequest {
    return this.party.receive(method, match, this.need(`wait for ${method}`));
  }

  private begin(response: SipResponse, toTag: string): void {
    const { request, party } = this;
    response.set('Contact', party.contact);
    if (request.method === 'SUBSCRIBE' && !response.has('Expires')) response.append('Expires', request.first('Expires') ?? '3600');
    this.dialog ??= TestDialog.asCallee(request, toTag);
    this.dialog.refresh(request);
    party.keep(this.dialog);
  }

  private need(act: string): TestDialog {
    if (this.dialog !== undefined) return this.dialog;
    throw TestkitErrors.TESTKIT_NO_ANSWER({ method: this.request.method, who: this.party.name, act });
  }
}

/** A session description that offers one call with sound. Nobody reads it but people. */
export const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.100',
  's=-',
  'c=IN IP4 192.0.2.100',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 8',
  'a=sendrecv',
  '',
].join('\r\n');

/** One that takes the offer. */
export const ANSWER = OFFER.replaceAll('192.0.2.100', '192.0.2.200').replace('RTP/AVP 0 8', 'RTP/AVP 0');
