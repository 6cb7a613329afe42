/** `"Display Name" <uri>;parameters`: From, To, Contact, Route, Refer-To and their kind. RFC 3261 section 20.10. */
import type { ParleyError } from '../errors/index.ts';
import { quote, unquote } from './byte-text.ts';
import { TOKEN, isAll, isSpace, parseDigits, skipQuoted, skipSpace, trimEnd } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { splitList } from './list.ts';
import { Params, readParams, type ParamValue } from './params.ts';
import { SipUri } from './uri.ts';

/** Largest value of delta-seconds, RFC 3261 section 20.19. */
const MAX_SECONDS = 4_294_967_295;

/** One address of a header. Never changes. */
export class NameAddr {
  private constructor(
    /** As written: quoted, a run of tokens, or ''. */
    private readonly writtenName: string,
    readonly uri: SipUri,
    /** The header's parameters, not the URI's. */
    readonly params: Params,
  ) {}

  /** Reads one address as people and old clients write them: any text before the `<`, spaces inside the brackets, empty parameters. Throws SIP_HEADER_MALFORMED or SIP_URI_MALFORMED. */
  static parse(text: string, header = 'the address'): NameAddr {
    return readNameAddr(text.trim(), header, false);
  }

  /** Reads one address by the grammar; `header` is the name for errors. Throws SIP_HEADER_MALFORMED. */
  static parseStrict(text: string, header: string): NameAddr {
    return readNameAddr(text, header, true);
  }

  /** An address from its parts. @param displayName unquoted byte string */
  static of(uri: SipUri | string, displayName?: string, params: Params = Params.NONE): NameAddr {
    return new NameAddr(displayName === undefined ? '' : quote(displayName), typeof uri === 'string' ? SipUri.parse(uri) : uri, params);
  }

  /** @internal for readNameAddr */
  static make(writtenName: string, uri: SipUri, params: Params): NameAddr {
    return new NameAddr(writtenName, uri, params);
  }

  /** Without quotes, escapes resolved (a byte string); undefined when there is none. */
  get displayName(): string | undefined {
    return this.writtenName === '' ? undefined : unquote(this.writtenName);
  }

  get tag(): string | undefined {
    return text(this.params.get('tag'));
  }

  /** Endpoint identifier, [MS-SIPRE] section 2.2.1. */
  get epid(): string | undefined {
    return text(this.params.get('epid'));
  }

  /** Contact's q, 0 to 1; undefined when absent or malformed. */
  get q(): number | undefined {
    const value = text(this.params.get('q'));
    return value !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : undefined;
  }

  /** Contact's expires in seconds; undefined when absent, malformed or beyond 2^32-1 (RFC 3261 section 10.2.1.1: the default applies). */
  get expires(): number | undefined {
    const value = text(this.params.get('expires'));
    const seconds = value === undefined ? -1 : parseDigits(value);
    return seconds >= 0 && seconds <= MAX_SECONDS ? seconds : undefined;
  }

  /** With one header parameter set, or removed by undefined. */
  withParam(name: string, value: ParamValue | undefined): NameAddr {
    return new NameAddr(this.writtenName, this.uri, value === undefined ? this.params.without(name) : this.params.with(name, value));
  }

  /** With another URI. */
  withUri(uri: SipUri): NameAddr {
    return new NameAddr(this.writtenName, uri, this.params);
  }

  /** Always with angle brackets: `"Display Name" <uri>;parameters`. */
  toString(): string {
    const name = this.writtenName === '' ? '' : `${this.writtenName} `;
    return `${name}<${this.uri.raw}>${this.params.toString()}`;
  }
}

/** All Contact values of a message: `*` alone (RFC 3261 section 10.2.2), or addresses in order. */
export type Contacts = { readonly star: true } | { readonly star: false; readonly list: readonly NameAddr[] };

