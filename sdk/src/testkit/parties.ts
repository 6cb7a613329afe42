/** Who speaks to the server: endpoints and peers, each with an address, and what the server believes of them. */
import type { Host, ParleyError } from '@parley/core';
import { Endpoint } from './agent/endpoint.ts';
import { checkName, transportOf } from './agent/endpoint-options.ts';
import type { EndpointOptions } from './agent/endpoint-options.ts';
import type { Conversation } from './conversation.ts';
import { TestkitErrors } from './errors.ts';
import { ladder } from './ladder.ts';
import type { VirtualDns } from './network/virtual-dns.ts';
import type { VirtualNetwork } from './network/virtual-network.ts';
import { SERVER_HOST } from './options.ts';
import { enrol } from './sign-in/enrolment.ts';
import type { TestKdc } from './sign-in/kdc.ts';
import { signInOf } from './sign-in/of-endpoint.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import type { Timeline } from './timeline.ts';
import type { Insight, Vouching } from './trust.ts';
import type { TestUsers } from './users.ts';

const FIRST_HOST = 11;
const LAST_HOST = 254;

/** What they share with the server. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly conversation: Conversation;
  readonly network: VirtualNetwork;
  readonly dns: VirtualDns;
  readonly domain: string;
  readonly insight: Insight;
  readonly users: TestUsers;
  readonly kdc: TestKdc;
  readonly host: () => Host;
}

export class Parties {
  /** One of them has told its test that something is wrong. */
  hasFailed = false;
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly vouchings = new Map<string, Vouching>();
  private nextHost = FIRST_HOST;

  constructor(private readonly around: Surroundings) {}

  get byName(): ReadonlyMap<string, Endpoint> {
    return this.endpoints;
  }

  /** What the server believes of who speaks from an address. */
  vouchingFor(host: string): Vouching {
    return this.vouchings.get(host) ?? 'nobody';
  }

  /** @throws TESTKIT_NAME_TAKEN, TESTKIT_NO_LISTENER */
  add(name: string, options: EndpointOptions, vouching: Vouching, listens: boolean): Endpoint {
    const { timeline, conversation, network, dns, domain, insight } = this.around;
    checkName(name, this.endpoints);
    const transport = transportOf(options);
    const listener = insight.transport?.listeners.find((one) => one.transport === transport);
    if (listener === undefined) throw TestkitErrors.TESTKIT_NO_LISTENER({ who: name, transport });
    const host = options.address ?? this.freeHost();
    conversation.name(host, name);
    network.name(host, name);
    this.vouchings.set(host, vouching);
    if (listens && name.includes('.')) dns.set(name, { a: [host] });
    const ladderNow = (): string => ladder(conversation.messages);
    const endpoint = new Endpoint(
      name,
      {
        timeline,
        network,
        domain,
        host,
        transport,
        listens,
        signIn: this.signInOf(name, options),
        heard: () => conversation.messages.filter((message) => message.to === name && message.arrives),
        server: { host: SERVER_HOST, port: listener.address.port },
        unexpected: (who, expected, heard) => this.failed(TestkitErrors.TESTKIT_UNEXPECTED({ who, expected, heard, ladder: ladderNow() })),
        distrust: (who, message, why) => {
          const what = message.isRequest ? `the ${message.cseq.method}` : `the answer to its ${message.cseq.method}`;
          timeline.fault ??= this.failed(TestkitErrors.TESTKIT_DISTRUST({ who, message: what, why, ladder: ladderNow() }));
        },
        notQuiet: (who, heard) => this.failed(TestkitErrors.TESTKIT_NOT_QUIET({ who, heard, ladder: ladderNow() })),
      },
      options,
    );
    this.endpoints.set(name, endpoint);
    return endpoint;
  }

  /** Another server, which listens. Throws as `add` does. */
  async addPeer(name: string, options: EndpointOptions): Promise<Endpoint> {
    const user = options.user ?? `sip@${name}`;
    const peer = this.add(name, { ...options, user }, options.trusted === true ? 'server' : 'nobody', true);
    await peer.station.listen();
    return peer;
  }

  private failed(error: ParleyError): ParleyError {
    this.hasFailed = true;
    return error;
  }

  private signInOf(who: string, options: EndpointOptions): SignIn | undefined {
    const { timeline, domain, users, kdc, host } = this.around;
    const name = options.user ?? who;
    const aor = name.includes('@') ? name : `${name}@${domain}`;
    return signInOf(options.signIn, {
      who,
      name,
      aor,
      password: options.password === false ? undefined : (options.password ?? users.passwordOf(name)),
      kdc,
      now: () => timeline.server.now(),
      enrol: (device) => enrol(host(), aor, device),
    });
  }

  private freeHost(): string {
    if (this.nextHost > LAST_HOST) throw new Error('a test has at most 244 endpoints without an address of their own');
    return `192.0.2.${this.nextHost++}`;
  }
}
