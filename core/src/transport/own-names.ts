/** How this server names itself on each transport, and which addresses are its own. RFC 3261 sections 16.4, 18.1.1 and 20.30. */
import { isIPv6 } from 'node:net';
import { boundAddresses, DEFAULT_PORTS, hostPort, withoutBrackets } from './addresses.ts';
import type { Address, Flow, TransportName } from './flow.ts';
import type { Listener } from './listener.ts';

/** `transport` of a URI; WebSocket has one for both (RFC 7118 section 5.2.4). UDP needs none. */
const URI_TRANSPORT: Readonly<Record<TransportName, string>> = {
  UDP: '',
  TCP: ';transport=tcp',
  TLS: ';transport=tls',
  WS: ';transport=ws',
  WSS: ';transport=ws',
};

/** What one listener puts into messages, made once. */
interface Names {
  readonly listener: Listener;
  readonly viaStart: string;
  readonly recordRoute: string;
  readonly contact: string;
}

export class OwnNames {
  private readonly names: Names[] = [];
  /** Host, lower case and without brackets, to ports. */
  private readonly own = new Map<string, Set<number>>();

  add(listener: Listener): void {
    const { transport, address, advertised } = listener;
    this.names.push({ listener, ...textsFor(transport, advertised) });
    this.addOwn(advertised.host, advertised.port);
    this.addOwn(advertised.host, address.port);
    for (const host of boundAddresses(address.host)) this.addOwn(host, address.port);
  }

  via(flow: Flow, branch: string): string {
    // RFC 5923 section 6.1: a peer may send its requests to us down the connection that we opened.
    const end = flow.transport === 'UDP' ? ';rport' : flow.listener === undefined && flow.secure ? ';alias' : '';
    return this.of(flow).viaStart + branch + end;
  }

  recordRoute(flow: Flow): string {
    return this.of(flow).recordRoute;
  }

  contact(flow: Flow): string {
    return this.of(flow).contact;
  }

  isOwn(host: string, port: number | undefined): boolean {
    const ports = this.own.get(withoutBrackets(host).toLowerCase());
    if (ports === undefined) return false;
    return port === undefined ? ports.has(DEFAULT_PORTS.UDP) || ports.has(DEFAULT_PORTS.TLS) : ports.has(port);
  }

  /** The names of the flow's listener; for a connection that we opened, of the listener that its peer can answer to. */
  private of(flow: Flow): Omit<Names, 'listener'> {
    const { listener, transport } = flow;
    let sameTransport: Names | undefined;
    for (const names of this.names) {
      if (names.listener === listener) return names;
      if (listener !== undefined || names.listener.transport !== transport) continue;
      if (isIPv6(names.listener.address.host) === isIPv6(flow.local.host)) return names;
      sameTransport ??= names;
    }
    return sameTransport ?? textsFor(transport, { host: flow.local.host, port: flow.local.port });
  }

  private addOwn(host: string, port: number): void {
    const key = withoutBrackets(host).toLowerCase();
    const ports = this.own.get(key);
    if (ports === undefined) this.own.set(key, new Set([port]));
    else ports.add(port);
  }
}

function textsFor(transport: TransportName, { host, port }: Address): Omit<Names, 'listener'> {
  const place = hostPort(host, port);
  const contact = `sip:${place}${URI_TRANSPORT[transport]}`;
  return { viaStart: `SIP/2.0/${transport} ${place};branch=`, recordRoute: `${contact};lr`, contact };
}
