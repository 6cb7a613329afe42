/** Which test files run on PostgreSQL too, in the Vitest project `postgres`. They say so themselves: there is no list of them to keep. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TESTS = '{core,sdk,plugins/*}/test/**/*.test.ts';
/** The variable that names a database, and the parts of the testkit that read it. */
const OPENS_STORE = /\b(?:PARLEY_TEST_PG|TEST_STORES|testStore)\b/;
/** A whole server takes that database as well. What its tests see of a plugin differs only where the plugin has tables. */
const RUNS_SERVER = /\btestServer\b/;
const KEEPS_TABLES = /^ {2}migrations\b/m;
const BESIDE = /from '(\.{1,2}\/[^']+)'/g;

/**
 * The test files that open a store of their own, and those of the plugins that keep tables which run a server: themselves or by a
 * file of the tests that they import.
 * @param root the project's folder; the paths are relative to it
 */
export function postgresTests(root: string): string[] {
  const tables = new Set(pluginsWithTables(root));
  const opensStore = mentions(OPENS_STORE);
  const runsServer = mentions(RUNS_SERVER);
  return globSync(TESTS, { cwd: root })
    .filter((file) => opensStore(join(root, file)) || (tables.has(pluginOf(file)) && runsServer(join(root, file))))
    .toSorted();
}

/** Folders of the plugins that keep tables: `plugins/directory`. */
export function pluginsWithTables(root: string): string[] {
  return globSync('plugins/*/src/plugin.ts', { cwd: root })
    .filter((file) => KEEPS_TABLES.test(readFileSync(join(root, file), 'utf8')))
    .map(pluginOf);
}

function pluginOf(file: string): string {
  return file.split(/[\\/]/).slice(0, 2).join('/');
}

/** A test whether a file, or one of the tests that it imports, has a word. */
function mentions(word: RegExp): (file: string) => boolean {
  const answers = new Map<string, boolean>();
  const asks = (file: string): boolean => {
    const known = answers.get(file);
    if (known !== undefined) return known;
    answers.set(file, false); // as long as it is read: files may import each other
    const text = readFileSync(file, 'utf8');
    const imported = [...text.matchAll(BESIDE)].map(([, path = '']) => join(dirname(file), path));
    const answer = word.test(text) || imported.some((path) => path.includes('/test/') && existsSync(path) && asks(path));
    answers.set(file, answer);
    return answer;
  };
  return asks;
}
