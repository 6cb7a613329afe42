/** The one 401 or 407 that asks a request for its sender, whoever offers to check it. RFC 3261 sections 22.1 to 22.3. */
import type { SipRequest } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import type { Challenger, GateHeaders } from './gate.ts';

/** The header that challenges go into, by status. */
const HEADERS = { 401: 'WWW-Authenticate', 407: 'Proxy-Authenticate' } as const;

/** Statuses of a challenge. */
export type ChallengeStatus = keyof typeof HEADERS;

/**
 * The header fields of a challenge: a field for each value of each challenger that suits the request, in their order; Date, against
 * which clients check their clocks ([MS-SIPAE] R21); then `more`.
 * @param now milliseconds since 1970
 */
export function challengeHeaders(
  status: ChallengeStatus,
  challengers: readonly Challenger[],
  inbound: Inbound<SipRequest>,
  now: number,
  more: GateHeaders = [],
): GateHeaders {
  const name = HEADERS[status];
  const suited = challengers.filter((challenger) => challenger.suits?.(inbound) !== false);
  // A challenge without any scheme is none (RFC 3261 section 20.44), so who shows nothing gets what there is.
  const offered = suited.length > 0 ? suited : challengers;
  const values = offered.flatMap((challenger) => challenger.challenge(inbound));
  return [['Date', new Date(now).toUTCString()], ...values.map((value) => [name, value] as const), ...more];
}

/** Have no response (RFC 3261 section 22.1), or cannot be sent again with credentials (section 9.1). */
export function isUnchallengeable(request: SipRequest): boolean {
  return request.method === 'ACK' || request.method === 'CANCEL';
}
