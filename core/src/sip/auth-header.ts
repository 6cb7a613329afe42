/** Authorization, WWW-Authenticate and their kind: a scheme and its parameters. RFC 3261 sections 20.7, 20.44 and 22, RFC 7235. */
import { quote, unquote } from './byte-text.ts';
import { TOKEN, isSpace, skipQuoted, skipSpace, trimEnd } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { H, headerName, type HeaderId } from './header-names.ts';
import { Params } from './params.ts';
import type { SipMessage } from './message.ts';

export { quote };

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
  let at = 0;
  while (TOKEN[value.charCodeAt(at)] === 1) at++;
  const scheme = value.slice(0, at);
  if (scheme === '' || (at < value.length && !isSpace(value.charCodeAt(at)))) throw malformed(header, 'no scheme', value);
  const pairs: [string, string][] = [];
  const seen = new Set<string>();
  at = skipSpace(value, at);
  while (at < value.length) {
    const pair = readPair(value, at);
    if (pair === undefined) throw malformed(header, 'no name=value', value);
    const lower = pair.name.toLowerCase();
    if (seen.has(lower)) throw malformed(header, `${lower} twice`, value);
    seen.add(lower);
    pairs.push([pair.name, pair.value]);
    at = skipSpace(value, pair.end);
    if (at === value.length) break;
    if (value.charCodeAt(at) !== 0x2c) throw malformed(header, 'no comma between parameters', value);
    at = skipSpace(value, at + 1);
  }
  return new AuthHeader(scheme, Params.of(pairs));
}

/** All credentials or challenges that a message carries in one header, one a field. Throws SIP_HEADER_MALFORMED. */
export function parseCredentials(message: SipMessage, header: HeaderId = H.Authorization): AuthHeader[] {
  return message.all(header).map((value) => parseAuth(value, headerName(header)));
}

function readPair(value: string, pos: number): { name: string; value: string; end: number } | undefined {
  let nameEnd = pos;
  while (TOKEN[value.charCodeAt(nameEnd)] === 1) nameEnd++;
  const equal = skipSpace(value, nameEnd);
  if (nameEnd === pos || value.charCodeAt(equal) !== 0x3d) return undefined;
  const start = skipSpace(value, equal + 1);
  if (value.charCodeAt(start) === 0x22) {
    const end = skipQuoted(value, start);
    return end < 0 ? undefined : { name: value.slice(pos, nameEnd), value: value.slice(start, end), end };
  }
  const comma = value.indexOf(',', start);
  const end = trimEnd(value, start, comma < 0 ? value.length : comma);
  const text = value.slice(start, end);
  return text === '' || /[\s"]/.test(text) ? undefined : { name: value.slice(pos, nameEnd), value: text, end };
}

function malformed(header: string, problem: string, found: string): Error {
  return SipErrors.SIP_HEADER_MALFORMED({ header, problem: `${problem} in ${excerpt(found)}` }, { place: header });
}
