/** The ErrorIds of default routing's refusals. [MS-OCER] section 5. */
import { UNNAMED_ERROR_ID, diagnosticHeaders } from '@parley/sdk';
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

/** The header fields that explain `error`. */
export function diagnosticsOf(error: ParleyError, fqdn: string): Record<string, string> {
  return diagnosticHeaders(error, ERROR_IDS[error.code] ?? UNNAMED_ERROR_ID.expected, fqdn);
}
