/** Rows of a plugin's tables in the words of Kysely, so that a plugin need not depend on it. */
import type * as kysely from 'kysely';

/** A column that the database fills in when nothing is given: a key that it counts up (`identity`), a default. */
export type Generated<Value> = kysely.Generated<Value>;

/** A row as it is read. */
export type Selectable<Row> = kysely.Selectable<Row>;

/** A row as it may be inserted: generated columns may be left out. */
export type Insertable<Row> = kysely.Insertable<Row>;

/** What of a row may be changed. */
export type Updateable<Row> = kysely.Updateable<Row>;
