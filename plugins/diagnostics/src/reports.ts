/** The error reports of clients: kept for a while, and not more than a number of them. */
import { Clock, PluginConfig, Store, inject, injectable } from '@parley/sdk';
import type { ErrorReports, ReportQuery } from './api.ts';
import type { DiagnosticsConfig } from './config.ts';
import { fromRow, toRow } from './report-row.ts';
import type { DiagnosticsTables } from './report-row.ts';
import type { ErrorReport, KeptReport, ReportOrigin } from './report.ts';

const DAY_MS = 86_400_000;

@injectable()
export class Reports implements ErrorReports {
  constructor(
    @inject(Store) private readonly store: Store<DiagnosticsTables>,
    @inject(Clock) private readonly clock: Pick<Clock, 'now'>,
    @inject(PluginConfig) private readonly config: Pick<DiagnosticsConfig, 'reports'>,
  ) {}

  /** Keeps all or none; resolves when they are stored. */
  async add(reports: readonly ErrorReport[], origin: ReportOrigin): Promise<void> {
    if (reports.length === 0) return;
    const rows = reports.map((report) => toRow(report, origin));
    await this.store.write((trx) => trx.insertInto('diagnostics_report').values(rows).execute(), { durable: false });
  }

  async list(query: ReportQuery): Promise<readonly KeptReport[]> {
    let select = this.store.read.selectFrom('diagnostics_report').selectAll().orderBy('id', 'desc').limit(query.limit);
    if (query.reporter !== undefined) select = select.where('reporter', '=', query.reporter);
    if (query.errorId !== undefined) select = select.where('error_id', '=', query.errorId);
    if (query.since !== undefined) select = select.where('at', '>=', query.since);
    return (await select.execute()).map(fromRow);
  }

  /** Deletes what is too old, and of the rest all but the newest. */
  async prune(): Promise<void> {
    const { days, max } = this.config.reports;
    const oldest = this.clock.now() - days * DAY_MS;
    await this.store.write(
      async (trx) => {
        await trx.deleteFrom('diagnostics_report').where('at', '<', oldest).execute();
        const surplus = await trx
          .selectFrom('diagnostics_report')
          .select('id')
          .orderBy('id', 'desc')
          .offset(max)
          .limit(1)
          .executeTakeFirst();
        if (surplus?.id !== undefined) await trx.deleteFrom('diagnostics_report').where('id', '<=', surplus.id).execute();
      },
      { durable: false },
    );
  }
}
