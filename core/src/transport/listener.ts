/** Listeners: how one is asked for and what is known of it. */
import type { Address, TransportName } from './flow.ts';

/** Oldest protocol version that a TLS listener accepts. Below TLSv1.2 OpenSSL's security level is lowered too. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Certificate and rules of a TLS or WSS listener. PEM throughout. */
export interface TlsSettings {
  /** Certificate chain, the server's own first. */
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase?: string;
  /** Authorities beyond the system's that verify peers: clients of this listener and, for outgoing connections, servers. */
  readonly ca?: readonly (string | Buffer)[];
  /** Default TLSv1.2. */
  readonly minVersion?: TlsVersion;
  /** OpenSSL cipher list; the default is Node's, or `DEFAULT@SECLEVEL=0` with a minVersion below TLSv1.2. */
  readonly ciphers?: string;
  /** `request`: a certificate is verified if one is shown; `require`: no connection without a valid one. Default `none`. */
  readonly clientCertificates?: 'none' | 'request' | 'require';
}

/** How a listener is asked for. */
export interface ListenerSpec {
  readonly transport: TransportName;
  /** IP literal to bind; `0.0.0.0` and `::` for all. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Name or address for Via, Record-Route and Contact, `host` or `host:port`. Default: the bound address (for `0.0.0.0` the first outside one). */
  readonly advertise?: string;
  /** Required for TLS and WSS. */
  readonly tls?: TlsSettings;
  /** Bound for this listener's connections, below the layer's. */
  readonly maxConnections?: number;
  /** UDP: kernel receive and send buffer in bytes. Default 4 MiB; the kernel may grant less (net.core.rmem_max). */
  readonly bufferBytes?: number;
  /** WS and WSS: origins that may connect (`https://phone.example.com`). Default: any; SIP authenticates its users itself. */
  readonly origins?: readonly string[];
}

/** A listener that is open. */
export interface Listener {
  readonly transport: TransportName;
  readonly spec: ListenerSpec;
  /** Where it is bound; the port is the real one. */
  readonly address: Address;
  /** What peers are told: host (brackets around IPv6) and port. */
  readonly advertised: Address;
  /** Connections accepted and still open; 0 for UDP. */
  readonly connections: number;
  /**
   * Takes new certificate and rules for connections from now on; those that are open stay.
   * @throws TRANSPORT_TLS_SETTINGS when they do not fit together (the old ones stay in force), TRANSPORT_NOT_TLS on other transports
   */
  setTls(settings: TlsSettings): void;
  /** Stops accepting; connections stay open. */
  close(): Promise<void>;
}
