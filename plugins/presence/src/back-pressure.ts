/** Whether a subscriber takes what it is sent. */
import type { Notifier } from '@parley/sdk';

/** Bytes that may wait for a connection before its subscriptions are told later, and then the latest state only. */
const MAX_BACKLOG = 65_536;

/** Does more wait for the subscriber's connection than a client that reads would let wait? */
export function isBlocked(notifier: Notifier | undefined): boolean {
  return (notifier?.lifeline?.backlog ?? 0) > MAX_BACKLOG;
}
