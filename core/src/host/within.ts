/** Time limits for work of others, on the server's clock. */
import type { Clock } from '../clock/index.ts';

/**
 * What `work` comes to, or a rejection with `late()` when it takes longer than `ms`. The work itself goes on: nothing can stop it,
 * and what it comes to then is dropped.
 */
export function within<T>(clock: Clock, ms: number, work: () => T | Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.timers.start(ms, () => reject(late()));
    const finish = (): void => clock.timers.cancel(timer);
    // A throw of `work` itself rejects like one inside its promise.
    new Promise<T>((settle) => settle(work())).then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        finish();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** Far longer than anything waits for. */
const NEVER_MS = 2_147_483_647;

/** Runs `work` in a process that stays alive meanwhile: the clock's ticking alone does not keep it, so that a time limit would never be reached. */
export async function stayingAlive<T>(work: () => Promise<T>): Promise<T> {
  const alive = setTimeout(() => undefined, NEVER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(alive);
  }
}
