/** What may not be left when a server is closed. */
import { H, SipResponse } from '@parley/core';
import type { FakeClock } from '@parley/core';
import type { WireMessage } from './conversation.ts';
import { TestkitErrors } from './errors.ts';
import type { Insight } from './trust.ts';

const MAX_TIMERS = 10;

/**
 * Throws TESTKIT_LEAKS when a timer, a transaction or a connection of a closed server is left, with the plugin whose it is where that is
 * known: of timers of its own clock, and of requests that its handler has not decided about.
 * @param undecided what the log said of those, by their Call-ID; some may have been answered later
 */
export function checkLeaks(
  { transport, transactions }: Insight,
  clock: FakeClock,
  undecided: ReadonlyMap<string, string>,
  messages: readonly WireMessage[],
): void {
  const list: string[] = [];
  const { connections = 0, halfOpen = 0 } = transport?.stats() ?? {};
  if (connections + halfOpen > 0) list.push(`  ${connections + halfOpen} connections`);
  for (const [role, kinds] of Object.entries(transactions?.size ?? {})) {
    const open = Object.entries(kinds as Readonly<Record<string, number>>).filter(([, count]) => count > 0);
    for (const [kind, count] of open) list.push(`  ${count} ${kind} ${role} transactions`);
    if (role === 'server' && open.length > 0) list.push(...waiting(undecided, messages).map((sentence) => `    ${sentence}`));
  }
  const timers = clock.timers.pending();
  for (const { due, calls, owner } of timers.slice(0, MAX_TIMERS)) {
    const whose = owner === undefined ? '' : ` of the plugin ${owner}`;
    list.push(`  a timer${whose} in ${due - clock.now()} ms that calls ${calls === '' ? 'a function without a name' : calls}`);
  }
  if (timers.length > MAX_TIMERS) list.push(`  ${timers.length - MAX_TIMERS} more timers`);
  if (list.length > 0) throw TestkitErrors.TESTKIT_LEAKS({ list: list.join('\n') });
}

/** What the log said, without the requests that were answered after all. */
function waiting(undecided: ReadonlyMap<string, string>, messages: readonly WireMessage[]): readonly string[] {
  const answered = new Set(
    messages.flatMap(({ from, message }) =>
      from === 'server' && message instanceof SipResponse && message.status >= 200 ? [message.first(H.CallId)] : [],
    ),
  );
  return [...undecided].flatMap(([callId, sentence]) => (answered.has(callId) ? [] : [sentence]));
}
