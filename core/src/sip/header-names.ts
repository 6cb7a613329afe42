/** Header names that the server knows, by number. Compact forms: RFC 3261 section 7.3.3 and the IANA registry. */

/** Numbers of known headers; 0 is none of them. A number is good for one version of the server, never store it. */
export const H = {
  // RFC 3261 section 20
  Via: 1,
  From: 2,
  To: 3,
  CallId: 4,
  CSeq: 5,
  Contact: 6,
  MaxForwards: 7,
  Route: 8,
  RecordRoute: 9,
  ContentLength: 10,
  ContentType: 11,
  Expires: 12,
  Authorization: 13,
  ProxyAuthorization: 14,
  Require: 15,
  ProxyRequire: 16,
  Supported: 17,
  Unsupported: 18,
  Allow: 19,
  Event: 20,
  UserAgent: 21,
  Server: 22,
  Accept: 23,
  AcceptEncoding: 24,
  AcceptLanguage: 25,
  AlertInfo: 26,
  AuthenticationInfo: 27,
  CallInfo: 28,
  ContentDisposition: 29,
  ContentEncoding: 30,
  ContentLanguage: 31,
  Date: 32,
  ErrorInfo: 33,
  InReplyTo: 34,
  MimeVersion: 35,
  MinExpires: 36,
  Organization: 37,
  Priority: 38,
  ProxyAuthenticate: 39,
  ReplyTo: 40,
  RetryAfter: 41,
  Subject: 42,
  Timestamp: 43,
  Warning: 44,
  WWWAuthenticate: 45,
  ProxyAuthenticationInfo: 46,
  // RFC 6665
  AllowEvents: 47,
  SubscriptionState: 48,
  // RFC 3262
  RAck: 49,
  RSeq: 50,
  // RFC 3323, 3325
  Privacy: 51,
  PAssertedIdentity: 52,
  PPreferredIdentity: 53,
  // RFC 3326, 3327, 3515, 3608
  Reason: 54,
  Path: 55,
  ReferTo: 56,
  ServiceRoute: 57,
  // RFC 3841
  AcceptContact: 58,
  RejectContact: 59,
  RequestDisposition: 60,
  // RFC 3891, 3892, 3911
  Replaces: 61,
  ReferredBy: 62,
  Join: 63,
  // RFC 3903
  SipETag: 64,
  SipIfMatch: 65,
  // RFC 4028
  SessionExpires: 66,
  MinSE: 67,
  // RFC 4244, 7044, 5806
  HistoryInfo: 68,
  Diversion: 69,
  // RFC 4474, 8224
  Identity: 70,
  IdentityInfo: 71,
  // RFC 4488, 4538, 5360, 5393, 5626, 6086
  ReferSub: 72,
  TargetDialog: 73,
  MaxBreadth: 74,
  FlowTimer: 75,
  InfoPackage: 76,
  RecvInfo: 77,
  // RFC 3313 and later private headers that peers send
  PChargingVector: 78,
  PAccessNetworkInfo: 79,
  PVisitedNetworkId: 80,
  PCalledPartyId: 81,
  PAssociatedUri: 82,
  SecurityClient: 83,
  SecurityServer: 84,
  SecurityVerify: 85,
  Encryption: 86,
  Hide: 87,
  ResponseKey: 88,
  ContentTransferEncoding: 89,
  ContentId: 90,
  RemotePartyId: 91,
  Geolocation: 92,
  AnswerMode: 93,
  // The family's own; protocol sheets of [MS-SIPRE], [MS-OCER], [MS-CONMGMT] and others
  MSDiagnostics: 100,
  MSDiagnosticsPublic: 101,
  MSClientDiagnostics: 102,
  MSKeepAlive: 103,
  MSPiggybackCSeq: 104,
  MSUserLogonData: 105,
  MSEdgeProxyMessageTrust: 106,
  MSAssertedVerificationLevel: 107,
  MSTextFormat: 108,
  MSImFormat: 109,
  MSEndpointLocationData: 110,
  MSConversationId: 111,
  MSSender: 112,
  MSSensitivity: 113,
  MSMrasAddress: 114,
  MSExchangeCommand: 115,
  MSAcceptedBy: 116,
  MSAcceptedContentId: 117,
  MSArchiving: 118,
  MSCallSource: 119,
  MSCallInfo: 120,
  MSMediationGenerated: 121,
  MSSubnet: 122,
  MSTargetClass: 123,
  MSUserData: 124,
  MSMcuContact: 125,
  MSApplication: 126,
  MSApplicationAor: 127,
  MSApplicationVia: 128,
  MSConfRole: 129,
  MSFocusUri: 130,
  MSOriginalCallerId: 131,
  MSPrimaryRouter: 132,
  MSReferrerPhone: 133,
  MSRoutingPhase: 134,
  MSRoutingTarget: 135,
  MSSelectedPstnUsages: 136,
  MSTrunkingPeer: 137,
  MSXmppSubscriber: 138,
  MSForward: 139,
  PSessionOnBehalfOf: 140,
  PAgentOnBehalfOf: 141,
  PPreferredRegistrar: 142,
  RosterManager: 143,
  EndPoints: 144,
  TriggeredInvite: 145,
  Compression: 146,
  EdgeProxy: 147,
  MSAssertedIdentity: 148,
} as const;

