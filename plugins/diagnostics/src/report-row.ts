/** A client's error report as the store keeps it. */
import { identity } from '@parley/sdk';
import type { Migration } from '@parley/sdk';
import { z } from 'zod';
import { readDiagnostic } from './diagnostic-value.ts';
import type { ErrorReport, KeptReport, ReportOrigin } from './report.ts';

/** A row of `diagnostics_report`, without its number. */
export interface ReportFields {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reporter: string;
  readonly error_id: number | null;
  readonly response_code: number;
  /** Everything else, as JSON: nothing asks the database for it. */
  readonly details: string;
}

export interface ReportRow extends ReportFields {
  /** Grows with every report. The database counts it up. */
  readonly id: number;
}

/** What the plugin keeps in the store; `id` is given by the database. */
export interface DiagnosticsTables {
  readonly diagnostics_report: ReportFields & { readonly id?: number };
}

/** Schema changes of the plugin, by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-reports': {
    async up(db, dialect): Promise<void> {
      await db.schema
        .createTable('diagnostics_report')
        .addColumn('id', ...identity(dialect))
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('reporter', 'text', (column) => column.notNull())
        .addColumn('error_id', 'bigint')
        .addColumn('response_code', 'bigint', (column) => column.notNull())
        .addColumn('details', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('diagnostics_report_at').on('diagnostics_report').column('at').execute();
      await db.schema.createIndex('diagnostics_report_reporter').on('diagnostics_report').column('reporter').execute();
    },
  },
};

const text = z.string().default('');
const Details = z.object({
  toUri: text,
  callId: text,
  fromTag: text,
  toTag: text,
  contentType: text,
  requestType: text,
  diagnostics: z.array(z.string()).default([]),
  progress: z.array(z.string()).default([]),
  userAgent: text,
});

export function toRow(report: ErrorReport, { at, reporter, userAgent }: ReportOrigin): ReportFields {
  const { responseCode, ...rest } = report;
  const { id } = readDiagnostic(report.diagnostics[0] ?? '');
  return { at, reporter, error_id: id ?? null, response_code: responseCode, details: JSON.stringify({ ...rest, userAgent }) };
}

/** A row that cannot be read comes back with its columns alone. */
export function fromRow(row: ReportFields): KeptReport {
  const details = readDetails(row.details);
  return {
    at: row.at,
    reporter: row.reporter,
    responseCode: row.response_code,
    errorId: row.error_id ?? undefined,
    reason: readDiagnostic(details.diagnostics[0] ?? '').reason,
    ...details,
  };
}

function readDetails(json: string): z.output<typeof Details> {
  try {
    return Details.safeParse(JSON.parse(json)).data ?? Details.parse({});
  } catch {
    return Details.parse({});
  }
}
