/** The same tests on PostgreSQL, when PARLEY_TEST_PG names a database to use: each test has a schema of its own in it. */
import { randomBytes } from 'node:crypto';
import { afterAll, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { storeSuite } from './suite.ts';

const url = process.env['PARLEY_TEST_PG'];
const schemas: string[] = [];

async function run(statement: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

if (url === undefined) {
  test.skip('store on PostgreSQL: PARLEY_TEST_PG names no database');
} else {
  storeSuite('PostgreSQL', async (clock) => {
    const schema = `parley_test_${randomBytes(6).toString('hex')}`;
    schemas.push(schema);
    await run(`create schema ${schema}`);
    const own = new URL(url);
    own.searchParams.set('options', `-c search_path=${schema}`);
    return openStore({ kind: 'postgres', url: own.href, connections: 2 }, { clock });
  });

  afterAll(async () => {
    if (schemas.length > 0) await run(`drop schema ${schemas.join(', ')} cascade`);
  });
}
