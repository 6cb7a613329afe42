/** What became of requests at the gate: counted for metrics, failures told in few lines. */
import type { Log, MetricSample } from '@parley/sdk';
import type { Limit } from './failure-limits.ts';

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

/** Lines about reached limits: at most one in this time. */
const LOG_INTERVAL_MS = 10_000;

/** Counters since the start of the process, and the log lines about them. */
export class Outcomes {
  private readonly counts = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  private lastLineAt = Number.NEGATIVE_INFINITY;
  private untold = 0;

  constructor(private readonly log: Pick<Log, 'debug' | 'warn'>) {}

  count(outcome: Outcome): void {
    this.counts.set(outcome, this.get(outcome) + 1);
  }

  get(outcome: Outcome): number {
    return this.counts.get(outcome) ?? 0;
  }

  /** A wrong password. When it used up a limit, an operator should know. */
  failed(address: string, user: string, reached: Limit | undefined, now: number): void {
    this.count('wrong');
    this.log.debug({ address, user }, 'digest authentication failed');
    if (reached === undefined) return;
    if (now - this.lastLineAt < LOG_INTERVAL_MS) {
      this.untold++;
      return;
    }
    const more = this.untold === 0 ? {} : { moreLikeThis: this.untold };
    this.log.warn({ address, user, limit: reached, ...more }, 'too many failed sign-in attempts: further ones are refused for a while');
    this.lastLineAt = now;
    this.untold = 0;
  }

  samples(): MetricSample[] {
    return OUTCOMES.map((outcome) => ({ labels: { outcome }, value: this.get(outcome) }));
  }
}
