/** Requests. RFC 3261 section 7.1. */
import { requireLine } from './byte-text.ts';
import { TOKEN, isAll } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { Field } from './field.ts';
import { SipMessage, type BodyRange } from './message.ts';
import { SipUri } from './uri.ts';

/** A request. */
export class SipRequest extends SipMessage {
  readonly isRequest = true;
  private cachedUri: SipUri | undefined = undefined;

  /** @internal made by parseMessage, create and clone */
  constructor(
    head: string,
    startEnd: number,
    /** As written, case-sensitive. */
    readonly method: string,
    private writtenUri: string,
    /** 'SIP/2.0', or what a peer of another time wrote. */
    readonly version: string,
    fields: Field[],
    body: BodyRange | undefined,
  ) {
    super(head, startEnd, fields, body);
  }

  /** A request of our own; Content-Length is added. Header values are byte strings. Throws SIP_NOT_TOKEN, SIP_NOT_BYTES. */
  static create(method: string, uri: string, headers: readonly (readonly [string, string])[], body?: Buffer | string): SipRequest {
    if (!isAll(TOKEN, method)) throw SipErrors.SIP_NOT_TOKEN({ found: excerpt(method) });
    const line = requestLine(method, uri);
    const request = new SipRequest(`${line}\r\n`, line.length, method, uri, 'SIP/2.0', [], undefined);
    for (const [name, value] of headers) request.add(name, value);
    if (body === undefined || body.length === 0) {
      request.set('Content-Length', '0');
      return request;
    }
    request.setBody(body);
    return request;
  }

  /** Request-URI as written, a byte string. Setting throws SIP_URI_MALFORMED for what cannot stand in a request line. */
  get uri(): string {
    return this.writtenUri;
  }

  set uri(uri: string) {
    this.replaceStartLine(requestLine(this.method, uri));
    this.writtenUri = uri;
    this.cachedUri = undefined;
  }

  /** Request-URI, parsed when first asked for. Throws SIP_URI_MALFORMED. */
  get requestUri(): SipUri {
    return (this.cachedUri ??= SipUri.parse(this.writtenUri));
  }

  /** A copy that can be changed by itself. Cheap: fields and body are shared. */
  clone(): SipRequest {
    const copy = new SipRequest(this.head, this.startEnd, this.method, this.writtenUri, this.version, this.fields.slice(), this.bodyRange);
    copy.cachedUri = this.cachedUri;
    this.copyCachesTo(copy);
    return copy;
  }
}

function requestLine(method: string, uri: string): string {
  if (uri === '' || uri.includes(' ')) throw SipErrors.SIP_URI_MALFORMED({ problem: `white space or nothing in ${excerpt(uri)}` });
  return `${method} ${requireLine(uri, 'the Request-URI')} SIP/2.0`;
}
