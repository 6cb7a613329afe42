/** A stream of bytes into compression packets, and packets as they arrive back into bytes. [MS-SIPCOMP] section 3. */
import { CompressionErrors } from './errors.ts';
import { MppcDecoder } from './mppc-decoder.ts';
import { MppcEncoder } from './mppc-encoder.ts';
import { HEADER_BYTES, MAX_PIECE, PACKET_AT_FRONT, PACKET_COMPRESSED, PACKET_FLUSHED, readHeader, writePacket } from './packet.ts';
import type { PacketHeader } from './packet.ts';

/** One direction out. */
export class PacketWriter {
  private readonly encoder = new MppcEncoder();

  /** Bytes as packets, pieces of at most 8191 bytes each. */
  write(bytes: Buffer): Buffer {
    const packets: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += MAX_PIECE) packets.push(this.packet(bytes.subarray(at, at + MAX_PIECE)));
    return packets.length === 1 ? (packets[0] as Buffer) : Buffer.concat(packets);
  }

  private packet(piece: Buffer): Buffer {
    const { data, compressed, atFront } = this.encoder.encode(piece);
    const flags = compressed ? PACKET_COMPRESSED | (atFront ? PACKET_AT_FRONT : 0) : PACKET_FLUSHED;
    return writePacket(flags, data, piece.length);
  }
}

/** One direction in. Holds at most one packet that is not complete. */
export class PacketReader {
  private readonly decoder = new MppcDecoder();
  private waiting: Buffer = Buffer.alloc(0);

  /** What the packets that are complete with `chunk` stand for. Throws COMPRESSION_FLAGS, COMPRESSION_LENGTH, COMPRESSION_DATA. */
  read(chunk: Buffer): Buffer {
    let bytes = this.waiting.length === 0 ? chunk : Buffer.concat([this.waiting, chunk]);
    const pieces: Buffer[] = [];
    while (bytes.length >= HEADER_BYTES) {
      const header = readHeader(bytes);
      const end = HEADER_BYTES + header.length;
      if (bytes.length < end) break;
      pieces.push(this.piece(header, bytes.subarray(HEADER_BYTES, end)));
      bytes = bytes.subarray(end);
    }
    // A copy: the chunk belongs to the socket.
    this.waiting = Buffer.from(bytes);
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  private piece({ flags, plainLength }: PacketHeader, payload: Buffer): Buffer {
    const plain = this.plain(flags, payload);
    if (plain.length === plainLength) return plain;
    throw CompressionErrors.COMPRESSION_DATA({ problem: `it stands for ${plain.length} bytes, announced were ${plainLength}` });
  }

  private plain(flags: number, payload: Buffer): Buffer {
    if (flags !== PACKET_FLUSHED) return this.decoder.decode(payload, (flags & PACKET_AT_FRONT) !== 0);
    this.decoder.flush();
    return Buffer.from(payload);
  }
}
