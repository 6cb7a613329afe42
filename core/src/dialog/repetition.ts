/** A response that is sent again and again until the other side has shown that it has it. RFC 3261 13.3.1.4, RFC 3262 section 3. */
import type { Timer } from '../clock/index.ts';
import type { Agent } from './agent.ts';

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
    private readonly agent: Agent,
    private readonly plan: RepetitionPlan,
  ) {
    this.interval = plan.first;
    this.repeat = agent.after(plan.first, () => this.again());
    this.limit = agent.after(plan.limit, () => this.end());
  }

  stop(): void {
    const { timers } = this.agent.clock;
    timers.cancel(this.repeat);
    timers.cancel(this.limit);
  }

  private again(): void {
    this.interval = Math.min(this.interval * 2, this.plan.longest);
    this.repeat = this.agent.after(this.interval, () => this.again());
    this.plan.send();
  }

  private end(): void {
    this.stop();
    this.plan.giveUp();
  }
}
