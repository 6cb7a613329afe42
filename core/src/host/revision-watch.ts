/** Notices that another node has changed the routing scripts: it says so on the bus, and the store tells when that was lost. */
import { subject } from '../bus/index.ts';
import type { Subject } from '../bus/index.ts';
import { repeat } from '../clock/index.ts';
import type { HostCore } from './core-services.ts';
import type { ScriptStore } from './script-store.ts';

/** Published after a change was committed: other nodes on the same store read it again. */
export const RoutingChanged: Subject<{ readonly revision: number }> = subject<{ readonly revision: number }>('core.routing.changed');

/** A lost announcement is made up for after so long. */
const POLL_MS = 5_000;

/** How often the store is looked at; undefined for one that this process has for itself. */
export function pollInterval(dialect: 'sqlite' | 'postgres'): number | undefined {
  return dialect === 'postgres' ? POLL_MS : undefined;
}

/** Calls `follow` with the number of the last change, whenever there may be a new one, until what it gives is called. */
export function watchRevisions(
  { bus, clock, log, pollMs }: Pick<HostCore, 'bus' | 'clock' | 'log'> & { readonly pollMs: number | undefined },
  store: ScriptStore,
  follow: (revision: number) => Promise<void>,
): () => void {
  let over = false;
  const catchUp = async (latest: () => number | Promise<number>): Promise<void> => {
    try {
      await follow(await latest());
    } catch (err) {
      if (!over) log.warn({ err }, 'it cannot be seen whether routing scripts have changed; the present ones stay');
    }
  };
  const ends = [bus.subscribe(RoutingChanged, ({ revision }) => catchUp(() => revision))];
  if (pollMs !== undefined) ends.push(repeat(clock, pollMs, () => void catchUp(() => store.revision())));
  return () => {
    over = true;
    for (const end of ends) end();
  };
}
