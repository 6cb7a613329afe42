/** Which messages a live trace follows. */
import type { SipRequest } from '../sip/index.ts';
import { decodeText } from '../sip/index.ts';
import { ServerErrors } from './sip-server-errors.ts';
import type { Inbound } from '../transport/index.ts';

/** What a message has to have; of several all. */
export interface TraceFilter {
  /** A user on either side, or the verified sender: `alice`, `alice@example.com`, `sip:alice@example.com`. */
  readonly user?: string;
  /** The Call-ID, whole. */
  readonly call?: string;
  /** A text, or a regular expression, anywhere in the head; case does not count. */
  readonly pattern?: string;
  readonly method?: string;
  readonly from?: string;
  readonly to?: string;
}

type Test = (request: SipRequest, inbound: Inbound<SipRequest> | undefined) => boolean;

/** Makes one function of a filter. Throws HOST_TRACE_PATTERN. */
export function compileFilter({ user, call, pattern, method, from, to }: TraceFilter): Test {
  const tests: Test[] = [];
  if (method !== undefined) tests.push((request) => request.method === method.toUpperCase());
  if (call !== undefined) tests.push((request) => decodeText(request.callId) === call);
  if (from !== undefined) tests.push((request) => isUser(from, addressOf(request, 'from')));
  if (to !== undefined) tests.push((request) => isUser(to, addressOf(request, 'to')));
  if (user !== undefined) tests.push((request, inbound) => partiesOf(request, inbound).some((party) => isUser(user, party)));
  if (pattern !== undefined && pattern !== '') tests.push(patternTest(pattern));
  return (request, inbound) => tests.every((test) => test(request, inbound));
}

function partiesOf(request: SipRequest, inbound: Inbound<SipRequest> | undefined): readonly string[] {
  return [inbound?.identity?.aor ?? '', addressOf(request, 'from'), addressOf(request, 'to'), addressOf(request, 'requestUri')];
}

/** `alice@example.com`; empty for a header that says nothing of the kind. */
function addressOf(request: SipRequest, party: 'from' | 'to' | 'requestUri'): string {
  try {
    const uri = party === 'requestUri' ? request.requestUri : request[party].uri;
    return decodeText(uri.userAtHost);
  } catch {
    return '';
  }
}

function isUser(wanted: string, found: string): boolean {
  const name = wanted.replace(/^(?:sips?|tel):/i, '').toLowerCase();
  const party = found.toLowerCase();
  return name.includes('@') ? party === name : party === name || party.startsWith(`${name}@`);
}

/** Characters of a pattern, and of the head that it is looked for in: the server does nothing else meanwhile. */
const PATTERN_LIMIT = 200;
const SEARCHED = 8_192;
/** A repetition of what repeats itself: such an expression can take longer than anybody waits. */
const EXPLOSIVE = /[+*}]\??\)+[+*{]/;

/** Phone numbers are no good regular expressions: the text itself counts too. */
function patternTest(pattern: string): Test {
  if (pattern.length > PATTERN_LIMIT || EXPLOSIVE.test(pattern)) throw ServerErrors.HOST_TRACE_PATTERN({ limit: PATTERN_LIMIT });
  const plain = pattern.toLowerCase();
  let expression: RegExp | undefined;
  try {
    expression = new RegExp(pattern, 'im');
  } catch {
    // Then it is only a text.
  }
  return (request) => {
    const text = decodeText(request.toString());
    const head = text.slice(0, Math.min(text.indexOf('\r\n\r\n'), SEARCHED));
    return head.toLowerCase().includes(plain) || expression?.test(head) === true;
  };
}
