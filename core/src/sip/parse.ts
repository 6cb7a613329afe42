/** From bytes to a message. RFC 3261 section 7, limits of limits.ts. */
import { ParleyError } from '../errors/index.ts';
import { TOKEN, parseDigits } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { Field } from './field.ts';
import { H, headerId } from './header-names.ts';
import type { SipLimits } from './limits.ts';
import { splitList } from './list.ts';
import type { BodyRange } from './message.ts';
import { SipRequest } from './request.ts';
import { SipResponse } from './response.ts';
import { readStartLine, type RequestLine, type StatusLine } from './start-line.ts';

/** A message, or why there is none; a broken request comes along as far as it could be read, so that it can be answered. */
export type ParseResult =
  | { readonly ok: true; readonly message: SipRequest | SipResponse }
  | { readonly ok: false; readonly error: ParleyError; readonly request?: SipRequest };

const CR = 0x0d;
const LF = 0x0a;

/** Reads one whole message: a datagram, a WebSocket frame, or what StreamFramer cut out. Never throws. */
export function parseMessage(bytes: Buffer, limits: SipLimits): ParseResult {
  const reader = new HeadReader(bytes, limits);
  const headError = reader.read();
  const start = reader.startLine;
  if (start === undefined) return { ok: false, error: headError ?? SipErrors.SIP_EMPTY_MESSAGE() };
  if (start instanceof ParleyError) return { ok: false, error: start };
  const body = headError ?? reader.body();
  if (start.kind === 'response') {
    if (body instanceof ParleyError) return { ok: false, error: body };
    return { ok: true, message: new SipResponse(reader.head, reader.startEnd, start.status, start.reason, reader.fields, body) };
  }
  const error = start.error ?? (body instanceof ParleyError ? body : undefined);
  const range = body instanceof ParleyError ? undefined : body;
  const request = new SipRequest(reader.head, reader.startEnd, start.method, start.uri, start.version, reader.fields, range);
  return error === undefined ? { ok: true, message: request } : { ok: false, error, request };
}

class HeadReader {
  head = '';
  startEnd = 0;
  startLine: RequestLine | StatusLine | ParleyError | undefined = undefined;
  readonly fields: Field[] = [];
  private headEnd = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly limits: SipLimits,
  ) {}

  read(): ParleyError | undefined {
    const { bytes, limits } = this;
    let start = 0;
    while (bytes[start] === CR || bytes[start] === LF) start++;
    if (start === bytes.length) return undefined;
    let end = bytes.indexOf('\r\n\r\n', start, 'latin1');
    const terminated = end >= 0;
    if (end < 0) end = bytes.length;
    let error: ParleyError | undefined;
    if (end - start > limits.maxHeadBytes) {
      end = start + limits.maxHeadBytes;
      error = SipErrors.SIP_HEAD_TOO_LARGE({ limit: limits.maxHeadBytes });
    } else if (!terminated) error = SipErrors.SIP_HEAD_UNTERMINATED();
    this.head = `${bytes.toString('latin1', start, end)}\r\n`;
    this.headEnd = end + 4;
    return this.lines() ?? error;
  }

  private lines(): ParleyError | undefined {
    const { head, limits } = this;
    this.startEnd = head.indexOf('\r\n');
    this.startLine = readStartLine(head.slice(0, this.startEnd));
    if (this.startEnd > limits.maxLineBytes) return SipErrors.SIP_URI_TOO_LONG({ limit: limits.maxLineBytes });
    let pos = this.startEnd + 2;
    let line = 1;
    while (pos < head.length) {
      let folded = false;
      let end = pos;
      let lineStart = pos;
      for (;;) {
        line++;
        end = head.indexOf('\r\n', lineStart);
        if (end - lineStart > limits.maxLineBytes) return SipErrors.SIP_LINE_TOO_LONG({ line, limit: limits.maxLineBytes });
        const next = head.charCodeAt(end + 2);
        if (next !== 0x20 && next !== 0x09) break;
        folded = true;
        lineStart = end + 2;
      }
      if (this.fields.length === limits.maxHeaders) return SipErrors.SIP_TOO_MANY_HEADERS({ limit: limits.maxHeaders });
      let nameEnd = pos;
      while (TOKEN[head.charCodeAt(nameEnd)] === 1) nameEnd++;
      let colon = nameEnd;
      while (head.charCodeAt(colon) === 0x20 || head.charCodeAt(colon) === 0x09) colon++;
      if (nameEnd === pos || head.charCodeAt(colon) !== 0x3a)
        return SipErrors.SIP_HEADER_LINE({ line, found: excerpt(head.slice(pos, end)) });
      this.fields.push(new Field(headerId(head.slice(pos, nameEnd)), head, pos, nameEnd, colon + 1, end, folded));
      pos = end + 2;
    }
    return this.counts();
  }

  private counts(): ParleyError | undefined {
    const { limits } = this;
    let vias = 0;
    let routes = 0;
    for (const field of this.fields) {
      if (field.id === H.Via) vias += splitList(field.value).length;
      else if (field.id === H.Route) routes += splitList(field.value).length;
    }
    if (vias > limits.maxVias) return SipErrors.SIP_TOO_MANY_VIAS({ limit: limits.maxVias });
    if (routes > limits.maxRoutes) return SipErrors.SIP_TOO_MANY_ROUTES({ limit: limits.maxRoutes });
    return undefined;
  }

  body(): BodyRange | undefined | ParleyError {
    const { bytes, limits, headEnd } = this;
    let length: number | undefined;
    for (const field of this.fields) {
      if (field.id !== H.ContentLength) continue;
      if (length !== undefined) return SipErrors.SIP_HEADER_REPEATED({ header: 'Content-Length' }, { place: 'Content-Length' });
      length = parseDigits(field.value);
      if (length < 0) return SipErrors.SIP_LENGTH_MALFORMED({ found: excerpt(field.value) }, { place: 'Content-Length' });
    }
    const there = bytes.length - headEnd;
    const announced = length ?? there;
    if (announced > limits.maxBodyBytes) return SipErrors.SIP_BODY_TOO_LARGE({ limit: limits.maxBodyBytes });
    if (announced > there) return SipErrors.SIP_BODY_SHORT({ announced, found: there }, { place: 'Content-Length' });
    return announced === 0 ? undefined : { bytes, start: headEnd, end: headEnd + announced };
  }
}
