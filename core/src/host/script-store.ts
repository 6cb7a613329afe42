/** Routing scripts in the database that the nodes of a server share. */
import type { Store } from '../store/index.ts';
import { ScriptEditor } from './script-editor.ts';
import { readRevision, readState, readVersions } from './script-reading.ts';
import type { ScriptVersion, StoredState } from './script-reading.ts';
import type { ScriptTables } from './script-schema.ts';
import type { ScriptBundle, StoredTable } from './stored-script.ts';

export class ScriptStore {
  private readonly store: Store<ScriptTables>;

  constructor(store: Store) {
    this.store = store.as<ScriptTables>();
  }

  read(): Promise<StoredState> {
    return readState(this.store.read);
  }

  /** The number of the last change. */
  revision(): Promise<number> {
    return readRevision(this.store.read);
  }

  /**
   * Makes a change and shows what would then be stored to `check`: kept when that returns, undone when it throws. Changes of several
   * nodes wait for each other.
   */
  change<T>(edit: (editor: ScriptEditor) => Promise<T>, check: (state: StoredState) => void): Promise<T> {
    return this.store.write(async (trx) => {
      // First of all: its row is the lock.
      await trx
        .updateTable('routing_revision')
        .set((eb) => ({ revision: eb('revision', '+', 1) }))
        .execute();
      const made = await edit(new ScriptEditor(trx));
      check(await readState(trx));
      return made;
    });
  }

  /** Newest first; empty for a script that is not stored. */
  async versions(name: string): Promise<readonly ScriptVersion[]> {
    return readVersions(this.store.read, name);
  }

  /** One version of a script; undefined when it is not kept. */
  async bundle(name: string, version: number): Promise<ScriptBundle | undefined> {
    const row = await this.store.read
      .selectFrom('routing_script_versions')
      .select(['text', 'tables'])
      .where('name', '=', name)
      .where('version', '=', version)
      .executeTakeFirst();
    return row === undefined ? undefined : { text: row.text, tables: JSON.parse(row.tables) as StoredTable[] };
  }
}
