/** The DNS as the resolver sees it: sets of records by name. */
import { lookup, Resolver as NodeResolver } from 'node:dns/promises';

/** RFC 3403 section 4.1. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

/** RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/** All records of one name and type; none when the name or the type does not exist. */
export interface DnsAnswer<R> {
  readonly records: readonly R[];
  /** How long they may be kept, where the source tells. */
  readonly ttlSeconds?: number;
}

/** Where records come from. Each method rejects when there was no answer at all (time-out, SERVFAIL). */
export interface Dns {
  naptr(name: string): Promise<DnsAnswer<NaptrRecord>>;
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  /** IP literals from A (4) or AAAA (6) records. */
  addresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>>;
}

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;
/** c-ares' words for "there is no such name" and "the name has no such record". */
const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);

class NodeDns implements Dns {
  private readonly resolver = new NodeResolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  private readonly hostsFile: boolean;

  constructor(servers: readonly string[] | undefined) {
    this.hostsFile = servers === undefined;
    if (servers !== undefined) this.resolver.setServers(servers);
  }

  // Node tells no TTL for NAPTR and SRV; the cache has its own default for them.
  async naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return { records: await orNothing(this.resolver.resolveNaptr(name)) };
  }

  async srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return { records: await orNothing(this.resolver.resolveSrv(name)) };
  }

  async addresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    // RFC 6761 section 6.3: this name is never asked for.
    if (name === 'localhost' || name.endsWith('.localhost')) return { records: [family === 4 ? '127.0.0.1' : '::1'] };
    const query = family === 4 ? this.resolver.resolve4(name, { ttl: true }) : this.resolver.resolve6(name, { ttl: true });
    const found = await orNothing(query);
    if (found.length === 0) return { records: this.hostsFile ? await fromHostsFile(name, family) : [] };
    return { records: found.map((r) => r.address), ttlSeconds: Math.min(...found.map((r) => r.ttl)) };
  }
}

async function orNothing<R>(query: Promise<R[]>): Promise<R[]> {
  try {
    return await query;
  } catch (error) {
    if (NOTHING.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Names that only this machine knows (/etc/hosts). */
async function fromHostsFile(name: string, family: 4 | 6): Promise<string[]> {
  try {
    return (await lookup(name, { family, all: true })).map((r) => r.address);
  } catch {
    return [];
  }
}

/**
 * The machine's DNS and hosts file, or the given servers alone.
 * @param servers IP literals with an optional port: `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`
 */
export function systemDns(servers?: readonly string[]): Dns {
  return new NodeDns(servers);
}
