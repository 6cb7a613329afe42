/** Work that is done again and again on the server's timer wheel. */
import type { Clock } from './clock.ts';

/** Calls `work` every `intervalMs` milliseconds, first after one interval, until the function that it returns is called. */
export function repeat(clock: Pick<Clock, 'timers'>, intervalMs: number, work: () => void): () => void {
  const run = (): void => {
    timer = clock.timers.start(intervalMs, run);
    work();
  };
  let timer = clock.timers.start(intervalMs, run);
  return () => clock.timers.cancel(timer);
}
