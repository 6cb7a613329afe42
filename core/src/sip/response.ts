/** Responses. RFC 3261 section 7.2. */
import type { ParleyError } from '../errors/index.ts';
import { encodeText, requireLine } from './byte-text.ts';
import { Field } from './field.ts';
import { H, headerName, type HeaderId } from './header-names.ts';
import { newTag } from './identifiers.ts';
import { SipMessage, type BodyRange } from './message.ts';
import { reasonPhrase } from './reason-phrase.ts';
import type { SipRequest } from './request.ts';

const EMPTY_BODY = Field.of(H.ContentLength, headerName(H.ContentLength), '0');
const FIRST_DIALOG_STATUS = 101;
const LAST_DIALOG_STATUS = 299;

/** A response. */
export class SipResponse extends SipMessage {
  readonly isRequest = false;

  /** @internal made by parseMessage, reply and clone */
  constructor(
    head: string,
    startEnd: number,
    /** 100 to 699. */
    readonly status: number,
    /** A byte string, may be empty. */
    readonly reason: string,
    fields: Field[],
    body: BodyRange | undefined,
    /** Made by this server; false for one that another element sent, wherever it is passed on to. */
    readonly local: boolean,
  ) {
    super(head, startEnd, fields, body);
  }

  /**
   * The answer to a request by RFC 3261 section 8.2.6: Via, From, To, Call-ID and CSeq as they came, whatever state they are in;
   * a tag on To when the status is above 100 and it has none; Record-Route on 101 to 299; Timestamp on 100.
   * @param reason byte string; @param toTag a new one when left out
   */
  static reply(request: SipRequest, status: number, reason: string = reasonPhrase(status), toTag?: string): SipResponse {
    const fields: Field[] = [];
    for (const field of request.headers) {
      if (isCopied(field.id, status)) fields.push(field.id === H.To && status > 100 ? tagged(field, request, toTag) : field);
    }
    fields.push(EMPTY_BODY);
    const line = `SIP/2.0 ${status} ${requireLine(reason, 'the reason phrase')}`;
    return new SipResponse(`${line}\r\n`, line.length, status, reason, fields, undefined, true);
  }

  /** The answer that an error prescribes (its status, or 400), with what was wrong in the reason phrase. */
  static refuse(request: SipRequest, error: ParleyError, toTag?: string): SipResponse {
    const status = error.status ?? 400;
    return SipResponse.reply(request, status, `${reasonPhrase(status)} - ${oneLine(error.message)}`, toTag);
  }

  /** A copy that can be changed by itself. Cheap: fields and body are shared. */
  clone(): SipResponse {
    const copy = new SipResponse(this.head, this.startEnd, this.status, this.reason, this.fields.slice(), this.bodyRange, this.local);
    this.copyCachesTo(copy);
    return copy;
  }
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this replaces
  return encodeText(text).replace(/[\x00-\x1f\x7f]+/g, ' ');
}

function isCopied(id: HeaderId, status: number): boolean {
  switch (id) {
    case H.Via:
    case H.From:
    case H.To:
    case H.CallId:
    case H.CSeq:
      return true;
    case H.RecordRoute:
      return status >= FIRST_DIALOG_STATUS && status <= LAST_DIALOG_STATUS;
    case H.Timestamp:
      return status === 100;
    default:
      return false;
  }
}

function tagged(field: Field, request: SipRequest, toTag: string | undefined): Field {
  return hasTag(field, request) ? field : Field.of(H.To, field.name, `${field.value};tag=${toTag ?? newTag()}`);
}

/** Also for a To that is too broken to parse: it has to be answered all the same. */
function hasTag(field: Field, request: SipRequest): boolean {
  try {
    return request.to.tag !== undefined;
  } catch {
    return /;\s*tag\s*=/i.test(field.value);
  }
}
