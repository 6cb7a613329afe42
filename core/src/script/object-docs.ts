/** What people are told of built-in variables, of the members of their classes, and of enumerations. */

/** By the variable's name. */
export const VARIABLE_DOCS: Readonly<Record<string, string>> = {
  sipMessage: 'The message at hand, request or response. It is always there.',
  sipRequest: 'The request at hand. While a response is processed it is null, and false in a condition.',
  sipResponse: 'The response at hand. While a request is processed it is null, and false in a condition.',
  RequestTarget: 'Who the request is for, read from its Request-URI as it stands now.',
  RequestSource: 'Who sent the request.',
  FQDN: 'The name of this server.',
  ServerPool: 'The name of the pool that this server belongs to; a single server is its own pool.',
  Role: 'What this server is to its pool.',
};

/** By class. */
export const CLASS_DOCS: Readonly<Record<string, string>> = {
  Message: 'A request or a response.',
  Request: 'A request; it has the members of Message too.',
  Response: 'A response; it has the members of Message too.',
  Transaction: 'A request together with its responses.',
  TargetInfo: 'Who a request is for.',
  SourceInfo: 'Who sent a request.',
  RegistrarEndpoint: 'One place where a user is signed in: a client, a phone.',
};

/** By `Class.Field`. */
export const FIELD_DOCS: Readonly<Record<string, string>> = {
  'Message.From': 'The whole From value, with display name, tag and epid. Take it apart with GetUserAtHost and the like.',
  'Message.To': 'The whole To value, with display name, tag and epid.',
  'Message.Content': 'The body as text. Assigning replaces it; Content-Length follows.',
  'Message.Authenticated': 'Has the sender been verified, by this server or by a trusted one?',
  'Message.Transaction': 'The transaction that the message belongs to.',
  'Message.TlsPeer': 'The verified name of the previous hop from its TLS certificate; "" without one.',
  'Message.Origin': 'Where the message came from: an inner or outer network, or this server.',
  'Message.ExternalSourceType': 'What kind of outside sender it is, as an edge server has found out.',
  'Message.ExternalSourceNetwork': 'Which kind of outside network it came from.',
  'Message.Stamp':
    "The first stamp that this application has put on the message, here or on an earlier server; null without one. Assigning adds one. Other applications' stamps are never seen.",
  'Message.StampPool': "The pool whose server set this application's stamp; null without one.",
  'Request.Method': 'The method as it is written: INVITE, MESSAGE ...',
  'Request.StandardMethod': 'The method as a member of StandardMethod; NonStandard for any other.',
  'Request.RequestUri': 'The Request-URI. Assigning replaces it and marks the request as routed: do so only with real routing information.',
  'Response.StatusCode': 'The status: 200, 486 ...',
  'Response.StatusClass': 'The class of the status: StatusClass._2xx for 200.',
  'Response.StatusReasonPhrase': 'The phrase behind the status: OK, Busy Here ...',
  'Transaction.Request': 'The request that began it: sipResponse.Transaction.Request.Method.',
  'Transaction.MarshalContent': 'false: bodies are not copied to the application in another process. true unless the script changes it.',
  'TargetInfo.Uri': 'The Request-URI.',
  'TargetInfo.Aor': 'user@host of the target; "" when it is no user.',
  'TargetInfo.Instance': 'The endpoint that a GRUU names; null for any other target.',
  'TargetInfo.IsPhone': 'Is the target a phone number: a tel URI, or user=phone?',
  'TargetInfo.DomainSupported': "Is the target's domain served here?",
  'SourceInfo.Aor': 'user@host of the sender, or the number of a tel URI.',
  'SourceInfo.IsPhone': 'Is the sender a phone number?',
  'SourceInfo.Instance': 'The id of the sending endpoint as GUID text; null when its Contact names none.',
  'RegistrarEndpoint.EPID': "The endpoint's epid.",
  'RegistrarEndpoint.Instance': 'The id of the endpoint as GUID text; null when it registered without one.',
  'RegistrarEndpoint.StandardMethods': 'The methods that it registered, as bits of StandardMethod; pass it to SupportsMethod.',
  'RegistrarEndpoint.ExtraMethods': 'Further methods that it registered, joined by commas.',
  'RegistrarEndpoint.ContactInfo': 'A Request-URI that reaches it: pass it to ProxyRequest or Fork.',
  'RegistrarEndpoint.HasPresence': 'Of Office Communications Server 2007; always false here.',
  'RegistrarEndpoint.Availability': 'Of Office Communications Server 2007; always 0 here.',
  'RegistrarEndpoint.Activity': 'Of Office Communications Server 2007; always 0 here.',
  'RegistrarEndpoint.AgeOfPresence': 'Of Office Communications Server 2007; always 0 here.',
  'RegistrarEndpoint.WeightedQValue': 'Of Office Communications Server 2007; always 0 here.',
  'RegistrarEndpoint.PresenceDoc': 'Of Office Communications Server 2007; always "" here.',
  'RegistrarEndpoint.AllSupportForking': 'Of Office Communications Server 2007; always true here.',
  'RegistrarEndpoint.SupportsForking': 'Of Office Communications Server 2007; always true here.',
};

