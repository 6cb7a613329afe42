/** What a client is told at the gate. [MS-SIPAE] section 6, [MS-OCER]. */
import type { GateHeaders, GateVerdict } from '@parley/core';
import { DIAGNOSTICS } from '../diagnostic-ids.ts';
import type { Diagnostic } from '../diagnostic-ids.ts';
import { quotableText } from '../diagnostics.ts';
import type { AssociationMechanism } from './mechanism.ts';

/** The realm of every challenge; clients know their server's associations by it. [MS-SIPAE] R1 */
export const ASSOCIATION_REALM = 'SIP Communications Service';
/** The protocol version that is announced. [MS-SIPAE] section 8 */
const ANNOUNCED_VERSION = 4;

/** The value of a challenge: `NTLM realm="SIP Communications Service", targetname="uc.example.com", version=4`. [MS-SIPAE] R3 */
export function challengeValue({ scheme, targetName, challengeParameters = [] }: AssociationMechanism): string {
  const more = challengeParameters.map(([name, value]) => `, ${name}="${value}"`).join('');
  return `${scheme} realm="${ASSOCIATION_REALM}", targetname="${targetName}", version=${ANNOUNCED_VERSION}${more}`;
}

/**
 * The 401 in the middle of a handshake: this scheme alone, for clients that choose one themselves look for the one they began.
 * [MS-SIPAE] R5, R22. @param now milliseconds since 1970
 */
export function continuation({ scheme, targetName }: AssociationMechanism, opaque: string, token: Buffer, now: number): GateVerdict {
  const value =
    `${scheme} opaque="${opaque}", gssapi-data="${token.toString('base64')}", targetname="${targetName}", ` +
    `realm="${ASSOCIATION_REALM}", version=${ANNOUNCED_VERSION}`;
  return {
    respond: 401,
    headers: [
      ['Date', new Date(now).toUTCString()],
      ['WWW-Authenticate', value],
    ],
  };
}

/** A new challenge, with the reason why the last attempt failed. [MS-SIPAE] R19 */
export function challengeBecause(diagnostic: Diagnostic, fqdn: string): GateVerdict {
  return { challenge: 401, headers: [diagnosticHeader(diagnostic, fqdn)] };
}

/** A refusal. [MS-SIPAE] R8, R20 */
export function refusal(status: number, diagnostic: Diagnostic, fqdn: string, why: string = diagnostic.meaning): GateVerdict {
  const reason = quotableText(why);
  const headers: (readonly [string, string])[] = [
    ['Warning', `399 ${fqdn} "${reason}"`],
    ['ms-diagnostics', `${diagnostic.id};reason="${reason}";source="${fqdn}"`],
  ];
  if (status === 403) headers.push(['ms-diagnostics-public', `${diagnostic.id};reason="${reason}"`]);
  return { respond: status, headers };
}

/** 503, not 403: a client that is told 403 signs in no more, and whoever was guessing is not the one who suffers. */
export function tryLater(seconds: number, fqdn: string, why: string): GateVerdict {
  const busy = refusal(503, DIAGNOSTICS.serviceUnavailable, fqdn, why) as { readonly respond: number; readonly headers: GateHeaders };
  return { ...busy, headers: [...busy.headers, ['Retry-After', String(seconds)]] };
}

function diagnosticHeader({ id, meaning }: Diagnostic, fqdn: string): readonly [string, string] {
  return ['ms-diagnostics', `${id};reason="${meaning}";source="${fqdn}"`];
}
