/** `"Display Name" <uri>;parameters`: From, To, Contact, Route, Refer-To and their kind. RFC 3261 section 20.10. */
import { ParleyError } from '../errors/index.ts';
import { quote, unquote } from './byte-text.ts';
import { TOKEN, find, isAll, isAt, isSpace, parseDigits, skipQuoted, skipSpace, trimEnd } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import type { Field } from './field.ts';
import { H, headerName } from './header-names.ts';
import { splitList } from './list.ts';
import { Params, type ParamValue } from './params.ts';
import { SipUri } from './uri.ts';

/** Largest value of delta-seconds, RFC 3261 section 20.19. */
const MAX_SECONDS = 4_294_967_295;

/** One address of a header. Never changes. */
export class NameAddr {
  private cachedTag: string | undefined = undefined;

  private constructor(
    /** As written: quoted, a run of tokens, or ''. */
    private readonly writtenName: string,
    readonly uri: SipUri,
    /** The header's parameters, not the URI's. */
    readonly params: Params,
  ) {}

  /**
   * Reads one address as people and old clients write them: any text before the `<`, spaces inside the brackets, empty parameters.
   * Throws SIP_HEADER_MALFORMED. @param header its name, for errors
   */
  static parse(text: string, header = 'the address'): NameAddr {
    const trimmed = text.trim();
    return NameAddr.read(trimmed, 0, trimmed.length, header, false);
  }

  /** Reads one address by the grammar. Throws SIP_HEADER_MALFORMED. @param header its name, for errors */
  static parseStrict(text: string, header: string): NameAddr {
    return NameAddr.read(text, 0, text.length, header, true);
  }

  /** An address from its parts. @param displayName unquoted byte string */
  static of(uri: SipUri | string, displayName?: string, params: Params = Params.NONE): NameAddr {
    return new NameAddr(displayName === undefined ? '' : quote(displayName), typeof uri === 'string' ? SipUri.parse(uri) : uri, params);
  }

  /** Reads the address from `start` to `end` of a larger text, without white space around it. Throws SIP_HEADER_MALFORMED. */
  static read(text: string, start: number, end: number, header: string, strict: boolean): NameAddr {
    let nameEnd = start;
    let open: number;
    if (isAt(0x22, text, start, end)) {
      nameEnd = skipQuoted(text, start, end);
      if (nameEnd < 0) throw malformed(header, 'a quote that is never closed', text, start, end);
      open = skipSpace(text, nameEnd, end);
      if (!isAt(0x3c, text, open, end)) throw malformed(header, 'no < after the quoted name', text, start, end);
    } else {
      open = find(text, '<', start, end);
      if (open < 0 || (open > start && isAddrSpec(text, start, open))) return NameAddr.readAddrSpec(text, start, end, header, strict);
      nameEnd = trimEnd(text, start, open);
      if (strict && !isDisplayName(text, start, nameEnd)) throw malformed(header, 'a name that needs quotes', text, start, end);
    }
    const close = find(text, '>', open + 1, end);
    if (close < 0) throw malformed(header, 'no > after the URI', text, start, end);
    const params = Params.read(text, close + 1, end, strict);
    if (params === undefined) throw malformed(header, 'an empty or broken parameter', text, start, end);
    const uriStart = strict ? open + 1 : skipSpace(text, open + 1, close);
    const uriEnd = strict ? close : trimEnd(text, uriStart, close);
    return new NameAddr(text.slice(start, nameEnd), readUri(text, uriStart, uriEnd, header), params);
  }

  /** A URI without brackets: what follows its first semicolon are parameters of the header. RFC 3261 section 20. */
  private static readAddrSpec(text: string, start: number, end: number, header: string, strict: boolean): NameAddr {
    const semicolon = find(text, ';', start, end);
    const stop = semicolon < 0 ? end : semicolon;
    if (strict && (find(text, '?', start, stop) >= 0 || find(text, ',', start, stop) >= 0)) {
      throw malformed(header, 'a URI that needs angle brackets', text, start, end);
    }
    const params = Params.read(text, stop, end, strict);
    if (params === undefined) throw malformed(header, 'an empty or broken parameter', text, start, end);
    return new NameAddr('', readUri(text, start, trimEnd(text, start, stop), header), params);
  }

  /** Without quotes, escapes resolved (a byte string); undefined when there is none. */
  get displayName(): string | undefined {
    return this.writtenName === '' ? undefined : unquote(this.writtenName);
  }

  get tag(): string | undefined {
    return (this.cachedTag ??= this.params.text('tag'));
  }

  /** Endpoint identifier, [MS-SIPRE] section 2.2.1. */
  get epid(): string | undefined {
    return this.params.text('epid');
  }

  /** Contact's q, 0 to 1; undefined when absent or malformed. */
  get q(): number | undefined {
    const value = this.params.text('q');
    return value !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : undefined;
  }

  /** Contact's expires in seconds; undefined when absent, malformed or beyond 2^32-1, where the default applies. RFC 3261 section 10.2.1.1. */
  get expires(): number | undefined {
    const seconds = parseDigits(this.params.text('expires') ?? '');
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

/** Reads the Contact fields among all fields of a message. Throws SIP_HEADER_MALFORMED. */
export function readContacts(fields: readonly Field[]): Contacts {
  const contacts = fields.filter((field) => field.id === H.Contact);
  const only = contacts.length === 1 ? contacts[0] : undefined;
  if (only?.value === '*') return { star: true };
  if (only !== undefined && only.value !== '' && !only.value.includes(',')) return { star: false, list: [readAddress(only)] };
  const elements = contacts.flatMap((field) => splitList(field.value));
  if (elements.includes('*'))
    throw SipErrors.SIP_HEADER_MALFORMED({ header: 'Contact', problem: '* beside other values' }, { place: 'Contact' });
  return { star: false, list: elements.map((element) => NameAddr.parseStrict(element, 'Contact')) };
}

/** Reads the one address of a field. Throws SIP_HEADER_MALFORMED. */
export function readAddress(field: Field): NameAddr {
  const header = headerName(field.id);
  if (field.folded) return NameAddr.parseStrict(field.value, header);
  return NameAddr.read(field.text, field.valueStart, field.valueEnd, header, true);
}

function malformed(header: string, problem: string, text: string, start: number, end: number): ParleyError {
  return SipErrors.SIP_HEADER_MALFORMED({ header, problem: `${problem} in ${excerpt(text.slice(start, end))}` }, { place: header });
}

function readUri(text: string, start: number, end: number, header: string): SipUri {
  try {
    return SipUri.read(text, start, end);
  } catch (cause) {
    throw cause instanceof ParleyError
      ? SipErrors.SIP_HEADER_MALFORMED({ header, problem: cause.message }, { place: header, cause })
      : cause;
  }
}

/** `sip:a@b;x="<y>"` has its first `<` in a parameter: no display name has a colon after a token. */
function isAddrSpec(text: string, start: number, open: number): boolean {
  const colon = find(text, ':', start, open);
  return colon > 0 && isAll(TOKEN, text, start, colon);
}

/** Nothing, or tokens and white space; bytes of UTF-8 are let through, because clients send them unquoted. */
function isDisplayName(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (TOKEN[code] !== 1 && !isSpace(code) && code < 0x80) return false;
  }
  return true;
}
