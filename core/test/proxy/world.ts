/** A proxy and its phones on an in-memory network under a fake clock. The route is a function instead of a script. */
import { FakeClock } from '../../src/clock/index.ts';
import { ParleyError } from '../../src/errors/index.ts';
import { ProxyCore, ResponseContext } from '../../src/proxy/index.ts';
import type { Admitted, Leg, NextHops } from '../../src/proxy/index.ts';
import { H, SipRequest, SipResponse } from '../../src/sip/index.ts';
import type { SipMessage, SipUri } from '../../src/sip/index.ts';
import { TransactionLayer } from '../../src/transaction/index.ts';
import type { ServerTransaction } from '../../src/transaction/index.ts';
import { Inbound } from '../../src/transport/index.ts';
import type { Address, Destination, Flow } from '../../src/transport/index.ts';
import { Endpoint, LossyNetwork, serializing } from '../support/lossy-network.ts';
import type { NetworkFlow } from '../support/lossy-network.ts';

export const PROXY = '10.0.0.1';

/** Where a test sends a copy; what is left out is left to the proxy. */
export interface Hop {
  readonly uri?: string;
  readonly flow?: Flow;
  readonly destination?: Destination;
  readonly timeoutMs?: number;
  /** The test's application has decided; default true. */
  readonly routed?: boolean;
}

export class ProxyWorld {
  readonly clock = new FakeClock();
  readonly network = new LossyNetwork(this.clock);
  readonly server = this.network.endpoint(PROXY);
  readonly transactions = new TransactionLayer(serializing, this.clock);
  readonly proxy: ProxyCore;
  /** The last server transaction that came up. */
  transaction: ServerTransaction | undefined;
  /** Groups of hops that are tried one after the other; within a group at once. */
  route: (request: SipRequest) => readonly (readonly Hop[])[] = () => [[{ routed: false }]];
  /** Destinations by host, for those that are not IP literals. */
  readonly names = new Map<string, Destination[]>();
  readonly unreachable: string[] = [];
  /** Opens a connection to a destination; nobody takes any until a test says so. */
  connect = (destination: Destination, cause?: Error): Promise<Flow> => {
    const entry = { sentence: `${destination.host} does not answer`, fix: '', status: 503 };
    return Promise.reject(new ParleyError('TEST_UNREACHABLE', entry, {}, { cause }));
  };
  private readonly flows = new Map<number, Flow>();
  private readonly phones: Phone[] = [];

  constructor() {
    const self = { isOwnAddress: (host: string): boolean => host === PROXY || host === 'proxy.example.com' };
    this.proxy = new ProxyCore(this.transactions, this.names_(), this.hops(), self, this.clock, {
      timerCMs: 180_000,
      routeSecret: Buffer.alloc(32, 1),
      locate: () => undefined,
      report: (error) => this.unreachable.push(error.code),
    });
    this.server.onMessage = (inbound) => {
      if (inbound.flow.reliable) this.flows.set(inbound.flow.id, inbound.flow);
      this.transactions.receive(inbound);
    };
    this.server.onClosed = (flow) => {
      this.flows.delete(flow.id);
      this.transactions.flowClosed(flow);
    };
    this.transactions.onUserError = (error) => {
      throw error;
    };
    this.transactions.onRequest = (transaction) => this.onRequest(transaction);
    this.transactions.onAck = (ack) => {
      const admitted = this.proxy.admit(ack);
      if (!(admitted instanceof ParleyError)) this.proxy.forwardAck(leg(ack.message.clone(), { routed: false }, admitted));
    };
  }

  phone(host: string, transport: 'UDP' | 'TCP' = 'UDP', contactHost = host): Phone {
    const phone = new Phone(this, this.network.endpoint(host), transport, contactHost);
    this.phones.push(phone);
    return phone;
  }

  /** The proxy's side of the way to a phone, as a registrar would keep it. */
  flowTo(phone: Phone): Flow {
    if (phone.transport === 'UDP') return this.server.flowTo(phone.endpoint);
    const flow = phone.flow.opposite as NetworkFlow;
    this.flows.set(flow.id, flow);
    return flow;
  }

