import { expect, test } from 'vitest';
import { inOneRecord, readFlight } from '../src/flight.ts';

const record = (type: number, ...content: number[]): Buffer =>
  Buffer.from([type, 3, 1, content.length >> 8, content.length & 0xff, ...content]);
const HELLO = record(22, 2, 0, 0, 1, 0xaa);
const DONE = record(22, 14, 0, 0, 0);

test('handshake messages in several records become one record, whatever follows stays', () => {
  const changed = record(20, 1);
  expect(inOneRecord(Buffer.concat([HELLO, DONE, changed]))).toEqual(Buffer.concat([record(22, 2, 0, 0, 1, 0xaa, 14, 0, 0, 0), changed]));
  expect(readFlight(inOneRecord(Buffer.concat([HELLO, DONE])))).toBe('server-done');
});

test('what does not fit into one record, and what begins otherwise, is left as it is', () => {
  const large = record(22, ...Buffer.alloc(0x3fff));
  expect(inOneRecord(Buffer.concat([large, DONE]))).toEqual(Buffer.concat([large, DONE]));
  expect(inOneRecord(record(20, 1))).toEqual(record(20, 1));
  expect(inOneRecord(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
});

test('a flight that is cut off anywhere is open, never another flight', () => {
  const flights = [record(22, 1, 0, 0, 1, 0xaa), Buffer.concat([HELLO, DONE]), Buffer.concat([HELLO, record(20, 1), record(22, 9, 9)])];
  for (const flight of flights) {
    for (let length = 1; length < flight.length; length++) expect(readFlight(flight.subarray(0, length))).toBe('open');
  }
});

test('what goes on after the end of a flight is malformed', () => {
  expect(readFlight(Buffer.concat([DONE, HELLO]))).toBe('malformed');
  expect(readFlight(Buffer.concat([record(20, 1), record(22, 9), record(22, 9)]))).toBe('malformed');
  expect(readFlight(record(22, 1, 0, 0, 0, 14, 0, 0, 0))).toBe('malformed');
});
