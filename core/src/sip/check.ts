/** What every element checks of a message that it received. RFC 3261 sections 8.1.1, 8.2, 16.3, 18.1.2; RFC 4475. */
import { ParleyError } from '../errors/index.ts';
import { SipErrors } from './errors.ts';
import { H, headerName, type HeaderId } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { isKnownMethod } from './methods.ts';
import type { SipRequest } from './request.ts';
import type { SipResponse } from './response.ts';
import { MAGIC_COOKIE } from './via.ts';

/** Sets of headers are bits by number; all that matter here are below 32. */
const MANDATORY = bits(H.Via, H.From, H.To, H.CallId, H.CSeq);
const SINGLE = bits(H.From, H.To, H.CallId, H.CSeq, H.MaxForwards, H.ContentLength, H.ContentType);

function bits(...ids: HeaderId[]): number {
  return ids.reduce((set, id) => set | (1 << id), 0);
}

/**
 * The error to answer a request with, or undefined when it is sound: mandatory headers there, single ones once, From, To, Via, Call-ID,
 * CSeq, Max-Forwards and Request-URI well formed, and Contact of a REGISTER; CSeq's method that of the request. Not looked at: whether
 * anybody knows the scheme of the Request-URI (416), the method (501, 405) or the extensions (420), and what other headers say.
 * A request without Max-Forwards, branch or From tag comes from an element of RFC 2543 and is sound.
 */
export function checkRequest(request: SipRequest): ParleyError | undefined {
  try {
    if (request.version !== 'SIP/2.0' && request.version.toUpperCase() !== 'SIP/2.0')
      return SipErrors.SIP_VERSION({ found: request.version });
    checkHeaders(request);
    if (request.requestUri.headers !== undefined) return malformed('Request-URI', 'header fields after a ?');
    const { method } = request.cseq;
    if (method !== request.method) return methodMismatch(request.method, method);
    if (request.topVia.branch === MAGIC_COOKIE) return malformed('Via', 'a branch that is the magic cookie alone');
    void request.maxForwards;
    // Who uses the Contact of another method reads it, and refuses it, then.
    if (method === 'REGISTER') void request.contacts;
    return undefined;
  } catch (error) {
    return asSipError(error);
  }
}

/** Why a response cannot be used, or undefined when it is sound. Such a response is dropped: nothing can be answered to it. */
export function checkResponse(response: SipResponse): ParleyError | undefined {
  try {
    checkHeaders(response);
    void response.cseq;
    return undefined;
  } catch (error) {
    return asSipError(error);
  }
}

/** Throws what is wrong with the headers that requests and responses share. */
function checkHeaders(message: SipMessage): void {
  let seen = 0;
  for (const field of message.headers) {
    const { id } = field;
    if (id === 0 || id > 31) continue;
    const bit = 1 << id;
    if ((seen & bit & SINGLE) !== 0) throw SipErrors.SIP_HEADER_REPEATED({ header: headerName(id) }, { place: headerName(id) });
    seen |= bit;
  }
  const missing = MANDATORY & ~seen;
  if (missing !== 0) throw missingHeader(missing);
  void message.topVia;
  void message.from;
  void message.to;
  void message.callId;
}

function missingHeader(missing: number): ParleyError {
  const header = headerName(31 - Math.clz32(missing & -missing));
  return SipErrors.SIP_HEADER_MISSING({ header }, { place: header });
}

/** RFC 4475 section 3.1.2.18: 501 is better where the method is unknown too. */
function methodMismatch(method: string, found: string): ParleyError {
  const slots = { method, found };
  return isKnownMethod(method)
    ? SipErrors.SIP_CSEQ_METHOD(slots, { place: 'CSeq' })
    : SipErrors.SIP_CSEQ_METHOD_UNKNOWN(slots, { place: 'CSeq' });
}

function malformed(header: string, problem: string): ParleyError {
  return SipErrors.SIP_HEADER_MALFORMED({ header, problem }, { place: header });
}

function asSipError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  throw error;
}
