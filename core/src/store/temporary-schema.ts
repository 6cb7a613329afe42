/** An empty place in a PostgreSQL database, for tests. */
import { randomBytes } from 'node:crypto';

/** A schema of its own. */
export interface TemporarySchema {
  /** To open stores with, that see this schema alone. */
  readonly url: string;
  /** Drops it with everything in it. */
  drop(): Promise<void>;
}

/** Makes a schema in the database that `url` names. Throws what PostgreSQL says. */
export async function temporarySchema(url: string): Promise<TemporarySchema> {
  const name = `parley_test_${randomBytes(6).toString('hex')}`;
  await run(url, `create schema ${name}`);
  const within = new URL(url);
  within.searchParams.set('options', `-c search_path=${name}`);
  return { url: within.href, drop: () => run(url, `drop schema ${name} cascade`) };
}

async function run(url: string, statement: string): Promise<void> {
  // Loaded only by those who use it.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
