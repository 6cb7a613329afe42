/** The clock as one owner of timers sees it: what their callbacks throw is the owner's affair, and ends nobody else's. */
import type { Clock } from './clock.ts';
import type { Timer, Timers } from './timer-wheel.ts';

/** Told of a timer's callback that threw, or whose promise was rejected. @param callback its name, '' without one */
export type TimerFailed = (callback: string, error: unknown) => void;

/** The same time, and timers on the same wheel, under an owner's name. */
export function ownedClock(clock: Clock, owner: string, failed: TimerFailed): Clock {
  return { now: () => clock.now(), timers: new OwnedTimers(clock.timers, owner, failed) };
}

class OwnedTimers implements Timers {
  constructor(
    private readonly timers: Timers,
    readonly owner: string,
    readonly failed: TimerFailed,
  ) {}

  get size(): number {
    return this.timers.size;
  }

  start(delayMs: number, callback: (arg: unknown) => unknown, arg?: unknown): Timer {
    return this.timers.start(delayMs, runOwned, new OwnedCall(callback, arg, this));
  }

  cancel(timer: Timer | undefined): void {
    this.timers.cancel(timer);
  }
}

/** What a timer of an owner calls. */
export class OwnedCall {
  constructor(
    readonly callback: (arg: unknown) => unknown,
    private readonly arg: unknown,
    private readonly timers: Pick<OwnedTimers, 'owner' | 'failed'>,
  ) {}

  get owner(): string {
    return this.timers.owner;
  }

  run(): void {
    const failed = (error: unknown): void => this.timers.failed(this.callback.name, error);
    try {
      const done = this.callback(this.arg);
      if (done instanceof Promise) done.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** One function for all of them: a timer costs its owner no closure. */
function runOwned(call: unknown): void {
  (call as OwnedCall).run();
}
