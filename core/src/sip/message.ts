/** What requests and responses have in common: header fields in order, and a body. RFC 3261 section 7. */
import { readCSeq, type CSeq } from './cseq.ts';
import { SipErrors, excerpt } from './errors.ts';
import type { Field } from './field.ts';
import { HeaderFields } from './header-fields.ts';
import { H, headerName, type HeaderId, type HeaderKey } from './header-names.ts';
import { firstElementEnd } from './list.ts';
import { NameAddr, readAddress, readContacts, type Contacts } from './name-addr.ts';
import { Via } from './via.ts';

const NO_BODY = Buffer.alloc(0);
const MAX_FORWARDS = 255;
const MAX_SECONDS = 4_294_967_295;

/** Where the body stands in the bytes that the message came in. */
export interface BodyRange {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A request or response. Fields that nobody touched go out byte for byte as they came in, in order. */
export abstract class SipMessage extends HeaderFields {
  abstract readonly isRequest: boolean;
  private cachedContacts: Contacts | undefined = undefined;
  private cachedRoutes: NameAddr[] | undefined = undefined;
  private cachedRecordRoutes: NameAddr[] | undefined = undefined;
  private cachedBody: Buffer | undefined = undefined;

  /** @internal made by parseMessage, create and reply. `head` holds the start line up to `startEnd`, CRLF after it. */
  protected constructor(
    protected head: string,
    protected startEnd: number,
    fields: Field[],
    protected bodyRange: BodyRange | undefined,
  ) {
    super(fields);
  }

  /** The body; empty when there is none. A view, do not write into it. */
  get body(): Buffer {
    if (this.bodyRange === undefined) return NO_BODY;
    return (this.cachedBody ??= this.bodyRange.bytes.subarray(this.bodyRange.start, this.bodyRange.end));
  }

  /** Replaces the body and Content-Length, and Content-Type when one is given; an empty body takes Content-Type away. @param body bytes, or Unicode text for UTF-8 */
  setBody(body: Buffer | string, contentType?: string): void {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    this.cachedBody = bytes;
    this.bodyRange = bytes.length === 0 ? undefined : { bytes, start: 0, end: bytes.length };
    if (contentType !== undefined) this.set(H.ContentType, contentType);
    else if (bytes.length === 0) this.remove(H.ContentType);
    this.set(H.ContentLength, String(bytes.length));
  }

  /** First Via value. Throws SIP_HEADER_MISSING, SIP_HEADER_MALFORMED. */
  get topVia(): Via {
    const field = this.required(H.Via);
    return (field.parsed ??= readTopVia(field)) as Via;
  }

  /** Throws SIP_HEADER_MISSING, SIP_HEADER_MALFORMED. */
  get from(): NameAddr {
    return this.address(H.From);
  }

  /** Throws SIP_HEADER_MISSING, SIP_HEADER_MALFORMED. */
  get to(): NameAddr {
    return this.address(H.To);
  }

  /** Throws SIP_HEADER_MISSING, SIP_HEADER_MALFORMED. */
  get cseq(): CSeq {
    const field = this.required(H.CSeq);
    return (field.parsed ??= field.read(readCSeq)) as CSeq;
  }

  /** Throws SIP_HEADER_MISSING, SIP_HEADER_MALFORMED. */
  get callId(): string {
    const field = this.required(H.CallId);
    return (field.parsed ??= readCallId(field.value)) as string;
  }

  /** 0 to 255; undefined when absent, or larger, which is to be taken as absent (RFC 4475 section 3.1.2.4). Throws SIP_HEADER_MALFORMED. */
  get maxForwards(): number | undefined {
    return this.scalar(H.MaxForwards, MAX_FORWARDS);
  }

  /** Seconds, 0 to 2^32-1; undefined when absent, or larger, which is to be taken as absent (RFC 4475 section 3.1.2.4). Throws SIP_HEADER_MALFORMED. */
  get expires(): number | undefined {
    return this.scalar(H.Expires, MAX_SECONDS);
  }

  /** All Contact values. Throws SIP_HEADER_MALFORMED. */
  get contacts(): Contacts {
    return (this.cachedContacts ??= readContacts(this.fields));
  }

  /** All Route values. Throws SIP_HEADER_MALFORMED. */
  get routes(): NameAddr[] {
    return (this.cachedRoutes ??= this.addresses(H.Route));
  }

