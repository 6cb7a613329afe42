import { expect, test } from 'vitest';
import { FRAME_DEPTH, FrameReader, attachProof, encodeFrame } from '../../src/application/index.ts';

/** Everything that a stream holds, cut into chunks of `size` bytes. */
function read(stream: Buffer, size: number, reader = new FrameReader()): unknown[] {
  const frames: unknown[] = [];
  for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.subarray(at, at + size)));
  return frames;
}

const FRAMES = [{ type: 'a', text: 'Grüße "\\ }]' }, { type: 'b', list: [1, [2, { c: null }]] }, {}];

test.each([1, 2, 3, 7, 1_000])('frames come out whole, whatever the pieces: %i bytes', (size) => {
  expect(read(Buffer.concat(FRAMES.map(encodeFrame)), size)).toEqual(FRAMES);
});

test('a large frame in small pieces is joined once and not for each piece', () => {
  const frame = { text: 'x'.repeat(900_000) };
  const before = process.cpuUsage().user;
  expect(read(encodeFrame(frame), 64)).toEqual([frame]);
  expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
});

test('the size of a frame is bounded before its bytes are there', () => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(4_097);
  expect(() => read(head, 4, new FrameReader(4_096))).toThrow(expect.objectContaining({ code: 'APPLICATION_FRAME_SIZE' }) as Error);
});

function framed(text: string | Buffer): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

test.each([
  ['text that is no JSON', '{"a":'],
  ['an array', '[1]'],
  ['a number', '1'],
  ['nothing', ''],
  ['null', 'null'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['objects within each other', '{"a":'.repeat(FRAME_DEPTH + 1) + '1' + '}'.repeat(FRAME_DEPTH + 1)],
  ['arrays within each other, never closed', `{"a":${'['.repeat(100_000)}`],
  ['too many values', `{"a":[${'0,'.repeat(20_001)}0]}`],
])('%s is refused', (_, text) => {
  expect(() => read(framed(text), 1_000)).toThrow(expect.objectContaining({ code: 'APPLICATION_FRAME_SHAPE' }) as Error);
});

test('brackets and commas inside strings count as nothing', () => {
  const frame = { text: `${'[{,'.repeat(30_000)}\\"` };
  expect(read(encodeFrame(frame), 10_000)).toEqual([frame]);
});

test('random bytes are refused or read, and never anything else', () => {
  let seed = 7;
  const random = (most: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % most;
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
    try {
      read(Buffer.concat([framed(bytes), bytes]), 1 + random(10), new FrameReader(64));
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^APPLICATION_FRAME_/) as string });
    }
  }
});

test('a proof is another one for each nonce, secret and application', () => {
  const proofs = [
    attachProof('secret', 'n1', 'http://a'),
    attachProof('secret', 'n2', 'http://a'),
    attachProof('other', 'n1', 'http://a'),
    attachProof('secret', 'n1', 'http://b'),
  ];
  expect(new Set(proofs).size).toBe(4);
  expect(proofs[0]).toBe(attachProof('secret', 'n1', 'http://a'));
});
