import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, FramingError, StreamFramer } from '../../src/sip/index.ts';
import { optionsLines, wire } from './samples.ts';

const SMALL = wire(optionsLines());
const WITH_BODY = wire(optionsLines('Content-Length: 11'), 'a\r\n\r\nb\0\xff\r\n\r');
const PING = Buffer.from('\r\n\r\n');

type Taken = string | FramingError;

/** Everything that comes out of a stream that comes in such pieces. */
function frames(pieces: Iterable<Buffer>, limits = {}): Taken[] {
  const framer = new StreamFramer({ ...DEFAULT_LIMITS, ...limits });
  const taken: Taken[] = [];
  for (const piece of pieces) {
    framer.push(piece);
    for (let frame = framer.next(); frame !== undefined; frame = framer.next())
      taken.push(Buffer.isBuffer(frame) ? frame.toString('latin1') : frame);
  }
  return taken;
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

function failure(bytes: Buffer, limits = {}): FramingError {
  const last = frames([bytes], limits).at(-1);
  if (!(last instanceof FramingError)) throw new Error(`the stream goes on: ${String(last)}`);
  return last;
}

const STREAM = Buffer.concat([PING, SMALL, WITH_BODY, Buffer.from('\r\n'), SMALL, PING, PING, WITH_BODY]);
const EXPECTED = ['ping', SMALL, WITH_BODY, SMALL, 'ping', 'ping', WITH_BODY].map((frame) => frame.toString('latin1'));

test.each([1, 2, 3, 5, 7, 64, 333, 1_000, STREAM.length])('a stream in pieces of %i bytes is cut into the same messages', (size) => {
  expect(frames(pieces(STREAM, size))).toEqual(EXPECTED);
});

test('a stream broken at any one place is cut into the same messages', () => {
  for (let i = 0; i <= STREAM.length; i++) expect(frames([STREAM.subarray(0, i), STREAM.subarray(i)])).toEqual(EXPECTED);
});

test('messages taken earlier stay as they are when more comes', () => {
  const framer = new StreamFramer(DEFAULT_LIMITS);
  const taken: Buffer[] = [];
  for (const piece of pieces(Buffer.concat([SMALL, WITH_BODY, SMALL, WITH_BODY]), 37)) {
    framer.push(Buffer.from(piece));
    for (let frame = framer.next(); Buffer.isBuffer(frame); frame = framer.next()) taken.push(frame);
  }
  expect(taken.map((frame) => frame.toString('latin1'))).toEqual(
    [SMALL, WITH_BODY, SMALL, WITH_BODY].map((frame) => frame.toString('latin1')),
  );
});

test('a whole message is not copied, and nothing waits after it', () => {
  const framer = new StreamFramer(DEFAULT_LIMITS);
  framer.push(SMALL);
  expect(framer.buffered).toBe(SMALL.length);
  const frame = framer.next() as Buffer;
  expect([frame.buffer === SMALL.buffer, frame.byteOffset]).toEqual([true, SMALL.byteOffset]);
  expect([framer.next(), framer.buffered]).toEqual([undefined, 0]);
});

test('RFC 5626 4.4.1: only CRLF CRLF between messages is a ping, other line breaks are dropped', () => {
  expect(frames([Buffer.from('\r\n'), Buffer.from('\n'), Buffer.from('\r'), Buffer.from('\r\n\r'), Buffer.from('\n')])).toEqual(['ping']);
  expect(frames([Buffer.from('\r\n'), SMALL, Buffer.from('\r\n'), SMALL])).toEqual([SMALL, SMALL].map(String));
});

test.each(['l: 4', 'CONTENT-LENGTH \t:   4  ', 'Content-Length:\r\n 4', 'L:4', 'content-length: 0004'])(
  'RFC 3261 18.3: the length is read from %j',
  (line) => {
    const bytes = wire(optionsLines('Content-Length:', line), 'four');
    expect(frames([Buffer.concat([bytes, SMALL])])).toEqual([bytes, SMALL].map(String));
  },
);

test('headers that begin like Content-Length are not taken for it', () => {
  const bytes = wire(optionsLines('Content-Lengths: 9', 'Content-Lengt: 9', 'Lx: 9', 'Subject: x\r\n l: 9\r\n Content-Length: 9'), '');
  expect(frames([bytes])).toEqual([bytes.toString()]);
});

test.each([
  ['SIP_LENGTH_MISSING', 400, wire(optionsLines('Content-Length:')), {}],
  ['SIP_LENGTH_MALFORMED', 400, wire(optionsLines('Content-Length: -999')), {}],
  ['SIP_LENGTH_MALFORMED', 400, wire(optionsLines('Content-Length: 1 0')), {}],
  ['SIP_LENGTH_MALFORMED', 400, wire(optionsLines('Content-Length: ')), {}],
  ['SIP_HEADER_REPEATED', 400, wire([...optionsLines(), 'l: 0']), {}],
  ['SIP_BODY_TOO_LARGE', 413, wire(optionsLines('Content-Length: 4')), { maxBodyBytes: 3 }],
  ['SIP_MESSAGE_TOO_LARGE', 513, wire(optionsLines('Content-Length: 400')), { maxMessageBytes: 600 }],
  ['SIP_HEAD_TOO_LARGE', 513, wire(optionsLines(`Subject: ${'x'.repeat(500)}`)), { maxHeadBytes: 600 }],
  ['SIP_LINE_END', 400, Buffer.from(wire(optionsLines()).toString().replaceAll('\r\nTo', '\nTo')), {}],
])('%s ends the stream, with a request that can be answered %i', (code, status, bytes, limits) => {
  const failed = failure(bytes, limits);
  expect(failed.error).toMatchObject({ code, status });
  expect(failed.request).toMatchObject({ method: 'OPTIONS', topVia: { host: '192.0.2.50' } });
});

test.each(['\x16\x03\x01', '\0\x01', 'GET / HTTP/1.1\r\n', '<xml'])('another protocol is cut off at its first line or byte: %j', (text) => {
  const failed = failure(Buffer.from(text, 'latin1'));
  expect(failed.error.code).toBe('SIP_NOT_SIP');
  expect(failed.request).toBeUndefined();
});

test('after the end nothing comes out and nothing is kept', () => {
  const framer = new StreamFramer(DEFAULT_LIMITS);
  framer.push(wire(optionsLines('Content-Length:')));
  expect(framer.next()).toBeInstanceOf(FramingError);
  framer.push(SMALL);
  expect([framer.next(), framer.buffered]).toEqual([undefined, 0]);
});

test('a megabyte that comes byte by byte is read in linear time, or this test would not end', () => {
  const bytes = wire(optionsLines('Content-Length: 1000000'), 'x'.repeat(1_000_000));
  const framer = new StreamFramer(DEFAULT_LIMITS);
  for (const piece of pieces(bytes, 1)) {
    framer.push(piece);
    if (framer.buffered < bytes.length && framer.next() !== undefined) expect.unreachable();
  }
  expect((framer.next() as Buffer).equals(bytes)).toBe(true);
});
