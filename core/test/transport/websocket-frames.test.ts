import { expect, test } from 'vitest';
import {
  encodeClose,
  encodeFrame,
  encodeSipFrame,
  Opcode,
  WebSocketDecoder,
  WebSocketViolation,
  type WebSocketSink,
} from '../../src/transport/websocket-frames.ts';

class Sink implements WebSocketSink {
  readonly found: string[] = [];
  onWebSocketMessage(payload: Buffer): void {
    this.found.push(`message ${payload.toString('latin1')}`);
  }
  onWebSocketPing(payload: Buffer): void {
    this.found.push(`ping ${payload.toString('latin1')}`);
  }
  onWebSocketPong(): void {
    this.found.push('pong');
  }
  onWebSocketClose(code: number): void {
    this.found.push(`close ${code}`);
  }
}

/** A client's frame. */
function frame(opcode: number, payload: string | Buffer, { final = true, mask = Buffer.from('37fa213d', 'hex') } = {}): Buffer {
  const plain = Buffer.from(payload as string, 'latin1');
  const head = encodeFrame(opcode, plain).subarray(0, encodeFrame(opcode, plain).length - plain.length);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = (head[1] as number) | 0x80;
  return Buffer.concat([head, mask, plain.map((byte, i) => byte ^ (mask[i & 3] as number))]);
}

function decode(...chunks: Buffer[]): string[] {
  const sink = new Sink();
  const decoder = new WebSocketDecoder(sink, 100_000);
  for (const chunk of chunks) decoder.push(Buffer.from(chunk));
  return sink.found;
}

function violation(...chunks: Buffer[]): WebSocketViolation {
  try {
    decode(...chunks);
  } catch (error) {
    return error as WebSocketViolation;
  }
  throw new Error('no violation');
}

test('RFC 6455 5.7: the masked "Hello" of the RFC is read', () => {
  expect(decode(Buffer.from('818537fa213d7f9f4d5158', 'hex'))).toEqual(['message Hello']);
});

test('RFC 6455 5.7: the unmasked "Hello" of the RFC is written', () => {
  expect(encodeFrame(Opcode.Text, Buffer.from('Hello')).toString('hex')).toBe('810548656c6c6f');
});

test.each([0, 1, 3, 4, 5, 125, 126, 127, 65_535, 65_536])('a message of %i bytes comes through, whole and byte by byte', (length) => {
  const payload = Buffer.alloc(length, 'x');
  const bytes = frame(Opcode.Binary, payload);
  expect(decode(bytes)).toEqual([`message ${payload.toString()}`]);
  if (length <= 127) expect(decode(...Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))).toEqual([`message ${payload.toString()}`]);
});

