/** What is left of a process that was killed. */
import { setImmediate as turn } from 'node:timers/promises';
import type { FakeClock, Host } from '@parley/core';

/** Longer than draining and stopping take together. */
const END_MS = 600_000;
const STEP_MS = 5_000;

/**
 * Closes a host whose sockets are gone and whose store takes nothing more, so that nothing of it goes on in this process: nobody hears of
 * it any more, and it hears of nobody.
 */
export async function bury(host: Host, clock: FakeClock): Promise<void> {
  const closed = host.close();
  for (let ms = 0; ms < END_MS && host.state !== 'closed'; ms += STEP_MS) {
    await turn();
    clock.advance(STEP_MS);
  }
  await closed;
}
