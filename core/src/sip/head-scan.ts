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

/** What a scan found. `error` is the first fault; fields that are sound are there all the same, so that a request can be answered. */
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
  scan.run();
  return scan;
}

class HeadScan implements ScannedHead {
  text = '';
  error: ParleyError | undefined = undefined;
  startEnd = 0;
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

  /** From the start line to the empty line, or to where it cannot go on. */
  run(): void {
    const { bytes, end, limits } = this;
    let at = skipLine(bytes, this.from, end);
    this.startEnd = at - this.from;
    if (at - this.from > limits.maxLineBytes) this.fault(SipErrors.SIP_URI_TOO_LONG({ limit: limits.maxLineBytes }));
    for (;;) {
      if (at + 3 >= end) return this.stop(at, this.cutShort());
      if (bytes[at] !== CR || bytes[at + 1] !== LF) {
        at = this.dropLine(at);
        continue;
      }
      this.line++;
      if (bytes[at + 2] === CR && bytes[at + 3] === LF) {
        this.bodyStart = at + 4;
        this.setText(bytes.toString('latin1', this.from, at + 2));
        return;
      }
      if (this.fields.length === limits.maxHeaders) return this.stop(at, SipErrors.SIP_TOO_MANY_HEADERS({ limit: limits.maxHeaders }));
      at = this.field(at + 2);
    }
  }

  /** Notes the field that begins at `start` and gives the position of its last line break. */
  private field(start: number): number {
    const { bytes, end, from } = this;
    let at = start;
    while (at < end && TOKEN[bytes[at] as number] === 1) at++;
    const nameEnd = at;
    while (at < end && isBlank(bytes[at] as number)) at++;
    if (at >= end || bytes[at] !== COLON || nameEnd === start) return this.notField(start);
    at++;
    while (at < end && isBlank(bytes[at] as number)) at++;
    const valueStart = at;
    const line = this.line;
    at = this.skipValue(start, at);
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    const id = headerIdOf(bytes, start, nameEnd);
    this.fields.push(new Field(id, '', start - from, nameEnd - from, valueStart - from, valueEnd - from, at - from, this.line > line));
    return at;
  }

  /** The end of a value that may go on over several lines. */
  private skipValue(start: number, from: number): number {
    const { bytes, end, limits } = this;
    let lineStart = start;
    let at = from;
    for (;;) {
      at = skipLine(bytes, at, end);
      if (at - lineStart > limits.maxLineBytes) this.fault(SipErrors.SIP_LINE_TOO_LONG({ line: this.line, limit: limits.maxLineBytes }));
      if (at + 2 >= end || bytes[at] !== CR || bytes[at + 1] !== LF || !isBlank(bytes[at + 2] as number)) return at;
      lineStart = at + 2;
      at = lineStart;
      this.line++;
    }
  }

  /** Passes over a line that is no field. */
  private notField(start: number): number {
    const { bytes, end } = this;
    const lineEnd = skipLine(bytes, start, end);
    if (lineEnd < end) this.fault(SipErrors.SIP_HEADER_LINE({ line: this.line, found: excerpt(bytes.toString('latin1', start, lineEnd)) }));
    return this.nextLineBreak(lineEnd);
  }

  /** A CR or LF alone at `at`: other elements would take it for the end of a line, so the field that it is in goes. */
  private dropLine(at: number): number {
    this.fault(SipErrors.SIP_LINE_END({ line: this.line }));
    this.fields.pop();
    return this.nextLineBreak(at);
  }

  private nextLineBreak(at: number): number {
    const { bytes, end } = this;
    while (at < end && !(bytes[at] === CR && bytes[at + 1] === LF)) at = skipLine(bytes, at + 1, end);
    return at;
  }

  private fault(error: ParleyError): void {
    this.error ??= error;
  }

  private stop(at: number, error: ParleyError): void {
    this.fault(error);
    this.bodyStart = this.bytes.length;
    this.setText(`${this.bytes.toString('latin1', this.from, at)}\r\n`);
  }

  private setText(text: string): void {
    this.text = text;
    for (const field of this.fields) field.text = text;
  }

  private cutShort(): ParleyError {
    return this.end < this.bytes.length
      ? SipErrors.SIP_HEAD_TOO_LARGE({ limit: this.limits.maxHeadBytes })
      : SipErrors.SIP_HEAD_UNTERMINATED();
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
