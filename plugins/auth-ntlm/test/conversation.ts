/** Conversations as they were recorded from real clients: raw messages of both sides, one after the other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMessage, DEFAULT_LIMITS } from '@parley/sdk';
import type { SipMessage } from '@parley/sdk';

/** One message and who sent it. */
export interface RecordedMessage {
  readonly from: 'client' | 'server';
  readonly message: SipMessage;
}

/**
 * Reads `conversations/NAME.sip`. A server's message is one with a signature or challenge of a server, or a response to a REGISTER;
 * all others are the client's. Throws when something in it is no SIP message.
 */
export function readConversation(name: string): RecordedMessage[] {
  let rest = readFileSync(join(import.meta.dirname, 'conversations', `${name}.sip`));
  const messages: RecordedMessage[] = [];
  while (rest.length > 0) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) break;
    const head = rest.subarray(0, headEnd).toString('latin1');
    const length = Number(/^Content-Length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    const parsed = parseMessage(Buffer.from(rest.subarray(0, end)), DEFAULT_LIMITS);
    if (!parsed.ok) throw parsed.error;
    messages.push({ from: sender(parsed.message), message: parsed.message });
    rest = rest.subarray(end);
  }
  return messages;
}

function sender(message: SipMessage): RecordedMessage['from'] {
  if (message.has('Authentication-Info') || message.has('WWW-Authenticate')) return 'server';
  return 'client';
}

/** A quoted parameter of a header value. */
export function parameter(value: string | undefined, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(value ?? '')?.[1];
}
