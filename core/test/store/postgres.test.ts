/** The same tests on PostgreSQL, when PARLEY_TEST_PG names a database to use: each test has a schema of its own in it. */
import { afterAll, test } from 'vitest';
import { openStore, temporarySchema } from '../../src/store/index.ts';
import type { TemporarySchema } from '../../src/store/index.ts';
import { storeSuite } from './suite.ts';

const url = process.env['PARLEY_TEST_PG'];
const schemas: TemporarySchema[] = [];

if (url === undefined) {
  test.skip('store on PostgreSQL: PARLEY_TEST_PG names no database');
} else {
  storeSuite('PostgreSQL', async (clock) => {
    const schema = await temporarySchema(url);
    schemas.push(schema);
    return openStore({ kind: 'postgres', url: schema.url, connections: 2 }, { clock });
  });

  afterAll(() => Promise.all(schemas.map((schema) => schema.drop())));
}
