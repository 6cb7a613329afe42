/** Turns a conversation into a scenario file. */
import { H, SipRequest, SipResponse } from '@parley/core';
import type { Endpoint } from '../agent/endpoint.ts';
import type { TestServer } from '../server.ts';
import { readable } from './conversation-of.ts';
import type { CapturedMessage, ReadMessage } from './conversation-of.ts';
import { Relevance } from './relevance.ts';
import { Volatile, sentRoutes, uriOf } from './volatile.ts';

/** How a scenario is made from a conversation. */
export interface RecordOptions {
  /** First line, as a comment. */
  readonly title?: string;
  /** The domain that the conversation was about; it becomes `${domain}`. Known of a TestServer. */
  readonly domain?: string;
}

/** Header fields that say nothing about what was said, or that the other side adds on the way. */
const LEFT_OUT =
  /^(?:content-length|date|server|timestamp|authorization|proxy-authorization|authentication-info|proxy-authentication-info)$/i;
/** More of them, in what the server sends: the testkit compares only what is written. */
const LEFT_OUT_OF_RECEIVED = /^(?:via|max-forwards|user-agent|record-route|ms-.*)$/i;
/** Time between two messages that is worth a step, ms. */
const PAUSE_MS = 100;

/**
 * The conversation as the text of a scenario. Signing in (REGISTER and what was challenged) is left out: endpoints of a scenario are
 * registered before it begins. A TestServer tells names and addresses of its endpoints; of captured messages the ends are the names.
 */
export function recordScenario(source: TestServer | readonly CapturedMessage[], options: RecordOptions = {}): string {
  const isServer = 'messages' in source;
  const messages = readable(isServer ? source.messages : source);
  const parties = isServer ? source.parties : new Map<string, Endpoint>();
  const domain = options.domain ?? (isServer ? source.domain : undefined);
  return new Recording(messages, parties, domain).text(options.title ?? 'recorded');
}

class Recording {
  private readonly volatile: Volatile;
  private readonly relevance: Relevance;
  private readonly names: ReadonlyMap<string, string>;

  constructor(
    private readonly messages: readonly ReadMessage[],
    private readonly endpoints: ReadonlyMap<string, Endpoint>,
    private readonly domain: string | undefined,
  ) {
    this.names = scenarioNames(messages);
    this.volatile = new Volatile(this.fixedValues());
    this.relevance = new Relevance(messages);
    for (const message of messages) if (this.relevance.isTold(message)) this.volatile.collect(message);
  }

  text(title: string): string {
    const steps: string[] = [];
    let before: ReadMessage | undefined;
    for (const message of this.messages) {
      if (!this.relevance.isTold(message)) continue;
      const pause = before === undefined ? 0 : message.at - before.at;
      if (pause >= PAUSE_MS) steps.push(`after ${pause}ms`);
      steps.push(this.step(message));
      before = message;
    }
    return `${[`# ${title}`, ...this.declarations()].join('\n')}\n\n${steps.join('\n\n')}\n`;
  }

  private declarations(): readonly string[] {
    return [...this.names].map(([party, name]) => {
      const endpoint = this.endpoints.get(party);
      const user = endpoint?.aor.split('@')[0] ?? this.userOf(party);
      const epid = endpoint?.epid ?? this.epidOf(party);
      const words = [
        user === undefined || user === name ? '' : `of ${user}`,
        epid === undefined ? '' : `epid ${epid}`,
        endpoint === undefined || endpoint.transport === 'TLS' ? '' : `over ${endpoint.transport.toLowerCase()}`,
        // Every answer is a step of its own.
        'answers nothing',
      ];
      return `[endpoint] ${[name, ...words.filter((word) => word !== '')].join('  ')}`;
    });
  }

  private step({ from, to, message }: ReadMessage): string {
    const sends = to === 'server';
    const [startLine = '', ...lines] = this.lines(message.serialize().toString('utf8'), message, sends);
    const name = this.names.get(sends ? from : to);
    return `${name} ${sends ? 'sends' : 'receives'}\n${[startLine, ...lines].map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}`;
  }

