/** A registration as the store keeps it. */
import { SipUri } from '@parley/sdk';
import type { Migration, TransportName } from '@parley/sdk';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { BindingFields } from './binding.ts';
import { BindingRecord } from './binding.ts';
import type { MethodSets } from './methods.ts';

/** A row of `registrar_bindings`. */
export interface BindingRow {
  readonly id: number;
  readonly aor: string;
  readonly contact: string;
  /** Milliseconds since 1970. */
  readonly expires_at: number;
  /** Everything else, as JSON: nothing asks the database for it. */
  readonly details: string;
}

export interface RegistrarTables {
  readonly registrar_bindings: BindingRow;
}

/** Schema changes of the registrar, by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-bindings': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('registrar_bindings')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('aor', 'text', (column) => column.notNull())
        .addColumn('contact', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('details', 'text', (column) => column.notNull())
        .execute();
    },
  },
};

const Details = z.object({
  q: z.int().min(0).max(1000),
  since: z.number(),
  callId: z.string(),
  cseq: z.int(),
  instance: z.string().default(''),
  regId: z.int().default(0),
  epid: z.string().default(''),
  methods: z.string().default(''),
  path: z.array(z.string()).default([]),
  userAgent: z.string().default(''),
  transport: z.enum(['UDP', 'TCP', 'TLS', 'WS', 'WSS']),
  /** It was reached over a connection, which no restart survives. */
  connected: z.boolean().default(false),
  host: z.string().default(''),
  port: z.int().default(0),
  local: z.string().default(''),
  pinned: z.boolean().default(false),
});

export function toRow(record: BindingRecord): BindingRow {
  const details: z.input<typeof Details> = {
    q: record.q,
    since: record.registeredAt,
    callId: record.callId,
    cseq: record.cseq,
    transport: record.transport,
  };
  if (record.instance !== '') details.instance = record.instance;
  if (record.regId !== 0) details.regId = record.regId;
  if (record.epid !== '') details.epid = record.epid;
  if (record.methods.names.length > 0) details.methods = record.methods.toString();
  if (record.path.length > 0) details.path = [...record.path];
  if (record.userAgent !== '') details.userAgent = record.userAgent;
  if (record.flow !== undefined || record.lost) details.connected = true;
  if (record.host !== '') Object.assign(details, { host: record.host, port: record.port, local: record.local, pinned: record.pinned });
  return { id: record.id, aor: record.aor, contact: record.contact, expires_at: record.expiresAt, details: JSON.stringify(details) };
}

/** The binding of a row; undefined when the row cannot be read. One that was reached over a connection comes back `lost`. */
export function fromRow(row: BindingRow, sets: MethodSets, share: (text: string) => string): BindingRecord | undefined {
  const details = readDetails(row);
  if (details === undefined) return undefined;
  const fields: BindingFields = {
    contact: row.contact,
    q: details.q,
    expiresAt: row.expires_at,
    callId: details.callId,
    cseq: details.cseq,
    instance: details.instance,
    regId: details.regId,
    epid: details.epid,
    methods: sets.of(details.methods),
    path: details.path,
    userAgent: share(details.userAgent),
    subscriber: undefined,
    transport: share(details.transport) as TransportName,
    flow: undefined,
    host: share(details.host),
    port: details.port,
    local: share(details.local),
    pinned: details.pinned,
  };
  const record = new BindingRecord(row.id, row.aor, fields, details.since);
  record.lost = details.connected;
  record.storedExpiry = row.expires_at;
  return record;
}

function readDetails(row: BindingRow): z.output<typeof Details> | undefined {
  try {
    SipUri.parse(row.contact);
    return Details.safeParse(JSON.parse(row.details)).data;
  } catch {
    return undefined;
  }
}
