/** The two requests that an INVITE transaction makes itself: the ACK for an error response, and CANCEL. RFC 3261 17.1.1.3 and 9.1. */
import { H, SipRequest } from '../sip/index.ts';
import type { SipResponse } from '../sip/index.ts';

type Header = readonly [name: string, value: string];

/** Both start at this hop, so the hop count of the INVITE does not matter. */
const MAX_FORWARDS: Header = ['Max-Forwards', '70'];

/** The ACK for a response of 300 or more: the INVITE's Request-URI, top Via and Route set, and the To of the response. RFC 3261 17.1.1.3. */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  return hopByHop(invite, 'ACK', response.first(H.To) ?? '', []);
}

/** The CANCEL for an INVITE: it must look like it to match it, so it carries the same top Via and no other. RFC 3261 9.1. */
export function cancelFor(invite: SipRequest, headers: readonly Header[]): SipRequest {
  return hopByHop(invite, 'CANCEL', invite.first(H.To) ?? '', headers);
}

function hopByHop(invite: SipRequest, method: string, to: string, more: readonly Header[]): SipRequest {
  const headers: Header[] = [
    ['Via', invite.list(H.Via)[0] ?? ''],
    MAX_FORWARDS,
    ['From', invite.first(H.From) ?? ''],
    ['To', to],
    ['Call-ID', invite.callId],
    ['CSeq', `${invite.cseq.number} ${method}`],
  ];
  for (const route of invite.all(H.Route)) headers.push(['Route', route]);
  headers.push(...more);
  return SipRequest.create(method, invite.uri, headers);
}