/** Number of a known header, or 0. */
export type HeaderId = number;

/** A header by number, or by any spelling of its name, compact form too. */
export type HeaderKey = HeaderId | string;

/** Spellings that the rule (words joined by hyphens) does not give. */
const SPELLING: Readonly<Record<string, string>> = {
  CallId: 'Call-ID',
  CSeq: 'CSeq',
  MimeVersion: 'MIME-Version',
  WWWAuthenticate: 'WWW-Authenticate',
  RAck: 'RAck',
  RSeq: 'RSeq',
  SipETag: 'SIP-ETag',
  SipIfMatch: 'SIP-If-Match',
  MinSE: 'Min-SE',
  PVisitedNetworkId: 'P-Visited-Network-ID',
  PCalledPartyId: 'P-Called-Party-ID',
  PAssociatedUri: 'P-Associated-URI',
  ContentId: 'Content-ID',
  RemotePartyId: 'Remote-Party-ID',
  MSDiagnostics: 'ms-diagnostics',
  MSDiagnosticsPublic: 'ms-diagnostics-public',
  MSKeepAlive: 'ms-keep-alive',
  MSPiggybackCSeq: 'ms-piggyback-cseq',
  MSUserLogonData: 'ms-user-logon-data',
  MSClientDiagnostics: 'ms-client-diagnostics',
  MSEdgeProxyMessageTrust: 'ms-edge-proxy-message-trust',
  MSAssertedVerificationLevel: 'ms-asserted-verification-level',
  MSTextFormat: 'ms-text-format',
  MSImFormat: 'ms-im-format',
  MSEndpointLocationData: 'ms-endpoint-location-data',
  MSConversationId: 'Ms-Conversation-ID',
  MSSender: 'Ms-Sender',
  MSSensitivity: 'Ms-Sensitivity',
  MSMrasAddress: 'Ms-Mras-Address',
  MSExchangeCommand: 'Ms-Exchange-Command',
  MSAcceptedBy: 'ms-acceptedby',
  MSAcceptedContentId: 'ms-accepted-content-id',
  MSArchiving: 'ms-archiving',
  MSCallSource: 'ms-call-source',
  MSCallInfo: 'Ms-Call-Info',
  MSMediationGenerated: 'ms-mediation-generated',
  MSSubnet: 'ms-subnet',
  MSTargetClass: 'ms-target-class',
  MSApplicationVia: 'ms-application-via',
  MSOriginalCallerId: 'ms-original-caller-id',
  RosterManager: 'Roster-Manager',
  EndPoints: 'EndPoints',
  TriggeredInvite: 'TriggeredInvite',
};

const COMPACT: readonly (readonly [string, HeaderId])[] = [
  ['a', H.AcceptContact],
  ['b', H.ReferredBy],
  ['c', H.ContentType],
  ['d', H.RequestDisposition],
  ['e', H.ContentEncoding],
  ['f', H.From],
  ['i', H.CallId],
  ['j', H.RejectContact],
  ['k', H.Supported],
  ['l', H.ContentLength],
  ['m', H.Contact],
  ['n', H.IdentityInfo],
  ['o', H.Event],
  ['r', H.ReferTo],
  ['s', H.Subject],
  ['t', H.To],
  ['u', H.AllowEvents],
  ['v', H.Via],
  ['x', H.SessionExpires],
  ['y', H.Identity],
];

const NAMES: string[] = [];
const IDS = new Map<string, HeaderId>();

for (const [key, id] of Object.entries(H)) {
  const name = SPELLING[key] ?? spell(key);
  NAMES[id] = name;
  IDS.set(name, id).set(name.toLowerCase(), id).set(name.toUpperCase(), id);
}
for (const [letter, id] of COMPACT) IDS.set(letter, id).set(letter.toUpperCase(), id);

function spell(key: string): string {
  const words = key.startsWith('MS') ? `ms${key.slice(2)}` : key;
  const hyphenated = words.replace(/(?<=[a-z])(?=[A-Z])|(?<=^P)(?=[A-Z])/g, '-');
  return key.startsWith('MS') ? hyphenated.toLowerCase() : hyphenated;
}

/** Every name and compact form in lower case, with its number. */
export function knownSpellings(): [string, HeaderId][] {
  return [...IDS].filter(([name]) => name === name.toLowerCase());
}

/** The number of a header, whatever the case of its name, compact form too; 0 if the server has none for it. */
export function headerId(name: string): HeaderId {
  return IDS.get(name) ?? IDS.get(name.toLowerCase()) ?? 0;
}

/** The usual spelling of a known header; '' for 0. */
export function headerName(id: HeaderId): string {
  return NAMES[id] ?? '';
}
