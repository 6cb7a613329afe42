/** Answers NEGOTIATE. [MS-SIPCOMP] R1 to R5. */
import { H, PASS } from '@parley/sdk';
import type { ByteStage, ByteStageFactory, Flow, Gate, GateVerdict, Inbound } from '@parley/sdk';
import { CompressedConnection } from './compressed-connection.ts';

/** The one algorithm: MPPC with a history of 8 KiB. */
const LZ77_8K = 'LZ77-8K';
const METHOD_NOT_ALLOWED: GateVerdict = { respond: 405 };
const NOT_ACCEPTABLE: GateVerdict = { respond: 488, headers: [['Compression', LZ77_8K]] };
const TOO_LATE: GateVerdict = { respond: 400, reason: 'Compression is negotiated once, before anything else' };
const AGREED: GateVerdict = { respond: 200, headers: [['Compression', LZ77_8K]] };

/** Gate and byte stage in one: the gate hears the NEGOTIATE, the stage does what was agreed. */
export class Negotiation implements Gate, ByteStageFactory {
  readonly name = 'compression';
  /** As a gate: behind the rate limits (100), before signatures (200) and authentication, which NEGOTIATE does not know. As a stage: alone. */
  readonly order = 150;
  /** Connections that were switched to compression. */
  agreed = 0;
  private readonly connections = new WeakMap<Flow, CompressedConnection>();

  /** @param enabled false: every NEGOTIATE is refused, and no connection has a stage */
  constructor(private readonly enabled: boolean) {}

  open(flow: Flow): ByteStage | undefined {
    // Offered and taken on TLS from clients only ([MS-SIPCOMP] R5).
    if (!this.enabled || flow.transport !== 'TLS' || flow.listener === undefined) return undefined;
    const connection = new CompressedConnection(flow);
    this.connections.set(flow, connection);
    return connection;
  }

  check({ message, flow }: Inbound): GateVerdict {
    const connection = this.connections.get(flow);
    if (!message.isRequest || message.method !== 'NEGOTIATE') {
      if (connection !== undefined) connection.used = true;
      return PASS;
    }
    if (connection === undefined) return METHOD_NOT_ALLOWED;
    if (!connection.negotiable) return TOO_LATE;
    const offered = message.list(H.Compression).map((value) => value.trim().toUpperCase());
    if (!offered.includes(LZ77_8K)) return NOT_ACCEPTABLE;
    connection.switchOn();
    this.agreed++;
    return AGREED;
  }
}
