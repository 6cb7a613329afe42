/** Via values. RFC 3261 section 20.42, RFC 3581 (rport), RFC 5118 section 4.5 (IPv6 in received). */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN, find, isAt, skipClass, skipSpace, trimEnd } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { hostText, parsePort, skipHost } from './host.ts';
import { Params, type ParamValue } from './params.ts';

/** Branches that begin so are unique transaction identifiers. RFC 3261 section 8.1.1.7. */
export const MAGIC_COOKIE = 'z9hG4bK';

const PROTOCOL = 'SIP/2.0';

/** One Via value. Never changes. */
export class Via {
  /** Transaction identifier; undefined from elements of RFC 2543 and from some clients. */
  readonly branch: string | undefined;

  private constructor(
    /** Name and version, white space taken out: 'SIP/2.0'. */
    readonly protocol: string,
    /** Upper case. */
    readonly transport: string,
    /** Lower case, IPv6 in its brackets. */
    readonly host: string,
    readonly port: number | undefined,
    readonly params: Params,
  ) {
    this.branch = params.text('branch');
  }

  /** Reads one Via value, not a list of them. Throws SIP_HEADER_MALFORMED. */
  static parse(value: string): Via {
    return Via.read(value, 0, value.length);
  }

  /** Reads the Via value from `start` to `end` of a larger text, without white space around it. Throws SIP_HEADER_MALFORMED. */
  static read(text: string, start: number, end: number): Via {
    let protocol = PROTOCOL;
    let at = start + PROTOCOL.length + 1;
    if (!text.startsWith('SIP/2.0/', start)) {
      const nameEnd = skipClass(TOKEN, text, start, end);
      const versionStart = afterSlash(text, nameEnd, start, end);
      const versionEnd = skipClass(TOKEN, text, versionStart, end);
      protocol = `${text.slice(start, nameEnd)}/${text.slice(versionStart, versionEnd)}`;
      at = afterSlash(text, versionEnd, start, end);
      if (nameEnd === start || versionEnd === versionStart) throw malformed('no protocol like SIP/2.0/UDP', text, start, end);
    }
    const transportEnd = skipClass(TOKEN, text, at, end);
    const hostStart = skipSpace(text, transportEnd, end);
    if (transportEnd === at || hostStart === transportEnd) throw malformed('no transport before white space', text, start, end);
    const transport = transportText(text, at, transportEnd);
    const hostEnd = skipHost(text, hostStart, end);
    if (hostEnd < 0) throw malformed('no valid sent-by host', text, start, end);
    at = skipSpace(text, hostEnd, end);
    let port: number | undefined;
    if (isAt(0x3a, text, at, end)) {
      const portStart = skipSpace(text, at + 1, end);
      const semicolon = find(text, ';', portStart, end);
      at = semicolon < 0 ? end : semicolon;
      port = parsePort(text, portStart, trimEnd(text, portStart, at));
      if (port < 0) throw malformed('no valid sent-by port', text, start, end);
    }
    const params = Params.read(text, at, end, true);
    if (params === undefined) throw malformed('an empty or broken parameter', text, start, end);
    return new Via(protocol, transport, hostText(text, hostStart, hostEnd), port, params);
  }

  /** Address that the request came from, without brackets whichever way it was written. */
  get received(): string | undefined {
    const value = this.params.text('received');
    return value?.startsWith('[') === true && value.endsWith(']') ? value.slice(1, -1) : value;
  }

  /** Port that the request came from; 'asked' when the client asks for it and nobody filled it in. RFC 3581. */
  get rport(): number | 'asked' | undefined {
    const value = this.params.get('rport');
    if (value === undefined) return undefined;
    const port = value === true ? -1 : parsePort(value, 0, value.length);
    return port < 0 ? 'asked' : port;
  }

  /** With one parameter set. */
  withParam(name: string, value: ParamValue): Via {
    return new Via(this.protocol, this.transport, this.host, this.port, this.params.with(name, value));
  }

  toString(): string {
    const port = this.port === undefined ? '' : `:${this.port}`;
    return `${this.protocol}/${this.transport} ${this.host}${port}${this.params.toString()}`;
  }
}

/** Transports in the spelling that nearly everybody uses. */
const TRANSPORTS = ['UDP', 'TCP', 'TLS', 'WSS', 'WS'];

function transportText(text: string, start: number, end: number): string {
  for (const name of TRANSPORTS) {
    if (name.length === end - start && text.startsWith(name, start)) return name;
  }
  return text.slice(start, end).toUpperCase();
}

/** Over the slash, which may stand between white space. */
function afterSlash(text: string, at: number, start: number, end: number): number {
  const slash = skipSpace(text, at, end);
  if (!isAt(0x2f, text, slash, end)) throw malformed('no protocol like SIP/2.0/UDP', text, start, end);
  return skipSpace(text, slash + 1, end);
}

function malformed(problem: string, text: string, start: number, end: number): ParleyError {
  return SipErrors.SIP_HEADER_MALFORMED({ header: 'Via', problem: `${problem} in ${excerpt(text.slice(start, end))}` }, { place: 'Via' });
}
