/** One pass over the bytes of a head: where its lines, names and values stand. RFC 3261 section 7.3. The hottest loop of the server. */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import { Field } from './field.ts';
import { headerIdOf } from './header-lookup.ts';
import type { SipLimits } from './limits.ts';

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** What a scan found. `error` is the first fault; what stands before it is there all the same. */
export interface ScannedHead {
  /** The head as a byte string, every line with its CRLF, without the empty line. */
  readonly text: string;
  /** Length of the start line. */
  readonly startEnd: number;
  readonly fields: Field[];
  /** Position in the bytes after the empty line. */
  readonly bodyStart: number;
  readonly error: ParleyError | undefined;
}

/** Scans the head that begins at `from`. */
export function scanHead(bytes: Buffer, from: number, limits: SipLimits): ScannedHead {
  const scan = new HeadScan(bytes, from, limits);
  const error = scan.run();
  const written = bytes.toString('latin1', from, scan.textEnd);
  const text = error === undefined ? written : `${written}\r\n`;
  for (const field of scan.fields) field.text = text;
  return { text, startEnd: scan.startEnd - from, fields: scan.fields, bodyStart: scan.bodyStart, error };
}

/** What a scan of a field gives instead of a position. */
const NOT_A_FIELD = -1;
const TOO_LONG = -2;

class HeadScan {
  startEnd = 0;
  textEnd = 0;
  bodyStart = 0;
  readonly fields: Field[] = [];
  private readonly end: number;
  private line = 1;

  constructor(
    private readonly bytes: Buffer,
    private readonly from: number,
    private readonly limits: SipLimits,
  ) {
    this.end = Math.min(bytes.length, from + limits.maxHeadBytes);
  }

  /** From the start line to the empty line, or to the first fault. */
  run(): ParleyError | undefined {
    const { bytes, end, limits } = this;
    let at = skipLine(bytes, this.from, end);
    this.startEnd = at;
    if (at - this.from > limits.maxLineBytes) return this.stop(at, SipErrors.SIP_URI_TOO_LONG({ limit: limits.maxLineBytes }));
    for (;;) {
      if (at + 3 >= end) return this.stop(at, this.cutShort());
      if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.stop(at, SipErrors.SIP_LINE_END({ line: this.line }));
      this.line++;
      if (bytes[at + 2] === CR && bytes[at + 3] === LF) {
        this.textEnd = at + 2;
        this.bodyStart = at + 4;
        return undefined;
      }
      if (this.fields.length === limits.maxHeaders) return this.stop(at, SipErrors.SIP_TOO_MANY_HEADERS({ limit: limits.maxHeaders }));
      const next = this.field(at + 2);
      if (next === NOT_A_FIELD) return this.stop(at, this.notField(at + 2));
      if (next === TOO_LONG) return this.stop(at, SipErrors.SIP_LINE_TOO_LONG({ line: this.line, limit: limits.maxLineBytes }));
      at = next;
    }
  }

  /** Notes the field that begins at `start` and gives the position of its last CRLF, or NOT_A_FIELD, or TOO_LONG. */
  private field(start: number): number {
    const { bytes, end, from } = this;
    let at = start;
    while (at < end && TOKEN[bytes[at] as number] === 1) at++;
    const nameEnd = at;
    while (at < end && isBlank(bytes[at] as number)) at++;
    if (at >= end || bytes[at] !== COLON || nameEnd === start) return NOT_A_FIELD;
    at++;
    while (at < end && isBlank(bytes[at] as number)) at++;
    const valueStart = at;
    const folded = this.skipValue(start, at);
    if (folded < 0) return TOO_LONG;
    at = this.textEnd;
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    const id = headerIdOf(bytes, start, nameEnd);
    this.fields.push(new Field(id, '', start - from, nameEnd - from, valueStart - from, valueEnd - from, at - from, folded === 1));
    return at;
  }

  /** Over the lines of a value, leaving `textEnd` at the last one's end: 1 when there are several, -1 when one is too long. */
  private skipValue(start: number, from: number): number {
    const { bytes, end, limits } = this;
    let lineStart = start;
    let at = from;
    let folded = 0;
    for (;;) {
      at = skipLine(bytes, at, end);
      if (at - lineStart > limits.maxLineBytes) return -1;
      if (at + 2 >= end || bytes[at] !== CR || bytes[at + 1] !== LF || !isBlank(bytes[at + 2] as number)) break;
      folded = 1;
      lineStart = at + 2;
      at = lineStart;
      this.line++;
    }
    this.textEnd = at;
    return folded;
  }

  private stop(at: number, error: ParleyError): ParleyError {
    this.textEnd = at;
    this.bodyStart = this.bytes.length;
    return error;
  }

  private cutShort(): ParleyError {
    return this.end < this.bytes.length
      ? SipErrors.SIP_HEAD_TOO_LARGE({ limit: this.limits.maxHeadBytes })
      : SipErrors.SIP_HEAD_UNTERMINATED();
  }

  private notField(start: number): ParleyError {
    const { bytes, end } = this;
    const lineEnd = skipLine(bytes, start, end);
    return lineEnd === end
      ? this.cutShort()
      : SipErrors.SIP_HEADER_LINE({ line: this.line, found: excerpt(bytes.toString('latin1', start, lineEnd)) });
  }
}

/** The next CR or LF, or the end. Nearly every byte is above both, so one comparison serves it. */
function skipLine(bytes: Uint8Array, at: number, end: number): number {
  for (;;) {
    while (at < end && (bytes[at] as number) > CR) at++;
    if (at >= end || bytes[at] === CR || bytes[at] === LF) return at;
    at++;
  }
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === TAB;
}
