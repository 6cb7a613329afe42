/** Messages that a test writes down as text. */
import { DEFAULT_LIMITS, parseMessage } from '@parley/core';
import type { SipRequest, SipResponse } from '@parley/core';
import { literalBytes } from '../agent/literal.ts';

const ALICE = '<sip:alice@example.com>';
const COMPACT: Readonly<Record<string, string>> = { v: 'via', f: 'from', t: 'to', i: 'call-id' };

/**
 * A request from its text, or from the lines of one. Line ends become CRLF, Content-Length is put right, and mandatory header fields that
 * are not written are added: from alice@example.com, to the Request-URI (for REGISTER to alice), over TCP from 198.51.100.7:40000.
 * Throws what the parser says.
 */
export function testRequest(text: string | readonly string[]): SipRequest {
  const message = parsed(text, ([method = '', uri = '']) => ({
    To: method === 'REGISTER' ? ALICE : `<${uri}>`,
    CSeq: `1 ${method}`,
    'Max-Forwards': '70',
  }));
  if (!message.isRequest) throw new TypeError('the text is that of a response');
  return message;
}

/** A response, likewise; to an INVITE of alice to bob unless its fields say otherwise. Throws what the parser says. */
export function testResponse(text: string | readonly string[]): SipResponse {
  const message = parsed(text, () => ({ To: '<sip:bob@example.com>;tag=bob', CSeq: '1 INVITE' }));
  if (message.isRequest) throw new TypeError('the text is that of a request');
  return message;
}

function parsed(
  given: string | readonly string[],
  usual: (startLine: readonly string[]) => Readonly<Record<string, string>>,
): SipRequest | SipResponse {
  const text = (typeof given === 'string' ? given : given.join('\n')).trimStart();
  const [head = '', ...body] = text.split(/(\r?\n\r?\n[\s\S]*)/);
  const [startLine = '', ...fields] = head.trimEnd().split(/\r?\n/);
  const written = new Set(fields.map(nameOf));
  const mandatory = {
    Via: 'SIP/2.0/TCP 198.51.100.7:40000;branch=z9hG4bKtest',
    From: `${ALICE};tag=alice`,
    'Call-ID': 'call-1',
    ...usual(startLine.split(' ')),
  };
  const added = Object.entries(mandatory).filter(([name]) => !written.has(name.toLowerCase()));
  const lines = [startLine, ...fields, ...added.map(([name, value]) => `${name}: ${value}`)];
  const result = parseMessage(literalBytes(lines.join('\n') + body.join('')), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message;
}

function nameOf(field: string): string {
  const name = field.slice(0, field.indexOf(':')).trim().toLowerCase();
  return COMPACT[name] ?? name;
}