  /** Lets `ms` pass; what was sent arrives. */
  pass(ms = 20): void {
    this.clock.advance(ms);
  }

  private onRequest(transaction: ServerTransaction): void {
    this.transaction = transaction;
    const admitted = this.proxy.admit(transaction.inbound);
    if (admitted instanceof ParleyError) {
      transaction.respond(SipResponse.reply(transaction.request, admitted.status ?? 500, undefined, transaction.toTag));
      return;
    }
    const context = new ResponseContext(transaction);
    // As in the chain, what follows a route set is not the applications' to route.
    const [first = [], ...later] = admitted.fixedRoute ? [[{ routed: false }]] : this.route(transaction.request);
    const start = (group: readonly Hop[]): void => {
      for (const hop of group) this.proxy.forward(context, leg(transaction.request.clone(), hop, admitted));
    };
    for (const group of later) context.enqueue(group.length, () => start(group));
    context.split(first.length);
    start(first);
  }

  private names_(): ConstructorParameters<typeof ProxyCore>[1] {
    return {
      flow: (id) => this.flows.get(id),
      flowFor: () => undefined,
      udpFlow: (_, remote: Address) => this.server.flowTo(this.at(remote.host) ?? new Endpoint(this.network, remote)),
      connect: (destination) => this.connect(destination),
      send: (message, flow) => flow.write(message.serialize()),
      viaFor: (flow, branch) => `SIP/2.0/${flow.transport} ${PROXY}:5060;branch=${branch}`,
      recordRouteUri: (flow) => `sip:${PROXY}:5060;transport=${flow.transport.toLowerCase()};lr`,
    };
  }

  private at(host: string): Endpoint | undefined {
    return this.phones.find((phone) => phone.endpoint.address.host === host)?.endpoint;
  }

  private hops(): NextHops {
    const literal = (uri: SipUri): Destination[] => [{ transport: 'UDP', host: uri.host, port: uri.port ?? 5060 }];
    return {
      resolveNow: (uri) => this.names.get(uri.host) ?? (/^[\d.]+$/.test(uri.host) ? literal(uri) : undefined),
      resolve: async () => {
        throw new ParleyError('TEST_NO_NAME', { sentence: 'no such name', fix: '', status: 503 });
      },
      putAside: () => undefined,
    };
  }
}

function leg(request: SipRequest, hop: Hop, admitted: Admitted): Leg {
  if (hop.uri !== undefined) request.uri = hop.uri;
  return {
    request,
    flow: hop.flow,
    destination: hop.destination,
    timeoutMs: hop.timeoutMs,
    routed: hop.routed ?? true,
    sticky: hop.flow !== undefined,
    branchSuffix: admitted.branchSuffix,
    admitted,
    watched: false,
    onResponse: () => true,
  };
}

/** A user agent that sends what the test says and keeps what it gets. */
export class Phone {
  readonly requests: SipRequest[] = [];
  readonly responses: SipResponse[] = [];
  readonly flow: NetworkFlow;
  private readonly inboundFlows = new Map<SipRequest, Flow>();
  private branch = 0;

  constructor(
    private readonly world: ProxyWorld,
    readonly endpoint: Endpoint,
    readonly transport: 'UDP' | 'TCP',
    private readonly contactHost: string,
  ) {
    this.flow = endpoint.flowTo(world.server, transport);
    endpoint.onMessage = (inbound: Inbound) => {
      if (inbound.message instanceof SipRequest) {
        this.requests.push(inbound.message);
        this.inboundFlows.set(inbound.message, inbound.flow);
      } else this.responses.push(inbound.message);
    };
  }

  get host(): string {
    return this.endpoint.address.host;
  }

  get contact(): string {
    return `sip:${this.contactHost}:5060;transport=${this.transport.toLowerCase()}`;
  }

