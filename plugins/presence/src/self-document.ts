/** What a user's own endpoints are told of a change. Pure. [MS-PRES] R14, R15; sheet ms-pres section 3.3 */
import type { CategoryInstance, RoamingData } from './documents/index.ts';
import { CONTAINERS } from './documents/index.ts';
import type { Draft } from './draft.ts';
import type { PresenceState } from './presence-state.ts';

/** A category in a container from which its last instance has gone. */
export interface Emptied {
  readonly name: string;
  readonly container: number;
}

/** Categories that have to be told again, by name, with containers in which something of them has gone. */
export type TouchedCategories = ReadonlyMap<string, ReadonlySet<number>>;

/** What of the categories a change has touched. */
export function touchedBy(draft: Draft): TouchedCategories {
  const touched = new Map<string, Set<number>>();
  for (const { key, now } of draft.changedInstances.values()) {
    let containers = touched.get(key.name);
    if (containers === undefined) touched.set(key.name, (containers = new Set()));
    if (now === undefined) containers.add(key.container);
  }
  return touched;
}

/** Both together. */
export function mergeTouched(one: TouchedCategories, other: TouchedCategories): TouchedCategories {
  const merged = new Map(one);
  for (const [name, containers] of other) merged.set(name, new Set([...(one.get(name) ?? []), ...containers]));
  return merged;
}

/**
 * All instances of every category that is touched, since clients forget those that they knew. pidgin-sipe forgets the user's note when any
 * category is empty in container 200 or everywhere, whatever its name: only for note that is said.
 */
export function categoriesPart(state: PresenceState, touched: TouchedCategories): Pick<RoamingData, 'categories' | 'gone'> {
  const categories: CategoryInstance[] = [];
  const there = new Map<string, Set<number>>();
  for (const instance of state.instances.values()) {
    if (!touched.has(instance.name)) continue;
    categories.push(instance);
    const containers = there.get(instance.name);
    if (containers === undefined) there.set(instance.name, new Set([instance.container]));
    else containers.add(instance.container);
  }
  const gone: { name: string; container?: number }[] = [];
  for (const [name, containers] of touched) {
    const left = there.get(name);
    if (name === NOTE && left === undefined) {
      gone.push({ name });
      continue;
    }
    for (const container of containers) {
      if (left?.has(container) === true) continue;
      if (name === NOTE || container !== CONTAINERS.colleagues) gone.push({ name, container });
    }
  }
  return { categories, gone };
}

const NOTE = 'note';
