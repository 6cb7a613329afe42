/** One side's view of a dialog, as an endpoint of a test keeps it. RFC 3261 section 12. */
import { H, NameAddr, SipRequest } from '@parley/core';
import type { SipResponse } from '@parley/core';

/** Header fields by name; several fields of a name as a list. */
export type TestHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What goes into a message besides what it has to have. */
export interface Parts {
  readonly headers?: TestHeaders;
  /** Text goes out as UTF-8. */
  readonly body?: string | Buffer;
  /** `application/sdp` for bodies of INVITE, ACK, PRACK and UPDATE and their answers, `text/plain` otherwise. */
  readonly contentType?: string;
}

/** What every request of an endpoint has. */
export interface RequestHead {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly sequence: number;
  readonly contact: string | undefined;
  readonly routes?: readonly string[];
  readonly userAgent?: string | undefined;
}

const SDP_METHODS: ReadonlySet<string> = new Set(['INVITE', 'ACK', 'PRACK', 'UPDATE']);

/** The media type of a body when a test does not give one. */
export function usualType(method: string): string {
  return SDP_METHODS.has(method) ? 'application/sdp' : 'text/plain';
}

/** A request without Via. */
export function makeRequest(head: RequestHead, { headers = {}, body, contentType }: Parts): SipRequest {
  const { method, uri, from, to, callId, sequence, contact, routes = [], userAgent } = head;
  const request = SipRequest.create(method, uri, [
    ['Max-Forwards', '70'],
    ...routes.map((route) => ['Route', route] as const),
    ['From', from],
    ['To', to],
    ['Call-ID', callId],
    ['CSeq', `${sequence} ${method}`],
    ...(contact === undefined ? [] : [['Contact', contact] as const]),
    ...(userAgent === undefined ? [] : [['User-Agent', userAgent] as const]),
  ]);
  addParts(request, { headers, ...(body === undefined ? {} : { body }), contentType: contentType ?? usualType(method) });
  return request;
}

/** Puts headers and a body onto a message; a header that it has already is replaced. */
export function addParts(message: SipRequest | SipResponse, { headers = {}, body, contentType }: Parts): void {
  for (const [name, value] of Object.entries(headers)) {
    message.remove(name);
    for (const one of typeof value === 'string' ? [value] : value) message.append(name, one);
  }
  if (body !== undefined && body.length > 0) message.setBody(body, message.has(H.ContentType) ? undefined : contentType);
}

/** A dialog. `target` follows the other side's Contact. */
export class TestDialog {
  private constructor(
    readonly callId: string,
    /** From of our requests, with our tag. */
    readonly local: string,
    /** To of our requests, with their tag. */
    readonly remote: string,
    readonly localTag: string,
    readonly remoteTag: string,
    private target: string,
    private readonly routes: readonly string[],
    private sequence: number,
  ) {}

  /** Of the side that sent the request. */
  static asCaller(request: SipRequest, response: SipResponse): TestDialog {
    const [from, to] = [request.first(H.From) ?? '', response.first(H.To) ?? ''];
    const routes = response.list(H.RecordRoute).toReversed();
    const tags = [request.from.tag ?? '', response.to.tag ?? ''] as const;
    return new TestDialog(request.callId, from, to, ...tags, contactOf(response) ?? request.uri, routes, request.cseq.number);
  }

  /** Of the side that answers it. */
  static asCallee(request: SipRequest, toTag: string): TestDialog {
    const [from, to] = [request.first(H.From) ?? '', request.first(H.To) ?? ''];
    const local = request.to.tag === undefined ? `${to};tag=${toTag}` : to;
    const tags = [request.to.tag ?? toTag, request.from.tag ?? ''] as const;
    return new TestDialog(request.callId, local, from, ...tags, contactOf(request) ?? request.from.uri.raw, request.list(H.RecordRoute), 0);
  }

  /** Does this request of the other side belong to it? */
  has(request: SipRequest): boolean {
    return request.callId === this.callId && request.to.tag === this.localTag && request.from.tag === this.remoteTag;
  }

  /** Takes the Contact of a request or response that refreshes the target. RFC 3261 section 12.2. */
  refresh(message: SipRequest | SipResponse): void {
    this.target = contactOf(message) ?? this.target;
  }

  /** The head of our next request; an ACK takes the number of its INVITE. */
  head(method: string, contact: string | undefined, sequence?: number): RequestHead {
    return {
      method,
      uri: this.target,
      from: this.local,
      to: this.remote,
      callId: this.callId,
      sequence: sequence ?? ++this.sequence,
      contact,
      routes: this.routes,
    };
  }
}

function contactOf(message: SipRequest | SipResponse): string | undefined {
  const [first] = message.list(H.Contact);
  return first === undefined || first === '*' ? undefined : NameAddr.parse(first).uri.raw;
}
