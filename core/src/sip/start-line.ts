/** The first line of a message. RFC 3261 sections 7.1 and 7.2. */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN, isAll, parseDigits } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { methodText } from './methods.ts';

/** A request line, with what is wrong with it, if anything: a broken one is read as far as it takes to answer. */
export interface RequestLine {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  readonly error: ParleyError | undefined;
}

/** A status line. */
export interface StatusLine {
  readonly kind: 'response';
  readonly status: number;
  /** A byte string, may be empty. */
  readonly reason: string;
}

const VERSION = 'SIP/2.0';
const ANY_VERSION = /^SIP\/\d+\.\d+$/i;
/** Where code and phrase stand in a status line. */
const CODE = VERSION.length + 1;
const PHRASE = CODE + 4;

/** Reads the start line that `text` begins with and that ends at `end`; what is neither kind comes back as the error. */
export function readStartLine(text: string, end: number): RequestLine | StatusLine | ParleyError {
  if (text.startsWith('SIP/')) return readStatusLine(text.slice(0, end));
  const first = text.indexOf(' ');
  if (first <= 0 || first >= end || !isAll(TOKEN, text, 0, first)) return readOther(text.slice(0, end));
  const last = end - VERSION.length - 1;
  if (!text.startsWith(VERSION, last + 1) || text.indexOf(' ', first + 1) !== last) return readOddRequestLine(text.slice(0, end), first);
  return { kind: 'request', method: methodText(text, 0, first), uri: text.slice(first + 1, last), version: VERSION, error: undefined };
}

/** Another version, or white space where none should be. */
function readOddRequestLine(line: string, first: number): RequestLine | ParleyError {
  const trimmed = line.trimEnd();
  const last = trimmed.lastIndexOf(' ');
  const version = trimmed.slice(last + 1);
  if (last <= first || !ANY_VERSION.test(version)) return notSip(line);
  const uri = line.slice(first + 1, last).trim();
  const problem = problemOf(line, uri, first, last, trimmed.length);
  const error = problem === undefined ? undefined : SipErrors.SIP_START_LINE({ problem }, { place: 'request line' });
  return { kind: 'request', method: methodText(line, 0, first), uri, version, error };
}

function problemOf(line: string, uri: string, first: number, last: number, trimmedLength: number): string | undefined {
  if (trimmedLength < line.length) return 'white space at the end';
  if (uri.length < last - first - 1) return 'more than one space';
  return /\s/.test(uri) ? `white space in ${excerpt(uri)}` : undefined;
}

function readStatusLine(line: string): StatusLine | ParleyError {
  const status = parseDigits(line, CODE, CODE + 3);
  const separated = line.length === CODE + 3 || line.charCodeAt(CODE + 3) === 0x20;
  if (line.slice(0, CODE).toUpperCase() !== `${VERSION} ` || status < 100 || status > 699 || !separated)
    return SipErrors.SIP_STATUS_LINE({ found: excerpt(line) });
  return { kind: 'response', status, reason: line.slice(PHRASE) };
}

/** The version is written in capitals, but read without case. RFC 3261 section 7.1. */
function readOther(line: string): StatusLine | ParleyError {
  return /^SIP\//i.test(line) ? readStatusLine(line) : notSip(line);
}

function notSip(line: string): ParleyError {
  return SipErrors.SIP_NOT_SIP({ found: excerpt(line) });
}
