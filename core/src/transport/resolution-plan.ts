/**
 * RFC 3263 section 4 as a function of a URI and of the records known so far. It asks no DNS: what it misses it notes,
 * and whoever runs it fetches that and runs it again.
 */
import { isIP } from 'node:net';
import type { SipUri } from '../sip/index.ts';
import type { NaptrRecord } from './dns.ts';
import type { RecordType, RecordTypes } from './dns-cache.ts';
import { TransportErrors } from './errors.ts';
import type { Destination, TransportName } from './flow.ts';
import { orderSrv } from './srv-order.ts';

/** Records known so far. An unknown set is noted by the one who answers, and reads as empty. */
export interface KnownRecords {
  /** No unknown set was asked for yet. */
  readonly complete: boolean;
  find<T extends RecordType>(type: T, name: string): readonly RecordTypes[T][];
}

/** What the caller knows beyond the URI. */
export interface ResolveHint {
  /** Use this transport, as if the URI had named it. */
  readonly transport?: TransportName;
  /**
   * Ask for this SRV service, such as `_sipfederationtls._tcp`, instead of RFC 3263's. Implies TLS, and the certificate is
   * held against the SRV target's name: federation partners certify their edge servers, not their SIP domains.
   */
  readonly service?: string;
}

export interface PlanOptions {
  /** Transports that may be used, the preferred first. */
  readonly transports: readonly TransportName[];
  /** Address families in order of trial. */
  readonly families: readonly (4 | 6)[];
  /** Uniform in [0, 1): draws among SRV weights. */
  readonly random: () => number;
}

const DEFAULT_PORT = 5060;
const DEFAULT_TLS_PORT = 5061;

/** NAPTR services of RFC 3263 section 4.1. SCTP and WebSocket are not reached from here. */
const NAPTR_SERVICES: ReadonlyMap<string, TransportName> = new Map([
  ['SIP+D2U', 'UDP'],
  ['SIP+D2T', 'TCP'],
  ['SIPS+D2T', 'TLS'],
]);

const SRV_PREFIX: Readonly<Partial<Record<TransportName, string>>> = { UDP: '_sip._udp.', TCP: '_sip._tcp.', TLS: '_sips._tcp.' };

const FAMILY_TYPE = { 4: 'A', 6: 'AAAA' } as const;

/**
 * Destinations in order of trial, as far as the records known allow; meaningful only when no record was missing.
 * @throws TRANSPORT_URI_UNROUTABLE, TRANSPORT_URI_TRANSPORT
 */
export function planDestinations(uri: SipUri, hint: ResolveHint, known: KnownRecords, options: PlanOptions): Destination[] {
  const maddr = uri.params.get('maddr');
  const target = withoutBrackets(typeof maddr === 'string' ? maddr.toLowerCase() : uri.host);
  if ((uri.scheme !== 'sip' && uri.scheme !== 'sips') || target === '') {
    throw TransportErrors.TRANSPORT_URI_UNROUTABLE({ scheme: uri.scheme });
  }
  return new Plan(target, uri.port, known, options).run(transportAskedFor(uri, hint), uri.scheme === 'sips', hint.service);
}

/** RFC 3263 section 4.1, first rule: what the URI itself says. */
function transportAskedFor(uri: SipUri, hint: ResolveHint): TransportName | undefined {
  const parameter = uri.params.get('transport');
  const asked = hint.transport ?? (typeof parameter === 'string' ? parameter.toUpperCase() : undefined);
  const secure = uri.scheme === 'sips';
  if (asked === undefined) return undefined;
  if (asked === 'TLS') return 'TLS';
  if (asked === 'TCP') return secure ? 'TLS' : 'TCP';
  if (asked === 'UDP' && !secure) return 'UDP';
  // A WebSocket server cannot be connected to: its clients are reached by their flows (RFC 7118 section 5).
  throw TransportErrors.TRANSPORT_URI_TRANSPORT({ transport: asked.toLowerCase(), scheme: uri.scheme });
}

class Plan {
  constructor(
    private readonly target: string,
    private readonly port: number | undefined,
    private readonly known: KnownRecords,
    private readonly options: PlanOptions,
  ) {}

