/** From bytes to a message. RFC 3261 section 7, limits of limits.ts. */
import { ParleyError } from '../errors/index.ts';
import { SipErrors, excerpt } from './errors.ts';
import type { Field } from './field.ts';
import { scanHead } from './head-scan.ts';
import { H, type HeaderId } from './header-names.ts';
import type { SipLimits } from './limits.ts';
import { splitList } from './list.ts';
import type { BodyRange } from './message.ts';
import { SipRequest } from './request.ts';
import { SipResponse } from './response.ts';
import { readStartLine } from './start-line.ts';

/** A message, or why there is none; a broken request comes along as far as it could be read, so that it can be answered. */
export type ParseResult =
  | { readonly ok: true; readonly message: SipRequest | SipResponse }
  | { readonly ok: false; readonly error: ParleyError; readonly request?: SipRequest };

const CR = 0x0d;
const LF = 0x0a;

/**
 * Reads one whole message: a datagram, a WebSocket frame, or what StreamFramer cut out. Never throws.
 * A body longer than Content-Length is cut to it, a shorter one is an error, RFC 3261 section 18.3.
 */
export function parseMessage(bytes: Buffer, limits: SipLimits): ParseResult {
  let from = 0;
  while (bytes[from] === CR || bytes[from] === LF) from++;
  if (from === bytes.length) return { ok: false, error: SipErrors.SIP_EMPTY_MESSAGE() };
  const { text, startEnd, fields, bodyStart, error: headError } = scanHead(bytes, from, limits);
  const line = readStartLine(text, startEnd);
  if (line instanceof ParleyError) return { ok: false, error: line };
  const body = headError ?? readBody(bytes, bodyStart, fields, limits);
  if (line.kind === 'response') {
    if (body instanceof ParleyError) return { ok: false, error: body };
    return { ok: true, message: new SipResponse(text, startEnd, line.status, line.reason, fields, body, false) };
  }
  const failed = body instanceof ParleyError;
  const request = new SipRequest(text, startEnd, line.method, line.uri, line.version, fields, failed ? undefined : body);
  const error = line.error ?? (failed ? body : tooMany(fields, limits));
  return error === undefined ? { ok: true, message: request } : { ok: false, error, request };
}

function readBody(bytes: Buffer, start: number, fields: readonly Field[], limits: SipLimits): BodyRange | ParleyError | undefined {
  if (bytes.length > limits.maxMessageBytes) return SipErrors.SIP_MESSAGE_TOO_LARGE({ limit: limits.maxMessageBytes });
  const there = bytes.length - start;
  let announced = -1;
  for (const field of fields) {
    if (field.id !== H.ContentLength) continue;
    if (announced >= 0) return SipErrors.SIP_HEADER_REPEATED({ header: 'Content-Length' }, { place: 'Content-Length' });
    announced = field.digits;
    if (announced < 0) return SipErrors.SIP_LENGTH_MALFORMED({ found: excerpt(field.value) }, { place: 'Content-Length' });
  }
  const length = announced < 0 ? there : announced;
  if (length > limits.maxBodyBytes) return SipErrors.SIP_BODY_TOO_LARGE({ limit: limits.maxBodyBytes });
  if (length > there) return SipErrors.SIP_BODY_SHORT({ announced, found: there }, { place: 'Content-Length' });
  return length === 0 ? undefined : bodyRange(bytes, start, start + length);
}

/** A body that is a small part of the memory it came in would keep all of it: it is copied out. */
const LARGEST_SHARE = 4;

function bodyRange(bytes: Buffer, start: number, end: number): BodyRange {
  if (bytes.buffer.byteLength <= LARGEST_SHARE * bytes.length) return { bytes, start, end };
  return { bytes: Buffer.from(bytes.subarray(start, end)), start: 0, end: end - start };
}

/** No sound Via or Route is shorter, so that counting can wait until there are many bytes of them. */
const SHORTEST_ELEMENT = '<sip:a>'.length;

function tooMany(fields: readonly Field[], limits: SipLimits): ParleyError | undefined {
  let viaBytes = 0;
  let routeBytes = 0;
  for (const field of fields) {
    if (field.id === H.Via) viaBytes += field.end - field.start;
    else if (field.id === H.Route) routeBytes += field.end - field.start;
  }
  if (viaBytes > limits.maxVias * SHORTEST_ELEMENT && count(fields, H.Via) > limits.maxVias) {
    return SipErrors.SIP_TOO_MANY_VIAS({ limit: limits.maxVias });
  }
  if (routeBytes > limits.maxRoutes * SHORTEST_ELEMENT && count(fields, H.Route) > limits.maxRoutes) {
    return SipErrors.SIP_TOO_MANY_ROUTES({ limit: limits.maxRoutes });
  }
  return undefined;
}

function count(fields: readonly Field[], id: HeaderId): number {
  return fields.reduce((sum, field) => (field.id === id ? sum + splitList(field.value).length : sum), 0);
}
