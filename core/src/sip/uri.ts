/** URIs as SIP uses them: sip, sips, tel, and any other scheme kept as it is. RFC 3261 section 19.1, RFC 3966. */
import type { ParleyError } from '../errors/index.ts';
import { unescapeUri } from './byte-text.ts';
import { URI, find, isAll, isAt, skipClass } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { hostText, parsePort, skipHost } from './host.ts';
import { Params } from './params.ts';
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

/** Digits, the letters of local numbers, and visual separators. RFC 3966 section 3. */
const TEL_DIGITS = new Uint8Array(256);
for (const member of '0123456789ABCDEFabcdef+*#-.()') TEL_DIGITS[member.charCodeAt(0)] = 1;

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
    private readonly source: string,
    private readonly start: number,
    private readonly end: number,
  ) {}

  /** Reads one URI without angle brackets; white space around it is ignored. Throws SIP_URI_MALFORMED. */
  static parse(text: string): SipUri {
    const trimmed = text.trim();
    return SipUri.read(trimmed, 0, trimmed.length);
  }

  /** Reads the URI from `start` to `end` of a larger text. Throws SIP_URI_MALFORMED. */
  static read(text: string, start: number, end: number): SipUri {
    if (text.startsWith('sip:', start)) return SipUri.readSip('sip', text, start, start + 4, end);
    const colon = schemeEnd(text, start, end);
    const scheme = text.slice(start, colon).toLowerCase();
    if (scheme === 'sip' || scheme === 'sips') return SipUri.readSip(scheme, text, start, colon + 1, end);
    return scheme === 'tel' ? SipUri.readTel(text, start, colon + 1, end) : SipUri.readOpaque(scheme, text, start, colon + 1, end);
  }

  private static readSip(scheme: string, text: string, start: number, after: number, end: number): SipUri {
    let user: string | undefined;
    let password: string | undefined;
    let at = after;
    const sign = find(text, '@', after, end);
    if (sign >= 0) {
      if (sign === after || !isAll(URI, text, after, sign)) throw malformed('no valid user', text, start, end);
      const colon = find(text, ':', after, sign);
      user = text.slice(after, colon < 0 ? sign : colon);
      if (colon >= 0) password = text.slice(colon + 1, sign);
      at = sign + 1;
    }
    const hostEnd = skipHost(text, at, end);
    if (hostEnd < 0) throw malformed('no valid host', text, start, end);
    const host = hostText(text, at, hostEnd);
    at = hostEnd;
    let port: number | undefined;
    let params = Params.NONE;
    let headers: string | undefined;
    if (at < end) {
      const question = find(text, '?', at, end);
      const stop = question < 0 ? end : question;
      if (isAt(0x3a, text, at, stop)) {
        const semicolon = find(text, ';', at, stop);
        const portEnd = semicolon < 0 ? stop : semicolon;
        port = parsePort(text, at + 1, portEnd);
        if (port < 0) throw malformed('no valid port', text, start, end);
        at = portEnd;
      }
      params = readParams(text, at, stop, start, end);
      if (question >= 0) {
        headers = text.slice(question + 1, end);
        if (skipClass(URI, text, question, end) < end) throw malformed('white space or quotes', text, start, end);
      }
    }
    return new SipUri(scheme, user, password, host, port, params, headers, text, start, end);
  }

  private static readTel(text: string, start: number, after: number, end: number): SipUri {
    const semicolon = find(text, ';', after, end);
    const stop = semicolon < 0 ? end : semicolon;
    if (!isAll(TEL_DIGITS, text, after, stop)) throw malformed('no telephone number', text, start, end);
    return new SipUri(
      'tel',
      text.slice(after, stop),
      undefined,
      '',
      undefined,
      readParams(text, stop, end, start, end),
      undefined,
      text,
      start,
      end,
    );
  }

  private static readOpaque(scheme: string, text: string, start: number, after: number, end: number): SipUri {
    if (!isAll(URI, text, after, end)) throw malformed('nothing, white space or quotes after the scheme', text, start, end);
    return new SipUri(scheme, text.slice(after, end), undefined, '', undefined, Params.NONE, undefined, text, start, end);
  }

  /** The whole URI as written. */
  get raw(): string {
    return this.source.slice(this.start, this.end);
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
    const { user } = this;
    if (this.scheme === 'tel') return withoutSeparators(user ?? '');
    if (user === undefined) return this.host;
    return this.host === '' ? unescapeUri(user) : `${unescapeUri(user)}@${this.host}`;
  }

  /** RFC 3261 section 19.1.4 and RFC 5954; tel by RFC 3966 section 5; unknown schemes byte for byte after the scheme. */
  equals(other: SipUri): boolean {
    return sameUri(this, other);
  }

  /** A copy with some parts changed. Throws SIP_URI_MALFORMED when the parts do not make a URI. */
  with(changes: UriChanges): SipUri {
    const { scheme, user, password, host, port, params, headers } = { ...this.parts(), ...changes };
    let text = `${scheme}:`;
    if (user !== undefined) text += user;
    if (password !== undefined) text += `:${password}`;
    if (user !== undefined && host !== '') text += '@';
    text += host;
    if (port !== undefined) text += `:${port}`;
    text += params.toString();
    if (headers !== undefined) text += `?${headers}`;
    return SipUri.read(text, 0, text.length);
  }

  toString(): string {
    return this.raw;
  }

  private parts(): Required<UriChanges> {
    const { scheme, user, password, host, port, params, headers } = this;
    return { scheme, user, password, host, port, params, headers };
  }
}

/** A telephone number without what only people need. RFC 3966 section 5.1.1. */
export function withoutSeparators(number: string): string {
  return number.replace(/[-.()]/g, '');
}

function readParams(text: string, at: number, stop: number, start: number, end: number): Params {
  if (at < stop && !isAt(0x3b, text, at, stop)) throw malformed('no valid host', text, start, end);
  const params = Params.read(text, at, stop, true);
  if (params === undefined) throw malformed('an empty or broken parameter', text, start, end);
  return params;
}

/** Position of the colon after a scheme, RFC 3986 section 3.1. Throws SIP_URI_MALFORMED. */
function schemeEnd(text: string, start: number, end: number): number {
  const colon = find(text, ':', start, end);
  if (colon < 0 || !/^[a-z][a-z0-9+.-]*$/i.test(text.slice(start, colon))) throw malformed('no scheme', text, start, end);
  return colon;
}

function malformed(problem: string, text: string, start: number, end: number): ParleyError {
  return SipErrors.SIP_URI_MALFORMED({ problem: `${problem} in ${excerpt(text.slice(start, end))}` });
}