  run(asked: TransportName | undefined, secure: boolean, service: string | undefined): Destination[] {
    if (isIP(this.target) !== 0) return [this.literal(asked ?? this.usual(secure))];
    if (this.port !== undefined) return this.byAddress(asked ?? this.usual(secure), this.target, this.port, this.target);
    if (service !== undefined) return this.bySrv('TLS', `${service}.${this.target}`, undefined) ?? [];
    const found =
      asked === undefined
        ? (this.byNaptr(secure) ?? this.byPreference(secure))
        : this.bySrv(asked, srvName(asked, this.target), this.target);
    return found ?? this.fallback(asked ?? this.usual(secure));
  }

  /** What an address or an explicit port means without a transport parameter: UDP for sip, TLS for sips. */
  private usual(secure: boolean): TransportName {
    if (secure) return 'TLS';
    return this.options.transports.includes('UDP') ? 'UDP' : 'TCP';
  }

  private literal(transport: TransportName): Destination {
    return destination(transport, this.target, this.port ?? defaultPort(transport), this.target);
  }

  /** undefined: the domain has no NAPTR record that helps, so SRV is asked for directly. */
  private byNaptr(secure: boolean): Destination[] | undefined {
    const usable = this.known
      .find('NAPTR', this.target)
      .filter((r) => this.isUsable(r, secure))
      .toSorted((a, b) => a.order - b.order || a.preference - b.preference);
    if (usable.length === 0) return this.unlessMissing();
    return usable.flatMap((r) => this.bySrv(serviceOf(r) as TransportName, r.replacement.toLowerCase(), this.target) ?? []);
  }

  private isUsable(record: NaptrRecord, secure: boolean): boolean {
    const transport = serviceOf(record);
    if (transport === undefined || record.flags.toLowerCase() !== 's') return false;
    return secure ? transport === 'TLS' : this.options.transports.includes(transport);
  }

  /** undefined: none of the transports has an SRV record. */
  private byPreference(secure: boolean): Destination[] | undefined {
    const transports = secure ? (['TLS'] as const) : this.options.transports.filter((t) => SRV_PREFIX[t] !== undefined);
    const found = transports.map((t) => this.bySrv(t, srvName(t, this.target), this.target));
    return found.every((f) => f === undefined) ? this.unlessMissing() : found.flatMap((f) => f ?? []);
  }

  /**
   * undefined: there is no such SRV record.
   * @param verify what the TLS certificate must name; the SRV target itself when undefined
   */
  private bySrv(transport: TransportName, name: string, verify: string | undefined): Destination[] | undefined {
    const records = this.known.find('SRV', name);
    if (records.length === 0) return this.unlessMissing();
    // A target of "." says: this service is decidedly not offered (RFC 2782).
    const offered = records.filter((r) => r.name !== '' && r.name !== '.');
    return orderSrv(offered, this.options.random).flatMap((r) => {
      const host = r.name.toLowerCase();
      return this.byAddress(transport, host, r.port, verify ?? host);
    });
  }

  /** "Nothing there" only counts once every record asked for is known; until then there is no point in asking for what comes next. */
  private unlessMissing(): [] | undefined {
    return this.known.complete ? undefined : [];
  }

  private fallback(transport: TransportName): Destination[] {
    return this.byAddress(transport, this.target, defaultPort(transport), this.target);
  }

  private byAddress(transport: TransportName, name: string, port: number, verify: string): Destination[] {
    return this.options.families.flatMap((family) =>
      this.known.find(FAMILY_TYPE[family], name).map((address) => destination(transport, address, port, verify)),
    );
  }
}

function serviceOf(record: NaptrRecord): TransportName | undefined {
  return NAPTR_SERVICES.get(record.service.toUpperCase());
}

function srvName(transport: TransportName, domain: string): string {
  return `${SRV_PREFIX[transport] ?? ''}${domain}`;
}

function defaultPort(transport: TransportName): number {
  return transport === 'TLS' ? DEFAULT_TLS_PORT : DEFAULT_PORT;
}

function destination(transport: TransportName, host: string, port: number, verify: string): Destination {
  return transport === 'TLS' ? { transport, host, port, serverName: verify } : { transport, host, port };
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
