/** The transport layer: all listeners, all connections, every message in and out. RFC 3261 section 18. */
import type { SecureContext } from 'node:tls';
import { DEFAULT_LIMITS, type SipMessage, type Via } from '../sip/index.ts';
import { DEFAULT_PORTS } from './addresses.ts';
import { Connections } from './connections.ts';
import { describe } from './connector.ts';
import { TransportErrors } from './errors.ts';
import type { Address, Destination, Flow, Inbound } from './flow.ts';
import { Intake, type UnreadPolicy } from './intake.ts';
import type { Listener, ListenerSpec, TlsSettings } from './listener.ts';
import { LogThrottle } from './log-throttle.ts';
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits, type TransportOptions } from './options.ts';
import { OwnNames } from './own-names.ts';
import { type Network, SYSTEM_NETWORK } from './network.ts';
import type { ByteStageFactory, Stamp } from './stages.ts';
import { Counters, type TransportStats } from './stats.ts';
import { StreamListener } from './stream-listener.ts';
import { clientContext } from './tls.ts';
import { UdpFlow, UdpListener } from './udp.ts';

/** Told once for each connection that is no more. */
export type FlowClosed = (flow: Flow, reason: string) => void;

const NOTHING = Buffer.alloc(0);

/** Every listener and connection of a server: messages in and out, names of its own for Via, Contact and Record-Route. RFC 3261 section 18. */
export class TransportLayer {
  /** Every message that parsed and passed the checks. Bad ones are answered or dropped, and counted, before. */
  onMessage: (inbound: Inbound) => void = () => undefined;

  /** Turns requests away unread when there is too much to do. */
  unreadPolicy: UnreadPolicy | undefined = undefined;

  private readonly limits: TransportLimits;
  private readonly counters = new Counters();
  private readonly intake: Intake;
  private readonly connections: Connections;
  private readonly network: Network;
  private readonly names = new OwnNames();
  private stamps: readonly Stamp[];
  private readonly flowClosed = new Set<FlowClosed>();
  private readonly streamListeners: StreamListener[] = [];
  private readonly udpListeners: UdpListener[] = [];
  private clientTls: { readonly settings: TlsSettings | undefined; readonly context: SecureContext } | undefined = undefined;
  private closing: Promise<void> | undefined = undefined;

