/** Changes of the routing scripts in the store, and of what operators have decided about applications. */
import type { Transaction } from 'kysely';
import { readVersions } from './script-reading.ts';
import type { ScriptTables } from './script-schema.ts';
import type { Place } from './script-source.ts';
import { SCRIPTS_LIMIT, VERSIONS_KEPT } from './stored-script.ts';
import type { ScriptBundle } from './stored-script.ts';
import { ServerErrors } from './sip-server-errors.ts';

type Settings = ScriptTables['routing_settings'];

/** A script to be stored, as a new one or a new version. */
export interface NewVersion extends ScriptBundle {
  readonly name: string;
  /** The same as before when absent. */
  readonly handler: string | undefined;
  readonly lenient: boolean;
  readonly now: number;
}

/** What can be changed, inside one transaction. */
export class ScriptEditor {
  constructor(private readonly trx: Transaction<ScriptTables>) {}

  /**
   * Stores a script, or a new version of it; gives the version's number. One that was removed begins anew, behind the versions that it
   * has. Throws HOST_SCRIPT_LIMIT.
   */
  async put({ name, text, tables: files, handler, lenient, now }: NewVersion): Promise<number> {
    await this.trx.deleteFrom('routing_removed').where('name', '=', name).execute();
    const known = await this.trx.selectFrom('routing_scripts').select('name').where('name', '=', name).executeTakeFirst();
    if (known === undefined) await this.refuseTooMany();
    const [last] = await readVersions(this.trx, name);
    const version = (last?.version ?? 0) + 1;
    await this.trx
      .insertInto('routing_script_versions')
      .values({ name, version, text, tables: JSON.stringify(files), stored_at: now })
      .execute();
    const values = { version, handler: handler ?? null, lenient: lenient ? 1 : 0 };
    await this.trx
      .insertInto('routing_scripts')
      .values({ name, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute();
    await this.trx
      .deleteFrom('routing_script_versions')
      .where('name', '=', name)
      .where('version', '<=', version - VERSIONS_KEPT)
      .execute();
    return version;
  }

  /**
   * Makes an earlier version the running one: `wanted`, or the one before; of a script that was removed the one that ran, in the place
   * that it had. Gives its number. Throws HOST_SCRIPT_NO_VERSION.
   */
  async rollBack(name: string, wanted: number | undefined): Promise<number> {
    const wasRemoved = await this.bringBack(name);
    const versions = await readVersions(this.trx, name);
    const current = versions.find((version) => version.current);
    const found =
      wanted === undefined
        ? versions.find(({ version }) => current !== undefined && (wasRemoved ? version === current.version : version < current.version))
        : versions.find(({ version }) => version === wanted);
    if (found === undefined) {
      const known = versions.map(({ version }) => version).join(', ') || 'none';
      throw ServerErrors.HOST_SCRIPT_NO_VERSION({ name, wanted: wanted ?? `before ${current?.version ?? 1}`, known });
    }
    await this.trx.updateTable('routing_scripts').set({ version: found.version }).where('name', '=', name).execute();
    return found.version;
  }

  /** Takes a script out of the chain; its versions and what was decided about it are kept, for `rollBack`. @param now ms since 1970 */
  async remove(name: string, now: number): Promise<void> {
    const script = await this.trx.selectFrom('routing_scripts').selectAll().where('name', '=', name).executeTakeFirst();
    if (script === undefined) return;
    const settings = await this.trx.selectFrom('routing_settings').selectAll().where('name', '=', name).executeTakeFirst();
    await this.trx
      .insertInto('routing_removed')
      .values({ ...script, settings: settings === undefined ? null : JSON.stringify(settings), removed_at: now })
      .execute();
    for (const table of ['routing_scripts', 'routing_settings'] as const)
      await this.trx.deleteFrom(table).where('name', '=', name).execute();
  }

  /** Removes a script, or what is kept of one, for good: versions, settings, everything. */
  async purge(name: string): Promise<void> {
    const inChain = await this.trx.selectFrom('routing_scripts').select('name').where('name', '=', name).executeTakeFirst();
    for (const table of ['routing_scripts', 'routing_script_versions', 'routing_removed'] as const)
      await this.trx.deleteFrom(table).where('name', '=', name).execute();
    // Of a script that was removed there are none: those of that name are of another application.
    if (inChain !== undefined) await this.trx.deleteFrom('routing_settings').where('name', '=', name).execute();
  }

  /** Undoes `remove`; gives false where there is nothing to undo. */
  private async bringBack(name: string): Promise<boolean> {
    const removed = await this.trx.selectFrom('routing_removed').selectAll().where('name', '=', name).executeTakeFirst();
    if (removed === undefined) return false;
    const { version, handler, lenient, settings } = removed;
    await this.trx.insertInto('routing_scripts').values({ name, version, handler, lenient }).execute();
    if (settings !== null) await this.settle(name, JSON.parse(settings) as Settings);
    await this.trx.deleteFrom('routing_removed').where('name', '=', name).execute();
    return true;
  }

  /** Switches an application on, or off; on also clears what was counted against it. */
  async enable(name: string, enabled: boolean): Promise<void> {
    const before = await this.trx.selectFrom('routing_settings').select('enables').where('name', '=', name).executeTakeFirst();
    await this.settle(name, enabled ? { enabled: 1, enables: (before?.enables ?? 0) + 1 } : { enabled: 0 });
  }

  /** Gives an application a place; the last one placed wins over those placed there before. */
  async place(name: string, place: Place): Promise<void> {
    const { last } = await this.trx
      .selectFrom('routing_settings')
      .select((eb) => eb.fn.max('sequence').as('last'))
      .executeTakeFirstOrThrow();
    const anchor = place.kind === 'priority' ? null : place.anchor;
    const priority = place.kind === 'priority' ? place.priority : null;
    await this.settle(name, { place: place.kind, anchor, priority, sequence: (last ?? 0) + 1 });
  }

  /** Takes an application's place back: it stands where it would by itself. */
  async unplace(name: string): Promise<void> {
    await this.settle(name, { place: null, anchor: null, priority: null, sequence: 0 });
  }

  private async settle(name: string, change: Partial<Settings>): Promise<void> {
    await this.trx
      .insertInto('routing_settings')
      .values({ name, enabled: 1, enables: 0, place: null, anchor: null, priority: null, sequence: 0, ...change })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(change))
      .execute();
  }

  private async refuseTooMany(): Promise<void> {
    let count = 0;
    for (const table of ['routing_scripts', 'routing_removed'] as const) {
      const { rows } = await this.trx
        .selectFrom(table)
        .select((eb) => eb.fn.countAll().as('rows'))
        .executeTakeFirstOrThrow();
      count += Number(rows);
    }
    if (count < SCRIPTS_LIMIT) return;
    const advice = 'Removed ones count while they are kept: drop some with `parley script remove NAME --purge`.';
    throw ServerErrors.HOST_SCRIPT_LIMIT({ found: count + 1, what: 'scripts beside it', limit: SCRIPTS_LIMIT, advice });
  }
}
