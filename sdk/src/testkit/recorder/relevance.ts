/** Which messages of a conversation a scenario tells. */
import { SipRequest, SipResponse } from '@parley/core';
import type { ReadMessage } from './conversation-of.ts';

/** One transaction: who began it, and how it went. */
interface Exchange {
  readonly client: string;
  challenged: boolean;
  /** Final status, 0 before. */
  status: number;
  cancelled: boolean;
}

/**
 * Signing in is left out (scenarios sign in by themselves), and so is what endpoints do by themselves: 100, ACKs to errors that they
 * receive, and their answers to CANCEL and to what was cancelled.
 */
export class Relevance {
  private readonly exchanges = new Map<string, Exchange>();

  constructor(messages: readonly ReadMessage[]) {
    for (const one of messages) this.learn(one);
  }

  /** Is it a step of the scenario? */
  isTold(one: ReadMessage): boolean {
    const { message, from } = one;
    if (message.cseq.method === 'REGISTER') return false;
    const exchange = this.exchanges.get(keyOf(one));
    if (exchange === undefined) return true;
    if (message instanceof SipResponse) {
      if (message.status === 100 || exchange.challenged) return false;
      // What an endpoint answers by itself.
      return !(from !== 'server' && (message.cseq.method === 'CANCEL' || (exchange.cancelled && message.status === 487)));
    }
    if (exchange.challenged) return false;
    return !((message as SipRequest).method === 'ACK' && exchange.status >= 300 && from === 'server');
  }

  private learn(one: ReadMessage): void {
    const { message, from } = one;
    const key = keyOf(one);
    if (message instanceof SipRequest) {
      if (message.method === 'CANCEL') (this.exchanges.get(key.replace(' CANCEL ', ' INVITE ')) ?? { cancelled: false }).cancelled = true;
      if (message.method !== 'ACK' && !this.exchanges.has(key))
        this.exchanges.set(key, { client: from, challenged: false, status: 0, cancelled: false });
      return;
    }
    const { status } = message as SipResponse;
    const exchange = this.exchanges.get(key);
    if (exchange === undefined || status < 200) return;
    exchange.status = status;
    if (status === 401 || status === 407) exchange.challenged = true;
  }
}

/** The same for a request, its answers and its ACK, on one side of the server. */
function keyOf({ message, from, to }: ReadMessage): string {
  const { method, number } = message.cseq;
  const side = from === 'server' ? to : from;
  return `${side} ${message.callId} ${method === 'ACK' ? 'INVITE' : method} ${number}`;
}