test('a message is put together from its frames, with a ping between them', () => {
  const bytes = Buffer.concat([
    frame(Opcode.Text, 'one ', { final: false }),
    frame(Opcode.Ping, 'p'),
    frame(Opcode.Continuation, 'two ', { final: false }),
    frame(Opcode.Continuation, 'three'),
    frame(Opcode.Text, 'next'),
  ]);
  expect(decode(bytes)).toEqual(['ping p', 'message one two three', 'message next']);
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(decode(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(['ping p', 'message one two three', 'message next']);
  }
});

test('what was delivered stays as it was when more bytes come', () => {
  const kept: Buffer[] = [];
  const sink = new Sink();
  sink.onWebSocketMessage = (payload) => kept.push(payload);
  const decoder = new WebSocketDecoder(sink, 1000);
  const bytes = Buffer.concat([frame(Opcode.Text, 'first'), frame(Opcode.Text, 'second')]);
  for (let i = 0; i < bytes.length; i += 3) decoder.push(Buffer.from(bytes.subarray(i, i + 3)));
  expect(kept.map(String)).toEqual(['first', 'second']);
});

test('a decoder says whether something has begun', () => {
  const decoder = new WebSocketDecoder(new Sink(), 1000);
  const bytes = frame(Opcode.Text, 'x', { final: false });
  decoder.push(bytes.subarray(0, 3));
  expect(decoder.isPartial).toBe(true);
  decoder.push(bytes.subarray(3));
  expect(decoder.isPartial).toBe(true);
  decoder.push(frame(Opcode.Continuation, ''));
  expect(decoder.isPartial).toBe(false);
});

test('after stop nothing is read, not even from the same chunk', () => {
  const sink = new Sink();
  const decoder = new WebSocketDecoder(sink, 1000);
  sink.onWebSocketClose = () => decoder.stop();
  decoder.push(Buffer.concat([frame(Opcode.Close, ''), frame(Opcode.Text, 'late')]));
  expect(sink.found).toEqual([]);
});

test.each([
  ['a reserved bit', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
  ['an unmasked frame', Buffer.from([0x81, 0x00]), 1002],
  ['an unknown data opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
  ['an unknown control opcode', Buffer.from([0x8b, 0x80, 0, 0, 0, 0]), 1002],
  ['a fragmented ping', frame(Opcode.Ping, '', { final: false }), 1002],
  ['a ping of 126 bytes', frame(Opcode.Ping, 'x'.repeat(126)), 1002],
  ['a continuation of nothing', frame(Opcode.Continuation, 'x'), 1002],
  ['a new message inside another', Buffer.concat([frame(Opcode.Text, 'a', { final: false }), frame(Opcode.Text, 'b')]), 1002],
  ['a 16-bit length of 5', Buffer.from([0x81, 0xfe, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1002],
  ['a 64-bit length of 5', Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0]), 1002],
  ['a length of 2^63', Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ['a frame over the limit, from its length alone', Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa1]), 1009],
  ['text that is not UTF-8', frame(Opcode.Text, '\xff'), 1007],
  ['a close code of one byte', frame(Opcode.Close, 'x'), 1002],
  ['close code 1005', frame(Opcode.Close, Buffer.from([0x03, 0xed])), 1002],
  ['a close reason that is not UTF-8', frame(Opcode.Close, Buffer.from([0x03, 0xe8, 0xff])), 1007],
])('RFC 6455: %s ends the connection with code %#', (_what, bytes, code) => {
  expect(violation(bytes).code).toBe(code);
});

test('a message may not be larger than the limit, however many frames it has', () => {
  const half = 'x'.repeat(60_000);
  expect(violation(frame(Opcode.Text, half, { final: false }), frame(Opcode.Continuation, half)).code).toBe(1009);
});

test('a message may not have more than 1,024 frames', () => {
  const first = frame(Opcode.Text, '', { final: false });
  const more = Array.from({ length: 1024 }, () => frame(Opcode.Continuation, '', { final: false }));
  expect(violation(first, ...more).code).toBe(1009);
});

test('bytes that drip in are not copied over and over', () => {
  // 90,000 pushes of one byte: with a copy of all for each this would move 4 gigabytes.
  const bytes = frame(Opcode.Binary, Buffer.alloc(90_000));
  const sink = new Sink();
  const decoder = new WebSocketDecoder(sink, 100_000);
  for (let i = 0; i < bytes.length; i++) decoder.push(bytes.subarray(i, i + 1));
  expect(sink.found.length).toBe(1);
});

test('a close frame tells its code, 1000 without one', () => {
  expect(decode(frame(Opcode.Close, ''))).toEqual(['close 1000']);
  expect(decode(frame(Opcode.Close, Buffer.from([0x03, 0xe9, 0x6f, 0x6b])))).toEqual(['close 1001']);
  expect(encodeClose(1001).toString('hex')).toBe('880203e9');
});

test('RFC 7118 5.3: a message goes out as text when it is UTF-8, else as binary', () => {
  expect(encodeSipFrame(Buffer.from('é'))[0]).toBe(0x81);
  expect(encodeSipFrame(Buffer.from([0xe9]))[0]).toBe(0x82);
});
