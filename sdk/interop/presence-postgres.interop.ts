/** What presence must keep, on PostgreSQL. */
import { openStore, temporarySchema } from '@parley/core';
import { afterAll, beforeAll, describe } from 'vitest';
import { presenceSuite } from '../../plugins/presence/test/suite.ts';
import { postgresqlPrograms } from './postgresql-programs.ts';
import { Postgresql } from './postgresql.ts';

const programs = postgresqlPrograms();
if (programs === undefined) console.warn('The tests of presence on PostgreSQL are skipped: not installed (Debian package postgresql)');

describe.skipIf(programs === undefined)('PostgreSQL', () => {
  let database: Postgresql;
  beforeAll(async () => {
    database = await Postgresql.start(programs ?? '');
  });
  afterAll(() => database.stop());

  // The schemas go with the database.
  presenceSuite('PostgreSQL', async (clock) => {
    const { url } = await temporarySchema(database.url);
    return openStore({ kind: 'postgres', url, connections: 2 }, { clock });
  });
});
