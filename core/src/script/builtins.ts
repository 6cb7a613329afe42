/** The built-in functions as data: what the checker, the compiler, the docs and an editor know of them. Sheet mspl 4.9. */
import { BUILTIN_DOCS } from './builtin-docs.ts';
import type { BuiltinDoc, BuiltinError } from './builtin-docs.ts';
import { CLUSTER_TYPE, USER_OPTION } from './enumerations.ts';
import type { Enumeration } from './enumerations.ts';
import { BOOL, INTEGER, NOTHING, STRING, classType, collectionOf } from './types.ts';
import type { Type } from './types.ts';

/**
 * How an argument is passed. `string` refuses null at run time, `text` lets it through; `header` takes a name or a StandardHeader;
 * `joined`, `strings` and `values` take all further arguments: as one text in which null is empty, as a list of texts, as they are.
 */
export type ArgumentKind = 'string' | 'text' | 'integer' | 'bool' | 'header' | 'joined' | 'strings' | 'values' | Enumeration;

/** One parameter of a built-in function. */
export interface BuiltinParameter {
  readonly name: string;
  readonly kind: ArgumentKind;
  /** The JavaScript that stands for it when it is left out; undefined: it cannot be. */
  readonly otherwise?: string;
}

/** One built-in function: how it is called, and what people are told of it. */
export interface Builtin extends BuiltinDoc {
  readonly name: string;
  readonly parameters: readonly BuiltinParameter[];
  readonly returns: Type;
  /** May give null: "not found". Under the 2003 namespace that is "". */
  readonly nullable: boolean;
  /** Messages on which it may be called. */
  readonly messages: 'requests' | 'responses' | 'both';
  /** One sentence. */
  readonly summary: string;
  /** Everything that a call can fail with when the script runs. */
  readonly errors: readonly BuiltinError[];
}

function argument(text: string): BuiltinParameter {
  const [name = '', kind = 'string', otherwise] = text.split(/[:=]/);
  const base = { name, kind: (kind === 'ClusterType' ? CLUSTER_TYPE : kind === 'UserOption' ? USER_OPTION : kind) as ArgumentKind };
  return otherwise === undefined ? base : { ...base, otherwise };
}

/** @param parameters `name:kind`, `name` for a string, `name:kind=otherwise` for one that may be left out */
function builtin(
  name: string,
  parameters: string,
  returns: Type,
  summary: string,
  traits: Partial<Pick<Builtin, 'nullable' | 'messages'>> = {},
): Builtin {
  const list = parameters === '' ? [] : parameters.split(' ').map(argument);
  const { nullable = false, messages = 'both' } = traits;
  const words = BUILTIN_DOCS[name] ?? { doc: summary, result: '', example: '' };
  return { ...words, name, parameters: list, returns, summary, nullable, messages, errors: errorsOf(list, messages, words.errors ?? []) };
}

/** What all calls of a kind can fail with, then what is this one's own. */
function errorsOf(parameters: readonly BuiltinParameter[], messages: Builtin['messages'], own: readonly BuiltinError[]): BuiltinError[] {
  const errors: BuiltinError[] = [];
  const needed = parameters.filter(({ kind }) => kind === 'string' || kind === 'header' || kind === 'integer' || kind === 'strings');
  const numbers = parameters.filter(({ kind }) => kind === 'integer');
  if (messages !== 'both') {
    const other = messages === 'requests' ? 'response' : 'request';
    errors.push({ code: 'MSPL_WRONG_KIND', critical: true, when: `the message is a ${other}` });
  }
  if (needed.length > 0) errors.push({ code: 'MSPL_NULL', critical: false, when: `${names(needed)} is null` });
  if (numbers.length > 0)
    errors.push({ code: 'MSPL_CONVERSION', critical: false, when: `${names(numbers)} is text that is no whole number` });
  return [...errors, ...own];
}

function names(parameters: readonly BuiltinParameter[]): string {
  return parameters.map(({ name }) => name).join(' or ');
}

const ON_REQUESTS = { messages: 'requests' } as const;
const MAYBE = { nullable: true } as const;

