/** All registrations in memory, by address of record, by Contact and by connection. [MS-SIPRE] R1 */
import { SipUri, decodeText, detach } from '@parley/sdk';
import type { BindingFields, BindingRecord } from './binding.ts';
import { MultiIndex } from './multi-index.ts';

const NONE: readonly BindingRecord[] = [];

/** The key of a user: lower case, as the directory has it. */
export function addressOf(uri: SipUri): string {
  return decodeText(uri.userAtHost).toLowerCase();
}

/**
 * Holds bindings; knows nothing of time, connections or the store. The bindings of one address are few (RegisterPolicy.maxContacts),
 * so that a look for an epid or instance among them is a walk.
 */
export class BindingTable {
  /** Bindings that wait for their endpoint since a restart. */
  lost = 0;
  /** Bindings in all. */
  size = 0;
  // The arrays are never changed but replaced, so that one can be walked through while bindings come and go.
  private readonly byAor = new Map<string, readonly BindingRecord[]>();
  private readonly byContact = new MultiIndex<string, BindingRecord>();
  private readonly byFlow = new MultiIndex<number, BindingRecord>();

  /** Addresses that have a binding. */
  get addresses(): number {
    return this.byAor.size;
  }

  /** Bindings of an address in the order in which they came; those whose time is over too, until they are removed. */
  of(aor: string): readonly BindingRecord[] {
    return this.byAor.get(aor) ?? NONE;
  }

  /** Every binding. */
  *all(): IterableIterator<BindingRecord> {
    for (const records of this.byAor.values()) yield* records;
  }

  /** Bindings whose Contact has the user, host and port of `uri`. */
  withContact(uri: SipUri): readonly BindingRecord[] {
    return this.byContact.get(contactKey(uri));
  }

  /** Bindings that are reached over a connection. */
  onFlow(flowId: number): readonly BindingRecord[] {
    return this.byFlow.get(flowId);
  }

  add(record: BindingRecord): void {
    const records = this.byAor.get(record.aor);
    this.byAor.set(record.aor, records === undefined ? [record] : [...records, record]);
    this.byContact.add(detach(contactKey(SipUri.parse(record.contact))), record);
    if (record.flow !== undefined) this.byFlow.add(record.flow.id, record);
    if (record.lost) this.lost++;
    this.size++;
  }

  /** Gives a binding what a new REGISTER says of it. */
  update(record: BindingRecord, fields: BindingFields): void {
    if (record.contact !== fields.contact) {
      this.byContact.delete(contactKey(SipUri.parse(record.contact)), record);
      this.byContact.add(detach(contactKey(SipUri.parse(fields.contact))), record);
      record.contact = fields.contact;
    }
    if (record.flow !== fields.flow) {
      if (record.flow !== undefined) this.byFlow.delete(record.flow.id, record);
      if (fields.flow !== undefined) this.byFlow.add(fields.flow.id, record);
      record.flow = fields.flow;
    }
    if (record.lost) this.lost--;
    record.lost = false;
    record.q = fields.q;
    record.expiresAt = fields.expiresAt;
    record.callId = fields.callId;
    record.cseq = fields.cseq;
    record.instance = fields.instance;
    record.regId = fields.regId;
    record.epid = fields.epid;
    record.methods = fields.methods;
    record.path = fields.path;
    record.userAgent = fields.userAgent;
    record.subscriber = fields.subscriber;
    record.transport = fields.transport;
    record.host = fields.host;
    record.port = fields.port;
    record.local = fields.local;
    record.pinned = fields.pinned;
  }

  /** False when it is not there (any more). */
  remove(record: BindingRecord): boolean {
    const records = this.byAor.get(record.aor);
    if (records === undefined || !records.includes(record)) return false;
    if (records.length === 1) this.byAor.delete(record.aor);
    else
      this.byAor.set(
        record.aor,
        records.filter((other) => other !== record),
      );
    this.byContact.delete(contactKey(SipUri.parse(record.contact)), record);
    if (record.flow !== undefined) this.byFlow.delete(record.flow.id, record);
    if (record.lost) this.lost--;
    this.size--;
    return true;
  }
}

function contactKey(uri: SipUri): string {
  return `${uri.userAtHost}:${uri.port ?? ''}`;
}
