/** Authorization, WWW-Authenticate and their kind: a scheme and its parameters. RFC 3261 sections 20.7, 20.44 and 22, RFC 7235. */
import { unquote } from './byte-text.ts';
import { PARAM_VALUE, TOKEN, isAt, isSpace, skipClass, skipQuoted, skipSpace } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { H, headerName, type HeaderId } from './header-names.ts';
import { Params } from './params.ts';
import type { SipMessage } from './message.ts';

/** One challenge or set of credentials. */
export class AuthHeader {
  constructor(
    /** As written; compare without case. */
    readonly scheme: string,
    /** In order, values byte for byte with their quotes. */
    readonly params: Params,
  ) {}

  /** A parameter's value without its quotes, escapes resolved; undefined when absent. */
  get(name: string): string | undefined {
    const value = this.params.get(name);
    return value === undefined || value === true ? undefined : unquote(value);
  }

  /** A parameter's value between its quotes, byte for byte: some clients do not escape the backslash of DOMAIN\user. */
  inner(name: string): string | undefined {
    const value = this.params.get(name);
    if (value === undefined || value === true) return undefined;
    return value.length >= 2 && value.startsWith('"') ? value.slice(1, -1) : value;
  }

  is(scheme: string): boolean {
    return this.scheme.toLowerCase() === scheme.toLowerCase();
  }

  /** `Scheme a="b", c=d`, as header values are written. */
  toString(): string {
    const pairs = [...this.params.entries()].map(([name, value]) => (value === true ? name : `${name}=${value}`));
    return pairs.length === 0 ? this.scheme : `${this.scheme} ${pairs.join(', ')}`;
  }
}

/** Reads one value of such a header. Throws SIP_HEADER_MALFORMED, also when a parameter is there twice. */
export function parseAuth(value: string, header = 'Authorization'): AuthHeader {
  let at = skipClass(TOKEN, value, 0, value.length);
  const scheme = value.slice(0, at);
  if (scheme === '' || (at < value.length && !isSpace(value.charCodeAt(at)))) throw malformed(header, 'no scheme', value);
  const pairs: [string, string][] = [];
  const seen = new Set<string>();
  at = skipSpace(value, at, value.length);
  while (at < value.length) {
    const pair = readPair(value, at);
    if (pair === undefined) throw malformed(header, 'no name=value', value);
    const lower = pair.name.toLowerCase();
    if (seen.has(lower)) throw malformed(header, `${lower} twice`, value);
    seen.add(lower);
    pairs.push([pair.name, pair.value]);
    at = skipSpace(value, pair.end, value.length);
    if (at === value.length) break;
    if (value.charCodeAt(at) !== 0x2c) throw malformed(header, 'no comma between parameters', value);
    at = skipSpace(value, at + 1, value.length);
  }
  return new AuthHeader(scheme, Params.of(pairs));
}

/** All credentials or challenges that a message carries in one header, one a field. Throws SIP_HEADER_MALFORMED. */
export function parseCredentials(message: SipMessage, header: HeaderId = H.Authorization): AuthHeader[] {
  return message.all(header).map((value) => parseAuth(value, headerName(header)));
}

function readPair(text: string, pos: number): { name: string; value: string; end: number } | undefined {
  const nameEnd = skipClass(TOKEN, text, pos, text.length);
  const equal = skipSpace(text, nameEnd, text.length);
  if (nameEnd === pos || !isAt(0x3d, text, equal, text.length)) return undefined;
  const start = skipSpace(text, equal + 1, text.length);
  const end = valueEnd(text, start);
  const value = text.slice(start, end);
  return end < 0 || value === '' ? undefined : { name: text.slice(pos, nameEnd), value, end };
}

/** After a quoted-string or a run of ordinary characters; -1 for a quote that never closes. */
function valueEnd(text: string, start: number): number {
  return isAt(0x22, text, start, text.length) ? skipQuoted(text, start, text.length) : skipClass(PARAM_VALUE, text, start, text.length);
}

function malformed(header: string, problem: string, found: string): Error {
  return SipErrors.SIP_HEADER_MALFORMED({ header, problem: `${problem} in ${excerpt(found)}` }, { place: header });
}
