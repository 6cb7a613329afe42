/** Comma-separated values. RFC 4180, read with the limits that a file from outside needs. */
import { DirectoryErrors } from './errors.ts';

/** One record of the file and the line it begins on, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Most fields in a record. */
export const MAX_FIELDS = 64;
/** Longest field, in characters. */
export const MAX_FIELD_LENGTH = 4096;

const BYTE_ORDER_MARK = '\ufeff';

/**
 * Reads records one after the other; lines may end in CRLF or LF, empty lines are skipped, a byte order mark is ignored.
 * Throws DIRECTORY_CSV_MALFORMED with the line in `place`.
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  const reader = new CsvReader(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    if (record.fields.length > 1 || record.fields[0] !== '') yield record;
  }
}

class CsvReader {
  private at = 0;
  private line = 1;

  constructor(private readonly text: string) {}

  next(): CsvRecord | undefined {
    if (this.at >= this.text.length) return undefined;
    const line = this.line;
    const fields: string[] = [];
    do {
      if (fields.length === MAX_FIELDS) throw this.malformed(`more than ${MAX_FIELDS} fields`);
      fields.push(this.text[this.at] === '"' ? this.quoted() : this.bare());
    } while (this.takeComma());
    this.endLine();
    return { line, fields };
  }

  private bare(): string {
    const start = this.at;
    while (this.at < this.text.length && !',\r\n'.includes(this.text.charAt(this.at))) {
      if (this.text[this.at] === '"') throw this.malformed('a quote inside a value that does not begin with one');
      this.at++;
    }
    return this.bounded(this.text.slice(start, this.at));
  }

  private quoted(): string {
    let value = '';
    for (;;) {
      const end = this.text.indexOf('"', this.at + 1);
      if (end < 0) throw this.malformed('a quote that is never closed');
      const piece = this.text.slice(this.at + 1, end);
      this.line += piece.split('\n').length - 1;
      value = this.bounded(value + piece);
      this.at = end + 1;
      if (this.text[this.at] !== '"') return value;
      value += '"';
    }
  }

  private takeComma(): boolean {
    if (this.text[this.at] !== ',') return false;
    this.at++;
    return true;
  }

  private endLine(): void {
    if (this.text[this.at] === '\r') this.at++;
    if (this.at >= this.text.length) return;
    if (this.text[this.at] !== '\n') throw this.malformed('text after a closing quote, or a carriage return alone');
    this.at++;
    this.line++;
  }

  private bounded(value: string): string {
    if (value.length > MAX_FIELD_LENGTH) throw this.malformed(`a value longer than ${MAX_FIELD_LENGTH} characters`);
    return value;
  }

  private malformed(found: string): Error {
    return DirectoryErrors.DIRECTORY_CSV_MALFORMED({ found: `line ${this.line} has ${found}` }, { place: `line ${this.line}` });
  }
}
