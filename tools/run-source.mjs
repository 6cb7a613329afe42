/**
 * Runs a TypeScript module of the project in a process of its own: `node tools/run-source.mjs [--built] FILE ARGUMENT...` calls its
 * `main`. The project's packages are taken from their sources, as in tests, so that nothing has to be built; `--built` takes the built
 * ones, which are faster, and the same as those of plugins that a server loads.
 */
import { runnerImport } from 'vite';

const words = process.argv.slice(2);
const built = words[0] === '--built';
const [file, ...rest] = built ? words.slice(1) : words;
const conditions = ['@parley/source', 'node'];
const { module } = await runnerImport(file, {
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions },
  environments: { inline: { resolve: { conditions, noExternal: built ? [] : [/^@parley\//] } } },
});
await module.main(...rest);
