import { defineConfig } from 'vitest/config';
import { postgresTests } from './sdk/interop/postgres-tests.ts';
import { postgresqlPrograms } from './sdk/interop/postgresql-programs.ts';

// Packages are tested straight from their sources, so that no build has to come before the tests.
const conditions = ['@parley/source', 'node'];
const hasPostgresql = process.env['PARLEY_TEST_PG'] !== undefined || postgresqlPrograms() !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    fsModuleCache: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['{core,sdk,cli,tools,plugins/*}/test/**/*.test.ts', 'docs/test/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['sdk/interop/**/*.interop.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: hasPostgresql ? postgresTests(import.meta.dirname) : [],
          globalSetup: 'sdk/interop/postgres-setup.ts',
          // Apart from the interop tests, which measure times.
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
