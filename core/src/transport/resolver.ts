/** Where to send a request: RFC 3263 with RFC 2782 and RFC 7984's reading for two address families. */
import type { Clock } from '../clock/index.ts';
import type { SipUri } from '../sip/index.ts';
import type { Dns, DnsCache } from './dns.ts';
import type { Destination, TransportName } from './flow.ts';

/** What the caller knows beyond the URI. */
export interface ResolveHint {
  /** Use this transport, as if the URI had named it. */
  readonly transport?: TransportName;
  /** Ask for this SRV service instead of RFC 3263's, such as `_sipfederationtls._tcp`; implies TLS. */
  readonly service?: string;
}

export interface ResolverOptions {
  /** Transports that may be used, best first: the order in which SRV records are asked for when there is no NAPTR (RFC 3263 section 4.1). */
  readonly transports: readonly TransportName[];
  /** Uniform in [0, 1): picks among SRV weights. */
  readonly random: () => number;
  /** How long a failed destination is put aside, in milliseconds. */
  readonly asideMs: number;
  /** Look-ups that may be under way at once. */
  readonly maxPending: number;
  /** Destinations of one resolution. */
  readonly maxDestinations: number;
}

export const DEFAULT_RESOLVER_OPTIONS: ResolverOptions = {
  transports: ['TLS', 'TCP', 'UDP'],
  random: Math.random,
  asideMs: 60_000,
  maxPending: 1_000,
  maxDestinations: 16,
};

export class Resolver {
  constructor(
    readonly dns: Dns,
    readonly cache: DnsCache,
    readonly clock: Clock,
    readonly options: Partial<ResolverOptions> = {},
  ) {}

  /**
   * Destinations in the order of trial, at least one.
   * @throws TRANSPORT_URI_UNROUTABLE, TRANSPORT_URI_TRANSPORT, TRANSPORT_DNS_NOT_FOUND, TRANSPORT_DNS_FAILED, TRANSPORT_DNS_BUSY
   */
  resolve(uri: SipUri, hint?: ResolveHint): Promise<Destination[]> {
    (void uri, hint);
    throw new Error('not built yet');
  }

  /** As `resolve`, from IP literals and cached records alone; undefined when the DNS would have to be asked. Throws the same errors. */
  resolveNow(uri: SipUri, hint?: ResolveHint): Destination[] | undefined {
    (void uri, hint);
    throw new Error('not built yet');
  }

  /** Puts a destination that did not answer behind the others for a while (RFC 3263 section 4.3). */
  putAside(destination: Destination): void {
    void destination;
  }
}
