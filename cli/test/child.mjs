/** Runs a TypeScript module of the tests in a process of its own: `node child.mjs FILE ARGUMENT...` calls its `main`. */
import { runnerImport } from 'vite';

const [file, ...rest] = process.argv.slice(2);
const conditions = ['@parley/source', 'node', 'module', 'import', 'default'];
const options = {
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};
const { module } = await runnerImport(file, options);
await module.main(...rest);
