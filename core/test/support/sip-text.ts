/** Short ways to the messages that tests send. */
import { DEFAULT_LIMITS, SipRequest, SipResponse, parseMessage } from '../../src/sip/index.ts';

/** A message from lines of text, `''` before the body; Content-Length is up to the lines. */
export function message(...lines: readonly string[]): SipRequest | SipResponse {
  const text = lines.includes('') ? lines.join('\r\n') : `${lines.join('\r\n')}\r\n\r\n`;
  const parsed = parseMessage(Buffer.from(text, 'latin1'), DEFAULT_LIMITS);
  if (!parsed.ok) throw parsed.error;
  return parsed.message;
}

export interface RequestParts {
  readonly uri?: string;
  /** The whole top Via value; made from `branch` when left out. */
  readonly via?: string;
  readonly transport?: string;
  readonly sentBy?: string;
  readonly branch?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly from?: string;
  readonly to?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

/** A request from Alice to Bob. */
export function request(method: string, parts: RequestParts = {}): SipRequest {
  const { transport = 'UDP', sentBy = '192.0.2.1:5060', branch = 'z9hG4bK1' } = parts;
  const via = parts.via ?? `SIP/2.0/${transport} ${sentBy};branch=${branch}`;
  return SipRequest.create(
    method,
    parts.uri ?? 'sip:bob@example.com',
    [
      ['Via', via],
      ['Max-Forwards', '70'],
      ['From', parts.from ?? '<sip:alice@example.com>;tag=a1'],
      ['To', parts.to ?? '<sip:bob@example.com>'],
      ['Call-ID', parts.callId ?? 'call-1@192.0.2.1'],
      ['CSeq', `${parts.cseq ?? 1} ${method}`],
      ...(parts.headers ?? []),
    ],
    parts.body,
  );
}

/** A response to `to` with the tag `b1` on To. */
export function reply(to: SipRequest, status: number, toTag = 'b1'): SipResponse {
  return SipResponse.reply(to, status, undefined, toTag);
}
