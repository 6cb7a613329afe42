import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ParleyError } from '@parley/sdk';
import { BitReader, BitWriter } from '../src/bit-stream.ts';
import { HISTORY_BYTES } from '../src/mppc.ts';
import { MppcDecoder } from '../src/mppc-decoder.ts';
import { MppcEncoder } from '../src/mppc-encoder.ts';

/** Computed by hand and by an independent script from the tables of RFC 2118 section 4. */
const VECTORS = [
  ['for whom the bell tolls, the bell tolls for thee.', '666f722077686f6d207468652062656c6c20746f6c6c732cf43720fa23d3329700'],
  ['Via: SIP/2.0/TLS a\r\nVia: SIP/2.0/TLS b\r\n', '5669613a205349502f322e302f544c5320610d0af53858834280'],
  ['\u0041\u0080\u00ff\u0041\u0080\u00ff', '41805ffc30'],
] as const;

test.each(VECTORS)('RFC 2118 4: %j and its bits are the same thing', (plain, hex) => {
  const bytes = Buffer.from(plain, 'latin1');
  const encoded = Buffer.from(hex, 'hex');
  expect(new MppcDecoder().decode(encoded, true)).toEqual(bytes);
  const again = new MppcEncoder().encode(bytes);
  expect(again.compressed ? new MppcDecoder().decode(again.data, true) : again.data).toEqual(bytes);
});

test.each(VECTORS)('the encoder finds the matches of %j that the vector has', (plain, hex) => {
  const bytes = Buffer.from(plain, 'latin1');
  expect(new MppcEncoder().encode(bytes).data.length).toBeLessThanOrEqual(hex.length / 2);
});

/** Text as SIP has it, with repetitions at every distance, and bytes that no code makes shorter. */
const PIECE = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 400 }),
  fc
    .array(fc.constantFrom('Via: SIP/2.0/TLS ', 'sip:alice@example.com', '\r\n', ';tag=', 'x', '\u0080', 'epid='), {
      minLength: 1,
      maxLength: 300,
    })
    .map((words) => Buffer.from(words.join(''), 'latin1')),
  fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 8191 })).map(([byte, count]) => Buffer.alloc(count, byte)),
);

test('whatever pieces are encoded, the decoder gives back, and none is longer than it was', () => {
  fc.assert(
    fc.property(fc.array(PIECE, { minLength: 1, maxLength: 12 }), (pieces) => {
      const encoder = new MppcEncoder();
      const decoder = new MppcDecoder();
      for (const piece of pieces) {
        const bytes = Buffer.from(piece).subarray(0, HISTORY_BYTES - 1);
        const { data, compressed, atFront } = encoder.encode(bytes);
        if (compressed) {
          expect(data.length).toBeLessThan(bytes.length);
          expect(decoder.decode(data, atFront)).toEqual(bytes);
        } else {
          expect(data).toEqual(bytes);
          decoder.flush();
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('MS-SIPCOMP R6, R7: random bits are decoded within the history or refused, and nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), { maxLength: 5 }), (packets) => {
      const decoder = new MppcDecoder();
      try {
        for (const [data, atFront] of packets) expect(decoder.decode(Buffer.from(data), atFront).length).toBeLessThanOrEqual(HISTORY_BYTES);
      } catch (error) {
        if (!(error instanceof ParleyError)) throw error;
        expect(error.code).toBe('COMPRESSION_DATA');
      }
    }),
    { numRuns: 1000 },
  );
});

/** Bits written as text into bytes, filled with zeros. */
function bits(text: string): Buffer {
  const clean = text.replaceAll(' ', '');
  const writer = new BitWriter(Math.ceil(clean.length / 8));
  for (const bit of clean) writer.put(Number(bit), 1);
  return writer.finish() ?? expect.fail('too long');
}

test.each([
  ['a copy of nothing', '1111 000000 0', /refers 0 bytes back/],
  ['a copy of what is not there', '1111 000001 0', /refers 1 bytes back, and there are 0/],
  ['a symbol that is cut off', '01000001 110 0000', /ends inside a symbol/],
  ['a length that no match has', '01000001 1111 000001 111111111111 0', /longer than any match/],
  ['more than the history holds', `01000001 1111 000001 11111111111 0 111111111111 1111 000001 0`, /longer than the history/],
])('MS-SIPCOMP R6: %s is refused', (_, text, message) => {
  expect(() => new MppcDecoder().decode(bits(text), true)).toThrow(message);
});

test('a copy may overlap what it writes', () => {
  expect(new MppcDecoder().decode(bits('01100001 1111 000001 110 010'), true).toString()).toBe('a'.repeat(11));
});

test('bits come out as they went in', () => {
  const values = [
    [5, 3],
    [0, 1],
    [8191, 13],
    [65_535, 16],
    [1, 1],
  ] as const;
  const writer = new BitWriter(5);
  for (const [value, count] of values) writer.put(value, count);
  const reader = new BitReader(writer.finish() ?? expect.fail('too long'));
  expect(values.map(([, count]) => reader.take(count))).toEqual(values.map(([value]) => value));
  expect([reader.left, reader.take(7)]).toEqual([6, undefined]);
  const short = new BitWriter(1);
  short.put(511, 9);
  expect(short.finish()).toBeUndefined();
});
