/** Takes the error reports of clients. [MS-OCER] R5. */
import { Clock, DIAGNOSTIC_IDS, H, ParleyError, PluginConfig, Server, diagnosticHeaders, inject, injectable } from '@parley/sdk';
import type { RequestContext } from '@parley/sdk';
import type { DiagnosticsConfig } from './config.ts';
import { DiagnosticsErrors } from './errors.ts';
import { ReportLimit } from './report-limit.ts';
import { Reports } from './reports.ts';
import { readReport } from './read-report.ts';

/** What the handler uses of a request. */
export type ReportContext = Pick<RequestContext, 'request' | 'identity' | 'respond'>;

/** Seconds after which a client that reports too much may try again. */
const RETRY_AFTER_SECONDS = 60;
/** Longest User-Agent that is kept. */
const MAX_USER_AGENT = 200;

/** The ErrorId of each refusal. */
const ERROR_IDS: Readonly<Record<string, number>> = {
  DIAGNOSTICS_REPORT_NOT_YOURS: DIAGNOSTIC_IDS.reportNotYours,
  DIAGNOSTICS_REPORT_MALFORMED: DIAGNOSTIC_IDS.xmlMalformed,
  DIAGNOSTICS_REPORT_TOO_LARGE: DIAGNOSTIC_IDS.inputTooLarge,
  DIAGNOSTICS_TOO_MANY_REPORTS: DIAGNOSTIC_IDS.serviceUnavailable,
};

/** The handler of routes.am. */
@injectable()
export class ReportHandler {
  /** Reports by what became of them, for the metrics. */
  readonly counts = { stored: 0, refused: 0 };
  private readonly limit: ReportLimit;

  constructor(
    @inject(Reports) private readonly reports: Pick<Reports, 'add'>,
    @inject(PluginConfig) private readonly config: Pick<DiagnosticsConfig, 'reports'>,
    @inject(Server) private readonly server: Pick<Server, 'fqdn'>,
    @inject(Clock) private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.limit = new ReportLimit(config.reports.perMinute);
  }

  /** Answers 200 when the report is stored. */
  async onReport(tx: ReportContext): Promise<void> {
    try {
      const { request } = tx;
      const at = this.clock.now();
      const reporter = this.reporterOf(tx, at);
      const { body } = request;
      const limit = this.config.reports.maxBytes;
      if (body.length > limit) throw DiagnosticsErrors.DIAGNOSTICS_REPORT_TOO_LARGE({ limit, what: 'bytes' });
      const found = readReport(body);
      await this.reports.add(found, { at, reporter, userAgent: (request.first(H.UserAgent) ?? '').slice(0, MAX_USER_AGENT) });
      this.counts.stored += found.length;
      tx.respond(200);
    } catch (error) {
      if (!(error instanceof ParleyError) || error.status === undefined) throw error;
      this.refuse(tx, error);
    }
  }

  /** Whose report it is: what a gate has verified, or the From on a server that asks nobody. Throws when it came for somebody else. */
  private reporterOf(tx: ReportContext, now: number): string {
    const sender = tx.identity?.aor ?? tx.request.from.uri.userAtHost.toLowerCase();
    const target = tx.request.requestUri.userAtHost.toLowerCase();
    if (sender !== target) throw DiagnosticsErrors.DIAGNOSTICS_REPORT_NOT_YOURS({ sender, target });
    if (!this.limit.admit(sender, now)) {
      throw DiagnosticsErrors.DIAGNOSTICS_TOO_MANY_REPORTS({ sender, limit: this.config.reports.perMinute });
    }
    return sender;
  }

  private refuse(tx: ReportContext, error: ParleyError): void {
    this.counts.refused++;
    const headers = diagnosticHeaders(error, ERROR_IDS[error.code] ?? DIAGNOSTIC_IDS.expectedFailure, this.server.fqdn);
    if (error.status === 503) headers['Retry-After'] = String(RETRY_AFTER_SECONDS);
    tx.respond(error.status ?? 500, headers);
  }
}
