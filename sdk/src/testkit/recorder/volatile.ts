/** What of a conversation is different each time, and the names that a scenario gives it. */
import { H, NameAddr, SipRequest } from '@parley/core';
import type { SipMessage } from '@parley/core';
import type { ReadMessage } from './conversation-of.ts';

/** Values by the placeholder that stands for them. */
export class Volatile {
  private readonly names = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  /** @param fixed values that the testkit knows: `192.0.2.11:49152` is `alice address` */
  constructor(fixed: ReadonlyMap<string, string>) {
    for (const [value, name] of fixed) this.names.set(value, name);
  }

  /** Gives every volatile value of a message a name. */
  collect({ message }: ReadMessage): void {
    this.add('call', message.callId);
    this.add('tag', message.from.tag);
    this.add('tag', message.to.tag);
    for (const via of message.list(H.Via)) this.add('branch', /;\s*branch=(?:z9hG4bK)?([^;,\s]+)/i.exec(via)?.[1]);
    for (const [, id] of message.toString().matchAll(/;ms-received-cid=(\w+)/gi)) this.add('connection', id);
    for (const route of message.list(H.RecordRoute)) this.add('route', uriOf(route));
  }

  /** The text with placeholders in place of values, the longest first. */
  replace(text: string): string {
    const values = [...this.names.keys()].toSorted((a, b) => b.length - a.length);
    const pattern = values.map((value) => value.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|');
    if (pattern === '') return text;
    return text.replaceAll(new RegExp(`(?<![\\w.-])(?:z9hG4bK)?(?:${pattern})(?![\\w-])`, 'g'), (found) => this.placeholder(found));
  }

  /** Is this value named? */
  has(value: string): boolean {
    return this.names.has(value);
  }

  private placeholder(found: string): string {
    const cookie = found.startsWith('z9hG4bK') && !this.names.has(found) ? 'z9hG4bK' : '';
    return `${cookie}\${${this.names.get(found.slice(cookie.length))}}`;
  }

  private add(kind: string, value: string | true | undefined): void {
    // Short texts stand for themselves: they would be found inside of words.
    if (typeof value !== 'string' || value.length < 4 || this.names.has(value)) return;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    this.names.set(value, `${kind} ${count}`);
  }
}

/** The URI of an address, without what stands around it. */
export function uriOf(value: string): string {
  return NameAddr.parse(value).uri.raw;
}

/** The values of Route of all requests that somebody sends: who sends them has to have received them. */
export function sentRoutes(messages: readonly SipMessage[]): ReadonlySet<string> {
  const requests = messages.filter((message) => message instanceof SipRequest);
  return new Set(requests.flatMap((request) => request.list(H.Route).map(uriOf)));
}
