/** The ErrorIds of the registrar's refusals. [MS-OCER] section 5. */
import { UNNAMED_ERROR_ID, diagnosticHeaders } from '@parley/sdk';
import type { ParleyError } from '@parley/sdk';
import type { AnswerHeaders } from './answer.ts';

/** Conditions that have an ErrorId of their own. */
const ERROR_IDS: Readonly<Record<string, number>> = {
  REGISTRAR_USER_UNKNOWN: 1003,
  REGISTRAR_DOMAIN_UNKNOWN: 1005,
  REGISTRAR_GRUU_NEEDED: 2057,
  REGISTRAR_NOT_YOURS: 4004,
  REGISTRAR_ENDPOINT_UNNAMED: 4010,
  REGISTRAR_EPID_MALFORMED: 4012,
  REGISTRAR_EVENT_UNKNOWN: 4055,
  REGISTRAR_QUOTA: 4140,
  REGISTRAR_USER_DISABLED: 4141,
};

/** The header fields that explain `error`. */
export function diagnosticsOf(error: ParleyError, fqdn: string): AnswerHeaders {
  return diagnosticHeaders(error, ERROR_IDS[error.code] ?? UNNAMED_ERROR_ID.unexpected, fqdn);
}
