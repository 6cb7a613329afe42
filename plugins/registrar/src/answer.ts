/** The 200 to a REGISTER. RFC 3261 section 10.3 step 8, RFC 3327, 5626, 5627, [MS-SIPREGE] section 3.2, [MS-CONMGMT] R1. */
import { endpointGruu, publicGruu } from '@parley/sdk';
import type { BindingRecord } from './binding.ts';

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
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Header fields of the 200. */
export function answerHeaders(facts: AnswerFacts): AnswerHeaders {
  const { bindings, supported, now } = facts;
  const headers: AnswerHeaders = {};
  if (facts.keepAlive !== undefined) headers['ms-keep-alive'] = `UAS; tcp=no; hop-hop=yes; end-end=no; timeout=${facts.keepAlive}`;
  if (bindings.length > 0) {
    const gruu = gruuWriter(supported, facts.addressOfRecord);
    headers['Contact'] = bindings.map((binding) => contactValue(binding, gruu, now));
  }
  if (facts.granted !== undefined) headers['Expires'] = String(facts.granted);
  if (facts.action !== undefined) headers['presence-state'] = `register-action="${facts.action}"`;
  if (facts.path.length > 0 && supported.includes('path')) headers['Path'] = facts.path;
  if (facts.outbound) {
    headers['Require'] = 'outbound';
    headers['Supported'] = ['path', 'outbound'];
    if (facts.flowTimer !== undefined) headers['Flow-Timer'] = String(facts.flowTimer);
  }
  headers['Date'] = dateHeader(now);
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
