/** What became of tickets, counted for metrics. */
import type { MetricSample } from '@parley/sdk';
import type { TicketFailure } from './api.ts';

/** `issued` and `refused` at the web ticket service; the others at services that take tickets. */
export type TicketOutcome = 'issued' | 'refused' | 'good' | TicketFailure['failure'];

const OUTCOMES: readonly TicketOutcome[] = [
  'issued',
  'refused',
  'good',
  'missing',
  'malformed',
  'signature',
  'audience',
  'expired',
  'user',
  'proof',
];

/** Counters since the start of the process. */
export class TicketOutcomes {
  private readonly counts = new Map<TicketOutcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));

  count(outcome: TicketOutcome): void {
    this.counts.set(outcome, this.get(outcome) + 1);
  }

  get(outcome: TicketOutcome): number {
    return this.counts.get(outcome) ?? 0;
  }

  samples(): MetricSample[] {
    return OUTCOMES.map((outcome) => ({ labels: { outcome }, value: this.get(outcome) }));
  }
}
