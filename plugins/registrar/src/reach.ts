/** How a registered endpoint is reached: always by the way that it came. */
import type { Address, Flow, ForkTarget, Listener, TransportLayer } from '@parley/sdk';
import type { BindingRecord, Reach } from './binding.ts';

/** What reaching an endpoint needs of the transport. */
export type ReachTransport = Pick<TransportLayer, 'listeners' | 'udpFlow'>;

/** The host and port that a Contact names. */
export interface NamedAddress {
  /** Brackets around IPv6. */
  readonly host: string;
  readonly port: number;
  /** The whole URI. */
  readonly contact: string;
}

/** A Contact that asks for a transport other than UDP. RFC 3261 section 19.1.1. */
const OTHER_TRANSPORT = /;transport=(?:tcp|tls)\b|^sips:/i;

/**
 * The way to an endpoint that registered on `flow`.
 * - A server that we trust (a proxy before us) takes requests at its Path, or at the Contact: its connections come and go.
 * - A client on a connection is reached on it, and on nothing else.
 * - A UDP client is reached at the address it sent from; when its Contact names another port of that same host, at that port.
 *   A Contact of that same host that asks for TCP or TLS is connected to. What stands in a Contact never sends our packets to a host that did not register.
 */
export function reachOf(flow: Flow, contact: NamedAddress, proxied: boolean, sockets: UdpSockets): Reach {
  const { transport, remote } = flow;
  if (flow.trusted) return { transport, flow: undefined, host: '', port: 0, local: '', pinned: false };
  if (flow.reliable) return { transport, flow, host: '', port: 0, local: '', pinned: false };
  const sameHost = !proxied && bare(contact.host) === remote.host;
  // It says itself that it listens there for connections, and there is no other host to be harmed by our belief.
  if (sameHost && OTHER_TRANSPORT.test(contact.contact)) return { transport, flow: undefined, host: '', port: 0, local: '', pinned: false };
  const pinned = !sameHost || !sockets.isDefault(flow);
  return {
    transport,
    flow: undefined,
    host: remote.host,
    port: sameHost ? contact.port : remote.port,
    local: localName(flow.listener),
    pinned,
  };
}

/** Where requests go to an endpoint; undefined when its connection is gone. */
export function targetOf(binding: BindingRecord, sockets: UdpSockets): ForkTarget | undefined {
  if (binding.lost) return undefined;
  const uri = requestUriOf(binding.contact);
  const routes = binding.path.length === 0 ? undefined : binding.path;
  const q = binding.q / 1000;
  const epid = binding.epid === '' ? undefined : binding.epid;
  if (binding.flow !== undefined) return binding.flow.open ? { uri, flow: binding.flow, routes, q, epid } : undefined;
  const { host, port } = binding;
  if (host === '') return { uri, routes, q, epid };
  // An endpoint that is where its Contact says is sent to like any other; a pinned one keeps its socket for whole dialogs.
  if (!binding.pinned) return { uri, destination: { transport: 'UDP', host, port }, routes, q, epid };
  const flow = sockets.flow(binding.local, { host, port });
  return flow === undefined ? undefined : { uri, flow, routes, q, epid };
}

/** RFC 3261 section 19.1.1: the headers of a Contact URI have no place in a Request-URI. */
function requestUriOf(contact: string): string {
  const question = contact.indexOf('?');
  return question < 0 ? contact : contact.slice(0, question);
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

const names = new WeakMap<Listener, string>();

/** Names a UDP socket over restarts, `0.0.0.0:5060`; one string for all endpoints of a listener. */
function localName(listener: Listener | undefined): string {
  if (listener === undefined) return '';
  let name = names.get(listener);
  if (name === undefined) {
    name = `${listener.address.host}:${listener.address.port}`;
    names.set(listener, name);
  }
  return name;
}

/** The UDP listeners by the name that bindings keep. Endpoints behind NAT or a firewall hear only from the socket they registered at. */
export class UdpSockets {
  private byName: ReadonlyMap<string, Listener> = new Map();

  constructor(private readonly transport: ReachTransport) {}

  /** True when an unspecific UDP destination is sent to from the socket of this flow anyway. */
  isDefault(flow: Flow): boolean {
    return this.transport.udpFlow('UDP', flow.remote).listener === flow.listener;
  }

  /** From the socket of that name, or from any while there is none; undefined when no UDP listener has the address family of `remote`. */
  flow(local: string, remote: Address): Flow | undefined {
    const known = this.byName.get(local);
    const flow = known === undefined ? undefined : this.transport.udpFlow(known, remote);
    if (flow?.open === true) return flow;
    const listeners = this.transport.listeners.filter((listener) => listener.transport === 'UDP');
    this.byName = new Map(listeners.map((listener) => [localName(listener), listener]));
    try {
      return this.transport.udpFlow(this.byName.get(local) ?? 'UDP', remote);
    } catch {
      // The operator has taken the listener out of the configuration since the endpoint registered.
      return undefined;
    }
  }
}
