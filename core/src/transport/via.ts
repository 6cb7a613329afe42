/** The top Via of a request as the server that receives it completes it. RFC 3261 section 18.2.1, RFC 3581 section 4, [MS-SIPRE] section 3.5. */
import { H, type SipRequest, type Via } from '../sip/index.ts';
import type { Address } from './flow.ts';

const RPORT = /;[ \t]*rport[ \t]*(?=[;]|$)/i;

/**
 * Adds `received` when the sent-by host is not the address that the request came from, or when the port is asked for; fills `rport`;
 * appends `stamp`. What the client wrote stays as it was written.
 * @param via the request's top Via
 * @param stamp further parameters, each with its semicolon
 */
export function completeVia(request: SipRequest, via: Via, remote: Address, stamp: string): void {
  const asked = via.rport !== undefined;
  const addReceived = asked || bare(via.host) !== remote.host;
  if (!addReceived && stamp === '') return;
  // A client has no business to say where it was received; it would only mislead those who read it later.
  const forged = via.params.has('received') || via.params.has('ms-received-port') || via.params.has('ms-received-cid');
  let value = forged ? without(via, ['received', 'ms-received-port', 'ms-received-cid']) : (request.shift(H.Via) as string);
  if (forged) request.shift(H.Via);
  if (asked) value = fillPort(value, via, remote.port);
  if (addReceived) value += `;received=${remote.host}`;
  request.prepend(H.Via, value + stamp);
}

function fillPort(value: string, via: Via, port: number): string {
  if (RPORT.test(value)) return value.replace(RPORT, `;rport=${port}`);
  // It came with a value already, which is not the client's to give.
  return `${without(via, ['rport', 'received', 'ms-received-port', 'ms-received-cid'])};rport=${port}`;
}

function without(via: Via, names: readonly string[]): string {
  const params = names.reduce((left, name) => left.without(name), via.params);
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${via.host}${port}${params.toString()}`;
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
