/** The 200 to a REGISTER. RFC 3261 section 10.3 step 8, RFC 3327, 5626, 5627, [MS-SIPREGE] section 3.2, [MS-CONMGMT] R1. */
import { endpointGruu, publicGruu } from '@parley/sdk';
import type { BindingRecord } from './binding.ts';
import { keepAliveValue } from './keep-alive.ts';

/** Header fields of an answer, several of a name as a list. */
export type AnswerHeaders = Record<string, string | readonly string[]>;

/** What of the request, and of what was done, the answer depends on. */
export interface AnswerFacts {
  /** All bindings of the address after the request. */
  readonly bindings: readonly BindingRecord[];
  /** `alice@example.com` as it stands in To, escaped. */
  readonly addressOfRecord: string;
  /** Option tags in the request's Supported, lower case. */
  readonly supported: readonly string[];
  readonly path: readonly string[];
  /** RFC 5626 was applied. */
  readonly outbound: boolean;
  /** Seconds granted to the one contact of the request, 0 when it was removed; undefined for another number of contacts. */
  readonly granted: number | undefined;
  /** `register-action` for a client that subscribed to its registration (`Event: registration`). */
  readonly action: 'added' | 'refreshed' | undefined;
  /** The client's connection asks for a keep-alive interval, in seconds. */
  readonly keepAlive: number | undefined;
  /** Connections: how long they may be idle, in seconds. RFC 5626 section 4.4. */
  readonly flowTimer: number | undefined;
  /** What a client that subscribed to its registration is told of the server; undefined for all others. */
  readonly server: ServerFacts | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How the server shows itself to Communicator and Lync clients. [MS-SIPREGE] section 3.2 */
export interface ServerFacts {
  /** Event packages that a plugin serves: a client subscribes to no others. */
  readonly events: readonly string[];
  /** `5.0` */
  readonly version: string;
  /** The client is outside of the organisation's networks. [MS-SIPRE] R17 */
  readonly remote: boolean;
}

/** Option tags of the family that the server confirms when they are offered. */
const CONFIRMED = ['adhoclist', 'msrtc-event-categories'];

/** Header fields of the 200. */
export function answerHeaders(facts: AnswerFacts): AnswerHeaders {
  const { bindings, supported, now } = facts;
  const headers: AnswerHeaders = {};
  if (facts.keepAlive !== undefined) headers['ms-keep-alive'] = keepAliveValue(facts.keepAlive);
  if (bindings.length > 0) {
    const gruu = gruuWriter(supported, facts.addressOfRecord);
    headers['Contact'] = bindings.map((binding) => contactValue(binding, gruu, now));
  }
  if (facts.granted !== undefined) headers['Expires'] = String(facts.granted);
  if (facts.action !== undefined) headers['presence-state'] = `register-action="${facts.action}"`;
  if (facts.path.length > 0 && supported.includes('path')) headers['Path'] = facts.path;
  const options = facts.server === undefined ? [] : CONFIRMED.filter((tag) => supported.includes(tag));
  if (facts.server !== undefined) Object.assign(headers, serverHeaders(facts.server));
  if (facts.outbound) options.push('path', 'outbound');
  // A field for each: clients compare the whole value.
  if (options.length > 0) headers['Supported'] = options;
  if (facts.outbound) {
    headers['Require'] = 'outbound';
    if (facts.flowTimer !== undefined) headers['Flow-Timer'] = String(facts.flowTimer);
  }
  headers['Date'] = dateHeader(now);
  return headers;
}

function serverHeaders({ events, version, remote }: ServerFacts): AnswerHeaders {
  const headers: AnswerHeaders = {};
  // Without blanks, since clients compare names with what stands between the commas.
  if (events.length > 0) headers['Allow-Events'] = events.join(',');
  headers['Server'] = `RTC/${version}`;
  if (remote) headers['ms-user-logon-data'] = 'RemoteUser';
  return headers;
}

function contactValue(binding: BindingRecord, gruu: ((instance: string) => string) | undefined, now: number): string {
  let value = `<${binding.contact}>;expires=${Math.max(0, Math.ceil((binding.expiresAt - now) / 1000))}`;
  if (binding.q !== 1000) value += `;q=${binding.q / 1000}`;
  if (binding.instance === '') return value;
  value += `;+sip.instance="<urn:uuid:${binding.instance}>"`;
  if (binding.regId !== 0) value += `;reg-id=${binding.regId}`;
  return gruu === undefined ? value : value + gruu(binding.instance);
}

/** Clients get the kind of GRUU whose option tag they sent: [MS-SIPRE] R3, RFC 5627 section 5.3. */
function gruuWriter(supported: readonly string[], addressOfRecord: string): ((instance: string) => string) | undefined {
  if (supported.includes('gruu-10')) return (instance) => `;gruu="${endpointGruu(addressOfRecord, instance)}"`;
  if (supported.includes('gruu')) return (instance) => `;pub-gruu="${publicGruu(addressOfRecord, instance)}"`;
  return undefined;
}

let dateSecond = -1;
let dateText = '';

/** RFC 3261 section 20.17; made once a second. */
function dateHeader(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
