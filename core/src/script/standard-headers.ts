/** The members of StandardHeader and the headers that they stand for. Sheet mspl 4.7. */

/** Members whose header is their own words with hyphens between them. */
const BY_WORDS = `Accept AcceptEncoding AcceptLanguage Allow AllowEvents AuthenticationInfo Authorization Contact ContentDisposition
  ContentEncoding ContentLanguage ContentLength ContentType Date Event Expires From Hide InReplyTo MaxForwards Nonstandard Organization
  Priority ProxyAuthenticate ProxyAuthenticationInfo ProxyAuthorization ProxyRequire RecordRoute Require RetryAfter Route Server Subject
  Supported To Unsupported UserAgent Via Warning
  Compression Diversion EdgeProxy HistoryInfo Path Privacy Reason ReferTo ReferredBy SessionExpires
  MinExpires ReplyTo CallInfo AlertInfo ErrorInfo SubscriptionState ServiceRoute Join Replaces Identity IdentityInfo`;

const IRREGULAR: readonly (readonly [string, string])[] = [
  ['ApplicationVia', 'ms-application-via'],
  ['CallID', 'Call-ID'],
  ['CSeq', 'CSeq'],
  ['MimeVersion', 'MIME-Version'],
  ['TimeStamp', 'Timestamp'],
  ['WWWAuthenticate', 'WWW-Authenticate'],
  ['MinSE', 'Min-SE'],
  ['PAssertedIdentity', 'P-Asserted-Identity'],
  ['PPreferredIdentity', 'P-Preferred-Identity'],
  ['PSessionOnBehalfOf', 'P-Session-On-Behalf-Of'],
  ['SipETag', 'SIP-ETag'],
  ['SipIfMatch', 'SIP-If-Match'],
  ['RAck', 'RAck'],
  ['RSeq', 'RSeq'],
  ['MSConfRole', 'ms-conf-role'],
  ['MSFocusUri', 'ms-focus-uri'],
  ['MSOriginalCallerID', 'ms-original-caller-id'],
];

/** Members named MS...: the header is `ms-` and their words in lower case. */
const FAMILY = `MSApplication MSApplicationAor MSArchiving MSClientDiagnostics MSDiagnostics MSDiagnosticsPublic MSKeepAlive MSMcuContact
  MSPrimaryRouter MSReferrerPhone MSRoutingPhase MSRoutingTarget MSSelectedPstnUsages MSSubnet MSTargetClass MSTextFormat
  MSTrunkingPeer MSUserData MSUserLogonData MSVerificationLevel MSXmppSubscriber`;

function hyphenated(words: string): string {
  return words.replace(/(?<=[a-z])(?=[A-Z])/g, '-');
}

/** Member and header name, in the order of their numbers. */
export const STANDARD_HEADERS: readonly (readonly [member: string, header: string])[] = [
  ...BY_WORDS.split(/\s+/).map((member) => [member, hyphenated(member)] as const),
  ...IRREGULAR,
  ...FAMILY.split(/\s+/).map((member) => [member, `ms-${hyphenated(member.slice(2)).toLowerCase()}`] as const),
];
