/** Routing scripts, and what operators have decided about applications, in the database that the nodes of a server share. */
import type { Kysely, Transaction } from 'kysely';
import type { Migration, Store } from '../store/index.ts';
import type { ApplicationSettings, Place } from './script-source.ts';
import { SCRIPTS_LIMIT, VERSIONS_KEPT } from './stored-script.ts';
import type { ScriptBundle, StoredScript, StoredTable } from './stored-script.ts';
import { ServerErrors } from './sip-server-errors.ts';

interface ScriptTables {
  routing_scripts: { name: string; version: number; handler: string | null; lenient: number };
  routing_script_versions: { name: string; version: number; text: string; tables: string; stored_at: number };
  routing_settings: {
    name: string;
    enabled: number;
    enables: number;
    place: string | null;
    anchor: string | null;
    priority: number | null;
    sequence: number;
  };
  /** One row: counts every change, so that other nodes notice it. */
  routing_revision: { id: number; revision: number };
}

type Trx = Transaction<ScriptTables>;

/** Core's part of the schema. */
export const SCRIPT_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-routing-scripts': {
    up: async (db) => {
      await db.schema
        .createTable('routing_scripts')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addColumn('handler', 'text')
        .addColumn('lenient', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('routing_script_versions')
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('tables', 'text', (c) => c.notNull())
        .addColumn('stored_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('routing_script_versions_key', ['name', 'version'])
        .execute();
      await db.schema
        .createTable('routing_settings')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('enabled', 'bigint', (c) => c.notNull())
        .addColumn('enables', 'bigint', (c) => c.notNull())
        .addColumn('place', 'text')
        .addColumn('anchor', 'text')
        .addColumn('priority', 'bigint')
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('routing_revision')
        .addColumn('id', 'bigint', (c) => c.primaryKey())
        .addColumn('revision', 'bigint', (c) => c.notNull())
        .execute();
      await (db as Kysely<ScriptTables>).insertInto('routing_revision').values({ id: 1, revision: 0 }).execute();
    },
  },
};

/** Everything that the store says of the chain, as of one revision. */
export interface StoredState {
  readonly revision: number;
  /** In the order of their names. */
  readonly scripts: readonly StoredScript[];
  readonly settings: ReadonlyMap<string, ApplicationSettings>;
}

export const NOTHING_STORED: StoredState = { revision: 0, scripts: [], settings: new Map() };

/** One version that is kept. */
export interface ScriptVersion {
  readonly version: number;
  readonly storedAt: number;
  readonly current: boolean;
}

/** A script to be stored, as a new one or a new version. */
export interface NewVersion extends ScriptBundle {
  readonly name: string;
  /** The same as before when absent. */
  readonly handler: string | undefined;
  readonly lenient: boolean;
  readonly now: number;
}

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

/** What can be changed, inside one transaction. */
export class ScriptEditor {
  constructor(private readonly trx: Trx) {}

  /** Stores a script, or a new version of it; gives the version's number. Throws HOST_SCRIPT_LIMIT. */
  async put({ name, text, tables: files, handler, lenient, now }: NewVersion): Promise<number> {
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

  /** Makes an earlier version the running one: `wanted`, or the one before. Gives its number. Throws HOST_SCRIPT_NO_VERSION. */
  async rollBack(name: string, wanted: number | undefined): Promise<number> {
    const versions = await readVersions(this.trx, name);
    const current = versions.find((version) => version.current);
    const found =
      wanted === undefined
        ? versions.find(({ version }) => current !== undefined && version < current.version)
        : versions.find(({ version }) => version === wanted);
    if (found === undefined) {
      const known = versions.map(({ version }) => version).join(', ') || 'none';
      throw ServerErrors.HOST_SCRIPT_NO_VERSION({ name, wanted: wanted ?? `before ${current?.version ?? 1}`, known });
    }
    await this.trx.updateTable('routing_scripts').set({ version: found.version }).where('name', '=', name).execute();
    return found.version;
  }

  /** Removes a script with its versions and what was decided about it. */
  async remove(name: string): Promise<void> {
    for (const table of ['routing_scripts', 'routing_script_versions', 'routing_settings'] as const)
      await this.trx.deleteFrom(table).where('name', '=', name).execute();
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

  private async settle(name: string, change: Partial<Omit<ScriptTables['routing_settings'], 'name'>>): Promise<void> {
    await this.trx
      .insertInto('routing_settings')
      .values({ name, enabled: 1, enables: 0, place: null, anchor: null, priority: null, sequence: 0, ...change })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(change))
      .execute();
  }

  private async refuseTooMany(): Promise<void> {
    const { count } = await this.trx
      .selectFrom('routing_scripts')
      .select((eb) => eb.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) < SCRIPTS_LIMIT) return;
    const advice = 'Remove some with `parley script remove`.';
    throw ServerErrors.HOST_SCRIPT_LIMIT({ found: Number(count) + 1, what: 'scripts beside it', limit: SCRIPTS_LIMIT, advice });
  }
}

async function readRevision(db: Kysely<ScriptTables>): Promise<number> {
  const { revision } = await db.selectFrom('routing_revision').select('revision').executeTakeFirstOrThrow();
  return revision;
}

async function readState(db: Kysely<ScriptTables>): Promise<StoredState> {
  // Before the rest: what changes meanwhile is then noticed, and read again.
  const revision = await readRevision(db);
  const scripts = await db
    .selectFrom('routing_scripts as s')
    .innerJoin('routing_script_versions as v', (join) => join.onRef('v.name', '=', 's.name').onRef('v.version', '=', 's.version'))
    .select(['s.name', 's.version', 's.handler', 's.lenient', 'v.text', 'v.tables', 'v.stored_at'])
    .orderBy('s.name')
    .execute();
  const settings = await db.selectFrom('routing_settings').selectAll().execute();
  return {
    revision,
    scripts: scripts.map((row) => ({
      name: row.name,
      version: row.version,
      handler: row.handler ?? undefined,
      lenient: row.lenient === 1,
      text: row.text,
      tables: JSON.parse(row.tables) as StoredTable[],
      storedAt: row.stored_at,
    })),
    settings: new Map(settings.map((row) => [row.name, settingsOf(row)])),
  };
}

function settingsOf(row: ScriptTables['routing_settings']): ApplicationSettings {
  return { enabled: row.enabled === 1, enables: row.enables, place: placeOf(row), sequence: row.sequence };
}

function placeOf({ place, anchor, priority }: ScriptTables['routing_settings']): Place | undefined {
  if (place === 'priority') return { kind: 'priority', priority: priority ?? 0 };
  return (place === 'before' || place === 'after') && anchor !== null ? { kind: place, anchor } : undefined;
}

async function readVersions(db: Kysely<ScriptTables>, name: string): Promise<ScriptVersion[]> {
  const current = await db.selectFrom('routing_scripts').select('version').where('name', '=', name).executeTakeFirst();
  const rows = await db
    .selectFrom('routing_script_versions')
    .select(['version', 'stored_at'])
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .execute();
  return rows.map((row) => {
    const version = row.version;
    return { version, storedAt: row.stored_at, current: version === current?.version };
  });
}
