/** What every element checks of a message that it received. RFC 3261 sections 8.1.1, 8.2, 16.3, 18.1.2; RFC 4475. */
import { ParleyError } from '../errors/index.ts';
import { SipErrors } from './errors.ts';
import { H, headerName, type HeaderId } from './header-names.ts';
import type { SipMessage } from './message.ts';
import type { SipRequest } from './request.ts';
import type { SipResponse } from './response.ts';
import { isKnownMethod } from './start-line.ts';
import { MAGIC_COOKIE } from './via.ts';

const MANDATORY: readonly HeaderId[] = [H.Via, H.To, H.From, H.CallId, H.CSeq];
const SINGLE: readonly HeaderId[] = [H.To, H.From, H.CallId, H.CSeq, H.MaxForwards, H.ContentLength, H.ContentType];

/** The error to answer a request with, or undefined when it is sound. Schemes and extensions are for whoever routes it. */
export function checkRequest(request: SipRequest): ParleyError | undefined {
  try {
    if (request.version.toUpperCase() !== 'SIP/2.0') return SipErrors.SIP_VERSION({ found: request.version });
    checkHeaders(request);
    if (request.requestUri.headers !== undefined)
      return SipErrors.SIP_URI_MALFORMED({ problem: 'header fields in the Request-URI' }, { place: 'Request-URI' });
    const { method, number } = request.cseq;
    void number;
    if (method !== request.method) {
      const slots = { found: method, method: request.method };
      return isKnownMethod(request.method)
        ? SipErrors.SIP_CSEQ_METHOD(slots, { place: 'CSeq' })
        : SipErrors.SIP_CSEQ_METHOD_UNKNOWN(slots, { place: 'CSeq' });
    }
    if (request.topVia.branch === MAGIC_COOKIE)
      return SipErrors.SIP_HEADER_MALFORMED({ header: 'Via', problem: 'a branch that is only the magic cookie' }, { place: 'Via' });
    void request.maxForwards;
    void request.contacts;
    return undefined;
  } catch (error) {
    return asSipError(error);
  }
}

/** Why a response cannot be used, or undefined when it is sound. Such a response is dropped, nothing can be answered to it. */
export function checkResponse(response: SipResponse): ParleyError | undefined {
  try {
    checkHeaders(response);
    void response.cseq;
    return undefined;
  } catch (error) {
    return asSipError(error);
  }
}

function checkHeaders(message: SipMessage): void {
  for (const id of MANDATORY) {
    if (!message.has(id)) throw SipErrors.SIP_HEADER_MISSING({ header: headerName(id) }, { place: headerName(id) });
  }
  for (const id of SINGLE) {
    if (message.count(id) > 1) throw SipErrors.SIP_HEADER_REPEATED({ header: headerName(id) }, { place: headerName(id) });
  }
  void message.topVia;
  void message.from;
  void message.to;
  void message.callId;
}

function asSipError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  throw error;
}
