import { defineConfig } from 'vitest/config';

// Packages are tested straight from their sources, so that no build has to come before the tests.
const conditions = ['@parley/source', 'node'];

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
    ],
  },
});
