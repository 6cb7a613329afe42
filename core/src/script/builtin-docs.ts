/** What people are told of each built-in function: in an editor, in the reference, and by the tests, which compile every example. */

/** One thing that can go wrong when a built-in is called. */
export interface BuiltinError {
  /** Of ScriptRunErrors. */
  readonly code: string;
  /** True: it counts against the application and the script goes on. False: it ends the script. */
  readonly critical: boolean;
  /** When it happens, a clause: "the status is below 100 or above 699". */
  readonly when: string;
}

/** The words about one built-in. */
export interface BuiltinDoc {
  /** One to three sentences. */
  readonly doc: string;
  /** What the call gives, without the type; '' where it gives nothing. */
  readonly result: string;
  /** A script that compiles by itself, in a manifest without scriptOnly. */
  readonly example: string;
  /** Besides those that all calls of its kind share; see `errorsOf` in builtins.ts. */
  readonly errors?: readonly BuiltinError[];
}

const critical = (code: string, when: string): BuiltinError => ({ code, critical: true, when });
const ending = (code: string, when: string): BuiltinError => ({ code, critical: false, when });

const HANDLED = critical('MSPL_ALREADY_HANDLED', 'the message was answered, sent on or dispatched before in this run');
const FIXED = critical('MSPL_FIXED_ROUTE', 'the request follows a route set (strictRoute)');
const NO_URI = ending('MSPL_URI', 'the text is no SIP, SIPS or tel URI');
const HEADER_NAME = ending('MSPL_HEADER_NAME', 'the text cannot be the name of a header');
const TOO_MUCH_TEXT = ending('MSPL_TEXT_LIMIT', 'the run has built more than 1,048,576 characters');
const TOO_MUCH_SEARCHED = ending('MSPL_STEP_LIMIT', 'the run has used up its steps; searching 1,024 characters costs one');

function listLimit(what: string): BuiltinError {
  return ending('MSPL_COLLECTION_LIMIT', `there are more than 1,000 ${what}`);
}

