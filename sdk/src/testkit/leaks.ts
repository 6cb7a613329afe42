/** What may not be left when a server is closed. */
import type { FakeClock } from '@parley/core';
import { TestkitErrors } from './errors.ts';
import type { Insight } from './trust.ts';

const MAX_TIMERS = 10;

/** Throws TESTKIT_LEAKS when a timer, a transaction or a connection of a closed server is left. */
export function checkLeaks({ transport, transactions }: Insight, clock: FakeClock): void {
  const list: string[] = [];
  const { connections = 0, halfOpen = 0 } = transport?.stats() ?? {};
  if (connections + halfOpen > 0) list.push(`  ${connections + halfOpen} connections`);
  for (const [role, kinds] of Object.entries(transactions?.size ?? {})) {
    for (const [kind, count] of Object.entries(kinds as Readonly<Record<string, number>>)) {
      if (count > 0) list.push(`  ${count} ${kind} ${role} transactions`);
    }
  }
  const timers = clock.timers.pending();
  for (const { due, calls } of timers.slice(0, MAX_TIMERS)) {
    list.push(`  a timer in ${due - clock.now()} ms that calls ${calls === '' ? 'a function without a name' : calls}`);
  }
  if (timers.length > MAX_TIMERS) list.push(`  ${timers.length - MAX_TIMERS} more timers`);
  if (list.length > 0) throw TestkitErrors.TESTKIT_LEAKS({ list: list.join('\n') });
}
