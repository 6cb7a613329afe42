/** What the HTTPS host has done, counted for metrics. */
import type { MetricSample } from '@parley/sdk';

const OUTCOMES = ['accepted', 'connection', 'challenged', 'continued', 'wrong', 'disabled', 'malformed', 'limited'] as const;
/** How authentication of a request ended: let in (by credentials, or by its connection), or answered. */
export type AuthOutcome = (typeof OUTCOMES)[number];

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Counters since the start of the process. */
export class Traffic {
  private readonly responses = new Map<string, number>(CLASSES.map((name) => [name, 0]));
  private readonly outcomes = new Map<AuthOutcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));

  answered(status: number): void {
    const name = `${Math.floor(status / 100)}xx`;
    this.responses.set(name, (this.responses.get(name) ?? 0) + 1);
  }

  authenticated(outcome: AuthOutcome): void {
    this.outcomes.set(outcome, this.countOf(outcome) + 1);
  }

  countOf(outcome: AuthOutcome): number {
    return this.outcomes.get(outcome) ?? 0;
  }

  responseSamples(): MetricSample[] {
    return [...this.responses].map(([status, value]) => ({ labels: { status }, value }));
  }

  outcomeSamples(): MetricSample[] {
    return [...this.outcomes].map(([outcome, value]) => ({ labels: { outcome }, value }));
  }
}
