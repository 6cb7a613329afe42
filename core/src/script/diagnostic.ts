/** What the compiler says of a manifest or script: collected while it goes on, printed with the line and a caret. */
import type { ParleyError } from '../errors/index.ts';
import { ScriptTextErrors } from './errors.ts';
import { SourceText } from './source-text.ts';
import type { ScriptText, Span } from './source-text.ts';

/** One finding, with its place in the manifest file. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** One of the MSPL_ codes of docs/errors.md. */
  readonly code: string;
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Characters that it is about, on its line; 1 when absent. */
  readonly length?: number;
  /** What would be right. */
  readonly fix?: string;
}

/** Findings of one severity that are kept; beyond that one more says that there were others. */
const LIMIT = 50;

/** Collects findings in any order; a second one of the same code at the same place is dropped. */
export class DiagnosticList {
  private readonly found: Diagnostic[] = [];
  private readonly seen = new Set<string>();
  private readonly count = { error: 0, warning: 0 };

  constructor(readonly source: SourceText) {}

  /** Adds an error about a stretch of the file. */
  error(error: ParleyError, span: Span): void {
    this.add('error', error, span);
  }

  /** Adds a warning about a stretch of the file. */
  warning(error: ParleyError, span: Span): void {
    this.add('warning', error, span);
  }

  /** True once an error was added. */
  get failed(): boolean {
    return this.count.error > 0;
  }

  /** Everything found, in the order of the file. */
  list(): Diagnostic[] {
    return this.found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  private add(severity: 'error' | 'warning', error: ParleyError, span: Span): void {
    const place = this.source.place(span.start);
    const key = `${error.code}:${place.line}:${place.column}`;
    if (this.seen.has(key) || this.count[severity] > LIMIT) return;
    this.seen.add(key);
    const what = this.count[severity] === LIMIT ? ScriptTextErrors.MSPL_TOO_MANY_ERRORS({ limit: LIMIT }) : error;
    this.count[severity]++;
    const length = Math.max(1, Math.min(span.end - span.start, this.source.line(place.line).length - place.column + 1));
    this.found.push({ severity, code: what.code, message: what.message, ...place, length, fix: what.fix });
  }
}

/** Reports about a script: takes offsets in the script, gives places in the manifest. */
export class ScriptReporter {
  /** While set, nothing is reported: the compiler looks ahead at the types of expressions. */
  muted = false;

  constructor(
    readonly list: DiagnosticList,
    private readonly script: ScriptText,
  ) {}

  /** The line in the manifest of an offset in the script. */
  line(offset: number): number {
    return this.list.source.place(this.script.sourceOffset(offset)).line;
  }

  error(error: ParleyError, span: Span): void {
    if (!this.muted) this.list.error(error, this.inManifest(span));
  }

  warning(error: ParleyError, span: Span): void {
    if (!this.muted) this.list.warning(error, this.inManifest(span));
  }

  private inManifest(span: Span): Span {
    const start = this.script.sourceOffset(span.start);
    // The end by its last character: the character after it may stand behind a CDATA mark.
    return { start, end: span.end > span.start ? this.script.sourceOffset(span.end - 1) + 1 : start };
  }
}

const WIDTH = 120;
const LEAD = 60;

/**
 * A finding as a person reads it: `file:line:column: severity: message [code]`, the line itself, a caret below the place,
 * and what would be right.
 * @param sourceText the text of the file that the finding is about
 */
export function formatDiagnostic(diagnostic: Diagnostic, sourceText: string): string {
  const { file, line, column, severity, message, code, fix } = diagnostic;
  const head = `${file}:${line}:${column}: ${severity}: ${message} [${code}]`;
  const whole = new SourceText(file, sourceText).line(line);
  const cut = column > WIDTH - 20 ? column - LEAD : 0;
  const text = whole.slice(cut, cut + WIDTH);
  const before = text.slice(0, column - 1 - cut).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(diagnostic.length ?? 1, text.length - before.length)));
  const gutter = ' '.repeat(String(line).length);
  const rows = [head, ` ${line} | ${text}`, ` ${gutter} | ${before}${carets}`];
  if (fix !== undefined && fix !== '') rows.push(` ${gutter} = ${fix}`);
  return rows.join('\n');
}
