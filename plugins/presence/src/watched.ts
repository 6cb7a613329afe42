/** Who watches whom: finds those who have to be told of a change. [MS-PRES] R17, R23 */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import type { Change } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import { effectiveContainer } from './documents/index.ts';
import type { Container, WatcherIdentity } from './documents/index.ts';
import { FanOut } from './fan-out.ts';
import type { PresenceState } from './presence-state.ts';
import type { Watch } from './watching.ts';

@injectable()
export class Watched {
  private readonly byContact = new Map<string, Set<Watch>>();
  private readonly shared = new SharedSets();
  private count = 0;

  constructor(
    @inject(FanOut) private readonly fanOut: FanOut,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'limits'>,
  ) {}

  /** Contacts in all subscriptions. */
  get size(): number {
    return this.count;
  }

  /** How many watch a contact. */
  watchersOf(aor: string): number {
    return this.byContact.get(aor)?.size ?? 0;
  }

  /** Whether one more may watch a contact. */
  hasRoom(aor: string): boolean {
    return this.watchersOf(aor) < this.config.limits.watchers;
  }

  add(watch: Watch): void {
    const watches = this.byContact.get(watch.aor);
    if (watches === undefined) this.byContact.set(watch.aor, new Set([watch]));
    else watches.add(watch);
    this.count++;
  }

  remove(watch: Watch): void {
    const watches = this.byContact.get(watch.aor);
    if (watches?.delete(watch) !== true) return;
    this.count--;
    if (watches.size === 0) this.byContact.delete(watch.aor);
    this.fanOut.forget(watch);
  }

  /** A change is committed: whom it concerns is told, each what it may see. */
  changed({ presentity, after, draft }: Change): void {
    const watches = this.byContact.get(presentity.aor);
    if (watches === undefined) return;
    const containers = draft.changedContainers.size > 0 ? [...after.containers.values()] : undefined;
    const touched = this.touchedBy(draft);
    for (const watch of watches) {
      if (containers !== undefined && this.moved(watch, presentity.aor, containers)) continue;
      const names = touched.get(watch.container);
      const due = names === undefined ? undefined : this.shared.wanted(watch.categories, names);
      if (due === undefined) continue;
      watch.note(due);
      this.fanOut.push(watch);
    }
  }

  /** Everything of a contact may be another now: it has come to the directory, or gone from it. */
  replaced(aor: string, containerOf: (watcher: WatcherIdentity) => number): void {
    for (const watch of this.byContact.get(aor) ?? []) {
      watch.container = containerOf(watch.subscription.watcher);
      watch.note(watch.categories);
      this.fanOut.push(watch);
    }
  }

  /** Names of the categories that a change touches, by container. */
  private touchedBy(draft: Change['draft']): ReadonlyMap<number, ReadonlySet<string>> {
    const touched = new Map<number, Set<string>>();
    for (const { key } of draft.changedInstances.values()) {
      const names = touched.get(key.container);
      if (names === undefined) touched.set(key.container, new Set([key.name]));
      else names.add(key.name);
    }
    return new Map([...touched].map(([container, names]) => [container, this.shared.one(names)]));
  }

  private moved(watch: Watch, owner: string, containers: readonly Container[]): boolean {
    const container = effectiveContainer(owner, containers, watch.subscription.watcher);
    if (container === watch.container) return false;
    watch.container = container;
    watch.note(watch.categories);
    this.fanOut.push(watch);
    return true;
  }
}

/** The container that a watcher is shown. */
export function containerFor(owner: string, state: PresenceState, watcher: WatcherIdentity): number {
  return effectiveContainer(owner, [...state.containers.values()], watcher);
}

/** Sets of names that are kept; beyond it they are made anew each time. */
const MAX_SETS = 1000;

/**
 * Thousands of watchers have the same few lists of categories, and most changes touch the same few: each set of names is one object,
 * so that equal ones are known by being the same, and what is due to whom is worked out once.
 */
class SharedSets {
  private readonly sets = new Map<string, ReadonlySet<string>>();
  private readonly due = new WeakMap<ReadonlySet<string>, WeakMap<ReadonlySet<string>, ReadonlySet<string>>>();

  /** The one set that has these names. */
  one(names: ReadonlySet<string>): ReadonlySet<string> {
    const key = [...names].toSorted().join(' ');
    const known = this.sets.get(key);
    if (known !== undefined) return known;
    if (this.sets.size < MAX_SETS) this.sets.set(key, names);
    return names;
  }

  /** Which of the subscribed categories are among the touched ones; undefined: none. */
  wanted(categories: ReadonlySet<string>, touched: ReadonlySet<string>): ReadonlySet<string> | undefined {
    let byTouched = this.due.get(categories);
    if (byTouched === undefined) this.due.set(categories, (byTouched = new WeakMap()));
    let due = byTouched.get(touched);
    if (due === undefined) byTouched.set(touched, (due = this.one(categories.intersection(touched))));
    return due.size === 0 ? undefined : due;
  }
}
