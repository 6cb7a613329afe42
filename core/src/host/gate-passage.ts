/** Takes each message through the gates, in order, without a promise unless a gate makes one. */
import type { SipRequest } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import { ParleyError } from '../errors/index.ts';
import { PASS } from './gate.ts';
import type { Gate, GateVerdict } from './gate.ts';

export class GatePassage {
  private gates: readonly Gate[] = [];

  constructor(
    private readonly transactions: Pick<TransactionLayer, 'receive' | 'refuse'>,
    private readonly failed: (gate: Gate, error: unknown) => void,
  ) {}

  /** Replaces the gates; messages on their way finish with the old ones. */
  use(gates: readonly Gate[]): void {
    this.gates = [...gates].sort((a, b) => a.order - b.order);
  }

  /** Gives `inbound` to the transaction layer when every gate lets it pass. */
  pass(inbound: Inbound): void {
    this.from(inbound, this.gates, 0);
  }

  private from(inbound: Inbound, gates: readonly Gate[], start: number): void {
    for (let i = start; i < gates.length; i++) {
      const gate = gates[i] as Gate;
      let verdict: GateVerdict | Promise<GateVerdict>;
      try {
        verdict = gate.check(inbound);
      } catch (error) {
        this.fail(inbound, gate, error);
        return;
      }
      if (verdict instanceof Promise) {
        verdict.then(
          (late) => {
            if (this.accepts(inbound, late)) this.from(inbound, gates, i + 1);
          },
          (error: unknown) => this.fail(inbound, gate, error),
        );
        return;
      }
      if (!this.accepts(inbound, verdict)) return;
    }
    this.transactions.receive(inbound);
  }

  private accepts(inbound: Inbound, verdict: GateVerdict): boolean {
    if (verdict === PASS) return true;
    if ('respond' in verdict && inbound.message.isRequest) {
      this.transactions.refuse(inbound as Inbound<SipRequest>, verdict.respond, verdict.reason, verdict.headers);
    }
    return false;
  }

  /** A gate that fails must not let anything through. */
  private fail(inbound: Inbound, gate: Gate, error: unknown): void {
    // What the message itself is to blame for has a status of its own.
    const blame = error instanceof ParleyError && error.status !== undefined && error.status < 500 ? error.status : undefined;
    if (blame === undefined) this.failed(gate, error);
    if (inbound.message.isRequest) this.transactions.refuse(inbound as Inbound<SipRequest>, blame ?? 500);
  }
}
