/** WebSocket frames as a server reads and writes them. RFC 6455 section 5, with one SIP message a WebSocket message (RFC 7118 section 5). */
import { isUtf8 } from 'node:buffer';

/** Frame types. RFC 6455 section 5.2. */
export const Opcode = { Continuation: 0x0, Text: 0x1, Binary: 0x2, Close: 0x8, Ping: 0x9, Pong: 0xa } as const;

/** Why a connection ends. RFC 6455 section 7.4.1. */
export const CloseCode = { Normal: 1000, GoingAway: 1001, ProtocolError: 1002, NotUtf8: 1007, TooBig: 1009 } as const;

/** The peer broke the protocol: close with `code`. */
export class WebSocketViolation extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Takes what a decoder finds. Payloads are only lent: they alias the bytes that were pushed. */
export interface WebSocketSink {
  onWebSocketMessage(payload: Buffer): void;
  onWebSocketPing(payload: Buffer): void;
  onWebSocketPong(): void;
  /** @param code the peer's code, 1000 when it gave none */
  onWebSocketClose(code: number): void;
}

const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MAX_CONTROL_LENGTH = 125;
const MASK_LENGTH = 4;
/** A message of 1 MiB in pieces of 1 KiB; more pieces than that are an attack on memory. */
const MAX_FRAGMENTS = 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/** Turns a client's bytes into messages. After a WebSocketViolation it must not be used any more. */
export class WebSocketDecoder {
  /** Bytes of a frame that is not complete. The buffer has room to grow, so that bytes that drip in are not copied over and over. */
  private pending: Buffer = NOTHING;
  private pendingLength = 0;
  private fragments: Buffer[] | undefined = undefined;
  private fragmentBytes = 0;
  private messageOpcode: number = Opcode.Continuation;
  private stopped = false;

  /** @param maxMessageBytes of one message, whatever its number of frames */
  constructor(
    private readonly sink: WebSocketSink,
    private readonly maxMessageBytes: number,
  ) {}

  /** True while a message or a frame has begun and is not complete. */
  get isPartial(): boolean {
    return this.pendingLength > 0 || this.fragments !== undefined;
  }

  /**
   * Reads all complete frames. Unmasks in place: the chunk is the decoder's from now on.
   * @throws WebSocketViolation
   */
  push(chunk: Buffer): void {
    let data = this.pendingLength === 0 ? chunk : this.grown(chunk);
    for (let used = this.frame(data); used > 0; used = this.frame(data)) {
      if (this.stopped) return;
      data = data.subarray(used);
    }
    this.keep(data);
  }

  /** Nothing more is read, not even what the present chunk still holds. */
  stop(): void {
    this.stopped = true;
    this.keep(NOTHING);
  }

  /** Appends to what is pending; the buffer doubles when it is full. */
  private grown(chunk: Buffer): Buffer {
    const length = this.pendingLength + chunk.length;
    if (length > this.pending.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.pending.length * 2));
      this.pending.copy(larger, 0, 0, this.pendingLength);
      this.pending = larger;
    }
    chunk.copy(this.pending, this.pendingLength);
    return this.pending.subarray(0, length);
  }

  private keep(rest: Buffer): void {
    // Frames that were delivered may still be held by their reader, so a buffer that gave some is not written to again.
    if (rest.length === 0) this.pending = NOTHING;
    else if (rest.buffer !== this.pending.buffer || rest.byteOffset !== this.pending.byteOffset) this.pending = rest;
    this.pendingLength = rest.length;
  }

  /** Reads one frame at the start of `data`; returns its length, 0 when it is not complete. */
  private frame(data: Buffer): number {
    if (data.length < 2) return 0;
    const first = data[0] as number;
    const second = data[1] as number;
    const opcode = first & OPCODE;
    checkStart(first, second, opcode, this.fragments !== undefined);
    let at = 2;
    let length = second & LENGTH;
    if (length === LENGTH_16) {
      if (data.length < (at += 2)) return 0;
      length = data.readUInt16BE(2);
      if (length < LENGTH_16) throw new WebSocketViolation(CloseCode.ProtocolError, 'a frame length is not in its shortest form');
    } else if (length === LENGTH_64) {
      if (data.length < (at += 8)) return 0;
      if (data.readUInt32BE(2) !== 0) throw tooBig();
      length = data.readUInt32BE(6);
      if (length < 0x10000) throw new WebSocketViolation(CloseCode.ProtocolError, 'a frame length is not in its shortest form');
    }
    if (opcode < Opcode.Close && length + this.fragmentBytes > this.maxMessageBytes) throw tooBig();
    const start = at + MASK_LENGTH;
    const end = start + length;
    if (data.length < end) return 0;
    const payload = data.subarray(start, end);
    unmask(payload, data, at);
    if (opcode >= Opcode.Close) this.control(opcode, payload);
    else this.data(opcode, payload, (first & FIN) !== 0);
    return end;
  }

  private data(opcode: number, payload: Buffer, final: boolean): void {
    if (opcode !== Opcode.Continuation) this.messageOpcode = opcode;
    if (this.fragments === undefined && final) {
      this.deliver(payload);
      return;
    }
    this.fragments ??= [];
    this.fragments.push(payload);
    this.fragmentBytes += payload.length;
    if (this.fragments.length > MAX_FRAGMENTS)
      throw new WebSocketViolation(CloseCode.TooBig, `a message has more than ${MAX_FRAGMENTS} frames`);
    if (!final) return;
    const whole = Buffer.concat(this.fragments, this.fragmentBytes);
    this.fragments = undefined;
    this.fragmentBytes = 0;
    this.deliver(whole);
  }

  private deliver(payload: Buffer): void {
    if (this.messageOpcode === Opcode.Text && !isUtf8(payload))
      throw new WebSocketViolation(CloseCode.NotUtf8, 'a text message is not UTF-8');
    this.sink.onWebSocketMessage(payload);
  }

  private control(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.Ping) this.sink.onWebSocketPing(payload);
    else if (opcode === Opcode.Pong) this.sink.onWebSocketPong();
    else this.sink.onWebSocketClose(closeCode(payload));
  }
}

