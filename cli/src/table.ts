/** Tables for terminals: as wide as their content, never wider than the terminal. */
import { stripVTControlCharacters, styleText } from 'node:util';

/** One column. */
export interface Column {
  /** The property of a row that it shows. */
  readonly key: string;
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never cut: names that are to be copied. */
  readonly whole?: boolean;
}

const GAP = '  ';
const NARROWEST = 6;

/**
 * Lines of a table: titles, then a line a row. When it would be wider than `width` characters, the widest columns are cut,
 * with an ellipsis, unless they are to stay whole; a row whose last column is cut goes on unharmed in `--json`.
 * @param width Infinity where nothing is to be cut
 */
export function renderTable(rows: readonly object[], columns: readonly Column[], width: number, colour: boolean): string[] {
  const cells = rows.map((row) => columns.map((column) => text((row as Record<string, unknown>)[column.key])));
  const widths = fit(
    columns.map((column, i) => Math.max(column.title.length, ...cells.map((line) => line[i]?.length ?? 0))),
    width - GAP.length * (columns.length - 1),
    columns.map(({ whole }) => whole === true),
  );
  const line = (values: readonly string[]): string =>
    values
      .map((value, i) => pad(value, widths[i] ?? 0, columns[i]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  const titles = line(columns.map((column) => column.title));
  return [colour ? styleText('bold', titles, { validateStream: false }) : titles, ...cells.map(line)];
}

/** Columns for rows that come without any: their properties, in order. */
export function columnsOf(rows: readonly object[]): Column[] {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...keys].map((key) => ({ key, title: key.replaceAll(/([A-Z])/g, ' $1').toUpperCase() }));
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(text).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return JSON.stringify(value);
  // What others have sent is shown, and must not steer the terminal.
  return stripVTControlCharacters(String(value)).replaceAll(/\p{Cc}/gu, ' ');
}

/** Takes from the widest column until all fit, or only those are left that stay whole. */
function fit(wanted: readonly number[], room: number, whole: readonly boolean[]): number[] {
  const widths = [...wanted];
  let over = widths.reduce((sum, one) => sum + one, 0) - room;
  while (over > 0) {
    const given = widths.map((width, i) => (whole[i] === true ? 0 : width));
    const widest = given.indexOf(Math.max(...given));
    if ((given[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

function pad(value: string, width: number, align: 'left' | 'right'): string {
  const shown = value.length > width ? `${value.slice(0, width - 1)}…` : value;
  return align === 'right' ? shown.padStart(width) : shown.padEnd(width);
}
