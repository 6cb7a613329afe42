/** Runs a TypeScript module of the sources in a process of its own: `node child.mjs FILE` calls its `main`. */
import { runnerImport } from 'vite';

const conditions = ['@parley/source', 'node'];
const { module } = await runnerImport(process.argv[2], {
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
await module.main();
