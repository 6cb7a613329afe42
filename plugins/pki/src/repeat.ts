/** Work that is done again and again on the server's timer wheel. */
import type { Clock } from '@parley/sdk';

/** Calls `work` every `intervalMs` milliseconds until the function that it returns is called. */
export function repeat(clock: Pick<Clock, 'timers'>, intervalMs: number, work: () => void): () => void {
  const run = (): void => {
    work();
    timer = clock.timers.start(intervalMs, run);
  };
  let timer = clock.timers.start(intervalMs, run);
  return () => clock.timers.cancel(timer);
}