  /** Methods of the requests that came, in order. */
  get methods(): string[] {
    return this.requests.map((request) => request.method);
  }

  get statuses(): number[] {
    return this.responses.map((response) => response.status);
  }

  /** Sends a request; `headers` come behind the usual ones, and replace those of the same name. */
  send(method: string, uri: string, headers: Readonly<Record<string, string>> = {}): SipRequest {
    this.branch++;
    const request = SipRequest.create(method, uri, [
      ['Via', `SIP/2.0/${this.transport} ${this.contactHost}:5060;branch=z9hG4bK-${this.host}-${this.branch}`],
      ['Max-Forwards', '70'],
      ['From', `<sip:${this.host}@example.com>;tag=from-${this.host}`],
      ['To', `<${uri}>`],
      ['Call-ID', 'call-1'],
      ['CSeq', `${this.branch} ${method}`],
      ['Contact', `<${this.contact}>`],
    ]);
    for (const [name, value] of Object.entries(headers)) request.set(name, value);
    this.write(request);
    return request;
  }

  /** Answers the last request of that method (the last at all when none is named). */
  answer(status: number, method?: string, headers: Readonly<Record<string, string>> = {}): void {
    const request = this.requests.findLast((one) => method === undefined || one.method === method);
    if (request === undefined) throw new Error(`${this.host} has no ${method ?? 'request'} to answer`);
    const response = SipResponse.reply(request, status, undefined, `tag-${this.host}`);
    response.set(H.Contact, `<${this.contact}>`);
    for (const [name, value] of Object.entries(headers)) response.set(name, value);
    this.inboundFlows.get(request)?.write(response.serialize());
    this.world.pass();
  }

  /** Takes over a request that came to another phone, to answer it from here. */
  pretend(request: SipRequest): void {
    this.requests.push(request);
    this.inboundFlows.set(request, this.flow);
  }

  /** A request in the dialog that `established` (the 200 that came, or the INVITE that came) made. */
  sendInDialog(method: string, established: SipMessage, cseq: number, more: Readonly<Record<string, string>> = {}): SipRequest {
    const asCaller = established instanceof SipResponse;
    const routes = established.list(H.RecordRoute);
    const [own, peer] = asCaller ? [H.From, H.To] : [H.To, H.From];
    const target = established.first(H.Contact)?.replaceAll(/[<>]/g, '') ?? '';
    const ownTag = asCaller ? '' : `;tag=tag-${this.host}`;
    const headers: Record<string, string> = {
      From: `${established.first(own) ?? ''}${ownTag}`,
      To: established.first(peer) ?? '',
      CSeq: `${cseq} ${method}`,
      ...more,
    };
    if (routes.length > 0) headers['Route'] = (asCaller ? routes.toReversed() : routes).join(', ');
    return this.send(method, target, headers);
  }

  /** Ends its branch as RFC 3261 17.1.1.3 has it. */
  acknowledge(invite: SipRequest): void {
    const response = this.responses.at(-1) as SipResponse;
    const ack = SipRequest.create('ACK', invite.uri, [
      ['Via', invite.first(H.Via) ?? ''],
      ['Max-Forwards', '70'],
      ['From', invite.first(H.From) ?? ''],
      ['To', response.first(H.To) ?? ''],
      ['Call-ID', invite.callId],
      ['CSeq', `${invite.cseq.number} ACK`],
    ]);
    this.write(ack);
  }

  cancel(invite: SipRequest): void {
    const cancel = SipRequest.create('CANCEL', invite.uri, [
      ['Via', invite.first(H.Via) ?? ''],
      ['Max-Forwards', '70'],
      ['From', invite.first(H.From) ?? ''],
      ['To', invite.first(H.To) ?? ''],
      ['Call-ID', invite.callId],
      ['CSeq', `${invite.cseq.number} CANCEL`],
    ]);
    this.write(cancel);
  }

  write(message: SipMessage): void {
    this.flow.write(message.serialize());
    this.world.pass();
  }
}
