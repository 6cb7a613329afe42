/** Why a request was refused, for people and for clients: Warning and ms-diagnostics. RFC 3261 section 20.43, [MS-OCER] sections 3.1 and 5. */
import type { ParleyError } from '@parley/sdk';

/** Conditions that have an ErrorId of their own. */
const ERROR_IDS: Readonly<Record<string, number>> = {
  ROUTING_USER_UNKNOWN: 1003,
  ROUTING_NUMBER_UNKNOWN: 1003,
  ROUTING_NOT_OUR_DOMAIN: 1005,
  ROUTING_OUTBOUND_DENIED: 1002,
  ROUTING_OUTSIDE_SENDER: 1012,
  ROUTING_NOT_REGISTERED: 1006,
  ROUTING_ENDPOINT_GONE: 1006,
  ROUTING_SERVICE_UNKNOWN: 4007,
};
/** The others: the range [MS-OCER] leaves to applications for expected failures. */
const OTHER_ERROR_ID = 61_001;
const MAX_REASON = 200;

/** The header fields that explain `error`. */
export function diagnosticsOf(error: ParleyError, fqdn: string): Record<string, string> {
  // [MS-OCER] R6: nothing in the text may end the quotes or the line.
  const reason = error.message.replaceAll(/[^\u0020-\u007e]|["\\]/g, "'").slice(0, MAX_REASON);
  return {
    Warning: `399 ${fqdn} "${reason}"`,
    'ms-diagnostics': `${ERROR_IDS[error.code] ?? OTHER_ERROR_ID};reason="${reason}";source="${fqdn}"`,
  };
}