/** Reads the values of all Contact fields. Throws SIP_HEADER_MALFORMED. */
export function parseContacts(values: readonly string[], header = 'Contact'): Contacts {
  const elements = values.length === 1 ? splitList(values[0] as string) : values.flatMap(splitList);
  if (elements.includes('*')) {
    if (elements.length > 1) throw SipErrors.SIP_HEADER_MALFORMED({ header, problem: '* beside other values' }, { place: header });
    return { star: true };
  }
  return { star: false, list: elements.map((element) => NameAddr.parseStrict(element, header)) };
}

function text(value: ParamValue | undefined): string | undefined {
  return value === true ? undefined : value;
}

function malformed(header: string, problem: string, found: string): ParleyError {
  return SipErrors.SIP_HEADER_MALFORMED({ header, problem: `${problem} in ${excerpt(found)}` }, { place: header });
}

function readNameAddr(value: string, header: string, strict: boolean): NameAddr {
  let nameEnd = 0;
  let open = 0;
  if (value.charCodeAt(0) === 0x22) {
    nameEnd = skipQuoted(value, 0);
    if (nameEnd < 0) throw malformed(header, 'a quote that is never closed', value);
    open = skipSpace(value, nameEnd);
    if (value.charCodeAt(open) !== 0x3c) throw malformed(header, 'no < after the quoted name', value);
  } else {
    open = value.indexOf('<');
    // `sip:a@b;x="<y>"` has its first < in a parameter.
    if (open < 0 || isAddrSpec(value, open)) return readAddrSpec(value, header, strict);
    nameEnd = trimEnd(value, 0, open);
    if (strict && nameEnd > 0 && !isDisplayName(value, nameEnd)) throw malformed(header, 'a name that needs quotes', value);
  }
  const close = value.indexOf('>', open + 1);
  if (close < 0) throw malformed(header, 'no > after the URI', value);
  const inside = value.slice(open + 1, close);
  if (strict && (isSpace(inside.charCodeAt(0)) || isSpace(inside.charCodeAt(inside.length - 1))))
    throw malformed(header, 'white space inside the angle brackets', value);
  const params = readParams(value, close + 1, strict);
  if (params === undefined) throw malformed(header, 'an empty or broken parameter', value);
  return NameAddr.make(value.slice(0, nameEnd), readUri(inside, header), params);
}

/** A URI without brackets: what follows the first semicolon are parameters of the header. RFC 3261 section 20. */
function readAddrSpec(value: string, header: string, strict: boolean): NameAddr {
  const semicolon = value.indexOf(';');
  const uriEnd = trimEnd(value, 0, semicolon < 0 ? value.length : semicolon);
  const uri = value.slice(0, uriEnd);
  if (strict && (uri.includes('?') || uri.includes(','))) throw malformed(header, 'a URI that needs angle brackets', value);
  const params = semicolon < 0 ? Params.NONE : readParams(value, semicolon, strict);
  if (params === undefined) throw malformed(header, 'an empty or broken parameter', value);
  return NameAddr.make('', readUri(uri, header), params);
}

function readUri(uri: string, header: string): SipUri {
  try {
    return SipUri.parse(uri);
  } catch (cause) {
    throw SipErrors.SIP_HEADER_MALFORMED({ header, problem: (cause as Error).message }, { place: header, cause });
  }
}

/** True when a colon comes before the first `<`, with a scheme in front of it: no display name then. */
function isAddrSpec(value: string, open: number): boolean {
  const colon = value.indexOf(':');
  return colon > 0 && colon < open && isAll(TOKEN, value, 0, colon);
}

/** Tokens and white space; bytes of UTF-8 are let through, because clients send them unquoted. */
function isDisplayName(value: string, end: number): boolean {
  for (let i = 0; i < end; i++) {
    const code = value.charCodeAt(i);
    if (TOKEN[code] !== 1 && !isSpace(code) && code < 0x80) return false;
  }
  return true;
}
