/** What became of messages at the gate of one mechanism, counted for metrics. */
import type { MetricSample } from '@parley/core';

const OUTCOMES = [
  'verified',
  'signed-in',
  'handshake',
  'wrong',
  'malformed',
  'skew',
  'disabled',
  'unsupported',
  'limited',
  'forbidden',
  'contradictory',
  'overload',
  'unsigned',
  'unknown',
  'bad-signature',
  'replayed',
] as const;
/** How a message ended. */
export type AssociationOutcome = (typeof OUTCOMES)[number];

/** Counters since the start of the process. */
export class AssociationOutcomes {
  private readonly counts = new Map<AssociationOutcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));

  count(outcome: AssociationOutcome): void {
    this.counts.set(outcome, this.get(outcome) + 1);
  }

  get(outcome: AssociationOutcome): number {
    return this.counts.get(outcome) ?? 0;
  }

  samples(): MetricSample[] {
    return OUTCOMES.map((outcome) => ({ labels: { outcome }, value: this.get(outcome) }));
  }
}
