/** Completes what this server answers itself: exactly one ms-diagnostics on a refusal. [MS-OCER] R1 and R8. */
import { DIAGNOSTIC_IDS, H } from '@parley/sdk';
import type { SipResponse } from '@parley/sdk';
import { readDiagnostic, writeDiagnostic } from './diagnostic-value.ts';

const FIRST_FAILURE = 400;
const EXPECTED = 61_000;
const UNEXPECTED = 62_000;
/** warn-code, warn-agent and the quoted text; RFC 3261 section 20.43. */
const WARNING_TEXT = /^\s*\d{3}\s+\S+\s+"((?:[^"\\]|\\.)*)"/;

/** Statuses with a documented ErrorId that says no more than the status does. */
const BY_STATUS: ReadonlyMap<number, number> = new Map([
  [500, DIAGNOSTIC_IDS.internalError],
  [503, DIAGNOSTIC_IDS.serviceUnavailable],
  [504, DIAGNOSTIC_IDS.temporarilyUnroutable],
]);

/** The ErrorId of a refusal that nobody has given one: 61000 + status, for a server failure 62000 + status, or a documented one. */
export function idOfStatus(status: number): number {
  return BY_STATUS.get(status) ?? (Math.trunc(status / 100) === 5 ? UNEXPECTED : EXPECTED) + status;
}

/**
 * Gives a refusal of this server its one ms-diagnostics, with the sentence of its Warning as the reason, and a 403 a public one as well,
 * whose reason clients show. A challenge gets none, and keeps what it has.
 */
export function explain(response: SipResponse, fqdn: string): void {
  const { status } = response;
  if (status < FIRST_FAILURE) return;
  const values = response.all(H.MSDiagnostics);
  let [value] = values;
  if (value === undefined) {
    if (isChallenge(response)) return;
    value = writeDiagnostic(idOfStatus(status), reasonOf(response), fqdn);
    response.append(H.MSDiagnostics, value);
  } else if (values.length > 1) {
    response.set(H.MSDiagnostics, value);
  }
  if (status === 403 && !response.has(H.MSDiagnosticsPublic)) {
    const { id, reason } = readDiagnostic(value);
    response.append(H.MSDiagnosticsPublic, writeDiagnostic(id ?? idOfStatus(status), reason));
  }
}

function isChallenge(response: SipResponse): boolean {
  return (response.status === 401 && response.has(H.WWWAuthenticate)) || (response.status === 407 && response.has(H.ProxyAuthenticate));
}

function reasonOf(response: SipResponse): string {
  const warned = WARNING_TEXT.exec(response.first(H.Warning) ?? '')?.[1];
  return warned === undefined ? response.reason : warned.replaceAll(/\\(.)/g, '$1');
}
