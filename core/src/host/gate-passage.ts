/** Takes each message through the gates, in order, without a promise unless a gate makes one. */
import type { Clock } from '../clock/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import { ParleyError } from '../errors/index.ts';
import { challengeHeaders, isUnchallengeable } from './challenge.ts';
import type { ChallengeStatus } from './challenge.ts';
import { ADMIT, PASS } from './gate.ts';
import type { Challenger, Gate, GateHeaders, GateVerdict } from './gate.ts';

/** What messages are taken through. */
export interface Gatekeepers {
  readonly gates: readonly Gate[];
  readonly challengers?: readonly Challenger[];
}

export class GatePassage {
  private gates: readonly Gate[] = [];
  private guards: readonly Gate[] = [];
  private challengers: readonly Challenger[] = [];

  constructor(
    private readonly transactions: Pick<TransactionLayer, 'receive' | 'refuse'>,
    private readonly clock: Pick<Clock, 'now'>,
    /** Told what a gate or challenger threw. */
    private readonly failed: (name: string, error: unknown) => void,
  ) {}

  /** Replaces gates and challengers; messages on their way finish with the old gates. */
  use({ gates, challengers = [] }: Gatekeepers): void {
    this.gates = gates.toSorted((a, b) => a.order - b.order);
    this.guards = this.gates.filter((gate) => gate.guards !== undefined);
    this.challengers = challengers.toSorted((a, b) => a.order - b.order);
  }

  /** Whether ACKs and CANCELs of known transactions have to pass as well. */
  isGuarded(flow: Flow): boolean {
    return this.guards.some((gate) => this.guardsFlow(gate, flow));
  }

  /** Gives `inbound` to the transaction layer when every gate lets it pass. */
  pass(inbound: Inbound): void {
    this.from(inbound, this.gates, 0, false);
  }

  /** A gate that cannot say has to see them. */
  private guardsFlow(gate: Gate, flow: Flow): boolean {
    try {
      return gate.guards?.(flow) === true;
    } catch (error) {
      this.failed(gate.name, error);
      return true;
    }
  }

  private from(inbound: Inbound, gates: readonly Gate[], start: number, wasAdmitted: boolean): void {
    let admitted = wasAdmitted;
    for (let i = start; i < gates.length; i++) {
      const gate = gates[i] as Gate;
      let verdict: GateVerdict | Promise<GateVerdict>;
      try {
        verdict = gate.check(inbound);
      } catch (error) {
        this.fail(inbound, gate.name, error);
        return;
      }
      if (verdict instanceof Promise) {
        const admittedSoFar = admitted;
        verdict.then(
          (late) => {
            if (this.accepts(inbound, late)) this.from(inbound, gates, i + 1, admittedSoFar || late === ADMIT);
          },
          (error: unknown) => this.fail(inbound, gate.name, error),
        );
        return;
      }
      if (!this.accepts(inbound, verdict)) return;
      admitted ||= verdict === ADMIT;
    }
    if (this.isStranger(inbound, admitted)) this.challenge(inbound as Inbound<SipRequest>, 401);
    else this.transactions.receive(inbound);
  }

  private accepts(inbound: Inbound, verdict: GateVerdict): boolean {
    if (verdict === PASS || verdict === ADMIT) return true;
    if (!inbound.message.isRequest) return false;
    const request = inbound as Inbound<SipRequest>;
    if ('challenge' in verdict) this.challenge(request, verdict.challenge, verdict.headers);
    else if ('respond' in verdict) this.transactions.refuse(request, verdict.respond, verdict.reason, verdict.headers);
    return false;
  }

  /** Nobody has vouched for a request, and there is a way in which its sender could have. */
  private isStranger(inbound: Inbound, admitted: boolean): boolean {
    return this.challengers.length > 0 && !admitted && inbound.message.isRequest && inbound.identity === undefined;
  }

  private challenge(inbound: Inbound<SipRequest>, status: ChallengeStatus, more?: GateHeaders): void {
    if (isUnchallengeable(inbound.message)) return;
    let headers: GateHeaders;
    try {
      headers = challengeHeaders(status, this.challengers, inbound, this.clock.now(), more);
    } catch (error) {
      this.fail(inbound, 'challenge', error);
      return;
    }
    this.transactions.refuse(inbound, status, undefined, headers);
  }

  /** A gate that fails must not let anything through. */
  private fail(inbound: Inbound, name: string, error: unknown): void {
    // What the message itself is to blame for has a status of its own.
    const blame = error instanceof ParleyError && error.status !== undefined && error.status < 500 ? error.status : undefined;
    if (blame === undefined) this.failed(name, error);
    if (inbound.message.isRequest) this.transactions.refuse(inbound as Inbound<SipRequest>, blame ?? 500);
  }
}
