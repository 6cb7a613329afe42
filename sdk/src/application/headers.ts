/** The headers of a message in an application: in order, and changed as one likes. */
import { ApplicationErrors as E } from './errors.ts';
import { READ_ONLY_HEADERS } from './protocol.ts';
import type { WireHeader } from './protocol.ts';

/** Names ignore case. Texts are Unicode, without line breaks. */
export class Headers {
  private list: WireHeader[];

  constructor(private readonly original: readonly WireHeader[] = []) {
    this.list = [...original];
  }

  [Symbol.iterator](): IterableIterator<WireHeader> {
    return this.list.values();
  }

  /** The first value of that name; undefined when there is none. */
  first(name: string): string | undefined {
    return this.list.find(([other]) => same(other, name))?.[1];
  }

  /** All values of that name, top first. */
  all(name: string): string[] {
    return this.list.filter(([other]) => same(other, name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.first(name) !== undefined;
  }

  /** Adds one below those that are there. Throws APPLICATION_READ_ONLY, as all that changes does. */
  add(name: string, value: string): void {
    this.list.push([writable(name), value]);
  }

  /** Adds one above those of its name. */
  insert(name: string, value: string): void {
    const at = this.list.findIndex(([other]) => same(other, name));
    this.list.splice(at < 0 ? this.list.length : at, 0, [writable(name), value]);
  }

  /** Puts one value in the place of all of that name. */
  set(name: string, value: string): void {
    const at = this.list.findIndex(([other]) => same(other, name));
    this.remove(name);
    this.list.splice(at < 0 ? this.list.length : at, 0, [name, value]);
  }

  /** Removes all of that name; false when there is none. */
  remove(name: string): boolean {
    writable(name);
    const before = this.list.length;
    this.list = this.list.filter(([other]) => !same(other, name));
    return this.list.length < before;
  }

  /** Names whose values are not what they were, with all that they have now. */
  changes(): (readonly [name: string, values: readonly string[]])[] {
    const before = grouped(this.original);
    const now = grouped(this.list);
    const names = new Set([...before.keys(), ...now.keys()]);
    return [...names].flatMap((name) => {
      const [old, present] = [before.get(name) ?? [], now.get(name) ?? []];
      return old.length === present.length && old.every((value, index) => value === present[index]) ? [] : [[name, present] as const];
    });
  }
}

function grouped(list: readonly WireHeader[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of list) groups.set(name.toLowerCase(), [...(groups.get(name.toLowerCase()) ?? []), value]);
  return groups;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function writable(name: string): string {
  if (READ_ONLY_HEADERS.has(name.toLowerCase())) throw E.APPLICATION_READ_ONLY({ name });
  return name;
}
