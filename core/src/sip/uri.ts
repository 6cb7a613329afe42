/** URIs as SIP uses them: sip, sips, tel, and any other scheme kept as it is. RFC 3261 section 19.1, RFC 3966. */
import { ParleyError } from '../errors/index.ts';
import { unescapeUri } from './byte-text.ts';
import { HOST, IPV6, isAll, parseDigits } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { Params, readParams } from './params.ts';
import { sameUri } from './uri-equality.ts';

/** What `SipUri.with` may change; a key set to undefined removes that part. */
export interface UriChanges {
  readonly scheme?: string;
  /** Escaped as it goes on the wire. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host?: string;
  readonly port?: number | undefined;
  readonly params?: Params;
  /** After the `?`, as it goes on the wire. */
  readonly headers?: string | undefined;
}

const MAX_PORT = 65_535;

/** One URI. Never changes. */
export class SipUri {
  private constructor(
    /** Lower case. */
    readonly scheme: string,
    /** As written, still escaped; for tel the number as written, for unknown schemes all after the colon. */
    readonly user: string | undefined,
    readonly password: string | undefined,
    /** Lower case, IPv6 in its brackets; '' for tel and unknown schemes. */
    readonly host: string,
    readonly port: number | undefined,
    readonly params: Params,
    /** What follows the `?`, as written. */
    readonly headers: string | undefined,
    /** The whole URI as written. */
    readonly raw: string,
  ) {}

  /** Reads one URI without angle brackets; white space around it is ignored. Throws SIP_URI_MALFORMED. */
  static parse(text: string): SipUri {
    const raw = text.trim();
    const colon = schemeEnd(raw);
    if (colon < 0) throw malformed('no scheme', raw);
    // The two schemes of nearly every URI, without a copy.
    const scheme = raw.startsWith('sip:') ? 'sip' : raw.slice(0, colon).toLowerCase();
    if (scheme === 'sip' || scheme === 'sips') return SipUri.parseSip(raw, scheme, colon + 1);
    if (colon + 1 === raw.length) throw malformed('nothing after the scheme', raw);
    requireVisible(raw);
    return scheme === 'tel'
      ? SipUri.parseTel(raw, colon + 1)
      : new SipUri(scheme, raw.slice(colon + 1), undefined, '', undefined, Params.NONE, undefined, raw);
  }

  /** A sip URI from its parts, each escaped as it goes on the wire. */
  static of(parts: { scheme?: 'sip' | 'sips'; user?: string; host: string; port?: number; params?: Params }): SipUri {
    return SipUri.parse(
      render(parts.scheme ?? 'sip', parts.user, undefined, parts.host, parts.port, parts.params ?? Params.NONE, undefined),
    );
  }

  private static parseSip(raw: string, scheme: string, start: number): SipUri {
    requireVisible(raw);
    let user: string | undefined;
    let password: string | undefined;
    let at = start;
    const sign = raw.indexOf('@', start);
    if (sign >= 0) {
      const colon = raw.indexOf(':', start);
      const userEnd = colon >= 0 && colon < sign ? colon : sign;
      if (userEnd === start) throw malformed('nothing before the @', raw);
      user = raw.slice(start, userEnd);
      if (userEnd < sign) password = raw.slice(userEnd + 1, sign);
      at = sign + 1;
    }
    const hostStart = at;
    const hostEnd = skipHost(raw, at);
    if (hostEnd < 0) throw malformed('no valid host', raw);
    at = hostEnd;
    let port: number | undefined;
    if (raw.charCodeAt(at) === 0x3a) {
      const portStart = at + 1;
      at = skipDigits(raw, portStart);
      port = parseDigits(raw, portStart, at);
      if (port < 0 || port > MAX_PORT) throw malformed('no valid port', raw);
    }
    let params = Params.NONE;
    let headers: string | undefined;
    if (at < raw.length) {
      const question = raw.indexOf('?', at);
      const paramsEnd = question < 0 ? raw.length : question;
      if (question >= 0) headers = raw.slice(question + 1);
      if (paramsEnd > at) {
        if (raw.charCodeAt(at) !== 0x3b) throw malformed('no valid host', raw);
        const read = readParams(question < 0 ? raw : raw.slice(0, question), at, true);
        if (read === undefined) throw malformed('an empty or broken parameter', raw);
        params = read;
      }
    }
    return new SipUri(scheme, user, password, raw.slice(hostStart, hostEnd).toLowerCase(), port, params, headers, raw);
  }

