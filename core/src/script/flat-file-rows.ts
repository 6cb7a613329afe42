/** The text of a flat file into rows of fields: commas with the quotes of RFC 4180, tabs, or any white space. */
import { ManifestErrors as E } from './errors.ts';

export type Delimiter = 'comma' | 'tab' | 'whitespace';

/** One row and the line that it begins on, from 1. */
export interface FileRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Splits the text; empty lines are no rows. Throws MSPL_FILE_TOO_LARGE and MSPL_FILE_QUOTES. @param path for the errors */
export function splitRows(text: string, delimiter: Delimiter, path: string, limit: number): FileRow[] {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const rows = delimiter === 'comma' ? new CommaReader(text, start, path, limit).rows() : splitLines(text.slice(start), delimiter, limit);
  if (rows.length > limit) throw E.MSPL_FILE_TOO_LARGE({ path, limit, what: 'rows' });
  return rows;
}

function splitLines(text: string, delimiter: 'tab' | 'whitespace', limit: number): FileRow[] {
  const rows: FileRow[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (let i = 0; i < lines.length && rows.length <= limit; i++) {
    const line = lines[i] as string;
    if (line.trim() === '') continue;
    rows.push({ line: i + 1, fields: delimiter === 'tab' ? line.split('\t').map((field) => field.trim()) : line.trim().split(/\s+/) });
  }
  return rows;
}

/** RFC 4180: a quoted field may hold commas, line ends, and quotes written twice. White space around bare fields is not theirs. */
class CommaReader {
  private line = 1;

  constructor(
    private readonly text: string,
    private at: number,
    private readonly path: string,
    private readonly limit: number,
  ) {}

  rows(): FileRow[] {
    const rows: FileRow[] = [];
    while (this.at < this.text.length && rows.length <= this.limit) {
      const { line } = this;
      const fields = this.row();
      if (fields.length > 1 || fields[0] !== '') rows.push({ line, fields });
    }
    return rows;
  }

  private row(): string[] {
    const fields: string[] = [];
    do fields.push(this.field());
    while (this.accept(','));
    this.lineEnd();
    return fields;
  }

  private accept(char: string): boolean {
    if (this.text.charAt(this.at) !== char) return false;
    this.at++;
    return true;
  }

  private lineEnd(): void {
    const carriage = this.accept('\r');
    const feed = this.accept('\n');
    if (carriage || feed) this.line++;
  }

  private field(): string {
    while (this.text.charAt(this.at) === ' ' || this.text.charAt(this.at) === '\t') this.at++;
    if (this.text.charAt(this.at) === '"') return this.quoted();
    const start = this.at;
    while (this.at < this.text.length && !',\r\n'.includes(this.text.charAt(this.at))) this.at++;
    return this.text.slice(start, this.at).trimEnd();
  }

  private quoted(): string {
    const { line } = this;
    let value = '';
    this.at++;
    for (;;) {
      const end = this.text.indexOf('"', this.at);
      if (end < 0) throw E.MSPL_FILE_QUOTES({ line, path: this.path });
      const piece = this.text.slice(this.at, end);
      this.line += piece.split(/\r\n|\r|\n/).length - 1;
      value += piece;
      this.at = end + 1;
      if (!this.accept('"')) break;
      value += '"';
    }
    // What stands between the closing quote and the comma belongs to the field, as spreadsheets read it.
    const start = this.at;
    while (this.at < this.text.length && !',\r\n'.includes(this.text.charAt(this.at))) this.at++;
    return value + this.text.slice(start, this.at).trim();
  }
}
