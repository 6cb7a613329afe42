/** Where messages come from and go to: flows, addresses, and one message as it came in. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Listener } from './listener.ts';

/** The Via transports that Parley speaks (RFC 3261 section 7.1, RFC 7118 section 5.1). */
export type TransportName = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

/** One end of a flow. */
export interface Address {
  /** IP literal, without brackets; an IPv4 address that came mapped into IPv6 is written as IPv4. */
  readonly host: string;
  readonly port: number;
}

/** One place to try a request at: what RFC 3263 makes of a URI. */
export interface Destination {
  readonly transport: TransportName;
  /** IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The name (or IP literal) that the peer's TLS certificate has to carry (RFC 5922 section 4); the host when absent. */
  readonly serverName?: string;
}

/** One connection, or for UDP the pair of socket and remote address. */
export interface Flow {
  /** Connection id, unique while the process lives, at most 31 bits; its hexadecimal form is `ms-received-cid`. 0 for UDP. */
  readonly id: number;
  readonly transport: TransportName;
  /** True for everything but UDP. */
  readonly reliable: boolean;
  /** True for TLS and WSS. */
  readonly secure: boolean;
  readonly local: Address;
  readonly remote: Address;
  /** The listener that accepted it; undefined for a connection that we opened. */
  readonly listener: Listener | undefined;
  /** The first name of the peer's verified certificate (of a connection that we opened: the name it was verified against), '' without one. */
  readonly tlsPeer: string;
  /** False from the moment that nothing can be sent any more. Always true for UDP while its listener is open. */
  readonly open: boolean;
  /** Gates set it: lifts the limits on unauthenticated bytes and stops the connection timer ([MS-CONMGMT] R6). */
  authenticated: boolean;
  /**
   * A server, not a user's client: connections that we opened, and accepted ones that a gate has marked. A trusted peer gets no
   * `ms-received-*` parameters and may alias its connection (RFC 5923).
   */
  trusted: boolean;
  /** Does the peer's verified certificate carry this host name or IP literal? A wildcard does not count (RFC 5922 section 7.2). */
  hasTlsName(name: string): boolean;
  /** Bytes that wait because the peer does not read; undefined where that is not known (UDP). Who has a choice sends less then. */
  readonly backlog?: number | undefined;
  /** Queues the bytes of one whole message. False when there are none, the flow is closed, or over its send bound; then it is being cut off. */
  write(bytes: Buffer): boolean;
  /** Sends what is queued, then closes. `reason` goes to the log and to those who listen for closed flows. */
  close(reason: string): void;
}

/** Who sent a message, as the gates established it. */
export interface Identity {
  /** Address of record, lower case: `alice@example.com`. */
  readonly aor: string;
  /** How it was established, for the log: `digest`, `ntlm`, `peer` ... */
  readonly mechanism: string;
  readonly trusted?: boolean;
}

/** One message as it came in: parsed, checked, its top Via completed. The gates fill `identity`. */
export class Inbound<M extends SipRequest | SipResponse = SipRequest | SipResponse> {
  identity: Identity | undefined = undefined;

  constructor(
    readonly message: M,
    readonly flow: Flow,
  ) {}
}