function checkStart(first: number, second: number, opcode: number, inMessage: boolean): void {
  if ((first & RESERVED) !== 0)
    throw new WebSocketViolation(CloseCode.ProtocolError, 'a reserved bit is set, though no extension was agreed on');
  if ((second & MASKED) === 0) throw new WebSocketViolation(CloseCode.ProtocolError, 'a frame of a client is not masked');
  if (opcode >= Opcode.Close) {
    if (opcode > Opcode.Pong) throw new WebSocketViolation(CloseCode.ProtocolError, `unknown frame type ${opcode}`);
    if ((first & FIN) === 0 || (second & LENGTH) > MAX_CONTROL_LENGTH)
      throw new WebSocketViolation(CloseCode.ProtocolError, 'a control frame is fragmented or too long');
    return;
  }
  if (opcode > Opcode.Binary) throw new WebSocketViolation(CloseCode.ProtocolError, `unknown frame type ${opcode}`);
  if ((opcode === Opcode.Continuation) !== inMessage)
    throw new WebSocketViolation(CloseCode.ProtocolError, 'frames of two messages are mixed');
}

function tooBig(): WebSocketViolation {
  return new WebSocketViolation(CloseCode.TooBig, 'a message is over the size limit');
}

function unmask(payload: Buffer, data: Buffer, maskAt: number): void {
  const m0 = data[maskAt] as number;
  const m1 = data[maskAt + 1] as number;
  const m2 = data[maskAt + 2] as number;
  const m3 = data[maskAt + 3] as number;
  const whole = payload.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    payload[i] = (payload[i] as number) ^ m0;
    payload[i + 1] = (payload[i + 1] as number) ^ m1;
    payload[i + 2] = (payload[i + 2] as number) ^ m2;
    payload[i + 3] = (payload[i + 3] as number) ^ m3;
  }
  for (let i = whole; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (data[maskAt + (i & 3)] as number);
}

/** RFC 6455 section 7.4: which codes may stand on the wire. */
function closeCode(payload: Buffer): number {
  if (payload.length === 0) return CloseCode.Normal;
  const code = payload.length >= 2 ? payload.readUInt16BE(0) : 0;
  const defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
  if (!defined) throw new WebSocketViolation(CloseCode.ProtocolError, `${code} is no close code`);
  if (!isUtf8(payload.subarray(2))) throw new WebSocketViolation(CloseCode.NotUtf8, 'the close reason is not UTF-8');
  return code;
}

/** One unfragmented frame, unmasked as a server's must be. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const start = length < LENGTH_16 ? 2 : length < 0x10000 ? 4 : 10;
  const out = Buffer.allocUnsafe(start + length);
  out[0] = FIN | opcode;
  if (start === 2) {
    out[1] = length;
  } else if (start === 4) {
    out[1] = LENGTH_16;
    out.writeUInt16BE(length, 2);
  } else {
    out[1] = LENGTH_64;
    out.writeUInt32BE(0, 2);
    out.writeUInt32BE(length, 6);
  }
  payload.copy(out, start);
  return out;
}

/** A SIP message as a frame: text where that is allowed, since browsers hand text on unchanged (RFC 7118 section 5.3). */
export function encodeSipFrame(message: Buffer): Buffer {
  return encodeFrame(isUtf8(message) ? Opcode.Text : Opcode.Binary, message);
}

export function encodeClose(code: number): Buffer {
  const payload = Buffer.allocUnsafe(2);
  payload.writeUInt16BE(code, 0);
  return encodeFrame(Opcode.Close, payload);
}