  private static parseTel(raw: string, start: number): SipUri {
    const semicolon = raw.indexOf(';', start);
    const end = semicolon < 0 ? raw.length : semicolon;
    if (!isAll(TEL, raw, start, end)) throw malformed('no telephone number', raw);
    const params = semicolon < 0 ? Params.NONE : readParams(raw, semicolon, true);
    if (params === undefined) throw malformed('an empty or broken parameter', raw);
    return new SipUri('tel', raw.slice(start, end), undefined, '', undefined, params, undefined, raw);
  }

  /** True for sip and sips. */
  get isSip(): boolean {
    return this.host !== '';
  }

  /** The user with its escapes resolved (a byte string); undefined when there is none. */
  get unescapedUser(): string | undefined {
    return this.user === undefined ? undefined : unescapeUri(this.user);
  }

  /**
   * The key for users: unescaped user and lower-case host, `alice@example.com`; the host alone when there is no user;
   * for tel the number without visual separators. The case of the user part is kept.
   */
  get userAtHost(): string {
    if (this.scheme === 'tel') return (this.user ?? '').replace(/[-.()]/g, '');
    const user = this.unescapedUser;
    if (this.host === '') return user ?? '';
    return user === undefined ? this.host : `${user}@${this.host}`;
  }

  /** RFC 3261 section 19.1.4; tel by RFC 3966 section 5; unknown schemes byte for byte after the scheme. */
  equals(other: SipUri): boolean {
    return sameUri(this, other);
  }

  /** A copy with some parts changed. Throws SIP_URI_MALFORMED when the parts do not make a URI. */
  with(changes: UriChanges): SipUri {
    const user = 'user' in changes ? changes.user : this.user;
    const password = 'password' in changes ? changes.password : this.password;
    const port = 'port' in changes ? changes.port : this.port;
    const headers = 'headers' in changes ? changes.headers : this.headers;
    return SipUri.parse(
      render(changes.scheme ?? this.scheme, user, password, changes.host ?? this.host, port, changes.params ?? this.params, headers),
    );
  }

  toString(): string {
    return this.raw;
  }
}

/** Digits, the letters of local numbers, and visual separators. RFC 3966 section 3. */
const TEL = new Uint8Array(256);
for (const member of '0123456789ABCDEFabcdef+*#-.()') TEL[member.charCodeAt(0)] = 1;

function render(
  scheme: string,
  user: string | undefined,
  password: string | undefined,
  host: string,
  port: number | undefined,
  params: Params,
  headers: string | undefined,
): string {
  let text = `${scheme}:`;
  if (user !== undefined) text += user;
  if (password !== undefined) text += `:${password}`;
  if (user !== undefined && host !== '') text += '@';
  text += host;
  if (port !== undefined) text += `:${port}`;
  text += params.toString();
  return headers === undefined ? text : `${text}?${headers}`;
}

function malformed(problem: string, found: string): ParleyError {
  return SipErrors.SIP_URI_MALFORMED({ problem: `${problem} in ${excerpt(found)}` });
}

/** Position of the colon after a scheme (RFC 3986 section 3.1), or -1. */
function schemeEnd(raw: string): number {
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === 0x3a) return i === 0 ? -1 : i;
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const later = (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e;
    if (!letter && !(later && i > 0)) return -1;
  }
  return -1;
}

/** White space, control characters, quotes and angle brackets are in no URI. */
function requireVisible(raw: string): void {
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x22 || code === 0x3c || code === 0x3e)
      throw malformed('white space, a quote or an angle bracket', raw);
  }
}

/** Position after the host that begins at `pos`, or -1. IPv6 references are taken by their brackets. */
export function skipHost(text: string, pos: number): number {
  if (text.charCodeAt(pos) === 0x5b) {
    const close = text.indexOf(']', pos);
    return close > pos + 2 && isAll(IPV6, text, pos + 1, close) && text.indexOf(':', pos) < close ? close + 1 : -1;
  }
  let at = pos;
  while (HOST[text.charCodeAt(at)] === 1) at++;
  return at > pos ? at : -1;
}

function skipDigits(text: string, pos: number): number {
  let at = pos;
  while (at < text.length && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++;
  return at;
}
