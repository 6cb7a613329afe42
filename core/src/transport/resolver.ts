/** Where to send a request: RFC 3263 over a cache, with failed destinations put aside. */
import type { Clock } from '../clock/index.ts';
import type { SipUri } from '../sip/index.ts';
import type { Dns, DnsAnswer } from './dns.ts';
import type { CachedAnswer, DnsCache, RecordType, RecordTypes } from './dns-cache.ts';
import { TransportErrors } from './errors.ts';
import type { Destination } from './flow.ts';
import { planDestinations, type KnownRecords, type PlanOptions, type ResolveHint } from './resolution-plan.ts';

/** How a resolver works. */
export interface ResolverOptions extends PlanOptions {
  /** How long a failed destination is put aside, in milliseconds. */
  readonly asideMs: number;
  /** Look-ups that may be under way at once. */
  readonly maxPending: number;
  /** Records of one set that are considered; a set may be as large as a hostile zone makes it. */
  readonly maxRecords: number;
  /** Destinations of one resolution. */
  readonly maxDestinations: number;
}

/** All transports that are spoken to other servers, IPv4 before IPv6. */
export const DEFAULT_RESOLVER_OPTIONS: ResolverOptions = {
  transports: ['TLS', 'TCP', 'UDP'],
  families: [4, 6],
  random: Math.random,
  asideMs: 60_000,
  maxPending: 1_000,
  maxRecords: 16,
  maxDestinations: 16,
};

/** NAPTR, SRV, address: three rounds of questions, and one more for what expires meanwhile. */
const MAX_ROUNDS = 4;
const MAX_ASIDE = 10_000;

/** Finds out where a URI leads, and remembers what did not answer. RFC 3263. */
export class Resolver {
  private readonly options: ResolverOptions;
  private readonly pending = new Map<string, Promise<CachedAnswer>>();
  /** Destination key to the time until which it is tried last. */
  private readonly aside = new Map<string, number>();

  constructor(
    private readonly dns: Dns,
    private readonly cache: DnsCache,
    private readonly clock: Clock,
    options: Partial<ResolverOptions> = {},
  ) {
    this.options = { ...DEFAULT_RESOLVER_OPTIONS, ...options };
  }

  /**
   * Destinations in the order of trial, at least one.
   * @throws TRANSPORT_URI_UNROUTABLE, TRANSPORT_URI_TRANSPORT, TRANSPORT_DNS_NOT_FOUND, TRANSPORT_DNS_FAILED, TRANSPORT_DNS_BUSY
   */
  async resolve(uri: SipUri, hint: ResolveHint = {}): Promise<Destination[]> {
    const records = new Records(this.cache, this.options.maxRecords);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const found = planDestinations(uri, hint, records, this.options);
      if (records.complete) return this.inOrder(found, uri, records);
      const questions = records.takeMissing();
      const answers = await Promise.all(questions.map((q) => this.ask(q)));
      questions.forEach((q, i) => records.learn(q, answers[i] as CachedAnswer));
    }
    throw TransportErrors.TRANSPORT_DNS_FAILED({ name: uri.host, reason: 'its records lead to ever more records' });
  }

  /** As `resolve`, from IP literals and cached records alone; undefined when the DNS would have to be asked. Throws the same errors. */
  resolveNow(uri: SipUri, hint: ResolveHint = {}): Destination[] | undefined {
    const records = new Records(this.cache, this.options.maxRecords);
    const found = planDestinations(uri, hint, records, this.options);
    return records.complete ? this.inOrder(found, uri, records) : undefined;
  }

  /** Puts a destination that did not answer, or answered 503, behind the others for a while (RFC 3263 section 4.3). */
  putAside(destination: Destination): void {
    const key = destinationKey(destination);
    this.aside.delete(key);
    for (const oldest of this.aside.keys()) {
      if (this.aside.size < MAX_ASIDE) break;
      this.aside.delete(oldest);
    }
    this.aside.set(key, this.clock.now() + this.options.asideMs);
  }

  /** Takes `putAside` back: the destination has answered. */
  restore(destination: Destination): void {
    if (this.aside.size > 0) this.aside.delete(destinationKey(destination));
  }

  private inOrder(found: Destination[], uri: SipUri, records: Records): Destination[] {
    if (found.length === 0) {
      if (records.failure === undefined) throw TransportErrors.TRANSPORT_DNS_NOT_FOUND({ name: uri.host });
      throw TransportErrors.TRANSPORT_DNS_FAILED({ name: uri.host, reason: records.failure });
    }
    if (found.length === 1) return found;
    const distinct = [...new Map(found.map((d) => [destinationKey(d), d])).values()].slice(0, this.options.maxDestinations);
    if (this.aside.size === 0) return distinct;
    return [...distinct.filter((d) => !this.isAside(d)), ...distinct.filter((d) => this.isAside(d))];
  }

  private isAside(destination: Destination): boolean {
    const until = this.aside.get(destinationKey(destination));
    return until !== undefined && until > this.clock.now();
  }

  /** One query for all who ask the same at the same time. Never rejects but with TRANSPORT_DNS_BUSY. */
  private ask(question: Question): Promise<CachedAnswer> {
    const key = questionKey(question);
    const running = this.pending.get(key);
    if (running !== undefined) return running;
    if (this.pending.size >= this.options.maxPending) {
      return Promise.reject(TransportErrors.TRANSPORT_DNS_BUSY({ pending: this.pending.size }));
    }
    const query = this.fetch(question).finally(() => this.pending.delete(key));
    this.pending.set(key, query);
    return query;
  }

  private async fetch({ type, name }: Question): Promise<CachedAnswer> {
    try {
      const answer = await this.query(type, name);
      return this.cache.put(type, name, answer.records, answer.ttlSeconds);
    } catch (error) {
      return this.cache.putFailure(type, name, (error as Error).message);
    }
  }

  private query(type: RecordType, name: string): Promise<DnsAnswer<RecordTypes[RecordType]>> {
    if (type === 'NAPTR') return this.dns.naptr(name);
    if (type === 'SRV') return this.dns.srv(name);
    return this.dns.addresses(name, type === 'A' ? 4 : 6);
  }
}

interface Question {
  readonly type: RecordType;
  readonly name: string;
}

/** What one resolution knows: answers it fetched itself, whatever their TTL, then the cache. */
class Records implements KnownRecords {
  private missing: Question[] = [];
  /** Why a query failed, if one did. */
  failure: string | undefined = undefined;
  private readonly learnt = new Map<string, CachedAnswer>();

  constructor(
    private readonly cache: DnsCache,
    private readonly maxRecords: number,
  ) {}

  find<T extends RecordType>(type: T, name: string): readonly RecordTypes[T][] {
    const answer = this.learnt.get(questionKey({ type, name })) ?? this.cache.get(type, name);
    if (answer === undefined) {
      this.missing.push({ type, name });
      return [];
    }
    this.failure ??= answer.failure;
    return answer.records.slice(0, this.maxRecords) as RecordTypes[T][];
  }

  get complete(): boolean {
    return this.missing.length === 0;
  }

  takeMissing(): Question[] {
    const questions = new Map(this.missing.map((q) => [questionKey(q), q]));
    this.missing = [];
    return [...questions.values()];
  }

  learn(question: Question, answer: CachedAnswer): void {
    this.learnt.set(questionKey(question), answer);
  }
}

function questionKey(question: Question): string {
  return `${question.type} ${question.name}`;
}

function destinationKey(d: Destination): string {
  return `${d.transport} ${d.host} ${d.port} ${d.serverName ?? ''}`;
}
