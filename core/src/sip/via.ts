/** Via values. RFC 3261 section 20.42, RFC 3581 (rport), RFC 5118 section 4.5 (IPv6 in received). */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN, isAll, parseDigits, skipSpace, trimEnd } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { Params, readParams, type ParamValue } from './params.ts';
import { skipHost } from './uri.ts';

/** Branches that begin so are unique transaction identifiers. RFC 3261 section 8.1.1.7. */
export const MAGIC_COOKIE = 'z9hG4bK';

const SIP_2_0 = 'SIP/2.0/';
const MAX_PORT = 65_535;

/** One Via value. Never changes. */
export class Via {
  private constructor(
    /** Name and version, white space taken out: 'SIP/2.0'. */
    readonly protocol: string,
    /** Upper case. */
    readonly transport: string,
    /** Lower case, IPv6 in its brackets. */
    readonly host: string,
    readonly port: number | undefined,
    readonly params: Params,
  ) {}

  /** Reads one Via value, not a list of them. Throws SIP_HEADER_MALFORMED. */
  static parse(value: string): Via {
    let protocol = 'SIP/2.0';
    let at = SIP_2_0.length;
    if (!value.startsWith(SIP_2_0)) {
      const name = readToken(value, 0);
      const version = readToken(value, afterSlash(value, name.end));
      protocol = `${name.text}/${version.text}`;
      at = afterSlash(value, version.end);
    }
    const transport = readToken(value, at);
    const hostStart = skipSpace(value, transport.end);
    if (hostStart === transport.end) throw malformed('no white space after the transport', value);
    const hostEnd = skipHost(value, hostStart);
    if (hostEnd < 0) throw malformed('no valid sent-by host', value);
    at = skipSpace(value, hostEnd);
    let port: number | undefined;
    if (value.charCodeAt(at) === 0x3a) {
      const portStart = skipSpace(value, at + 1);
      const semicolon = value.indexOf(';', portStart);
      at = semicolon < 0 ? value.length : semicolon;
      port = parseDigits(value, portStart, trimEnd(value, portStart, at));
      if (port < 0 || port > MAX_PORT) throw malformed('no valid sent-by port', value);
    }
    const params = readParams(value, at, true);
    if (params === undefined) throw malformed('an empty or broken parameter', value);
    return new Via(protocol, transport.text.toUpperCase(), value.slice(hostStart, hostEnd).toLowerCase(), port, params);
  }

  /** Transaction identifier; undefined from elements of RFC 2543 and from some clients. */
  get branch(): string | undefined {
    return text(this.params.get('branch'));
  }

  /** Address that the request came from, without brackets whichever way it was written. */
  get received(): string | undefined {
    const value = text(this.params.get('received'));
    return value?.startsWith('[') === true ? value.slice(1, -1) : value;
  }

  /** Port that the request came from; 'asked' when the client asks for it and nobody filled it in. RFC 3581. */
  get rport(): number | 'asked' | undefined {
    const value = this.params.get('rport');
    if (value === undefined) return undefined;
    const port = value === true ? -1 : parseDigits(value);
    return port >= 0 && port <= MAX_PORT ? port : 'asked';
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

function text(value: ParamValue | undefined): string | undefined {
  return value === true ? undefined : value;
}

function malformed(problem: string, found: string): ParleyError {
  return SipErrors.SIP_HEADER_MALFORMED({ header: 'Via', problem: `${problem} in ${excerpt(found)}` }, { place: 'Via' });
}

function readToken(value: string, pos: number): { text: string; end: number } {
  let end = pos;
  while (TOKEN[value.charCodeAt(end)] === 1) end++;
  if (!isAll(TOKEN, value, pos, end)) throw malformed('no protocol like SIP/2.0/UDP', value);
  return { text: value.slice(pos, end), end };
}

/** Over the slash, which may stand between white space. */
function afterSlash(value: string, pos: number): number {
  const slash = skipSpace(value, pos);
  if (value.charCodeAt(slash) !== 0x2f) throw malformed('no protocol like SIP/2.0/UDP', value);
  return skipSpace(value, slash + 1);
}
