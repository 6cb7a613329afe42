/** What other plugins may tell default routing. */
import { token } from '@parley/sdk';
import type { Token } from '@parley/sdk';

/** The event packages that somebody at this server notifies of: what a 489 lists in Allow-Events (RFC 6665 section 8.2.2). */
export interface EventPackages {
  /** A plugin that claims SUBSCRIBE for this package says so; what is returned takes it back. */
  add(name: string): () => void;
  /** In the order in which they were added. */
  readonly names: readonly string[];
}
export const EventPackages: Token<EventPackages> = token<EventPackages>('routing.event-packages');
