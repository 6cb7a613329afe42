/**
 * Frames: a length of four bytes, most significant first, and that many bytes of JSON text in UTF-8, which is one object. What comes in
 * is bounded before it is parsed: its size, how deep it nests, and how many values it holds.
 */
import { ApplicationErrors as E } from './errors.ts';

/** Bytes of one frame, unless a server says otherwise. */
export const FRAME_BYTES = 1_048_576;
/** Objects and arrays within each other. */
export const FRAME_DEPTH = 8;
/** Values of one frame, whatever their kind. */
export const FRAME_VALUES = 20_000;

const HEAD_BYTES = 4;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** One frame as it goes over the wire. */
export function encodeFrame(frame: object): Buffer {
  const text = JSON.stringify(frame);
  const bytes = Buffer.byteLength(text);
  const buffer = Buffer.allocUnsafe(HEAD_BYTES + bytes);
  buffer.writeUInt32BE(bytes, 0);
  buffer.write(text, HEAD_BYTES, 'utf8');
  return buffer;
}

/** Cuts a stream into frames. */
export class FrameReader {
  private pieces: Buffer[] = [];
  private length = 0;

  /** @param limit bytes of one frame; may be changed between two frames */
  constructor(public limit: number = FRAME_BYTES) {}

  /** The frames that are complete now, one by one. Throws APPLICATION_FRAME_SIZE and APPLICATION_FRAME_SHAPE; nothing more can be read then. */
  *push(chunk: Buffer): Generator<Readonly<Record<string, unknown>>> {
    this.pieces.push(chunk);
    this.length += chunk.length;
    for (;;) {
      if (this.length < HEAD_BYTES) return;
      const bytes = this.join().readUInt32BE(0);
      if (bytes > this.limit) throw E.APPLICATION_FRAME_SIZE({ bytes, limit: this.limit });
      if (this.length < HEAD_BYTES + bytes) return;
      const all = this.join();
      this.pieces = [all.subarray(HEAD_BYTES + bytes)];
      this.length -= HEAD_BYTES + bytes;
      yield parse(all.subarray(HEAD_BYTES, HEAD_BYTES + bytes));
    }
  }

  private join(): Buffer {
    // Large frames come in many pieces: they are joined when there is a decision to make, not for each piece.
    const [only] = this.pieces;
    if (this.pieces.length === 1 && only !== undefined) return only;
    const [first] = this.pieces;
    if (first !== undefined && first.length >= HEAD_BYTES && this.length < HEAD_BYTES + first.readUInt32BE(0)) return first;
    const joined = Buffer.concat(this.pieces, this.length);
    this.pieces = [joined];
    return joined;
  }
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw E.APPLICATION_FRAME_SHAPE({ problem: 'it is not UTF-8' });
  }
  checkShape(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw E.APPLICATION_FRAME_SHAPE({ problem: 'it is not JSON' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw E.APPLICATION_FRAME_SHAPE({ problem: 'it is no object' });
  return value as Record<string, unknown>;
}

/** Depth and count by a walk over the text, before the parser builds anything of it. */
function checkShape(text: string): void {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = stringEnd(text, i);
    else if (code === 0x7b || code === 0x5b) {
      values++;
      if (++depth > FRAME_DEPTH) throw E.APPLICATION_FRAME_SHAPE({ problem: `it nests more than ${FRAME_DEPTH} deep` });
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c) values++;
  }
  if (values > FRAME_VALUES) throw E.APPLICATION_FRAME_SHAPE({ problem: `it holds more than ${FRAME_VALUES} values` });
}

/** The closing quote of the string that opens at `at`. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return text.length;
}
