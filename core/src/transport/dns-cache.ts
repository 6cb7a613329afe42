/** A bounded cache of DNS answers, positive and negative (RFC 2308). */
import type { Clock } from '../clock/index.ts';
import type { NaptrRecord, SrvRecord } from './dns.ts';

/** The record types that RFC 3263 needs, and what a record of each looks like here; an address is an IP literal. */
export interface RecordTypes {
  NAPTR: NaptrRecord;
  SRV: SrvRecord;
  A: string;
  AAAA: string;
}
export type RecordType = keyof RecordTypes;

/** What is known of one name and type. */
export interface CachedAnswer {
  readonly records: readonly RecordTypes[RecordType][];
  /** Set when there was no answer at all: why. */
  readonly failure: string | undefined;
  /** On the clock, in milliseconds. */
  readonly expires: number;
}

/** How long records are kept, and how many. */
export interface DnsCacheOptions {
  readonly maxEntries: number;
  /** For answers that came without a TTL. */
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** For names that do not exist. */
  readonly negativeTtlSeconds: number;
  /** For queries without an answer. */
  readonly failureTtlSeconds: number;
}

/** What suits a server of one machine. */
export const DEFAULT_DNS_CACHE_OPTIONS: DnsCacheOptions = {
  maxEntries: 10_000,
  defaultTtlSeconds: 60,
  maxTtlSeconds: 3_600,
  negativeTtlSeconds: 30,
  failureTtlSeconds: 5,
};

/** Answers for as long as they may be kept; when it is full, the one unused longest goes. */
export class DnsCache {
  private readonly entries = new Map<string, CachedAnswer>();
  private readonly options: DnsCacheOptions;

  constructor(
    private readonly clock: Clock,
    options: Partial<DnsCacheOptions> = {},
  ) {
    this.options = { ...DEFAULT_DNS_CACHE_OPTIONS, ...options };
  }

  get size(): number {
    return this.entries.size;
  }

  get(type: RecordType, name: string): CachedAnswer | undefined {
    const key = keyOf(type, name);
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (entry.expires <= this.clock.now()) return undefined;
    this.entries.set(key, entry); // now the youngest
    return entry;
  }

  /** Keeps an answer, and returns it as kept. */
  put(type: RecordType, name: string, records: CachedAnswer['records'], ttlSeconds?: number): CachedAnswer {
    const { defaultTtlSeconds, maxTtlSeconds, negativeTtlSeconds } = this.options;
    const ttl = records.length === 0 ? negativeTtlSeconds : Math.min(ttlSeconds ?? defaultTtlSeconds, maxTtlSeconds);
    return this.keep(keyOf(type, name), { records, failure: undefined, expires: this.clock.now() + ttl * 1000 });
  }

  /** Keeps the fact that nobody answered, for a short time, so that a dead name server is not asked for every message. */
  putFailure(type: RecordType, name: string, failure: string): CachedAnswer {
    const expires = this.clock.now() + this.options.failureTtlSeconds * 1000;
    return this.keep(keyOf(type, name), { records: [], failure, expires });
  }

  clear(): void {
    this.entries.clear();
  }

  private keep(key: string, entry: CachedAnswer): CachedAnswer {
    this.entries.delete(key);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size < this.options.maxEntries) break;
      this.entries.delete(oldest);
    }
    this.entries.set(key, entry);
    return entry;
  }
}

function keyOf(type: RecordType, name: string): string {
  return `${type} ${name}`;
}
