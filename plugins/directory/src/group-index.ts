/** All groups in memory, with their members. */
import type { Group, User } from './api.ts';
import { foldName } from './names.ts';
import type { GroupRow } from './schema.ts';

interface Entry {
  readonly row: GroupRow;
  readonly members: Map<string, User>;
}

/** Groups by name in any case. Told of every change of a user, it keeps the members. */
export class GroupIndex {
  private readonly byName = new Map<string, Entry>();

  /** Adds groups that it does not know yet. */
  add(rows: readonly GroupRow[]): void {
    for (const row of rows) {
      if (!this.byName.has(row.name)) this.byName.set(row.name, { row, members: new Map() });
    }
  }

  remove(name: string): void {
    this.byName.delete(foldName(name));
  }

  /** Drops the groups that are not among `rows`, adds those that are new. */
  reset(rows: readonly GroupRow[]): void {
    const names = new Set(rows.map((row) => row.name));
    for (const name of this.byName.keys()) if (!names.has(name)) this.byName.delete(name);
    this.add(rows);
  }

  /** Notes that a user was added (`before` undefined), removed (`after` undefined) or changed. */
  userChanged(before: User | undefined, after: User | undefined): void {
    for (const name of before?.groups ?? []) this.byName.get(foldName(name))?.members.delete((before as User).id);
    for (const name of after?.groups ?? []) this.byName.get(foldName(name))?.members.set((after as User).id, after as User);
  }

  row(name: string): GroupRow | undefined {
    return this.byName.get(foldName(name))?.row;
  }

  get(name: string): Group | undefined {
    const entry = this.byName.get(foldName(name));
    return entry === undefined ? undefined : toGroup(entry);
  }

  /** Users in the group, in no order. */
  members(name: string): readonly User[] {
    return [...(this.byName.get(foldName(name))?.members.values() ?? [])];
  }

  /** Sorted by name. */
  list(): Group[] {
    const entries = [...this.byName.values()].sort((a, b) => (a.row.name < b.row.name ? -1 : 1));
    return entries.map(toGroup);
  }
}

function toGroup({ row, members }: Entry): Group {
  return { id: row.id, name: row.written, members: [...members.values()].map((user) => user.aor).sort() };
}
