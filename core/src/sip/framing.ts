/** Messages out of a byte stream. RFC 3261 sections 7.5 and 18.3, RFC 5626 section 4.4.1 (keep-alive). */
import type { ParleyError } from '../errors/index.ts';
import { TOKEN, parseDigits } from './characters.ts';
import { SipErrors, excerpt } from './errors.ts';
import type { SipLimits } from './limits.ts';
import { parseMessage } from './parse.ts';
import type { SipRequest } from './request.ts';
import { StreamBuffer } from './stream-buffer.ts';

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const LENGTH_NAME = Buffer.from('content-length');
const COMPACT_LENGTH_NAME = 0x6c;

/** The stream cannot be followed any further: answer `request` if there is one, then close. */
export class FramingError {
  constructor(
    readonly error: ParleyError,
    readonly request: SipRequest | undefined,
  ) {}
}

/**
 * Cuts a stream into messages: `push` what came, then take with `next` until it gives undefined.
 * A FramingError is the end: from then on `next` gives undefined, and what is pushed is dropped.
 * However small the pieces are that a message comes in, each byte is looked at once.
 */
export class StreamFramer {
  private readonly buffer = new StreamBuffer();
  private ended = false;
  /** How much of CRLF CRLF has come between messages, 0 to 3. */
  private keepAlive = 0;
  // Of the message that is coming, all positions counted from its first byte:
  private scanned = 0;
  private lineStart = 0;
  private lines = 0;
  private lengthStart = -1;
  private lengthEnd = -1;
  /** Whole length, once the head has come. */
  private total = -1;

  constructor(private readonly limits: SipLimits) {}

  /** Bytes that wait for the rest of their message. */
  get buffered(): number {
    return this.buffer.length;
  }

  /** Takes the bytes that came; they are not copied unless their message is incomplete, so do not write into them later. */
  push(chunk: Buffer): void {
    if (!this.ended) this.buffer.push(chunk);
  }

  /** The bytes of one message for parseMessage, 'ping' for a CRLF CRLF between messages, undefined when more must come first. */
  next(): Buffer | 'ping' | FramingError | undefined {
    if (this.scanned === 0 && this.skipKeepAlive()) return 'ping';
    if (this.total < 0) {
      const error = this.scanHead();
      if (error !== undefined) return this.fail(error);
    }
    if (this.total < 0 || this.buffer.length < this.total) return undefined;
    const message = this.buffer.take(this.total);
    this.scanned = this.lineStart = this.lines = 0;
    this.lengthStart = this.total = -1;
    return message;
  }

  /** Drops line breaks before a message; true when they make a ping. */
  private skipKeepAlive(): boolean {
    const { buffer } = this;
    while (buffer.length > 0) {
      const byte = buffer.at(0);
      if (byte === LF && (this.keepAlive & 1) === 1) this.keepAlive++;
      else if (byte === CR) this.keepAlive = (this.keepAlive & 1) === 0 ? this.keepAlive + 1 : 1;
      else this.keepAlive = 0;
      if (byte !== CR && byte !== LF) return false;
      buffer.drop(1);
      if (this.keepAlive === 4) {
        this.keepAlive = 0;
        return true;
      }
    }
    return false;
  }

  /** Goes on through the lines of the head; sets `total` when it has come whole. */
  private scanHead(): ParleyError | undefined {
    const { buffer, limits } = this;
    // A TLS hello or STUN has no line end to wait for.
    if (this.scanned === 0 && buffer.length > 0 && TOKEN[buffer.at(0)] !== 1)
      return SipErrors.SIP_NOT_SIP({ found: excerpt(buffer.text(0, buffer.length)) });
    while (this.total < 0) {
      const lineEnd = buffer.indexOf(LF, this.scanned);
      this.scanned = lineEnd < 0 ? buffer.length : lineEnd + 1;
      if (this.scanned > limits.maxHeadBytes) return SipErrors.SIP_HEAD_TOO_LARGE({ limit: limits.maxHeadBytes });
      if (lineEnd < 0) return undefined;
      const error = this.line(this.lineStart, lineEnd);
      if (error !== undefined) return error;
      this.lineStart = lineEnd + 1;
    }
    return undefined;
  }

  /** One line of the head, from `start` to its LF. */
  private line(start: number, end: number): ParleyError | undefined {
    const { buffer } = this;
    this.lines++;
    if (end === start || buffer.at(end - 1) !== CR) return SipErrors.SIP_LINE_END({ line: this.lines });
    if (end - start === 1) return this.endOfHead(end + 1);
    if (this.lines === 1) return this.startLine(start, end);
    if (isBlank(buffer.at(start))) {
      if (this.lengthEnd === start) this.lengthEnd = end + 1;
      return undefined;
    }
    const valueStart = this.lengthValue(start);
    if (valueStart < 0) return undefined;
    if (this.lengthStart >= 0) return SipErrors.SIP_HEADER_REPEATED({ header: 'Content-Length' }, { place: 'Content-Length' });
    this.lengthStart = valueStart;
    this.lengthEnd = end + 1;
    return undefined;
  }

  /** Whatever else talks to this port is cut off at its first line. */
  private startLine(start: number, end: number): ParleyError | undefined {
    const line = this.buffer.text(start, end - 1);
    return line.includes('SIP/') ? undefined : SipErrors.SIP_NOT_SIP({ found: excerpt(line) });
  }

  /** Where the value begins if the line is Content-Length, else -1. */
  private lengthValue(start: number): number {
    const { buffer } = this;
    let i = 0;
    while (i < LENGTH_NAME.length && (buffer.at(start + i) | 0x20) === LENGTH_NAME[i]) i++;
    let at = start + i;
    if (i < LENGTH_NAME.length) {
      if (i > 0 || (buffer.at(start) | 0x20) !== COMPACT_LENGTH_NAME) return -1;
      at = start + 1;
    }
    while (isBlank(buffer.at(at))) at++;
    return buffer.at(at) === COLON ? at + 1 : -1;
  }

  private endOfHead(headEnd: number): ParleyError | undefined {
    const { limits } = this;
    if (this.lengthStart < 0) return SipErrors.SIP_LENGTH_MISSING({}, { place: 'Content-Length' });
    const value = this.buffer.text(this.lengthStart, this.lengthEnd).trim();
    const length = parseDigits(value);
    if (length < 0) return SipErrors.SIP_LENGTH_MALFORMED({ found: excerpt(value) }, { place: 'Content-Length' });
    if (length > limits.maxBodyBytes) return SipErrors.SIP_BODY_TOO_LARGE({ limit: limits.maxBodyBytes });
    if (headEnd + length > limits.maxMessageBytes) return SipErrors.SIP_MESSAGE_TOO_LARGE({ limit: limits.maxMessageBytes });
    this.total = headEnd + length;
    return undefined;
  }

  private fail(error: ParleyError): FramingError {
    this.ended = true;
    const result = parseMessage(this.buffer.take(Math.min(this.buffer.length, this.limits.maxHeadBytes)), this.limits);
    this.buffer.drop(this.buffer.length);
    if (!result.ok) return new FramingError(error, result.request);
    return new FramingError(error, result.message.isRequest ? result.message : undefined);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
