/** The figures as a table that fits 100 columns. */
import type { RateResult, Result } from './cases.ts';

/** Results of one case by the subject's name; an Error where it could not be measured. */
export interface Row {
  readonly name: string;
  readonly results: ReadonlyMap<string, Result | Error>;
}

const RATE_HEAD = ['', 'anchor/s', 'Parley/s', 'ratio', 'p50 ms', 'p50 ms', 'p99 ms', 'p99 ms', 'µs CPU', 'µs CPU'];
const ALIKE_HEAD = ['', 'rate/s', 'p50 ms', 'p50 ms', 'p99 ms', 'p99 ms', 'ratio'];
const OVERLOAD_HEAD = ['', 'offered/s', 'done/s', 'of best', '503/s', 'Retry-After', 'failed/s', 'afterwards'];

/** Cores of other programs from which on a figure is marked. */
const DOUBTFUL = 0.1;

/** All tables. `anchor` and `ours` are the names of the two subjects. */
export function table(rows: readonly Row[], anchor: string, ours: string): string {
  const rates = rows.filter((row) => [...row.results.values()].some((r) => !(r instanceof Error) && r.kind !== 'memory'));
  const memory = rows.filter((row) => [...row.results.values()].some((r) => !(r instanceof Error) && r.kind === 'memory'));
  const failures = rows.flatMap((row) =>
    [...row.results].filter(([, r]) => r instanceof Error).map(([name, r]) => `${row.name}, ${name}: ${(r as Error).message}`),
  );
  const parts: string[] = [];
  if (rates.length > 0) {
    parts.push(`Highest rate held, latency and CPU per transaction at half of it (${anchor} first, then ${ours})`);
    parts.push(columns([RATE_HEAD.map((h) => h.replace('anchor', anchor)), ...rates.map((row) => rateCells(row, anchor, ours))]));
  }
  const alike = rates.flatMap((row) => alikeCells(row, anchor, ours));
  if (alike.length > 0) {
    parts.push(`Latency of both at half of ${anchor}'s rate, where ${ours}'s is higher`);
    parts.push(columns([ALIKE_HEAD, ...alike]));
  }
  const overloads = rates.flatMap((row) => [anchor, ours].flatMap((name) => overloadCells(row, name)));
  if (overloads.length > 0) {
    parts.push('At 1.5 times its own limit');
    parts.push(columns([OVERLOAD_HEAD, ...overloads]));
  }
  const doubtful = rows.flatMap((row) =>
    [...row.results]
      .filter(([, r]) => !(r instanceof Error) && r.kind === 'rate' && r.others > DOUBTFUL)
      .map(([name]) => `${row.name} (${name})`),
  );
  if (doubtful.length > 0) parts.push(`Other programs were busy during: ${doubtful.join(', ')}`);
  if (memory.length > 0) {
    parts.push('Memory');
    parts.push(columns([['', `${anchor} bytes`, `${ours} bytes`, 'ratio'], ...memory.map((row) => memoryCells(row, anchor, ours))]));
  }
  if (failures.length > 0) parts.push(`Not measured\n${failures.join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}

function get(row: Row, name: string): Result | undefined {
  const result = row.results.get(name);
  return result instanceof Error ? undefined : result;
}

function rateCells(row: Row, anchor: string, ours: string): string[] {
  const pair = [get(row, anchor), get(row, ours)];
  const each = (pick: (r: Exclude<Result, { kind: 'memory' }>) => number, digits: number): string[] =>
    pair.map((r) => (r === undefined || r.kind === 'memory' ? '-' : number(pick(r), digits)));
  const [a, b] = pair.map((r) => (r === undefined || r.kind === 'memory' ? undefined : r.best));
  const cpu = pair.map((r) => (r?.kind === 'rate' ? number(r.cpuMicros, 0) : '-'));
  return [row.name, ...each((r) => r.best, 0), ratio(a, b), ...each((r) => r.p50, 2), ...each((r) => r.p99, 2), ...cpu];
}

function alikeCells(row: Row, anchor: string, ours: string): string[][] {
  const [a, b] = [get(row, anchor), get(row, ours)];
  if (a?.kind !== 'rate' || b?.kind !== 'rate' || b.likeAnchor === undefined) return [];
  const like = b.likeAnchor;
  return [[row.name, number(a.best / 2, 0), ...[a.p50, like.p50, a.p99, like.p99].map((ms) => number(ms, 2)), ratio(a.p99, like.p99)]];
}

function overloadCells(row: Row, name: string): string[][] {
  const result = get(row, name);
  if (result?.kind !== 'rate') return [];
  const o = result.overload;
  const share = `${number((o.completed / result.best) * 100, 0)} %`;
  const figures = [o.offered, o.completed].map((n) => number(n, 0));
  const after = [o.refused, o.refusedWithRetryAfter, o.failed].map((n) => number(n, 0));
  return [[`${row.name} ${name}`, ...figures, share, ...after, afterwards(result)]];
}

function afterwards(result: RateResult): string {
  if (result.overload.died) return 'crashed';
  if (result.overload.lostConnections > 0) return `cut off ${result.overload.lostConnections}`;
  return result.overload.recovered ? 'recovered' : 'still failing';
}

function memoryCells(row: Row, anchor: string, ours: string): string[] {
  const [a, b] = [get(row, anchor), get(row, ours)].map((r) => (r?.kind === 'memory' ? r.bytesEach : undefined));
  return [row.name, a === undefined ? '-' : number(a, 0), b === undefined ? '-' : number(b, 0), ratio(a, b)];
}

function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined || a === 0 ? '-' : (b / a).toFixed(2);
}

function number(n: number, digits: number): string {
  return n.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** First column to the left, the others to the right. */
function columns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0))) ?? [];
  return lines
    .map((cells) =>
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
