/** What leaves: refusals are explained, and private explanations stay inside the organisation. [MS-OCER] R1 to R4. */
import { H } from '@parley/sdk';
import type { Flow, SipMessage, SipResponse, Stamp } from '@parley/sdk';
import { explain } from './explain.ts';
import type { InsidePeers } from './inside-peers.ts';

export class DiagnosticsStamp implements Stamp {
  readonly name = 'diagnostics';
  /** Before signatures (1000), which may cover what this adds. */
  readonly order = 900;

  constructor(
    private readonly peers: InsidePeers,
    /** This server's name: `source` of what it says itself. */
    private readonly fqdn: string,
  ) {}

  apply(message: SipMessage, flow: Flow): void {
    const local = !message.isRequest && (message as SipResponse).local;
    if (local) explain(message as SipResponse, this.fqdn);
    if (message.has(H.MSDiagnostics) && !this.mayRead(flow, local)) message.remove(H.MSDiagnostics);
  }

  /**
   * Servers must be listed. A client reads all once it has signed in; before that, only why it could not. A server that has
   * shown a certificate and that no gate vouches for is somebody else's.
   */
  private mayRead(flow: Flow, local: boolean): boolean {
    if (this.peers.has(flow)) return true;
    if (flow.trusted) return false;
    return flow.authenticated || (local && flow.tlsPeer === '');
  }
}
