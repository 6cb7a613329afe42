/** The ErrorIds that this server puts into ms-diagnostics headers. [MS-OCER] sections 2.2 and 8. */

/** One documented (or own) ErrorId. */
export interface Diagnostic {
  /** ErrorId, 0..65535. */
  readonly id: number;
  /** What it says, a short form of the documented reason; without quotes and line breaks, so that it can stand in a header. */
  readonly meaning: string;
  /** The SIP status that it goes with as a rule; 101 for progress reports, 200 for a remark on a success. */
  readonly status: number;
  /** Documented for ms-diagnostics-public: clients and other organisations may see it. */
  readonly public?: true;
}

/**
 * By name. 0 to 59999 are those of [MS-OCER]; 61000 to 62999 it leaves to applications (61xxx expected failures, 62xxx unexpected
 * ones), and what has no documented id is there.
 */
export const DIAGNOSTICS = {
  // Common, section 9.2.2.
  internalError: { id: 0, status: 500, meaning: 'Server internal error' },
  serviceUnavailable: { id: 1, status: 503, meaning: 'Service unavailable' },
  noBandwidth: { id: 4, status: 488, meaning: 'Not enough bandwidth, do not try another route' },
  // SIP stack, 1000 to 1999.
  handshakeFailed: { id: 1000, status: 401, meaning: 'Final handshake failed' },
  publicMessagingForbidden: { id: 1001, status: 403, meaning: 'From URI is not authorised for public IM providers' },
  federationForbidden: { id: 1002, status: 403, meaning: 'From URI is not authorised for federated partners' },
  userUnknown: { id: 1003, status: 404, meaning: 'User does not exist' },
  routeSetStale: { id: 1004, status: 481, meaning: 'Route set is no longer valid' },
  domainUnroutable: { id: 1005, status: 404, meaning: 'Cannot route to the destination domain' },
  clientConnectionFailed: { id: 1006, status: 480, meaning: 'Error routing on a client connection' },
  temporarilyUnroutable: { id: 1007, status: 504, meaning: 'Temporarily cannot route' },
  srvUnresolved: { id: 1008, status: 504, meaning: 'Unable to resolve a DNS SRV record' },
  srvConflict: { id: 1009, status: 504, meaning: 'SRV and host domains conflict in the DNS' },
  certificateUntrusted: { id: 1010, status: 504, meaning: 'Certificate trust with the next hop could not be established' },
  previousHopSilent: { id: 1011, status: 500, meaning: 'The previous hop gave no ms-diagnostics' },
  outsideForbidden: { id: 1012, status: 403, meaning: 'From URI is not authorised to communicate outside the enterprise' },
  clockSkew: { id: 1013, status: 401, meaning: 'Significant time skew detected during authentication' },
  hostUnresolved: { id: 1014, status: 504, meaning: 'Unable to resolve a DNS A record' },
  // User services, 2000 to 2999 and 4000 to 4999.
  gruuNeeded: { id: 2057, status: 421, meaning: 'msrtc-event-categories needs gruu-10' },
  userServicesFailed: { id: 4000, status: 500, meaning: 'User services failed' },
  xmlMalformed: { id: 4001, status: 400, meaning: 'XML parse failure' },
  sourceNumberAmbiguous: { id: 4002, status: 403, meaning: 'Several users have the source phone number' },
  remoteAccessForbidden: { id: 4003, status: 403, meaning: 'From URI is not enabled for remote access', public: true },
  identityForbidden: { id: 4004, status: 403, meaning: 'Credentials are not authorised to act as the From URI', public: true },
  destinationUnknown: { id: 4005, status: 404, meaning: 'Destination is not enabled for SIP or does not exist' },
  userNotInPool: { id: 4006, status: 404, meaning: 'User not found in the pool' },
  resourceUnknown: { id: 4007, status: 404, meaning: 'Resource is unknown in this deployment' },
  inputTooLarge: { id: 4008, status: 413, meaning: 'Input is too large' },
  destinationNumberAmbiguous: { id: 4009, status: 485, meaning: 'Several users have the destination phone number' },
  endpointUnnamed: { id: 4010, status: 400, meaning: 'Missing endpoint identifier' },
  epidMissing: { id: 4011, status: 400, meaning: 'epid is not present' },
  epidTooLong: { id: 4012, status: 400, meaning: 'epid is too long' },
  contentTypeUnexpected: { id: 4013, status: 415, meaning: 'Content-Type is not the expected one' },
  eventNotRegistration: { id: 4055, status: 489, meaning: 'Event is not registration' },
  userSignedOut: { id: 4140, status: 403, meaning: 'User signed out, or has too many endpoints', public: true },
  userDisabled: { id: 4141, status: 403, meaning: 'User disabled', public: true },
  userMoved: { id: 4142, status: 301, meaning: 'User moved to another server', public: true },
  // Media, gateways and call routing.
  sdpMalformed: { id: 7008, status: 488, meaning: 'SDP parse error' },
  gatewayFailed: { id: 10_000, status: 500, meaning: 'Gateway returned a SIP failure code' },
  nextHopTried: { id: 12_006, status: 101, meaning: 'Trying next hop' },
  proxiedToEndpoints: { id: 13_004, status: 101, meaning: 'Request was proxied to one or more registered endpoints' },
  // Client version filter, 17000 to 17999.
  versionFilterOverloaded: { id: 17_000, status: 503, meaning: 'Server overloaded' },
  versionRequestInvalid: { id: 17_001, status: 403, meaning: 'Invalid request' },
  versionForbidden: { id: 17_002, status: 403, meaning: 'Invalid client version' },
  versionForbiddenWithUrl: { id: 17_003, status: 403, meaning: 'Client version declined with URL' },
  versionAllowedWithUrl: { id: 17_004, status: 200, meaning: 'Client version allowed with URL' },
  // Our own: documented ids for these conditions do not exist or are not known.
  expectedFailure: { id: 61_001, status: 400, meaning: 'The request was refused' },
  signatureWrong: { id: 61_010, status: 403, meaning: 'The message signature does not verify' },
  attemptsLimited: { id: 61_011, status: 503, meaning: 'Too many failed sign-in attempts' },
  certificateRefused: { id: 61_012, status: 401, meaning: 'The client certificate is expired, revoked or not known here' },
  reportNotYours: { id: 61_020, status: 403, meaning: 'Error reports go to the own address of their sender' },
  unexpectedFailure: { id: 62_001, status: 500, meaning: 'The server failed in a way that it did not expect' },
} as const satisfies Readonly<Record<string, Diagnostic>>;

/** A name in `DIAGNOSTICS`. */
export type DiagnosticName = keyof typeof DIAGNOSTICS;

/** The numbers alone, for `diagnosticHeaders`: `DIAGNOSTIC_IDS.handshakeFailed` is 1000. */
export const DIAGNOSTIC_IDS = Object.fromEntries(Object.entries(DIAGNOSTICS).map(([name, { id }]) => [name, id])) as {
  readonly [Name in DiagnosticName]: (typeof DIAGNOSTICS)[Name]['id'];
};

const BY_ID = new Map<number, Diagnostic>(Object.values<Diagnostic>(DIAGNOSTICS).map((one) => [one.id, one]));

/** What is known of an ErrorId; undefined for one that is not in the table. */
export function diagnosticOf(id: number): Diagnostic | undefined {
  return BY_ID.get(id);
}
