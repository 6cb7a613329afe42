/** Requests that are too large for a datagram go over TCP. RFC 3261 section 18.1.1. */
import { ParleyError } from '../errors/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Destination } from './flow.ts';

/** Bytes of a request that may go in a datagram while the path's MTU is not known, as it never is here. */
export const DATAGRAM_REQUEST_LIMIT = 1_300;

/** What the system reports for a peer that has no TCP there: a reset, or ICMP's answer. Silence is no such report. */
const REFUSED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPROTONOSUPPORT', 'ENOPROTOOPT', 'EPROTO']);

/** Is the request too large for a datagram? @param more bytes that are still to be added */
export function exceedsDatagram(request: SipRequest, more = 0): boolean {
  return request.size + more > DATAGRAM_REQUEST_LIMIT;
}

/** The same place by TCP. */
export function overTcp({ host, port }: Destination): Destination {
  return { transport: 'TCP', host, port };
}

/** Did a connection fail because the peer has no TCP there? Then, and only then, the request goes in a datagram after all. */
export function isRefusal(error: unknown): boolean {
  const cause: unknown = error instanceof ParleyError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && REFUSED.has(String(cause.code));
}
