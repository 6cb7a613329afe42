/** A key that the database counts up itself. */
import type { ColumnBuilderCallback } from 'kysely';
import type { StoreDialect } from './store.ts';

/**
 * Type and rules of a primary key that grows by itself and is never used twice. Read it back with `.returning('id')`. In the type of the
 * table the column is `Generated`.
 *
 * @example
 * interface Tables {
 *   calls: { id: Generated<number>; caller: string };
 * }
 * type Call = Selectable<Tables['calls']>; // { id: number; caller: string }
 *
 * export const migrations: Record<string, Migration> = {
 *   '001-calls': {
 *     up: async (db, dialect) => {
 *       await db.schema.createTable('calls').addColumn('id', ...identity(dialect)).addColumn('caller', 'text').execute();
 *     },
 *   },
 * };
 */
export function identity(dialect: StoreDialect): ['integer' | 'bigint', ColumnBuilderCallback] {
  if (dialect === 'sqlite') return ['integer', (column) => column.primaryKey().autoIncrement()];
  return ['bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey()];
}