  /** All Record-Route values. Throws SIP_HEADER_MALFORMED. */
  get recordRoutes(): NameAddr[] {
    return (this.cachedRecordRoutes ??= this.addresses(H.RecordRoute));
  }

  /** Every address of a header whose values are addresses: Path, P-Asserted-Identity, Refer-To and their kind. Not cached. Throws SIP_HEADER_MALFORMED. */
  addresses(header: HeaderKey): NameAddr[] {
    const name = typeof header === 'number' ? headerName(header) : header;
    return this.list(header).map((element) => NameAddr.parseStrict(element, name));
  }

  /**
   * The bytes for the wire. What nobody touched is as it came in. A message that came without Content-Length, as datagrams may,
   * gets one: its next hop may be a stream.
   */
  serialize(): Buffer {
    let text = this.headText();
    if (!this.has(H.ContentLength)) text += `Content-Length: ${this.bodyLength}\r\n`;
    text += '\r\n';
    const range = this.bodyRange;
    const out = Buffer.allocUnsafe(text.length + this.bodyLength);
    out.write(text, 0, 'latin1');
    if (range !== undefined) range.bytes.copy(out, text.length, range.start, range.end);
    return out;
  }

  /** How many bytes `serialize` gives, without making them. */
  get size(): number {
    // Start line, empty line, and a line end behind each field.
    let size = this.startEnd + 4 + this.bodyLength;
    for (const { start, end } of this.fields) size += end - start + 2;
    return this.has(H.ContentLength) ? size : size + `Content-Length: ${this.bodyLength}\r\n`.length;
  }

  /** The message as a byte string. */
  override toString(): string {
    return this.serialize().toString('latin1');
  }

  private get bodyLength(): number {
    return this.bodyRange === undefined ? 0 : this.bodyRange.end - this.bodyRange.start;
  }

  /** Start line and fields. Neighbours in one text are taken in one piece. */
  private headText(): string {
    let text = '';
    let run = this.head;
    let start = 0;
    let end = this.startEnd;
    for (const field of this.fields) {
      if (field.text === run && field.start === end + 2) {
        end = field.end;
        continue;
      }
      text += run.slice(start, end + 2);
      run = field.text;
      start = field.start;
      end = field.end;
    }
    return text + run.slice(start, end + 2);
  }

  /** Gives a new start line. */
  protected replaceStartLine(line: string): void {
    this.head = `${line}\r\n`;
    this.startEnd = line.length;
  }

  protected copyCachesTo(copy: SipMessage): void {
    copy.cachedContacts = this.cachedContacts;
    copy.cachedRoutes = this.cachedRoutes;
    copy.cachedRecordRoutes = this.cachedRecordRoutes;
    copy.cachedBody = this.cachedBody;
  }

  protected override forget(id: HeaderId): void {
    if (id === H.Contact) this.cachedContacts = undefined;
    else if (id === H.Route) this.cachedRoutes = undefined;
    else if (id === H.RecordRoute) this.cachedRecordRoutes = undefined;
  }

  private address(id: HeaderId): NameAddr {
    const field = this.required(id);
    return (field.parsed ??= readAddress(field)) as NameAddr;
  }

  private scalar(id: HeaderId, largest: number): number | undefined {
    const field = this.firstField(id);
    if (field === undefined) return undefined;
    const value = (field.parsed ??= readScalar(field)) as number;
    return value > largest ? undefined : value;
  }

  private required(id: HeaderId): Field {
    const field = this.firstField(id);
    if (field === undefined) throw SipErrors.SIP_HEADER_MISSING({ header: headerName(id) }, { place: headerName(id) });
    return field;
  }
}

const readVia = (text: string, start: number, end: number): Via => Via.read(text, start, end);

function readTopVia(field: Field): Via {
  const { value } = field;
  if (!value.includes(',')) return field.read(readVia);
  return Via.parse(value.slice(0, firstElementEnd(value)).trimEnd());
}

function readCallId(value: string): string {
  if (value !== '' && !value.includes(' ') && !value.includes('\t')) return value;
  throw SipErrors.SIP_HEADER_MALFORMED({ header: 'Call-ID', problem: `nothing or white space in ${excerpt(value)}` }, { place: 'Call-ID' });
}

function readScalar(field: Field): number {
  const number = field.digits;
  if (number >= 0) return number;
  const header = headerName(field.id);
  throw SipErrors.SIP_HEADER_MALFORMED({ header, problem: `no number in ${excerpt(field.value)}` }, { place: header });
}