/** The words about one enumeration. */
export interface EnumerationDoc {
  readonly doc: string;
  /** By member; `{text}` in `each` stands for the member's text where it has no words of its own. */
  readonly members?: Readonly<Record<string, string>>;
  readonly each?: string;
}

/** By the enumeration's name. */
export const ENUMERATION_DOCS: Readonly<Record<string, EnumerationDoc>> = {
  StandardMethod: {
    doc: "SIP methods. A member equals the method's name as text, too: sipRequest.Method == StandardMethod.Invite.",
    members: { NonStandard: 'Any method that no other member names.' },
    each: '{text} requests.',
  },
  StatusClass: {
    doc: 'Classes of status codes; the number of a member is the first status of its class.',
    members: {
      _1xx: 'Provisional: 100 to 199.',
      _2xx: 'Success: 200 to 299.',
      _3xx: 'Redirection: 300 to 399.',
      _4xx: 'The request cannot be served: 400 to 499.',
      _5xx: 'A server failed: 500 to 599.',
      _6xx: 'Refused everywhere: 600 to 699.',
    },
  },
  StandardHeader: {
    doc: 'Headers by name, for AddHeader, GetHeaderValues and SetParameterValue; text with the name does as well.',
    each: 'The header {text}.',
  },
  MessageOrigin: {
    doc: 'Where a message came from.',
    members: {
      NetworkUnknown: 'The network; this server is no edge and makes no difference.',
      NetworkInternal: 'The inner side of an edge.',
      NetworkExternal: 'The outer side of an edge.',
      LocalMachine: 'Made by this server.',
    },
  },
  ExternalSourceType: {
    doc: 'What an edge takes an outside sender for.',
    members: {
      Unknown: 'Not from outside, or not known.',
      InternetUser: 'A user of this organisation who is outside.',
      ForwardingProxy: 'A proxy that forwards for others.',
      DirectPartner: 'A partner who is listed with the name of a server.',
      ClearingHouse: 'A clearing house between partners.',
      AccessProxy: 'Made by the edge itself.',
      AuthorizedServer: 'A public provider.',
      AutoFed: 'A partner who is listed by domain only, or was found through DNS SRV.',
    },
  },
  ExternalSourceNetwork: {
    doc: 'The kind of network an outside message came from.',
    members: { Unknown: 'Not from outside, or not known.', PublicCloud: 'A public provider.', Federation: 'A federated partner.' },
  },
  ServerRole: {
    doc: 'What a server is to its pool.',
    members: {
      AccessProxy: 'An edge server.',
      FrontEnd: 'A member of a pool.',
      HomeServer: 'A pool of one server.',
      Proxy: 'A proxy without users; obsolete.',
    },
  },
  ClusterType: {
    doc: "Which of a user's servers QueryHomeServer names.",
    members: {
      PrimaryRegistrar: 'Where the user signs in.',
      BackupRegistrar: 'Where the user signs in when the first is gone.',
      UserServices: "Where the user's contacts and presence are kept.",
    },
  },
  UserOption: {
    doc: "Options of a user's account, for CheckUserOption.",
    members: {
      RccEnabled: 'May control a desk phone.',
      UcEnabled: 'Is enabled for calls.',
      DualModeEnabled: 'May use a desk phone and calls at the same time.',
      NoAudioVideo: 'May not use audio and video.',
      PublicCloud: 'May reach users of public providers. Obsolete since 2010.',
      Federation: 'May reach federated partners. Obsolete since 2010.',
      OutsideAccess: 'May sign in from outside. Obsolete since 2010.',
      RpAllowed: 'May be reached through a forwarding proxy. Obsolete since 2010.',
    },
  },
  UserPolicyType: {
    doc: 'For QueryUserPolicy, which is gone; scripts that name it are refused.',
    members: { Meeting: 'The meeting policy.', UC: 'The policy for calls.' },
  },
};

/** One sentence on a member of an enumeration. @param text by which the member compares with strings */
export function memberDoc(enumeration: string, member: string, text: string): string {
  const docs = ENUMERATION_DOCS[enumeration];
  return docs?.members?.[member] ?? docs?.each?.replace('{text}', text) ?? '';
}
