/**
 * Compression packets: flags, lengths, payload. [MS-SIPCOMP] section 2.2.
 * NOT CONFIRMED: the flags and their meaning are those of the specification, but where they stand in the header is not published
 * in what was at hand. Six bytes agree with the one public description of a capture. Only this file knows the layout.
 */
import { CompressionErrors } from './errors.ts';
import { HISTORY_BYTES } from './mppc.ts';

/** Values of the flags; RFC 2118's bits C, B and A. */
export const PACKET_COMPRESSED = 0x2;
export const PACKET_AT_FRONT = 0x4;
export const PACKET_FLUSHED = 0x8;

export const HEADER_BYTES = 6;
/** A packet stands for at most one byte less than the history holds, and is never longer than what it stands for. */
export const MAX_PIECE = HISTORY_BYTES - 1;

export interface PacketHeader {
  readonly flags: number;
  /** Bytes of payload that follow. */
  readonly length: number;
  /** Bytes that the payload stands for. */
  readonly plainLength: number;
}

/** The header at the beginning of `bytes`, which has six at least. Throws COMPRESSION_FLAGS, COMPRESSION_LENGTH. */
export function readHeader(bytes: Buffer): PacketHeader {
  const header = { flags: bytes.readUInt16BE(0), length: bytes.readUInt16BE(2), plainLength: bytes.readUInt16BE(4) };
  const { flags, length, plainLength } = header;
  // [MS-SIPCOMP]: FLUSHED stands alone, AT_FRONT only with COMPRESSED; nothing at all means nothing.
  if (flags !== PACKET_FLUSHED && flags !== PACKET_COMPRESSED && flags !== (PACKET_COMPRESSED | PACKET_AT_FRONT)) {
    throw CompressionErrors.COMPRESSION_FLAGS({ found: `0x${flags.toString(16)}` });
  }
  const most = Math.max(length, plainLength);
  if (most > MAX_PIECE || length === 0) throw CompressionErrors.COMPRESSION_LENGTH({ found: most, limit: MAX_PIECE });
  return header;
}

export function writePacket(flags: number, payload: Buffer, plainLength: number): Buffer {
  const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  packet.writeUInt16BE(flags, 0);
  packet.writeUInt16BE(payload.length, 2);
  packet.writeUInt16BE(plainLength, 4);
  payload.copy(packet, HEADER_BYTES);
  return packet;
}
