/** Runs a TypeScript module of the tests in a process of its own: `node child.mjs FILE ARGUMENT...` calls its `main`. */
import { runnerImport } from 'vite';

const [file, ...rest] = process.argv.slice(2);
const { module } = await runnerImport(file, { root: import.meta.dirname, configFile: false, logLevel: 'error' });
await module.main(...rest);
