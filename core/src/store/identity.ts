/** A key that the database counts up itself. */
import type { ColumnBuilderCallback } from 'kysely';
import type { StoreDialect } from './store.ts';

/**
 * Type and rules of a primary key that grows by itself and is never used twice:
 * `createTable('users').addColumn('id', ...identity(dialect))`. Read it back with `.returning('id')`.
 */
export function identity(dialect: StoreDialect): ['integer' | 'bigint', ColumnBuilderCallback] {
  if (dialect === 'sqlite') return ['integer', (column) => column.primaryKey().autoIncrement()];
  return ['bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey()];
}
