/** A DNS of records that a test gives. */
import type { Dns, DnsAnswer, NaptrRecord, SrvRecord } from '@parley/core';

/** An SRV record as tests write it: its service by name, or by the transport that it stands for. */
export interface TestSrv {
  /** `udp` is `_sip._udp`, `tcp` `_sip._tcp`, `tls` `_sips._tcp`; anything with an underscore is taken as it is. */
  readonly service: string;
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

/** The records of one name. */
export interface TestRecords {
  /** IPv4 addresses. */
  readonly a?: readonly string[];
  /** IPv6 addresses. */
  readonly aaaa?: readonly string[];
  readonly srv?: readonly TestSrv[];
  readonly naptr?: readonly NaptrRecord[];
  /** Questions about this name get no answer at all: the DNS is broken. */
  readonly fails?: boolean;
}

const SERVICES: Readonly<Record<string, string>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };

/** Answers from records that a test may change; names without records do not exist. */
export class VirtualDns implements Dns {
  /** Every question so far: `SRV _sips._tcp.example.org`. */
  readonly questions: string[] = [];
  private readonly names = new Map<string, TestRecords>();

  /** @param records by name */
  constructor(records: Readonly<Record<string, TestRecords>> = {}) {
    for (const [name, found] of Object.entries(records)) this.set(name, found);
  }

  /** Replaces the records of a name. */
  set(name: string, records: TestRecords): void {
    this.names.set(name.toLowerCase(), records);
  }

  /** Takes a name away. */
  remove(name: string): void {
    this.names.delete(name.toLowerCase());
  }

  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.answer('NAPTR', name, this.recordsOf(name)?.naptr);
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    const [, service = '', domain = ''] = /^(_[^.]+\._[^.]+)\.(.+)$/.exec(name.toLowerCase()) ?? [];
    const found = this.recordsOf(domain)?.srv?.filter((record) => (SERVICES[record.service] ?? record.service) === service);
    const records = found?.map(({ target, port, priority = 0, weight = 0 }) => ({ name: target, port, priority, weight }));
    return this.answer('SRV', name, records, domain);
  }

  addresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    const records = this.recordsOf(name);
    return family === 4 ? this.answer('A', name, records?.a) : this.answer('AAAA', name, records?.aaaa);
  }

  private answer<R>(type: string, name: string, records: readonly R[] = [], domain = name): Promise<DnsAnswer<R>> {
    this.questions.push(`${type} ${name.toLowerCase()}`);
    if (this.recordsOf(domain)?.fails === true) return Promise.reject(new Error(`the DNS gives no answer about ${domain}`));
    return Promise.resolve({ records });
  }

  private recordsOf(name: string): TestRecords | undefined {
    return this.names.get(name.toLowerCase());
  }
}
