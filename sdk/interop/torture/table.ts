/** The conformance table in docs/conformance.md: generated from what a started server did, and checked against what is written there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../server.ts';
import { status } from '../wire.ts';
import type { Observed, TortureCase } from './case.ts';

const FILE = join(ROOT, 'docs/conformance.md');
const BEGIN = '<!-- torture:begin -->';
const END = '<!-- torture:end -->';

/** One line: what was seen over UDP and over TCP. */
export interface Line {
  readonly one: TortureCase;
  readonly udp: string;
  readonly tcp: string;
}

/** An observation in a few words. */
export function describeObserved(seen: Observed): string {
  const final = seen.response === undefined ? '' : String(status(seen.response));
  const parts = [seen.forwarded === undefined ? final : `forwarded, ${final}`, seen.closed ? 'closed' : ''].filter((part) => part !== '');
  return parts.length === 0 ? 'dropped' : parts.join(', ');
}

/** Both sets as Markdown tables. */
export function markdown(rfc4475: readonly Line[], rfc5118: readonly Line[]): string {
  return `${BEGIN}\n\n### RFC 4475\n\n${tableOf(rfc4475)}\n\n### RFC 5118\n\n${tableOf(rfc5118)}\n\n${END}`;
}

/** What the document says now between the markers; undefined without them. */
export function written(): string | undefined {
  if (!existsSync(FILE)) return undefined;
  const text = readFileSync(FILE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  return begin < 0 || end < begin ? undefined : text.slice(begin, end + END.length);
}

/** Puts the tables between the markers. @throws Error when there are none */
export function write(tables: string): void {
  const old = written();
  if (old === undefined) throw new Error(`${FILE} has no lines ${BEGIN} and ${END}`);
  writeFileSync(
    FILE,
    readFileSync(FILE, 'utf8').replace(old, () => tables),
  );
}

/** In the way that Prettier formats Markdown tables, so that the format check and this test agree. */
function tableOf(lines: readonly Line[]): string {
  const rows = [
    ['Section', 'Message', 'What the RFC prescribes for a proxy and registrar', 'UDP', 'TCP'],
    ...lines.map(({ one, udp, tcp }) => [
      one.section,
      one.name === one.section ? one.title : `\`${one.name}\` ${one.title}`,
      one.prescribed,
      udp,
      tcp,
    ]),
  ].map((row) =>
    row.map((cell) =>
      cell
        .replaceAll('|', String.raw`\|`)
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;'),
    ),
  );
  const widths = rows[0]?.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const text = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text[0], rule, ...text.slice(1)].join('\n');
}
