/** What comes in: nobody but the organisation's own servers says what went wrong inside it. [MS-OCER] R4. */
import { H, PASS } from '@parley/sdk';
import type { Gate, GateVerdict, Inbound } from '@parley/sdk';
import type { InsidePeers } from './inside-peers.ts';

/** Takes ms-diagnostics off what clients and other organisations send; ms-client-diagnostics and ms-diagnostics-public stay. */
export class DiagnosticsGate implements Gate {
  readonly name = 'diagnostics';
  /** After signatures (200) and authentication (300), which may cover the header. */
  readonly order = 400;
  /** Messages that lost a header. */
  removed = 0;

  constructor(private readonly peers: InsidePeers) {}

  check({ message, flow }: Inbound): GateVerdict {
    if (message.has(H.MSDiagnostics) && !this.peers.has(flow)) {
      message.remove(H.MSDiagnostics);
      this.removed++;
    }
    return PASS;
  }
}
