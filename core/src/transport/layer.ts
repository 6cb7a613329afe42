/** The transport layer: all listeners, all connections, every message in and out. RFC 3261 section 18. */
import type { SipMessage, Via } from '../sip/index.ts';
import type { Address, Destination, Flow, Inbound } from './flow.ts';
import type { Listener, ListenerSpec } from './listener.ts';
import type { TransportOptions } from './options.ts';
import type { TransportStats } from './stats.ts';

/** Told once for each connection that is no more. */
export type FlowClosed = (flow: Flow, reason: string) => void;

const notBuilt = (): never => {
  throw new Error('not built yet');
};

export class TransportLayer {
  /** Every message that parsed and passed the checks. Bad ones are answered or dropped, and counted, before. */
  onMessage: (inbound: Inbound) => void = () => undefined;

  constructor(readonly options: TransportOptions) {}

  /** Adds a listener for closed connections; the result takes it away again. */
  onFlowClosed(listener: FlowClosed): () => void {
    void listener;
    return notBuilt();
  }

  /**
   * Binds and accepts.
   * @throws TRANSPORT_ADDRESS_IN_USE, TRANSPORT_PORT_FORBIDDEN, TRANSPORT_ADDRESS_UNAVAILABLE, TRANSPORT_LISTEN_FAILED, TRANSPORT_ADVERTISE, TRANSPORT_TLS_SETTINGS
   */
  listen(spec: ListenerSpec): Promise<Listener> {
    void spec;
    return notBuilt();
  }

  get listeners(): readonly Listener[] {
    return notBuilt();
  }

  /** Open connection by id. */
  flow(id: number): Flow | undefined {
    void id;
    return notBuilt();
  }

  /**
   * What can be used at once: for UDP a flow from the listener of that address family; otherwise an open connection that we opened
   * or that a trusted or verified peer aliased (RFC 5923). Never a client's.
   */
  flowFor(destination: Destination): Flow | undefined {
    void destination;
    return notBuilt();
  }

  /**
   * `flowFor`, or a new connection. Several calls for one destination share one attempt.
   * @throws TRANSPORT_CONNECT_FAILED, TRANSPORT_CONNECT_TIMEOUT, TRANSPORT_TLS_UNVERIFIED, TRANSPORT_UNSUPPORTED, TRANSPORT_CLOSED
   */
  connect(destination: Destination): Promise<Flow> {
    void destination;
    return notBuilt();
  }

  /**
   * A UDP flow from a given listener, or from the first UDP listener of the remote's address family.
   * @throws TRANSPORT_UNSUPPORTED without one
   */
  udpFlow(from: Listener | 'UDP', remote: Address): Flow {
    (void from, remote);
    return notBuilt();
  }

  /**
   * Where a response goes (RFC 3261 section 18.2.2): the request's flow while it is open; otherwise, for a peer's request, a connection
   * to the address of its Via. Never a new connection to a client.
   * @param via the topmost Via of the response, as this server completed it on receipt
   * @throws TRANSPORT_FLOW_GONE for a client's flow; what `connect` throws
   */
  responseFlow(via: Via, flow: Flow): Promise<Flow> {
    (void via, flow);
    return notBuilt();
  }

  /** Runs the stamps, then serialises. */
  encode(message: SipMessage, flow: Flow): Buffer {
    (void message, flow);
    return notBuilt();
  }

  /** `encode` and `flow.write`. False when it cannot be sent; a stamp that throws costs this message alone. */
  send(message: SipMessage, flow: Flow): boolean {
    (void message, flow);
    return notBuilt();
  }

  /** Our Via value for a request that leaves on that flow: `SIP/2.0/TLS uc.example.com:5061;branch=...`; with `;rport` on UDP. */
  viaFor(flow: Flow, branch: string): string {
    (void flow, branch);
    return notBuilt();
  }

  /** `sip:uc.example.com:5061;transport=tls;lr`: where the other side of that flow reaches us. */
  recordRouteUri(flow: Flow): string {
    void flow;
    return notBuilt();
  }

  /** Is this where one of our listeners answers? Without a port: the default port of its transport. */
  isOwnAddress(host: string, port: number | undefined): boolean {
    (void host, port);
    return notBuilt();
  }

  stats(): TransportStats {
    return notBuilt();
  }

  /** Stops accepting, sends what is queued, closes all connections, within `limits.closeMs`. */
  close(): Promise<void> {
    return notBuilt();
  }
}
