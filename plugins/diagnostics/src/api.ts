/** What other plugins may know of diagnostics: the failures that clients have reported. */
import { token } from '@parley/sdk';
import type { Token } from '@parley/sdk';
import type { KeptReport } from './report.ts';

export type { ErrorReport, KeptReport, ReportOrigin } from './report.ts';

/** Which reports; the newest come first. */
export interface ReportQuery {
  /** Address of record, lower case. */
  readonly reporter?: string;
  /** The ErrorId of the first diagnostic header, 0..65535. */
  readonly errorId?: number;
  /** Not older than this; milliseconds since 1970. */
  readonly since?: number;
  /** At most so many. */
  readonly limit: number;
}

/** Reads the error reports of clients. */
export interface ErrorReports {
  list(query: ReportQuery): Promise<readonly KeptReport[]>;
}
export const ErrorReports: Token<ErrorReports> = token<ErrorReports>('error-reports');
