/** The store's tests, and a whole server, on PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { openStore } from '@parley/core';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeSuite } from '../../core/test/store/suite.ts';
import { Postgresql, postgresqlPrograms } from './postgresql.ts';
import { ParleyServer } from './server.ts';

const programs = postgresqlPrograms();
if (programs === undefined) console.warn('The PostgreSQL tests are skipped: not installed (Debian package postgresql)');

describe.skipIf(programs === undefined)('PostgreSQL', () => {
  let database: Postgresql;
  beforeAll(async () => {
    database = await Postgresql.start(programs ?? '');
  });
  afterAll(async () => {
    await database.stop();
  });

  // Each test has a schema of its own: an empty database.
  storeSuite('PostgreSQL', async (clock) => {
    const schema = `parley_${randomBytes(6).toString('hex')}`;
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`create schema ${schema}`);
    await client.end();
    const own = new URL(database.url);
    own.searchParams.set('options', `-c search_path=${schema}`);
    return openStore({ kind: 'postgres', url: own.href, connections: 2 }, { clock });
  });

  test('a server on PostgreSQL keeps its users over a kill and a new start', async () => {
    const server = await ParleyServer.start({ store: { kind: 'postgres', url: database.url } });
    try {
      await server.addUser('alice');
      await server.kill();
      await server.launch();
      const { output } = await server.cli(['user', 'list']);
      expect(output).toContain('alice@example.com');
    } finally {
      await server.stop();
    }
  });
});
