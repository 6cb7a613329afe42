/** The DNS as the resolver sees it: record sets by name and type, and a bounded cache of them. */
import { Resolver as NodeResolver, lookup } from 'node:dns/promises';
import type { Clock } from '../clock/index.ts';

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

export interface AddressRecord {
  /** IP literal. */
  readonly address: string;
}

export interface RecordsByType {
  NAPTR: NaptrRecord;
  SRV: SrvRecord;
  A: AddressRecord;
  AAAA: AddressRecord;
}
export type RecordType = keyof RecordsByType;

/** The records of one name and type; empty when the name or the type does not exist. */
export interface Answer<T extends RecordType = RecordType> {
  readonly records: readonly RecordsByType[T][];
  /** How long it may be kept, where the DNS told. */
  readonly ttlSeconds?: number;
}

/** Where records come from. Rejects when there was no answer at all (time-out, SERVFAIL). */
export interface Dns {
  query<T extends RecordType>(name: string, type: T): Promise<Answer<T>>;
}

/** The machine's DNS, or the given servers (`192.0.2.53`, `192.0.2.53:5353`). */
export function systemDns(servers?: readonly string[]): Dns {
  (void servers, NodeResolver, lookup);
  throw new Error('not built yet');
}

/** Record sets for as long as they may be kept. Bounded: the one unused longest goes first. */
export class DnsCache {
  constructor(
    readonly clock: Clock,
    readonly maxEntries = 10_000,
  ) {}
}
