/** The ErrorIds of what presence refuses. [MS-OCER] section 5; ids from 61030 on are our own and listed in README.md. */
import { DIAGNOSTIC_IDS, diagnosticHeaders } from '@parley/sdk';
import type { ParleyError, SipRequest } from '@parley/sdk';
import { unknownExtensions } from './content-type.ts';
import { CONTENT_TYPES } from './documents/index.ts';
import { LEAST_SECONDS } from './subscription-terms.ts';

/** Ids that are not in the table of the SDK. */
export const PRESENCE_DIAGNOSTIC_IDS = {
  /** Versions are out of date. */
  versionConflict: 2044,
  /** That of the delegates is. */
  delegatesConflict: 2141,
  /** A limit of this server is reached. */
  limitReached: 61_030,
  /** A category that is not registered. */
  categoryUnknown: 61_031,
  /** An instance that the server alone publishes. */
  serverOwned: 61_032,
  /** What is bound to an endpoint comes from one that is not registered. */
  endpointUnregistered: 61_033,
} as const;

const ERROR_IDS: Readonly<Record<string, number>> = {
  PRESENCE_NOT_YOURS: DIAGNOSTIC_IDS.identityForbidden,
  PRESENCE_USER_UNKNOWN: DIAGNOSTIC_IDS.userUnknown,
  PRESENCE_USER_DISABLED: DIAGNOSTIC_IDS.userDisabled,
  PRESENCE_CONTENT_TYPE: DIAGNOSTIC_IDS.contentTypeUnexpected,
  PRESENCE_TOO_LARGE: DIAGNOSTIC_IDS.inputTooLarge,
  PRESENCE_CONFLICT: PRESENCE_DIAGNOSTIC_IDS.versionConflict,
  PRESENCE_DELEGATES_CONFLICT: PRESENCE_DIAGNOSTIC_IDS.delegatesConflict,
  PRESENCE_BLOCKED: DIAGNOSTIC_IDS.identityForbidden,
  PRESENCE_LIMIT: PRESENCE_DIAGNOSTIC_IDS.limitReached,
  PRESENCE_ENDPOINT_UNREGISTERED: PRESENCE_DIAGNOSTIC_IDS.endpointUnregistered,
  PRESENCE_NOT_STORED: DIAGNOSTIC_IDS.serviceUnavailable,
  PRESENCE_BUSY: DIAGNOSTIC_IDS.serviceUnavailable,
  PRESENCE_DOCUMENT_MALFORMED: DIAGNOSTIC_IDS.xmlMalformed,
  PRESENCE_DOCUMENT_TOO_LARGE: DIAGNOSTIC_IDS.inputTooLarge,
  PRESENCE_DOCUMENT_CATEGORY_UNKNOWN: PRESENCE_DIAGNOSTIC_IDS.categoryUnknown,
  PRESENCE_DOCUMENT_SERVER_OWNED: PRESENCE_DIAGNOSTIC_IDS.serverOwned,
};

/** What a SERVICE to the own address may carry for presence. */
export const SERVED_TYPES = [
  CONTENT_TYPES.publish,
  CONTENT_TYPES.setContainerMembers,
  CONTENT_TYPES.setSubscribers,
  CONTENT_TYPES.setDelegates,
].join(', ');

/** Seconds after which to try again when the server cannot. */
const RETRY_AFTER = '5';

/** The header fields that explain a refusal. @param fqdn name of the server that says so */
export function refusalHeaders(error: ParleyError, request: SipRequest, fqdn: string): Record<string, string> {
  const headers = diagnosticHeaders(error, ERROR_IDS[error.code] ?? DIAGNOSTIC_IDS.expectedFailure, fqdn);
  switch (error.status) {
    case 415:
      headers['Accept'] = acceptedBy(request.method);
      break;
    case 420:
      headers['Unsupported'] = unknownExtensions(request).filter(isToken).join(', ');
      break;
    case 423:
      headers['Min-Expires'] = String(LEAST_SECONDS);
      break;
    case 489:
      headers['Allow-Events'] = 'presence';
      break;
    case 503:
      headers['Retry-After'] = RETRY_AFTER;
      break;
  }
  return headers;
}

/** RFC 3261 section 25.1. What is none is not repeated. */
function isToken(text: string): boolean {
  return /^[\w.!%*+`'~-]{1,60}$/.test(text);
}

function acceptedBy(method: string): string {
  if (method === 'PUBLISH') return CONTENT_TYPES.pidf;
  if (method === 'SUBSCRIBE') return `${CONTENT_TYPES.batchSubscribe}, ${CONTENT_TYPES.adhocList}`;
  return SERVED_TYPES;
}
