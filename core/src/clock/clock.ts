/** Time as the server sees it: the system's clock, or one that a test moves by hand. */
import { TimerWheel } from './timer-wheel.ts';
import type { Timers } from './timer-wheel.ts';

export interface Clock {
  /** Whole milliseconds since 1970, never going back while the process lives. */
  now(): number;
  /** Every timer of the server runs on one wheel. */
  readonly timers: Timers;
}

const TICK_MS = 10;

/** The system's clock. Keeps no process alive by itself; `stop()` ends its ticking. */
export class SystemClock implements Clock {
  readonly timers: TimerWheel;
  private readonly offset: number;
  private readonly ticker: NodeJS.Timeout;

  constructor() {
    // performance.now() does not jump when an administrator sets the wall clock; certificates and logs use Date.
    this.offset = Date.now() - performance.now();
    this.timers = new TimerWheel(this.now());
    this.ticker = setInterval(() => this.timers.advanceTo(this.now()), TICK_MS);
    this.ticker.unref();
  }

  now(): number {
    return Math.floor(this.offset + performance.now());
  }

  stop(): void {
    clearInterval(this.ticker);
  }
}

/** A clock for tests: stands still until `advance`. */
export class FakeClock implements Clock {
  readonly timers: TimerWheel;
  private time: number;

  /** @param startMs milliseconds since 1970 that the clock begins at */
  constructor(startMs = 1_000_000_000_000) {
    this.time = startMs;
    this.timers = new TimerWheel(startMs);
  }

  now(): number {
    return this.time;
  }

  /** Moves time forward by `ms` and runs every timer that falls due on the way, in order; each sees its own due time as `now()`. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.timers.nextDue(); next !== undefined && next <= end; next = this.timers.nextDue()) {
      this.time = Math.max(this.time, next);
      this.timers.advanceTo(this.time);
    }
    this.time = end;
    this.timers.advanceTo(end);
  }
}
