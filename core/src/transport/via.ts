/** The top Via of a request as the server that receives it completes it. RFC 3261 section 18.2.1, RFC 3581 section 4, [MS-SIPRE] section 3.5. */
import { H, type SipRequest, type Via } from '../sip/index.ts';
import type { Address } from './flow.ts';

const RPORT = ';rport';
const SEMICOLON = 0x3b;
/** Parameters that the receiving server alone may give. */
const OURS = ['received', 'ms-received-port', 'ms-received-cid'] as const;

/**
 * Adds `received` when the sent-by host is not the address that the request came from, or when the port is asked for; fills `rport`;
 * appends `stamp`. What the client wrote stays as it was written.
 * @param via the request's top Via
 * @param stamp further parameters, each with its semicolon
 */
export function completeVia(request: SipRequest, via: Via, remote: Address, stamp: string): void {
  const asked = via.rport !== undefined;
  const addReceived = asked || bare(via.host) !== remote.host;
  const forged = isForged(via);
  if (!addReceived && !forged && stamp === '') return;
  const written = request.shift(H.Via) as string;
  let value = forged ? without(via, OURS) : written;
  if (asked) value = fillPort(value, via, remote.port);
  if (addReceived) value += `;received=${remote.host}`;
  request.prepend(H.Via, value + stamp);
}

/** A sender has no business to say where it was received; it would only mislead those who read it later. */
function isForged({ params }: Via): boolean {
  for (const name of OURS) {
    if (params.has(name)) return true;
  }
  return false;
}

/** Gives `rport` its value where it stands. */
function fillPort(value: string, via: Via, port: number): string {
  const end = value.indexOf(RPORT) + RPORT.length;
  const plain = end >= RPORT.length && (end === value.length || value.charCodeAt(end) === SEMICOLON);
  if (plain) return `${value.slice(0, end)}=${port}${value.slice(end)}`;
  // Written in another way, or with a value already, which is not the client's to give.
  return `${without(via, ['rport', ...OURS])};rport=${port}`;
}

function without(via: Via, names: readonly string[]): string {
  const params = names.reduce((left, name) => left.without(name), via.params);
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${via.host}${port}${params.toString()}`;
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
