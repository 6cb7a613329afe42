/** The tables of routing scripts, and of what operators have decided about applications. */
import type { Kysely } from 'kysely';
import type { Migration } from '../store/index.ts';

export interface ScriptTables {
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
  /** Scripts that are in no chain any more: `version` is the one that ran, `settings` what was decided about them, as JSON of such a row. */
  routing_removed: { name: string; version: number; handler: string | null; lenient: number; settings: string | null; removed_at: number };
  /** One row: counts every change, so that other nodes notice it. */
  routing_revision: { id: number; revision: number };
}

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
  '002-removed-scripts': {
    up: async (db) => {
      await db.schema
        .createTable('routing_removed')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addColumn('handler', 'text')
        .addColumn('lenient', 'bigint', (c) => c.notNull())
        .addColumn('settings', 'text')
        .addColumn('removed_at', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
};