  private lines(text: string, message: SipRequest | SipResponse | ReadMessage['message'], sends: boolean): readonly string[] {
    const end = text.indexOf('\r\n\r\n');
    const [startLine = '', ...fields] = text.slice(0, end).split('\r\n');
    const kept = fields.filter((line) => this.isKept(line, message, sends));
    const body = text.slice(end + 4).replace(/\r\n$/, '');
    const bodyLines =
      body === ''
        ? []
        : [
            '',
            ...escaped(body)
              .replaceAll(/(?<!\r)\n/g, () => '${nl}')
              .split('\r\n'),
          ];
    return [escaped(startLine), ...kept.map(escaped), ...bodyLines].map((line) => this.generalise(line));
  }

  private isKept(line: string, message: ReadMessage['message'], sends: boolean): boolean {
    const name = line.slice(0, line.indexOf(':')).trim();
    if (LEFT_OUT.test(name)) return false;
    if (sends) return message instanceof SipRequest || !/^(?:via|record-route|from|call-id)$/i.test(name);
    if (!LEFT_OUT_OF_RECEIVED.test(name)) return true;
    // A route that is used later has to be learnt here.
    return /^record-route$/i.test(name) && message.list(H.RecordRoute).some((route) => this.routes.has(uriOf(route)));
  }

  private get routes(): ReadonlySet<string> {
    return sentRoutes(this.messages.filter(({ to }) => to === 'server').map(({ message }) => message));
  }

  private generalise(line: string): string {
    const replaced = this.volatile.replace(line);
    if (this.domain === undefined) return replaced;
    return replaced.replaceAll(new RegExp(`(?<![\\w.-])${this.domain.replaceAll('.', '\\.')}(?![\\w-])`, 'g'), '${domain}');
  }

  private fixedValues(): ReadonlyMap<string, string> {
    const values = new Map<string, string>();
    for (const [party, name] of this.names) {
      const endpoint = this.endpoints.get(party);
      const address = endpoint?.address ?? this.addressOf(party);
      if (address === undefined) continue;
      values.set(address, `${name} address`);
      // Some clients write the parts of it apart: `sip:alice@example.com:49152;maddr=192.0.2.11`.
      const [host, port] = address.split(':');
      if (host !== undefined) values.set(host, `${name} host`);
      if (port !== undefined && port.length === 5) values.set(port, `${name} port`);
    }
    return values;
  }

  /** Of captured messages: where a client says it is, in its Contact. */
  private addressOf(party: string): string | undefined {
    for (const { from, message } of this.messages) {
      const [contact] = from === party && message.has(H.Contact) ? message.list(H.Contact) : [];
      const address =
        contact === undefined ? undefined : /^[^@]*?(?:@|:)?((?:\d+\.){3}\d+:\d+)/.exec(uriOf(contact).replace(/^sips?:/, ''))?.[1];
      if (address !== undefined) return address;
    }
    return undefined;
  }

  private userOf(party: string): string | undefined {
    const first = this.messages.find(({ from, message }) => from === party && message instanceof SipRequest);
    return first?.message.from.uri.userAtHost.split('@')[0];
  }

  private epidOf(party: string): string | undefined {
    for (const { from, message } of this.messages) {
      const epid = from === party && message instanceof SipRequest ? message.from.params.get('epid') : undefined;
      if (typeof epid === 'string') return epid;
    }
    return undefined;
  }
}

/** A text that may look like a placeholder, written so that it is none. */
function escaped(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** Names that may stand in a scenario for the ends of a conversation. */
function scenarioNames(messages: readonly ReadMessage[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { from, to, message } of messages) {
    const party = from === 'server' ? to : from;
    if (names.has(party)) continue;
    const isAddress = /^[\d.:[\]]+$/.test(party);
    const wanted = !isAddress
      ? party
      : message instanceof SipRequest && to === 'server'
        ? (message.from.uri.userAtHost.split('@')[0] ?? 'phone')
        : 'phone';
    let name = wanted.replaceAll(/\s/g, '-');
    for (let i = 2; [...names.values()].includes(name); i++) name = `${wanted}${i}`;
    names.set(party, name);
  }
  return names;
}
