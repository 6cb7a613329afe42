/** A response that is sent again and again until the other side has shown that it has it. RFC 3261 13.3.1.4, RFC 3262 section 3. */
import type { Clock, Timer } from '../clock/index.ts';

export interface RepetitionPlan {
  /** First interval, ms; each one after is twice as long. */
  readonly first: number;
  /** Longest interval, ms. */
  readonly longest: number;
  /** When to give up, ms from the start. */
  readonly limit: number;
  send(): void;
  giveUp(): void;
}

/** Repeats from its construction until `stop`, over reliable transports too: the loss may be beyond the next hop. */
export class Repetition {
  private interval: number;
  private repeat: Timer;
  private readonly limit: Timer;

  constructor(
    private readonly clock: Clock,
    private readonly plan: RepetitionPlan,
  ) {
    this.interval = plan.first;
    this.repeat = clock.timers.start(plan.first, onRepeat, this);
    this.limit = clock.timers.start(plan.limit, onLimit, this);
  }

  stop(): void {
    this.clock.timers.cancel(this.repeat);
    this.clock.timers.cancel(this.limit);
  }

  /** For the timer. */
  again(): void {
    this.interval = Math.min(this.interval * 2, this.plan.longest);
    this.repeat = this.clock.timers.start(this.interval, onRepeat, this);
    this.plan.send();
  }

  /** For the timer. */
  end(): void {
    this.stop();
    this.plan.giveUp();
  }
}

const onRepeat = (repetition: unknown): void => (repetition as Repetition).again();
const onLimit = (repetition: unknown): void => (repetition as Repetition).end();