/** By the name of the built-in. */
export const BUILTIN_DOCS: Readonly<Record<string, BuiltinDoc>> = {
  Respond: {
    doc: 'Answers the request instead of sending it on. Each further argument is "Header=value", split at its first "="; headers from AddHeader are not copied. Without a reason, or with "", the usual phrase of the status is sent. A provisional status (below 200) may be followed by a final one.',
    result: 'true when the response was sent, false when the request was finally answered before.',
    example: 'if (sipRequest) {\n  Respond(302, "Moved", "Contact=<sip:carol@example.com>");\n}',
    errors: [
      critical('MSPL_STATUS', 'the status is below 100 or above 699'),
      critical('MSPL_EXTRA', 'a further argument has no "=", or names a header that the server makes itself'),
      critical('MSPL_ALREADY_HANDLED', 'the request was sent on or dispatched before in this run'),
    ],
  },
  ProxyRequest: {
    doc: 'Sends the request on to the next application, and after the last one to its destination. A URI replaces the Request-URI and marks the request as routed, so that later routing decisions leave it alone; "" keeps the Request-URI.',
    result: '',
    example: 'if (sipRequest) {\n  ProxyRequest("sip:gateway.example.com:5061;transport=tls");\n}',
    errors: [HANDLED, critical('MSPL_FIXED_ROUTE', 'the URI is not "" and the request follows a route set'), NO_URI],
  },
  RetargetRequest: {
    doc: 'Sends the request on to another user and leaves it to the applications that follow where that user is. To stays as it is, and 200 answers name the new party in P-Asserted-Identity.',
    result: '',
    example: 'if (sipRequest) {\n  RetargetRequest("sip:reception@example.com");\n  return;\n}',
    errors: [HANDLED, FIXED, NO_URI],
  },
  BeginFork: {
    doc: 'Opens a set of targets, which Fork fills and EndFork sends. Both parameters are reserved: pass false and 0.',
    result: '',
    example:
      'BeginFork(false, 0);\nFork("sip:bob@192.0.2.7:5061;transport=tls");\nFork("sip:bob@192.0.2.8:5061;transport=tls");\nEndFork();',
    errors: [HANDLED, critical('MSPL_FORK_ORDER', 'a set is open already, or is still open when the script ends')],
  },
  Fork: {
    doc: 'Adds a copy of the request with this Request-URI to the open set. All copies ring at the same time; the best answer goes back and the others are cancelled.',
    result: '',
    example:
      'BeginFork(false, 0);\nforeach (dbEndpoint in QueryEndpoints(GetUserAtHost(sipRequest.To))) {\n  Fork(dbEndpoint.ContactInfo);\n}\nEndFork();',
    errors: [HANDLED, FIXED, critical('MSPL_FORK_ORDER', 'no set is open'), NO_URI],
  },
  EndFork: {
    doc: 'Sends all copies of the set, each through the applications that follow.',
    result: '',
    example: 'BeginFork(false, 0);\nFork("sip:bob@192.0.2.7:5061;transport=tls");\nEndFork();',
    errors: [HANDLED, critical('MSPL_FORK_ORDER', 'no set is open'), critical('MSPL_FORK_EMPTY', 'the set holds no target')],
  },
  ProxyResponse: {
    doc: 'Passes the response back towards the caller. What a script without it does with a response is decided by proxyByDefault.',
    result: '',
    example: 'if (sipResponse) {\n  ProxyResponse();\n}',
    errors: [HANDLED],
  },
  Dispatch: {
    doc: "Hands the message to a method of the plugin's handler, or of the application in another process, which then owns the transaction. Further arguments reach it in order, with their types; on a response there can be none.",
    result: 'true when it was taken, false when the application is overloaded: the script then has to decide otherwise.',
    example: 'if (!Dispatch("onInvite", GetUserAtHost(sipRequest.To), 3)) {\n  Respond(503, "Server Busy", "Retry-After=30");\n}',
    errors: [HANDLED, critical('MSPL_DISPATCH_EXTRAS', 'there are further arguments and the message is a response')],
  },
  DispatchNotification: {
    doc: "Tells a method of the plugin's handler, or of the application in another process, some values. Nothing comes back and the script goes on: the message still has to be sent on or answered.",
    result: 'true when it was queued, false when the application is overloaded.',
    example: 'DispatchNotification("onSeen", sipMessage.From, sipRequest.Method);\nProxyRequest("");',
    errors: [critical('MSPL_ALREADY_HANDLED', 'the message was sent on or dispatched before in this run')],
  },
  Log: {
    doc: 'Writes an entry with the texts joined, after the appUri, the date and the message\'s method, Request-URI, From and To. "Event" is a warning, "Error" an error, "Debugr" is for tracing; with detail true the entry holds the whole message, credentials masked.',
    result: '',
    example: 'Log("Event", false, "refused ", GetUserAtHost(sipMessage.From));',
    errors: [TOO_MUCH_TEXT],
  },
  AddHeader: {
    doc: 'Adds a header to the message that goes on. Nothing changes when the message has one of that name, or when it is one that the server keeps itself (Via, From, To, CSeq, Call-ID, Content-Length).',
    result: 'true when the header was added.',
    example: 'if (!AddHeader("X-Checked", "yes")) {\n  Log("Debugr", 1, "it was checked before");\n}',
    errors: [HEADER_NAME, TOO_MUCH_TEXT],
  },
  GetHeaderValues: {
    doc: 'All values of a header, top first; a header that holds a list gives one value an element. Compact names such as "v" work.',
    result: 'the values; an empty collection when the message has no such header.',
    example:
      'foreach (agent in GetHeaderValues(StandardHeader.UserAgent)) {\n  if (ContainsString(agent, "UCCAPI", true)) { Log("Debugr", 1, agent); }\n}',
    errors: [HEADER_NAME, listLimit('values')],
  },
  SetParameterValue: {
    doc: 'Sets a parameter of the first header of that name, adding it if it is not there; "" removes it. Via is the server\'s own.',
    result: 'true when it was set, false when the message has no such header.',
    example: 'SetParameterValue("To", "epid", "0a1b2c3d4e");\nSetParameterValue(StandardHeader.From, "epid", "");',
    errors: [ending('MSPL_HEADER_NAME', 'the header or the parameter cannot have that name'), TOO_MUCH_TEXT],
  },
  GetParameterValue: {
    doc: 'A parameter of a header value, which is what stands behind the ">". Names ignore case.',
    result: 'the value without quotes; null when it is not there, or has no value.',
    example: 'epid = GetParameterValue(sipMessage.From, "epid");\nif (epid == null) { epid = "none"; }',
    errors: [TOO_MUCH_SEARCHED],
  },
  GetUri: {
    doc: 'The URI of a header value, without angle brackets, display name and header parameters.',
    result: 'the URI; null for text that holds none.',
    example: 'Log("Debugr", 1, GetUri(sipMessage.To));',
  },
  GetScheme: {
    doc: 'The scheme of the URI in a header value, or of a URI.',
    result: '"sip", "sips" or "tel" in lower case; null for text that holds no URI.',
    example: 'if (GetScheme(sipMessage.To) == "tel") { Log("Debugr", 1, "a number was dialled"); }',
  },
  GetUserName: {
    doc: 'The user part of the URI, unescaped.',
    result: 'the part before "@", or the number of a tel URI; null when there is none.',
    example: 'if (GetUserName(sipMessage.To) == "112") { Log("Event", false, "an emergency call"); }',
  },
  GetHostName: {
    doc: 'The host of the URI, without port.',
    result: 'the host; null when there is none.',
    example: 'if (!DomainSupported(GetHostName(sipMessage.To))) { Log("Debugr", 1, "it leaves us"); }',
  },
  GetUserAtHost: {
    doc: 'The user@host of the URI: the form in which users are looked up.',
    result: 'user@host without port and parameters; null for a URI without user or host.',
    example:
      'from = GetUserAtHost(sipMessage.From);\nif (from != null && EqualString(from, "mallory@example.com", true)) { Log("Event", false, from); }',
  },
  GetDisplayName: {
    doc: 'The display name of a header value, without quotes.',
    result: 'the name; null when there is none.',
    example: 'name = GetDisplayName(sipMessage.From);\nif (name != null) { Log("Debugr", 1, name); }',
  },
  GetUriParameter: {
    doc: 'A parameter of the URI itself, which is what stands inside the "<...>". Names ignore case.',
    result: 'the value; null when it is not there, or has no value.',
    example: 'if (GetUriParameter(sipRequest.RequestUri, "opaque") == "app:voicemail") { Log("Debugr", 1, "for voice mail"); }',
  },
  DomainSupported: {
    doc: 'Is this one of the domains that the server serves? "" asks only whether registrations can be looked up.',
    result: "true for a domain of the configuration and for the server's own addresses.",
    example: 'if (!DomainSupported(GetHostName(sipMessage.From))) { Log("Debugr", 1, "from outside"); }',
  },
  QueryEndpoints: {
    doc: "The user's registered endpoints, best first. It stands only as the subject of a foreach whose variable is dbEndpoint. Endpoints come from memory, so forceDb changes nothing.",
    result: 'one RegistrarEndpoint an endpoint; none for a user who is signed out or unknown.',
    example: 'n = 0;\nforeach (dbEndpoint in QueryEndpoints("bob@example.com")) { n = n + 1; }\nAddHeader("X-Endpoints", n);',
    errors: [listLimit('endpoints')],
  },
  QueryHomeServer: {
    doc: "The server that keeps the user's data. With isPhone true the key is a phone number.",
    result: 'the FQDN; null, not "", for someone who is no user here.',
    example: 'if (QueryHomeServer(GetUserAtHost(sipRequest.To)) == null) { Respond(404, "Not Found"); }',
  },
  CheckUserOption: {
    doc: "Is an option of the user's account set? Which plugin keeps users answers that. With keyIsPhone true the key is a phone number.",
    result: 'true when the option is set; false when it is not, and for someone who is no user here.',
    example: 'if (!CheckUserOption(GetUserAtHost(sipRequest.From), UserOption.UcEnabled)) { Respond(403, "Not enabled for calls"); }',
  },
  SupportsMethod: {
    doc: "Does an endpoint take requests of this method? Pass the endpoint's StandardMethods and ExtraMethods; one that names none is taken to support all.",
    result: 'false for a name that is empty or holds a comma.',
    example:
      'foreach (dbEndpoint in QueryEndpoints("bob@example.com")) {\n  if (SupportsMethod(sipRequest.Method, dbEndpoint.StandardMethods, dbEndpoint.ExtraMethods)) {\n    ProxyRequest(dbEndpoint.ContactInfo);\n    break;\n  }\n}',
  },
  Concatenate: {
    doc: 'Joins its arguments; numbers and true or false become text, null counts as "". MSPL has no + for text.',
    result: 'the joined text.',
    example: 'AddHeader("X-Who", Concatenate("from ", sipMessage.From, ", ", 2));',
    errors: [TOO_MUCH_TEXT],
  },
  ContainsString: {
    doc: 'Is the part somewhere in the text?',
    result: 'true when it is; "" is in every text.',
    example: 'if (ContainsString(sipMessage.Content, "http://", true)) { Log("Event", false, "a link"); }',
    errors: [TOO_MUCH_SEARCHED],
  },
  EqualString: {
    doc: 'Are the texts equal? Use it instead of == where case does not matter.',
    result: 'true when they are.',
    example: 'if (EqualString("BOB", "bob", true)) { Log("Debugr", 1, "equal but for case"); }',
    errors: [TOO_MUCH_SEARCHED],
  },
  IndexOfString: {
    doc: 'Where in the text does the part begin for the first time?',
    result: 'the position, from 0; -1 when it is not there, empty, longer than the text, or null.',
    example: 'at = IndexOfString(sipMessage.From, "@", false);\nif (at >= 0) { Log("Debugr", 1, at); }',
    errors: [TOO_MUCH_SEARCHED],
  },
  LengthString: {
    doc: 'The number of characters, in UTF-16 units. For a limit in bytes: `GetHeaderValues("Content-Length")` gives the bytes of the body.',
    result: 'the length; 0 for null.',
    example: 'if (LengthString(sipMessage.Content) == 0) { Log("Debugr", 1, "no body"); }',
  },
  SubString: {
    doc: 'A part of the text, from a position that counts from 0. Without length it goes to the end; what is out of range is cut.',
    result: 'the part, "" when nothing of it is in range.',
    example: 'if (SubString("hello", 1, 3) == "ell") { Log("Debugr", 1, SubString("hello", 2)); }',
  },
  Split: {
    doc: 'The pieces of a text between separators. Only the first character of the separator counts, "" means comma; empty pieces are kept.',
    result: 'the pieces in order; one when the separator is not there.',
    example: 'foreach (part in Split("a<b<c", "<")) { Log("Debugr", 1, part); }',
    errors: [TOO_MUCH_SEARCHED, listLimit('pieces')],
  },
  HashString: {
    doc: 'A number that is the same for the same text whenever and wherever it is asked, to spread users over targets. total = (total * multiplier + character) mod 2^32 over the UTF-16 units, then modulo maxValue.',
    result: 'a number from 0 to maxValue - 1.',
    example: 'if (HashString(GetUserAtHost(sipRequest.To), 31, 2, false) == 0) { Log("Debugr", 1, "the first half"); }',
    errors: [ending('MSPL_HASH_RANGE', 'maxValue is 0 or less'), TOO_MUCH_SEARCHED],
  },
  Base64Decode: {
    doc: 'The text that was encoded as Base64, read as UTF-8. Scripts for versions up to 2007 have it.',
    result: 'the decoded text.',
    example: 'Log("Debugr", 1, Base64Decode("aGVsbG8="));',
    errors: [ending('MSPL_BASE64', 'the text is not Base64'), TOO_MUCH_TEXT],
  },
};
