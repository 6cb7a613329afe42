/** SIP on a TCP or TLS connection: byte stages, framing, keep-alive. RFC 3261 section 18.3, RFC 5626 section 4.4.1. */
import { FramingError, StreamFramer } from '../sip/index.ts';
import { Connection, type ConnectionHome, type ConnectionStart } from './connection.ts';
import type { ByteStage, ByteStageFactory } from './stages.ts';

const PONG = Buffer.from('\r\n');

export class StreamConnection extends Connection {
  private readonly framer: StreamFramer;
  /** Nearest to SIP first. */
  private readonly stages: readonly ByteStage[] | undefined;

  /** @param factories sorted by their order */
  constructor(start: ConnectionStart, home: ConnectionHome, factories: readonly ByteStageFactory[]) {
    super(start, home);
    this.framer = new StreamFramer(home.sipLimits);
    this.stages = openStages(factories, this);
  }

  protected override read(chunk: Buffer): void {
    const bytes = this.stages === undefined ? chunk : this.staged(chunk, this.stages);
    if (bytes === undefined || bytes.length === 0) return;
    const { framer } = this;
    framer.push(bytes);
    for (let found = framer.next(); found !== undefined && this.open; found = framer.next()) {
      if (found instanceof FramingError) {
        this.unframed(found);
      } else if (found === 'ping') {
        if (this.home.pong) this.enqueueFramed(PONG);
      } else {
        this.partialSince = 0;
        if (!this.home.intake.receive(found, this)) this.drop('framing', 'what came is no SIP message');
      }
    }
  }

  protected override frame(message: Buffer): Buffer {
    if (this.stages === undefined) return message;
    return this.stages.reduce((bytes, stage) => stage.outbound(bytes), message);
  }

  protected override get isPartial(): boolean {
    return this.framer.buffered > 0;
  }

  /** undefined: a stage failed, and the connection with it. */
  private staged(chunk: Buffer, stages: readonly ByteStage[]): Buffer | undefined {
    try {
      return stages.reduceRight((bytes, stage) => stage.inbound(bytes), chunk);
    } catch (error) {
      this.drop('byteStage', `a byte stage refused what came: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Where the next message begins is not known any more, so the connection cannot go on. */
  private unframed({ error, request }: FramingError): void {
    if (request !== undefined) this.home.intake.refuse(request, error, this);
    this.expire('framing', `the stream cannot be followed: ${error.message}`);
  }
}

function openStages(factories: readonly ByteStageFactory[], connection: StreamConnection): readonly ByteStage[] | undefined {
  if (factories.length === 0) return undefined;
  const stages = factories.map((f) => f.open(connection)).filter((s) => s !== undefined);
  return stages.length === 0 ? undefined : stages;
}
