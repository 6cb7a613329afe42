/** `parley errors`: what clients have reported. */
import { Clock, diagnosticOf } from '@parley/sdk';
import type { AdminCommand, PluginScope } from '@parley/sdk';
import type { ReportQuery } from './api.ts';
import { readDiagnostic } from './diagnostic-value.ts';
import { DiagnosticsErrors } from './errors.ts';
import type { KeptReport } from './report.ts';
import { Reports } from './reports.ts';

const MAX_ROWS = 1000;
const DEFAULT_ROWS = '50';
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** The reason gives way to the other columns, so that a table fits 80 columns. */
const REASON_WIDTH = 26;

const errors: AdminCommand = {
  path: 'errors',
  summary: 'List the failures that clients have reported, the newest first',
  options: [
    { flag: '--user <address>', summary: 'Only those of this user' },
    { flag: '--id <number>', summary: 'Only those with this ErrorId in ms-diagnostics' },
    { flag: '--since <time>', summary: 'Only those since then: 30m, 12h, 7d, 2w, or a date such as 2026-11-22' },
    { flag: '--limit <number>', summary: `How many, at most ${MAX_ROWS}`, default: DEFAULT_ROWS },
  ],
  examples: ['parley errors', 'parley errors --user alice@example.com --since 2d', 'parley errors --id 1003 --json'],
  offline: true,
  columns: [
    { key: 'time', title: 'TIME (UTC)' },
    { key: 'user', title: 'USER' },
    { key: 'request', title: 'REQUEST' },
    { key: 'status', title: 'STATUS', align: 'right' },
    { key: 'id', title: 'ID', align: 'right' },
    { key: 'reason', title: 'REASON' },
  ],
  async run(input, scope: PluginScope) {
    const { options } = input;
    const query = readQuery(options, scope.resolve(Clock).now());
    const reports = await scope.resolve(Reports).list(query);
    return { rows: reports.map(rowOf), text: sentence(reports.length, query), data: reports.map(detailsOf) };
  },
};

function readQuery(options: Readonly<Record<string, string | boolean>>, now: number): ReportQuery {
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const user = text('user')
    ?.replace(/^sips?:/i, '')
    .toLowerCase();
  const id = text('id');
  const since = text('since');
  return {
    limit: numberOf('--limit', text('limit') ?? DEFAULT_ROWS, 1, MAX_ROWS),
    ...(user === undefined ? {} : { reporter: user }),
    ...(id === undefined ? {} : { errorId: numberOf('--id', id, 0, 65_535) }),
    ...(since === undefined ? {} : { since: timeOf(since, now) }),
  };
}

function numberOf(option: string, found: string, least: number, most: number): number {
  const number = Number(found);
  if (/^\d+$/.test(found) && number >= least && number <= most) return number;
  throw DiagnosticsErrors.DIAGNOSTICS_OPTION_MALFORMED({ option, found, wanted: `a number from ${least} to ${most}` });
}

function timeOf(found: string, now: number): number {
  const [, amount, unit] = /^(\d{1,6})([mhdw])$/.exec(found) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNITS[unit ?? ''] ?? 0);
  const time = /^\d{4}-\d\d-\d\d/.test(found) ? Date.parse(found) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw DiagnosticsErrors.DIAGNOSTICS_OPTION_MALFORMED({ option: '--since', found, wanted: 'a time such as 30m, 12h, 7d or 2026-11-22' });
}

function rowOf(report: KeptReport): object {
  const { errorId, reason, responseCode } = report;
  const shown = reason === '' && errorId !== undefined ? (diagnosticOf(errorId)?.meaning ?? '') : reason;
  return {
    time: new Date(report.at).toISOString().slice(0, 16).replace('T', ' '),
    user: report.reporter,
    request: report.requestType,
    status: responseCode === 0 ? '' : responseCode,
    id: errorId ?? '',
    reason: shown.length > REASON_WIDTH ? `${shown.slice(0, REASON_WIDTH - 1)}…` : shown,
  };
}

/** Everything of a report, times as text and each header read. */
function detailsOf({ at, ...report }: KeptReport): object {
  const read = (values: readonly string[]): object[] => values.map((value) => ({ ...readDiagnostic(value), value }));
  return { at: new Date(at).toISOString(), ...report, diagnostics: read(report.diagnostics), progress: read(report.progress) };
}

function sentence(count: number, query: ReportQuery): string {
  if (count === 0) return 'No client has reported a failure.'.replace('.', Object.keys(query).length > 1 ? ' of that kind.' : '.');
  const reports = `${count} ${count === 1 ? 'report' : 'reports'}`;
  return count < query.limit ? `${reports}; --json shows all of each.` : `The newest ${reports}; --limit shows more, --json all of each.`;
}

/** Commands that this plugin adds to the command line. */
export const commands: readonly AdminCommand[] = [errors];