const LIST: readonly Builtin[] = [
  // answering and routing
  builtin(
    'Respond',
    'code:integer reason:string="" extras:strings',
    BOOL,
    'Answers the request; each extra is "Header=value". False if it was finally answered before.',
    ON_REQUESTS,
  ),
  builtin('ProxyRequest', 'uri', NOTHING, 'Sends the request on; "" keeps its Request-URI, another one is where it goes.', ON_REQUESTS),
  builtin('RetargetRequest', 'sipUri', NOTHING, 'Sends the request on to another user; To stays as it is.', ON_REQUESTS),
  builtin('BeginFork', 'reserved1:bool reserved2:integer', NOTHING, 'Opens a set of targets. Pass false and 0.', ON_REQUESTS),
  builtin('Fork', 'uri', NOTHING, 'Adds a copy of the request with this Request-URI to the set.', ON_REQUESTS),
  builtin('EndFork', '', NOTHING, 'Sends all copies of the set.', ON_REQUESTS),
  builtin('ProxyResponse', '', NOTHING, 'Passes the response back.', { messages: 'responses' }),
  builtin(
    'Dispatch',
    'method parameters:values',
    BOOL,
    "Hands the message to that method of the plugin's handler. False when the handler is overloaded.",
  ),
  builtin(
    'DispatchNotification',
    'method values:values',
    BOOL,
    "Tells that method of the plugin's handler; the script goes on. True when it was queued.",
  ),
  builtin(
    'Log',
    'channel detail:bool values:joined',
    NOTHING,
    'Writes to "Event", "Error" or "Debugr"; detail true adds the whole message.',
  ),
  // the message
  builtin('AddHeader', 'header:header value', BOOL, 'Adds a header; false if the message has one of that name.'),
  builtin('GetHeaderValues', 'header:header', collectionOf(STRING), 'All values of a header, in order; compact names work.'),
  builtin(
    'SetParameterValue',
    'header:header parameter value',
    BOOL,
    'Sets a parameter of the first header of that name; "" removes it. False if there is no such header.',
  ),
  builtin(
    'GetParameterValue',
    'headerValue parameter',
    STRING,
    'A parameter of a header value; null if it is not there or has no value.',
    MAYBE,
  ),
  builtin('GetUri', 'value', STRING, 'The URI of a header value, without angle brackets.', MAYBE),
  builtin('GetScheme', 'value', STRING, 'The scheme of the URI: sip, sips, tel.', MAYBE),
  builtin('GetUserName', 'value', STRING, 'The user part of the URI.', MAYBE),
  builtin('GetHostName', 'value', STRING, 'The host of the URI, without port.', MAYBE),
  builtin('GetUserAtHost', 'value', STRING, 'user@host of the URI.', MAYBE),
  builtin('GetDisplayName', 'value', STRING, 'The display name of a header value, without quotes.', MAYBE),
  builtin('GetUriParameter', 'uri parameter', STRING, 'A parameter of the URI; null if it is not there or has no value.', MAYBE),
  // users and endpoints
  builtin('DomainSupported', 'domain', BOOL, 'Is the domain served here? "" asks whether registrations can be looked up.'),
  builtin(
    'QueryEndpoints',
    'userAtHost forceDb:bool=false',
    collectionOf(classType('RegistrarEndpoint')),
    "The user's registered endpoints; only in foreach (dbEndpoint in ...).",
  ),
  builtin(
    'QueryHomeServer',
    'userAtHost isPhone:bool=false cluster:ClusterType=2',
    STRING,
    'FQDN of the server that homes the user; null if unknown.',
    MAYBE,
  ),
  builtin('CheckUserOption', 'key option:UserOption keyIsPhone:bool=false', BOOL, 'Is this option set for the user?'),
  builtin('SupportsMethod', 'method standardMethods:integer extraMethods', BOOL, 'Is the method among those of an endpoint?'),
  // text
  builtin('Concatenate', 'values:joined', STRING, 'Joins its arguments; null counts as "".'),
  builtin('ContainsString', 'text part ignoreCase:bool', BOOL, 'Is the part in the text?'),
  builtin('EqualString', 'a b ignoreCase:bool', BOOL, 'Are the texts equal?'),
  builtin('IndexOfString', 'text part:text ignoreCase:bool=false', INTEGER, 'Position of the part, from 0; -1 if it is not there.'),
  builtin('LengthString', 'text:text', INTEGER, 'Number of characters; 0 for null.'),
  builtin('SubString', 'text start:integer length:integer=2147483647', STRING, 'Part of a text; what is out of range is cut.'),
  builtin(
    'Split',
    'text separator',
    collectionOf(STRING),
    'The pieces between the separators; only its first character counts, "" means comma.',
  ),
  builtin('HashString', 'text multiplier:integer maxValue:integer caseSensitive:bool', INTEGER, 'A stable number from 0 to maxValue - 1.'),
  builtin('Base64Decode', 'text', STRING, 'The text that was encoded as Base64.'),
];

