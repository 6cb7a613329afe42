/** How a registered endpoint is reached: always by the way that it came. */
import type { Flow, ForkTarget, Listener, TransportLayer } from '@parley/sdk';
import type { Reach } from './binding.ts';
import type { BindingRecord } from './binding.ts';

/** What reaching an endpoint needs of the transport. */
export type ReachTransport = Pick<TransportLayer, 'listeners' | 'udpFlow'>;

/** The host and port that a Contact names. */
export interface NamedAddress {
  /** Brackets around IPv6. */
  readonly host: string;
  readonly port: number;
}

/**
 * The way to an endpoint that registered on `flow`.
 * - A server that we trust (a proxy before us) takes requests at its Path, or at the Contact: its connections come and go.
 * - A client on a connection is reached on it, and on nothing else.
 * - A UDP client is reached at the address it sent from; when its Contact names another port of that same host, at that port.
 *   What stands in a Contact never sends our packets to a host that did not register.
 */
export function reachOf(flow: Flow, contact: NamedAddress, proxied: boolean): Reach {
  const { transport, remote } = flow;
  if (flow.trusted) return { transport, flow: undefined, host: '', port: 0, local: '', nat: false };
  if (flow.reliable) return { transport, flow, host: '', port: 0, local: '', nat: false };
  const sameHost = !proxied && bare(contact.host) === remote.host;
  const port = sameHost ? contact.port : remote.port;
  return { transport, flow: undefined, host: remote.host, port, local: localName(flow.listener), nat: !sameHost };
}

/** Where requests go to an endpoint; undefined when its connection is gone. */
export function targetOf(binding: BindingRecord, sockets: UdpSockets): ForkTarget | undefined {
  if (binding.lost) return undefined;
  const common = {
    uri: requestUriOf(binding.contact),
    routes: binding.path.length === 0 ? undefined : binding.path,
    q: binding.q / 1000,
    epid: binding.epid === '' ? undefined : binding.epid,
  };
  if (binding.flow !== undefined) return binding.flow.open ? { ...common, flow: binding.flow } : undefined;
  if (binding.host === '') return common;
  const { host, port } = binding;
  // An endpoint that is where its Contact says is sent to like any other; one behind NAT keeps its flow for whole dialogs.
  if (!binding.nat && sockets.isDefault(binding.local)) return { ...common, destination: { transport: 'UDP', host, port } };
  return { ...common, flow: sockets.flow(binding.local, { host, port }) };
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
  private known: readonly Listener[] = [];
  private byName = new Map<string, Listener>();

  constructor(private readonly transport: ReachTransport) {}

  /** True when an unspecific UDP destination leaves from that socket anyway: there is one of them, or it is not known. */
  isDefault(local: string): boolean {
    this.refresh();
    return this.byName.size <= 1 || !this.byName.has(local);
  }

  /** Throws TRANSPORT_UNSUPPORTED when no UDP listener has the address family of `remote`. */
  flow(local: string, remote: { readonly host: string; readonly port: number }): Flow {
    this.refresh();
    return this.transport.udpFlow(this.byName.get(local) ?? 'UDP', remote);
  }

  private refresh(): void {
    const { listeners } = this.transport;
    if (listeners === this.known) return;
    this.known = listeners;
    this.byName = new Map(listeners.filter((listener) => listener.transport === 'UDP').map((listener) => [localName(listener), listener]));
  }
}
