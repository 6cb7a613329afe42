/** Why a request was refused, for people and for clients: Warning and ms-diagnostics. RFC 3261 section 20.43, [MS-OCER] sections 3.1 and 5. */
import type { ParleyError } from '@parley/core';
import { DIAGNOSTIC_IDS, diagnosticOf } from './diagnostic-ids.ts';

/** ErrorIds that [MS-OCER] leaves to applications, for conditions without one of their own. */
export const UNNAMED_ERROR_ID = { expected: DIAGNOSTIC_IDS.expectedFailure, unexpected: DIAGNOSTIC_IDS.unexpectedFailure } as const;

const MAX_REASON = 200;

/** `text` as it may stand between quotes in a header; nothing in it can end them or the line ([MS-OCER] R6). At most 200 characters. */
export function quotableText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]|["\\]/g, "'").slice(0, MAX_REASON);
}

/** The sentence of `error` as a reason; see `quotableText`. */
export function diagnosticReason(error: ParleyError): string {
  return quotableText(error.message);
}

/**
 * The header fields that explain `error` to the client. Clients show the text of a 403 from ms-diagnostics-public ([MS-OCER] R8);
 * ids that are documented as public get it with every status.
 * @param id ErrorId of [MS-OCER], 0..65535; one of `DIAGNOSTIC_IDS`
 * @param fqdn name of the server that says so
 */
export function diagnosticHeaders(error: ParleyError, id: number, fqdn: string): Record<string, string> {
  const reason = diagnosticReason(error);
  const headers: Record<string, string> = {
    Warning: `399 ${fqdn} "${reason}"`,
    'ms-diagnostics': `${id};reason="${reason}";source="${fqdn}"`,
  };
  if (error.status === 403 || diagnosticOf(id)?.public === true) headers['ms-diagnostics-public'] = `${id};reason="${reason}"`;
  return headers;
}