  constructor(readonly options: TransportOptions) {
    const { clock, log, sipLimits = DEFAULT_LIMITS, stages = [], stamps = [], pong = true, network = SYSTEM_NETWORK } = options;
    const { counters } = this;
    this.network = network;
    const limits = (this.limits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits });
    const throttle = new LogThrottle(clock);
    const intake = (this.intake = new Intake(this, sipLimits, counters, log, throttle));
    this.stamps = stamps.toSorted((a, b) => a.order - b.order);
    this.connections = new Connections({
      clock,
      log,
      throttle,
      limits,
      sipLimits,
      counters,
      intake,
      pong,
      network,
      stages: stages.toSorted((a, b) => a.order - b.order),
      secureContext: () => this.clientContext(),
      flowClosed: (flow, reason) => this.tellClosed(flow, reason),
    });
  }

  /** Replaces stamps and byte stages: plugins offer theirs when this layer is there already. Connections that are open keep their stages. */
  use({ stamps, stages }: { readonly stamps: readonly Stamp[]; readonly stages: readonly ByteStageFactory[] }): void {
    this.stamps = stamps.toSorted((a, b) => a.order - b.order);
    this.connections.stages = stages.toSorted((a, b) => a.order - b.order);
  }

  /** Adds a listener for closed connections; the result takes it away again. */
  onFlowClosed(listener: FlowClosed): () => void {
    this.flowClosed.add(listener);
    return () => void this.flowClosed.delete(listener);
  }

  /**
   * Binds and accepts.
   * @throws TRANSPORT_ADDRESS_IN_USE, TRANSPORT_PORT_FORBIDDEN, TRANSPORT_ADDRESS_UNAVAILABLE, TRANSPORT_LISTEN_FAILED,
   * TRANSPORT_ADVERTISE, TRANSPORT_TLS_SETTINGS
   */
  async listen(spec: ListenerSpec): Promise<Listener> {
    const listener = spec.transport === 'UDP' ? await this.listenUdp(spec) : await this.listenStream(spec);
    this.names.add(listener);
    return listener;
  }

  /** For the intake: stamps have to see every message that leaves, as it may have to be signed. */
  get unread(): UnreadPolicy | undefined {
    return this.stamps.length === 0 ? this.unreadPolicy : undefined;
  }

  /** Those that are open, UDP first. */
  get listeners(): readonly Listener[] {
    return [...this.udpListeners.filter((l) => l.isOpen), ...this.streamListeners.filter((l) => l.isListening)];
  }

  /** Open connection by id. */
  flow(id: number): Flow | undefined {
    return this.connections.table.get(id);
  }

  /**
   * What can be used at once: for UDP a flow from the listener of that address family; otherwise an open connection that we opened
   * or that a trusted or verified peer aliased (RFC 5923). Never a client's.
   */
  flowFor(destination: Destination): Flow | undefined {
    if (destination.transport !== 'UDP') return this.connections.table.reaching(destination);
    const from = this.udpListeners.find((l) => l.isOpen && l.reaches(destination.host));
    return from === undefined ? undefined : new UdpFlow(from, destination);
  }

  /**
   * `flowFor`, or a new connection. Several calls for one destination share one attempt.
   * @throws TRANSPORT_CONNECT_FAILED, TRANSPORT_CONNECT_TIMEOUT, TRANSPORT_TLS_UNVERIFIED, TRANSPORT_UNSUPPORTED, TRANSPORT_CLOSED
   */
  connect(destination: Destination): Promise<Flow> {
    const flow = this.flowFor(destination);
    if (flow !== undefined) return Promise.resolve(flow);
    if (destination.transport === 'UDP') return Promise.reject(noUdp(destination));
    return this.connections.open(destination);
  }

  /**
   * A UDP flow from a given listener, or from the first UDP listener of the remote's address family.
   * @throws TRANSPORT_UNSUPPORTED without one
   */
  udpFlow(from: Listener | 'UDP', remote: Address): Flow {
    const listener = from === 'UDP' ? this.udpListeners.find((l) => l.isOpen && l.reaches(remote.host)) : from;
    if (!(listener instanceof UdpListener)) throw noUdp({ transport: 'UDP', ...remote });
    return new UdpFlow(listener, remote);
  }

  /**
   * Where a response goes (RFC 3261 section 18.2.2): the request's flow while it is open; otherwise, for a peer's request, a connection
   * to the address that it came from, at the port of its Via. Never a new connection to a client.
   * @param via the topmost Via of the response, as this server completed it on receipt
   * @throws TRANSPORT_FLOW_GONE for a client's flow; what `connect` throws
   */
  responseFlow(via: Via, flow: Flow): Promise<Flow> {
    if (flow.open) return Promise.resolve(flow);
    if (!flow.trusted && flow.tlsPeer === '') return Promise.reject(TransportErrors.TRANSPORT_FLOW_GONE());
    const { transport, remote, tlsPeer } = flow;
    const port = via.port ?? DEFAULT_PORTS[transport];
    return this.connect({ transport, host: remote.host, port, ...(tlsPeer === '' ? {} : { serverName: tlsPeer }) });
  }

  /**
   * Runs the stamps, then serialises. Never throws: when a stamp fails, that is logged and the result is empty, which no flow sends,
   * so that a message never leaves without its signature.
   */
  encode(message: SipMessage, flow: Flow): Buffer {
    try {
      for (const stamp of this.stamps) stamp.apply(message, flow);
      return message.serialize();
    } catch (error) {
      this.counters.drop('stamp');
      this.options.log.error(
        { err: error, transport: flow.transport, remote: flow.remote },
        'a message was not sent: a stamp failed on it',
      );
      return NOTHING;
    }
  }

  /** `encode` and `flow.write`. */
  send(message: SipMessage, flow: Flow): boolean {
    return flow.write(this.encode(message, flow));
  }

  /** Our Via value for a request that leaves on that flow: `SIP/2.0/TLS uc.example.com:5061;branch=...`; with `;rport` on UDP. */
  viaFor(flow: Flow, branch: string): string {
    return this.names.via(flow, branch);
  }

  /** `sip:uc.example.com:5061;transport=tls;lr`: where the other side of that flow reaches us. */
  recordRouteUri(flow: Flow): string {
    return this.names.recordRoute(flow);
  }

  /** `sip:uc.example.com:5061;transport=tls`: our Contact for the other side of that flow. */
  contactUri(flow: Flow): string {
    return this.names.contact(flow);
  }

  /** Does one of our listeners answer there? Without a port: at 5060 or 5061. Case and brackets of the host do not matter. */
  isOwnAddress(host: string, port: number | undefined): boolean {
    return this.names.isOwn(host, port);
  }

  /** Messages that have come in over UDP since the start; cheap, where all of `stats` is not. */
  get datagramsIn(): number {
    return this.counters.transports.UDP.messagesIn;
  }

  stats(): TransportStats {
    const { transports, drops, refused } = this.counters;
    const { size, halfOpen } = this.connections.table;
    return { ...structuredClone({ transports, drops, refused }), connections: size, halfOpen };
  }

  /** Stops accepting, sends what is queued, closes all connections, within `limits.closeMs`. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const stopped = this.streamListeners.map((l) => l.close());
    await this.connections.close();
    await Promise.all([...stopped, ...this.udpListeners.map((l) => l.close())]);
  }

  private async listenUdp(spec: ListenerSpec): Promise<Listener> {
    const { limits, counters, intake, network } = this;
    const listener = new UdpListener(spec, { limits, counters, intake, network, log: this.options.log });
    await listener.listen();
    this.udpListeners.push(listener);
    return listener;
  }

  private async listenStream(spec: ListenerSpec): Promise<Listener> {
    const listener = new StreamListener(spec, this.connections);
    await listener.listen();
    this.streamListeners.push(listener);
    return listener;
  }

  /** Connections that we open show the certificate of the first TLS listener, whichever is in force now. */
  private clientContext(): SecureContext {
    const settings = this.streamListeners.find((l) => l.tls !== undefined)?.tls;
    if (this.clientTls === undefined || this.clientTls.settings !== settings) {
      this.clientTls = { settings, context: clientContext(settings, this.options.outgoingTls?.ca) };
    }
    return this.clientTls.context;
  }

  private tellClosed(flow: Flow, reason: string): void {
    for (const listener of this.flowClosed) {
      try {
        listener(flow, reason);
      } catch (error) {
        this.options.log.error({ err: error, flow: flow.id }, 'one that listens for closed connections failed');
      }
    }
  }
}

function noUdp(destination: Destination): Error {
  return TransportErrors.TRANSPORT_UNSUPPORTED({ destination: describe(destination), reason: 'no UDP listener of that address family' });
}
