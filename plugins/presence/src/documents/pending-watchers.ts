/** Who waits to be let see a user, for clients of LCS 2005: `presence.wpending`. Sheet ms-pres section 3.11. */
import { xmlElement } from '@parley/sdk';
import type { Subscriber } from './subscribers.ts';

/** The document, `CONTENT_TYPES.pendingWatchers`. */
export function pendingWatchersDocument(subscribers: readonly Subscriber[]): string {
  return xmlElement(
    'watchers',
    {},
    subscribers.map(({ user, displayName }) => xmlElement('watcher', { uri: `sip:${user}`, displayName })),
  ).text;
}
