/** What a client says of identities: only what it has proved goes on. [MS-SIPAE] R16 and section 2.2.5, [MS-SIPRE] R15, R22, RFC 3325. */
import { H, NameAddr, SipUri, encodeText } from '@parley/core';
import type { SipMessage } from '@parley/core';
import { ownerOf } from './accounts.ts';
import type { AssociationAccounts, AssociationUser } from './accounts.ts';

/** What only servers may say, and what is said to this server alone. */
const REMOVED_HEADERS = [H.PAssertedIdentity, H.MSEdgeProxyMessageTrust, H.MSUserLogonData, H.PPreferredIdentity] as const;
/** Parameters of Referred-By with which servers vouch for it to each other. [MS-SIPAE] section 2.2.5 */
const SERVER_PARAMETERS = ['ms-identity', 'ms-identity-alg', 'ms-identity-info', 'ms-identity-cookie'] as const;

/** Takes away what this user's client may not say, and says in its place who the user is. */
export function assertIdentity(message: SipMessage, user: AssociationUser, accounts: AssociationAccounts): void {
  const owns = (uri: SipUri): boolean => ownerOf(accounts, uri)?.id === user.id;
  const preferred = preferredIdentities(message, owns);
  for (const header of REMOVED_HEADERS) if (message.has(header)) message.remove(header);
  if (preferred !== undefined || isInvite(message)) {
    message.set(H.PAssertedIdentity, assertion(user, preferred ?? {}));
  }
  if (message.has(H.ReferredBy)) checkReferredBy(message, owns);
}

/** Addresses that the client would like to be known by, as far as they are the user's. */
interface Preferred {
  readonly sip?: SipUri;
  readonly tel?: SipUri;
}

/** undefined: the message does not say. */
function preferredIdentities(message: SipMessage, owns: (uri: SipUri) => boolean): Preferred | undefined {
  if (!message.has(H.PPreferredIdentity)) return undefined;
  const own = message
    .list(H.PPreferredIdentity)
    .map((element) => NameAddr.parse(element, 'P-Preferred-Identity').uri)
    .filter(owns);
  const sip = own.find((uri) => uri.isSip);
  const tel = own.find((uri) => uri.scheme === 'tel');
  return { ...(sip !== undefined && { sip }), ...(tel !== undefined && { tel }) };
}

/** `"Alice" <sip:alice@example.com>, <tel:+14255550101>` */
function assertion(user: AssociationUser, { sip, tel }: Preferred): string {
  const name = user.displayName === '' ? undefined : encodeText(user.displayName);
  const first = NameAddr.of(sip ?? encodeText(`sip:${user.aor}`), name).toString();
  return tel === undefined ? first : `${first}, <${tel.raw}>`;
}

/** Callees are told who calls, unless the caller does not want that (RFC 3323). */
function isInvite(message: SipMessage): boolean {
  return message.isRequest && message.cseq.method === 'INVITE' && !message.list(H.Privacy).some((value) => /\bid\b/i.test(value));
}

/** A Referred-By names the one who sends it, or is not believed. After a call was forwarded, `ms-referee-uri` is to name the user. */
function checkReferredBy(message: SipMessage, owns: (uri: SipUri) => boolean): void {
  const referrer = readReferrer(message.first(H.ReferredBy) as string);
  if (referrer === undefined || message.count(H.ReferredBy) > 1 || !owns(referrer.uri)) {
    message.remove(H.ReferredBy);
    return;
  }
  let checked = referrer;
  for (const parameter of SERVER_PARAMETERS) if (checked.params.has(parameter)) checked = checked.withParam(parameter, undefined);
  if (checked.params.has('ms-referee-uri') && !namesUser(checked.params.text('ms-referee-uri'), owns)) {
    checked = checked.withParam('ms-referee-uri', undefined);
  }
  if (checked !== referrer) message.set(H.ReferredBy, checked.toString());
}

function namesUser(quoted: string | undefined, owns: (uri: SipUri) => boolean): boolean {
  try {
    return quoted !== undefined && owns(SipUri.parse(quoted.replaceAll('"', '')));
  } catch {
    return false;
  }
}

function readReferrer(value: string): NameAddr | undefined {
  try {
    return NameAddr.parse(value, 'Referred-By');
  } catch {
    return undefined;
  }
}
