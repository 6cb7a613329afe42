/** Why a request was refused, for people and for clients: Warning and ms-diagnostics. RFC 3261 section 20.43, [MS-OCER] sections 3.1 and 5. */
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
/** The others: the range [MS-OCER] leaves to applications for unexpected failures. */
const OTHER_ERROR_ID = 62_001;
const MAX_REASON = 200;

/** The header fields that explain `error`. Clients show the text of a 403 from ms-diagnostics-public or Warning ([MS-OCER] R8). */
export function diagnosticsOf(error: ParleyError, fqdn: string): AnswerHeaders {
  // [MS-OCER] R6: nothing in the text may end the quotes or the line.
  const reason = error.message.replaceAll(/[^\u0020-\u007e]|["\\]/g, "'").slice(0, MAX_REASON);
  const id = ERROR_IDS[error.code] ?? OTHER_ERROR_ID;
  const headers: AnswerHeaders = { Warning: `399 ${fqdn} "${reason}"`, 'ms-diagnostics': `${id};reason="${reason}";source="${fqdn}"` };
  if (error.status === 403) headers['ms-diagnostics-public'] = `${id};reason="${reason}"`;
  return headers;
}