/** The built-in functions by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(LIST.map((entry) => [entry.name, entry]));

/** Functions of older versions that no longer exist, with the reason and what to do instead. */
export const WITHDRAWN: ReadonlyMap<string, { readonly why: string; readonly instead: string }> = new Map([
  ['QueryUserPolicy', { why: 'it was in Lync 2010 and left out of Lync 2013', instead: 'Use CheckUserOption.' }],
  [
    'Challenge',
    {
      why: 'it was in Live Communications Server 2003 and 2005 only',
      instead: 'Requests are authenticated before scripts see them; test sipMessage.Authenticated.',
    },
  ],
  [
    'CheckPermissions',
    { why: 'it was in Live Communications Server 2003 and 2005 only', instead: 'Use CheckUserOption, or a flat file of users.' },
  ],
]);

/** Functions that no version has and people look for, by lower-case name, with what does their work. */
export const NEVER_THERE: ReadonlyMap<string, string> = new Map([
  [
    'querycategory',
    'Scripts cannot read presence: set registrarGenerated="true" to see the NOTIFY requests of the server, or Dispatch to a plugin that knows presence.',
  ],
  ...['proxytouri', 'proxybyuri', 'proxyto', 'redirect'].map(
    (name) => [name, 'Use ProxyRequest(uri) to send the request there, or Respond(302, "Moved", "Contact=<uri>") to redirect it.'] as const,
  ),
  ...['removeheader', 'deleteheader', 'setheader', 'replaceheader', 'setheadervalue'].map(
    (name) =>
      [
        name,
        'Headers can be added (AddHeader) and their parameters changed (SetParameterValue); to do more, Dispatch to a handler.',
      ] as const,
  ),
  ...['regex', 'regexmatch', 'matchregex', 'ismatch', 'matches', 'match'].map(
    (name) => [name, 'There are no regular expressions: use ContainsString, IndexOfString, SubString and Split.'] as const,
  ),
  ...['length', 'strlen'].map((name) => [name, 'Use LengthString(text).'] as const),
  ...['concat', 'join'].map((name) => [name, 'Use Concatenate(text, ...).'] as const),
  ...['print', 'trace', 'debug', 'writelog'].map((name) => [name, 'Use Log("Debugr", false, text, ...).'] as const),
]);

/** Fewest and most arguments; the most is Infinity where the last parameter takes the rest. */
export function argumentRange(entry: Builtin): { readonly least: number; readonly most: number } {
  const rest = isRest(entry.parameters.at(-1));
  const least = entry.parameters.filter((parameter) => parameter.otherwise === undefined && !isRest(parameter)).length;
  // Concatenate() of nothing is an error; other lists may be empty.
  return { least: entry.name === 'Concatenate' ? 1 : least, most: rest ? Infinity : entry.parameters.length };
}

/** Does the parameter take all further arguments? */
export function isRest(parameter: BuiltinParameter | undefined): boolean {
  return parameter?.kind === 'joined' || parameter?.kind === 'strings' || parameter?.kind === 'values';
}

/** `Respond(code, reason, extras...)`, parameters that may be left out in brackets. */
export function signature(entry: Builtin): string {
  const names = entry.parameters.map((parameter) => {
    if (isRest(parameter)) return `${parameter.name}...`;
    return parameter.otherwise === undefined ? parameter.name : `[${parameter.name}]`;
  });
  return `${entry.name}(${names.join(', ')})`;
}
