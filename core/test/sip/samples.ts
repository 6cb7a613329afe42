/** Messages and short ways to them that the tests of this room share. */
import { expect } from 'vitest';
import {
  DEFAULT_LIMITS,
  checkRequest,
  checkResponse,
  parseMessage,
  type ParseResult,
  type SipLimits,
  type SipRequest,
  type SipResponse,
} from '../../src/sip/index.ts';
import type { ParleyError } from '../../src/errors/index.ts';

/** A request that is sound in every way; lines can be put in place of others by the name in front of the colon. */
const REQUEST: readonly string[] = [
  'OPTIONS sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK776asdhds',
  'Max-Forwards: 70',
  'From: "Alice" <sip:alice@example.com>;tag=1928301774;epid=a1b2c3d4e5',
  'To: <sip:bob@example.com>',
  'Call-ID: a84b4c76e66710@192.0.2.50',
  'CSeq: 63104 OPTIONS',
  'Contact: <sip:alice@192.0.2.50>',
  'Content-Length: 0',
];

const RESPONSE: readonly string[] = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK776asdhds',
  'From: <sip:alice@example.com>;tag=1928301774',
  'To: <sip:bob@example.com>;tag=a6c85cf',
  'Call-ID: a84b4c76e66710@192.0.2.50',
  'CSeq: 63104 OPTIONS',
  'Content-Length: 0',
];

/** Lines with CRLF, the empty line and a body: one message. Text is a byte string. */
export function wire(lines: readonly string[], body = ''): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** The sound request with a start line of its own and lines replaced, added or (by `Name:` with nothing after it) taken out. */
export function requestLines(startLine: string, ...changes: string[]): string[] {
  return changed([startLine, ...REQUEST.slice(1)], changes);
}

export function optionsLines(...changes: string[]): string[] {
  return changed(REQUEST, changes);
}

export function responseLines(startLine: string, ...changes: string[]): string[] {
  return changed([startLine, ...RESPONSE.slice(1)], changes);
}

function changed(lines: readonly string[], changes: readonly string[]): string[] {
  const result = [...lines];
  for (const change of changes) {
    const name = change.slice(0, change.indexOf(':') + 1);
    const index = result.findIndex((line, i) => i > 0 && line.startsWith(name));
    if (change === name) result.splice(index, 1);
    else if (index > 0) result[index] = change;
    else result.splice(-1, 0, change);
  }
  return result;
}

export function parse(bytes: Buffer, limits: Partial<SipLimits> = {}): ParseResult {
  return parseMessage(bytes, { ...DEFAULT_LIMITS, ...limits });
}

/** The request in those bytes; fails the test when there is none. */
export function request(bytes: Buffer): SipRequest {
  const result = parse(bytes);
  if (!result.ok) throw result.error;
  expect(result.message.isRequest).toBe(true);
  return result.message as SipRequest;
}

export function response(bytes: Buffer): SipResponse {
  const result = parse(bytes);
  if (!result.ok) throw result.error;
  expect(result.message.isRequest).toBe(false);
  return result.message as SipResponse;
}

/** What an element says to those bytes: the error of parsing or checking, or 'sound'. */
export function verdict(bytes: Buffer): ParleyError | 'sound' {
  const result = parse(bytes);
  if (!result.ok) return result.error;
  const { message } = result;
  return (message.isRequest ? checkRequest(message) : checkResponse(message)) ?? 'sound';
}
