/** What became of requests at the gate, counted for metrics. */
import type { MetricSample } from '@parley/sdk';

const OUTCOMES = [
  'accepted',
  'connection',
  'peer',
  'exempt',
  'challenged',
  'stale',
  'wrong',
  'malformed',
  'forbidden',
  'limited-address',
  'limited-user',
] as const;
/** How a request ended: let through for one of four reasons, or answered. */
export type Outcome = (typeof OUTCOMES)[number];

/** Counters since the start of the process. */
export class Outcomes {
  private readonly counts = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));

  count(outcome: Outcome): void {
    this.counts.set(outcome, this.get(outcome) + 1);
  }

  get(outcome: Outcome): number {
    return this.counts.get(outcome) ?? 0;
  }

  samples(): MetricSample[] {
    return OUTCOMES.map((outcome) => ({ labels: { outcome }, value: this.get(outcome) }));
  }
}
