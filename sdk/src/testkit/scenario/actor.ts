/** One endpoint of a scenario, and what it has said and heard so far. */
import type { SipMessage } from '@parley/core';
import type { Call } from '../agent/call.ts';
import type { Endpoint } from '../agent/endpoint.ts';
import type { Received } from '../agent/received.ts';
import type { Sent } from '../agent/sent.ts';
import { OFFER } from '../agent/received.ts';
import { takeApart } from './compare.ts';
import type { LiteralMessage } from './compare.ts';
import type { Wording } from './syntax.ts';

/** Header fields that an answer takes from its request, unless the scenario writes them. */
const OWN = /^(?:via|from|to|call-id|cseq|record-route|content-length|content-type)$/i;
const IN_DIALOG: ReadonlySet<string> = new Set(['ACK', 'BYE', 'INFO', 'UPDATE', 'PRACK', 'NOTIFY', 'REFER']);

/** Runs the steps of one endpoint. What it throws is a sentence about the step. */
export class Actor {
  private readonly received: Received[] = [];
  private call: Call | undefined = undefined;
  private sent: Sent | undefined = undefined;

  constructor(readonly endpoint: Endpoint) {}

  /** Sends what a step says, its placeholders filled. */
  async send({ literal, words, body }: Wording): Promise<void> {
    if (literal !== undefined) return this.sendLiteral(literal);
    const [what = '', target] = words;
    const parts = body === undefined ? {} : { body: body === 'sdp' ? OFFER : body };
    if (/^\d{3}$/.test(what)) {
      const request = this.toBeAnswered(words[1] === 'to' ? words[2] : undefined);
      const reason = words[1] === 'to' ? words.slice(3).join(' ') : words.slice(1).join(' ');
      request.answer(Number(what), { ...(body === 'sdp' ? {} : parts), ...(reason === '' ? {} : { reason }) });
      return;
    }
    if (what === 'CANCEL') this.currentCall().cancel();
    else if (what === 'ACK') this.currentCall().ack(parts);
    else if (target === undefined && IN_DIALOG.has(what)) this.sent = this.inDialog().send(what, parts);
    else if (target === undefined) throw new Error(`${what} wants an address to go to`);
    else if (what === 'INVITE') this.sent = this.call = this.endpoint.invite(target, parts);
    else this.sent = this.endpoint.send(what, target, parts);
  }

  /** Waits for the request or response that a step names, and gives it. */
  async receive({ literal, words, within }: Wording): Promise<SipMessage> {
    const [what = ''] =
      literal === undefined
        ? words
        : takeApart(literal)
            .startLine.replace(/^SIP\/2\.0\s+/, '')
            .split(' ');
    const match = within === undefined ? {} : { within };
    if (/^[1-6](?:\d\d|xx)$/.test(what)) {
      const status = Number(what) || (what as '2xx');
      return this.sent === undefined ? this.endpoint.expect(status, match) : this.sent.expect(status, match);
    }
    const received = await this.endpoint.expect(what, match);
    this.received.push(received);
    return received.request;
  }

  private async sendLiteral(text: string): Promise<void> {
    if (!text.startsWith('SIP/')) {
      // From here on answers are to what was written, and not to what the endpoint's transactions sent.
      this.sent = undefined;
      await this.endpoint.write(wireText(text));
      return;
    }
    this.answerLiterally(takeApart(text));
  }

  private answerLiterally({ startLine, fields, body }: LiteralMessage): void {
    const [, status = '', reason = ''] = /^SIP\/2\.0\s+(\d{3})\s*(.*)$/.exec(startLine) ?? [];
    const sequence = fields.find(([name]) => /^cseq$/i.test(name))?.[1];
    const request = this.toBeAnswered(sequence?.split(/\s+/)[1]);
    const contentType = fields.find(([name]) => /^content-type$/i.test(name))?.[1];
    const toTag = /;\s*tag=([^;\s]+)/i.exec(fields.find(([name]) => /^to$/i.test(name))?.[1] ?? '')?.[1];
    const headers: Record<string, string[]> = {};
    for (const [name, value] of fields) if (!OWN.test(name)) (headers[name] ??= []).push(value);
    request.answer(Number(status), {
      reason,
      headers,
      body: bodyText(body ?? '', contentType),
      ...(toTag === undefined ? {} : { toTag }),
      ...(contentType === undefined ? {} : { contentType }),
    });
  }

  /** The request that an answer is for: the last of that method that was received and not answered for good. */
  private toBeAnswered(method: string | undefined): Received {
    const found = this.received.findLast((one) => !one.isAnswered && (method === undefined || one.method === method));
    if (found !== undefined) return found;
    throw new Error(`there is no ${method ?? 'request'} that ${this.endpoint.name} could answer`);
  }

  private currentCall(): Call {
    if (this.call !== undefined) return this.call;
    throw new Error(`${this.endpoint.name} has called nobody in this scenario`);
  }

  private inDialog(): Pick<Call, 'send'> {
    const answered = this.received.findLast((one) => one.method === 'INVITE' || one.method === 'SUBSCRIBE');
    const found = this.call ?? answered;
    if (found !== undefined) return found;
    throw new Error(`${this.endpoint.name} has no dialog`);
  }
}

/** The text of a literal message as it goes out: session descriptions end with a line end. */
function wireText(text: string): string {
  const { fields, body } = takeApart(text);
  const head = text.slice(0, body === undefined ? text.length : text.indexOf('\r\n\r\n'));
  const contentType = fields.find(([name]) => /^content-type$/i.test(name))?.[1];
  return `${head}\r\n\r\n${bodyText(body ?? '', contentType)}`;
}

function bodyText(body: string, contentType: string | undefined): string {
  return body !== '' && contentType?.toLowerCase().startsWith('application/sdp') === true ? `${body}\r\n` : body;
}
