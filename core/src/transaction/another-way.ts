/** The way of a final response whose connection is gone. RFC 3261 section 18.2.2. */
import type { SipResponse } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import type { TransactionTransport } from './options.ts';

/**
 * The connection of the request is gone. The final response to a server may take another one, so that its work was not in vain;
 * to a client, which cannot be connected to, it is lost. False when there is no other way.
 * @param failed there seemed to be one, and it led nowhere
 */
export function takeAnotherWay(transport: TransactionTransport, response: SipResponse, flow: Flow, failed: () => void): boolean {
  const isPeer = flow.trusted || flow.tlsPeer !== '';
  if (transport.responseFlow === undefined || !flow.reliable || flow.open || !isPeer || response.status < 200) return false;
  transport.responseFlow(response.topVia, flow).then((other) => {
    if (!other.write(transport.encode(response, other))) failed();
  }, failed);
  return true;
}
