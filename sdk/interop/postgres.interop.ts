/** What the store's tests on PostgreSQL (the Vitest project `postgres`) leave open: that no plugin escapes them, and a whole server. */
import { expect, test } from 'vitest';
import { pluginsWithTables, postgresTests } from './postgres-tests.ts';
import { postgresqlPrograms } from './postgresql-programs.ts';
import { Postgresql } from './postgresql.ts';
import { ParleyServer, ROOT } from './server.ts';

const programs = postgresqlPrograms();
if (programs === undefined) console.warn('The PostgreSQL tests are skipped: not installed (Debian package postgresql)');

test('every plugin that keeps tables has tests that run on PostgreSQL', () => {
  const tests = postgresTests(ROOT);
  const plugins = pluginsWithTables(ROOT);
  expect(plugins).toContain('plugins/directory');
  expect(plugins.filter((plugin) => !tests.some((file) => file.startsWith(`${plugin}/`)))).toEqual([]);
});

test.skipIf(programs === undefined)('a server on PostgreSQL keeps its users over a kill and a new start', async () => {
  const database = await Postgresql.start(programs ?? '');
  try {
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
  } finally {
    await database.stop();
  }
});
