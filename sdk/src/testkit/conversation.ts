/** What went over the network, message by message. */
import { FramingError, StreamFramer, parseMessage } from '@parley/core';
import type { Address, SipMessage } from '@parley/core';
import type { Tap } from './network/virtual-network.ts';
import { READING_LIMITS } from './reading-limits.ts';

/** One message on its way. */
export interface WireMessage {
  /** Milliseconds since the test began, when it was sent. */
  readonly at: number;
  /** Endpoint, peer, or `server`. */
  readonly from: string;
  readonly to: string;
  /** The bytes as a byte string; what is no SIP is described in parentheses. */
  readonly text: string;
  /** False when the network lost it. */
  readonly arrives: boolean;
  /** Undefined when it is no SIP message. */
  readonly message: SipMessage | undefined;
}

/** Writes down what passes the network. */
export class Conversation implements Tap {
  readonly messages: WireMessage[] = [];
  private readonly streams = new WeakMap<object, StreamFramer | 'unreadable'>();
  private readonly names = new Map<string, string>();

  /** @param now milliseconds since the test began */
  constructor(private readonly now: () => number) {}

  /** The name that an address is shown by. */
  name(host: string, name: string): void {
    this.names.set(host, name);
  }

  datagram(from: Address, to: Address, bytes: Buffer, arrives: boolean): void {
    this.add(from, to, bytes, arrives);
  }

  piece(stream: object, from: Address, to: Address, bytes: Buffer): void {
    const framer = this.streams.get(stream) ?? new StreamFramer(READING_LIMITS);
    this.streams.set(stream, framer);
    if (framer === 'unreadable') {
      this.note(from, to, bytes.length);
      return;
    }
    framer.push(Buffer.from(bytes));
    for (let found = framer.next(); found !== undefined; found = framer.next()) {
      if (found instanceof FramingError) {
        this.streams.set(stream, 'unreadable');
        this.note(from, to, bytes.length);
      } else if (found !== 'ping') {
        this.add(from, to, found, true);
      }
    }
  }

  private add(from: Address, to: Address, bytes: Buffer, arrives: boolean): void {
    const parsed = parseMessage(bytes, READING_LIMITS);
    const text = bytes.toString('latin1');
    this.messages.push({ ...this.way(from, to), text, arrives, message: parsed.ok ? parsed.message : undefined });
  }

  private note(from: Address, to: Address, length: number): void {
    this.messages.push({ ...this.way(from, to), text: `(${length} bytes that are no SIP)`, arrives: true, message: undefined });
  }

  private way(from: Address, to: Address): Pick<WireMessage, 'at' | 'from' | 'to'> {
    const nameOf = ({ host }: Address): string => this.names.get(host) ?? host;
    return { at: this.now(), from: nameOf(from), to: nameOf(to) };
  }
}
