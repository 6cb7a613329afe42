/** What the store says of routing scripts. */
import type { Kysely } from 'kysely';
import type { ScriptTables } from './script-schema.ts';
import type { ApplicationSettings, Place } from './script-source.ts';
import type { StoredScript, StoredTable } from './stored-script.ts';

/** Everything that the store says of the chain, as of one revision. */
export interface StoredState {
  readonly revision: number;
  /** In the order of their names. */
  readonly scripts: readonly StoredScript[];
  readonly settings: ReadonlyMap<string, ApplicationSettings>;
  /** In no chain, and kept to be brought back; in the order of their names. */
  readonly removed: readonly RemovedScript[];
}

/** A script that was taken out. */
export interface RemovedScript {
  readonly name: string;
  /** The one that ran. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly removedAt: number;
}

export const NOTHING_STORED: StoredState = { revision: 0, scripts: [], settings: new Map(), removed: [] };

/** One version that is kept. */
export interface ScriptVersion {
  readonly version: number;
  readonly storedAt: number;
  readonly current: boolean;
}

/** The number of the last change. */
export async function readRevision(db: Kysely<ScriptTables>): Promise<number> {
  const { revision } = await db.selectFrom('routing_revision').select('revision').executeTakeFirstOrThrow();
  return revision;
}

/** Everything, as of one revision. */
export async function readState(db: Kysely<ScriptTables>): Promise<StoredState> {
  // Before the rest: what changes meanwhile is then noticed, and read again.
  const revision = await readRevision(db);
  const scripts = await db
    .selectFrom('routing_scripts as s')
    .innerJoin('routing_script_versions as v', (join) => join.onRef('v.name', '=', 's.name').onRef('v.version', '=', 's.version'))
    .select(['s.name', 's.version', 's.handler', 's.lenient', 'v.text', 'v.tables', 'v.stored_at'])
    .orderBy('s.name')
    .execute();
  const settings = await db.selectFrom('routing_settings').selectAll().execute();
  const removed = await db.selectFrom('routing_removed').select(['name', 'version', 'removed_at']).orderBy('name').execute();
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
    removed: removed.map(({ name, version, removed_at }) => ({ name, version, removedAt: removed_at })),
  };
}

function settingsOf(row: ScriptTables['routing_settings']): ApplicationSettings {
  return { enabled: row.enabled === 1, enables: row.enables, place: placeOf(row), sequence: row.sequence };
}

function placeOf({ place, anchor, priority }: ScriptTables['routing_settings']): Place | undefined {
  if (place === 'priority') return { kind: 'priority', priority: priority ?? 0 };
  return (place === 'before' || place === 'after') && anchor !== null ? { kind: place, anchor } : undefined;
}

/** Newest first; empty for a script that has none. */
export async function readVersions(db: Kysely<ScriptTables>, name: string): Promise<ScriptVersion[]> {
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
