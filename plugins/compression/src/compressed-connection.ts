/** One connection: plain until a NEGOTIATE was answered with 200, packets in both directions from then on. [MS-SIPCOMP] sections 3.1 and 3.2. */
import type { ByteStage, Flow } from '@parley/sdk';
import { CompressionErrors } from './errors.ts';
import { PacketReader, PacketWriter } from './packet-stream.ts';

/** Bytes that may come out of compressed data before somebody has signed in: as many as a plain connection may send. */
const MAX_UNAUTHENTICATED_BYTES = 262_144;

/**
 * `plain`: nothing was negotiated. `answering`: the 200 is the next message out, still plain; what comes in is compressed already,
 * since the client sends nothing before it has the answer. `compressed`: both ways.
 */
type Phase = 'plain' | 'answering' | 'compressed';

export class CompressedConnection implements ByteStage {
  /** A request other than NEGOTIATE has come: it is too late to negotiate. */
  used = false;
  private phase: Phase = 'plain';
  private reader: PacketReader | undefined;
  private writer: PacketWriter | undefined;
  private unauthenticatedBytes = 0;

  constructor(private readonly flow: Pick<Flow, 'authenticated'>) {}

  /** May a NEGOTIATE switch it on now? */
  get negotiable(): boolean {
    return this.phase === 'plain' && !this.used;
  }

  /** The next message out is the 200; everything else is compressed. Memory for the histories is taken now. */
  switchOn(): void {
    this.phase = 'answering';
    this.reader = new PacketReader();
    this.writer = new PacketWriter();
  }

  inbound(chunk: Buffer): Buffer {
    if (this.reader === undefined) return chunk;
    const bytes = this.reader.read(chunk);
    if (!this.flow.authenticated) {
      this.unauthenticatedBytes += bytes.length;
      if (this.unauthenticatedBytes > MAX_UNAUTHENTICATED_BYTES) {
        throw CompressionErrors.COMPRESSION_UNAUTHENTICATED({ limit: MAX_UNAUTHENTICATED_BYTES });
      }
    }
    return bytes;
  }

  outbound(bytes: Buffer): Buffer {
    if (this.phase === 'answering') {
      this.phase = 'compressed';
      return bytes;
    }
    return this.writer === undefined ? bytes : this.writer.write(bytes);
  }
}
