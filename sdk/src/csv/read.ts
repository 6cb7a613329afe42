/** Reads comma-separated values within bounds. RFC 4180. */
import { CsvErrors } from './errors.ts';

/** One record, and the line of the file that it begins on, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** What one record may have. */
export interface CsvLimits {
  readonly fields: number;
  /** Characters of a field. */
  readonly length: number;
}

/** What a CSV file may have at most. */
export const CSV_LIMITS: CsvLimits = { fields: 64, length: 4096 };

const BYTE_ORDER_MARK = '\ufeff';
const BARE = /[^,\r\n]*/y;
const LINE_END = /\r?\n/y;

/**
 * Records one after the other. Lines end in CRLF or LF, empty ones are passed over, so is a byte order mark.
 * @throws CSV_MALFORMED with the line in `place`
 */
export function* readCsv(text: string, limits: Partial<CsvLimits> = {}): Generator<CsvRecord> {
  const bounds = { ...CSV_LIMITS, ...limits };
  let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const fields: string[] = [];
    for (;;) {
      const field = fieldAt(text, at, line);
      if (field.value.length > bounds.length) throw malformed(line, `a value has more than ${bounds.length} characters`);
      if (fields.length === bounds.fields) throw malformed(line, `it has more than ${bounds.fields} values`);
      fields.push(field.value);
      line += field.lines;
      at = field.end;
      if (text[at] !== ',') break;
      at++;
    }
    if (at < text.length) {
      const end = match(LINE_END, text, at);
      if (end === undefined) throw malformed(line, 'there is text behind a closing quote, or a carriage return alone');
      at += end[0].length;
      line++;
    }
    if (fields.length > 1 || fields[0] !== '') yield { line: first, fields };
  }
}

interface Field {
  readonly value: string;
  /** Where the text goes on. */
  readonly end: number;
  /** Line breaks inside. */
  readonly lines: number;
}

function fieldAt(text: string, at: number, line: number): Field {
  if (text[at] === '"') return quotedAt(text, at, line);
  const value = match(BARE, text, at)?.[0] ?? '';
  if (value.includes('"')) throw malformed(line, 'a quote stands inside a value that does not begin with one');
  return { value, end: at + value.length, lines: 0 };
}

/** A quoted one: quotes inside are doubled. */
function quotedAt(text: string, at: number, line: number): Field {
  let end = at;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) throw malformed(line, 'a quote is never closed');
  } while (text[end + 1] === '"' && ++end > 0);
  const value = text.slice(at + 1, end);
  return { value: value.replaceAll('""', '"'), end: end + 1, lines: value.split('\n').length - 1 };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function malformed(line: number, problem: string): Error {
  return CsvErrors.CSV_MALFORMED({ line, problem }, { place: `line ${line}` });
}
