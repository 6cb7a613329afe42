/** The first line of a message. RFC 3261 sections 7.1 and 7.2. */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN, isAll, parseDigits } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';

/** A request line, with what is wrong with it, if anything: a broken one is read as far as it takes to answer. */
export interface RequestLine {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  readonly error: ParleyError | undefined;
}

export interface StatusLine {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

const STATUS_LINE_START = 'SIP/2.0 ';
const VERSION = /^SIP\/\d+\.\d+$/i;

/** Strings that other rooms compare with are the same objects here: the comparison is one of pointers. */
const METHODS = new Map(
  [
    'INVITE',
    'ACK',
    'BYE',
    'CANCEL',
    'OPTIONS',
    'REGISTER',
    'PRACK',
    'SUBSCRIBE',
    'NOTIFY',
    'PUBLISH',
    'INFO',
    'REFER',
    'MESSAGE',
    'UPDATE',
    'SERVICE',
    'BENOTIFY',
    'NEGOTIATE',
  ].map((method) => [method, method]),
);

/** True for the methods of the RFCs and of the protocol sheets. */
export function isKnownMethod(method: string): boolean {
  return METHODS.has(method);
}

/** Reads a start line; what is neither kind comes back as the error. */
export function readStartLine(line: string): RequestLine | StatusLine | ParleyError {
  if (/^SIP\//i.test(line)) return readStatusLine(line);
  const first = line.indexOf(' ');
  if (first <= 0 || !isAll(TOKEN, line, 0, first)) return SipErrors.SIP_NOT_SIP({ found: excerpt(line) });
  const last = line.trimEnd().lastIndexOf(' ');
  const version = line.slice(last + 1).trim();
  if (last <= first || !VERSION.test(version)) return SipErrors.SIP_NOT_SIP({ found: excerpt(line) });
  const written = line.slice(0, first);
  const method = METHODS.get(written) ?? written;
  const uri = line.slice(first + 1, last).trim();
  return { kind: 'request', method, uri, version, error: lineError(line, first, last, uri) };
}

function lineError(line: string, first: number, last: number, uri: string): ParleyError | undefined {
  if (last + 1 + 'SIP/2.0'.length < line.trimEnd().length && line.indexOf(' ', first + 1) === last && !line.endsWith(' ')) return undefined;
  if (/\s$/.test(line)) return SipErrors.SIP_START_LINE({ problem: 'white space at the end' }, { place: 'the request line' });
  if (uri === '' || uri.length !== last - first - 1)
    return SipErrors.SIP_START_LINE({ problem: 'more than one space' }, { place: 'the request line' });
  if (/[ \t]/.test(uri)) return SipErrors.SIP_START_LINE({ problem: `white space in ${excerpt(uri)}` }, { place: 'the request line' });
  return undefined;
}

function readStatusLine(line: string): StatusLine | ParleyError {
  if (!line.toUpperCase().startsWith(STATUS_LINE_START)) return SipErrors.SIP_STATUS_LINE({ found: excerpt(line) });
  const status = parseDigits(line, 8, 11);
  const separator = line.charCodeAt(11);
  if (status < 100 || status > 699 || !(line.length === 11 || separator === 0x20))
    return SipErrors.SIP_STATUS_LINE({ found: excerpt(line) });
  return { kind: 'response', status, reason: line.slice(12) };
}
