/** Messages out of a byte stream. RFC 3261 sections 7.5 and 18.3, RFC 5626 section 4.4.1 (keep-alive). */
import type { ParleyError } from '../errors/index.ts';
import { SipErrors } from './errors.ts';
import type { SipLimits } from './limits.ts';
import { parseMessage } from './parse.ts';
import type { SipRequest } from './request.ts';

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
 */
export class StreamFramer {
  private pending: Buffer = Buffer.alloc(0);
  private ended = false;

  constructor(private readonly limits: SipLimits) {}

  push(chunk: Buffer): void {
    if (!this.ended) this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
  }

  /** The bytes of a message for parseMessage, 'ping' for a CRLF CRLF between messages, undefined when more must come first. */
  next(): Buffer | 'ping' | FramingError | undefined {
    while (this.pending[0] === 0x0d || this.pending[0] === 0x0a) {
      if (this.pending.length >= 4 && this.pending.readUInt32BE(0) === 0x0d0a0d0a) {
        this.pending = this.pending.subarray(4);
        return 'ping';
      }
      if (this.pending.length < 4 && '\r\n\r\n'.startsWith(this.pending.toString('latin1'))) return undefined;
      this.pending = this.pending.subarray(1);
    }
    const end = this.pending.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.pending.length > this.limits.maxHeadBytes)
        return this.fail(SipErrors.SIP_HEAD_TOO_LARGE({ limit: this.limits.maxHeadBytes }));
      return undefined;
    }
    const match = /^(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r?$/im.exec(this.pending.toString('latin1', 0, end));
    if (match === null) return this.fail(SipErrors.SIP_LENGTH_MISSING());
    const length = Number(match[1]);
    if (length > this.limits.maxBodyBytes) return this.fail(SipErrors.SIP_BODY_TOO_LARGE({ limit: this.limits.maxBodyBytes }));
    const total = end + 4 + length;
    if (this.pending.length < total) return undefined;
    const message = this.pending.subarray(0, total);
    this.pending = this.pending.subarray(total);
    return message;
  }

  private fail(error: ParleyError): FramingError {
    this.ended = true;
    const result = parseMessage(this.pending, this.limits);
    this.pending = Buffer.alloc(0);
    const request = result.ok ? (result.message.isRequest ? (result.message as SipRequest) : undefined) : result.request;
    return new FramingError(error, request);
  }
}
