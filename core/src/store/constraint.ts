/** Which rule of the schema a refused change broke, whatever the database. */

/** A rule of the database that a write has broken. */
export type Constraint = 'unique' | 'foreign-key' | 'not-null' | 'check';

/** SQLite's extended result codes. */
const SQLITE: Readonly<Record<number, Constraint>> = { 2067: 'unique', 1555: 'unique', 787: 'foreign-key', 1299: 'not-null', 275: 'check' };
/** PostgreSQL's SQLSTATE, class 23. */
const POSTGRES: Readonly<Record<string, Constraint>> = { '23505': 'unique', '23503': 'foreign-key', '23502': 'not-null', '23514': 'check' };

/** undefined for every other error. */
export function brokenConstraint(error: unknown): Constraint | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return SQLITE[error.errcode];
  if ('code' in error && typeof error.code === 'string') return POSTGRES[error.code];
  return undefined;
}
