import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES: Readonly<Record<string, string>> = { '@parley/core': join(ROOT, 'core/src/index.ts') };

const LIST = /^export (?:type )?\{([^}]*)\} from '([^']+)';/gms;
const ALL = /^export \* from '([^']+)';/gm;
const OWN = /^export (?:declare )?(?:abstract )?(?:async )?(?:class|function\*?|const|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;

/** Exported names, and the declarations that they stand for. */
type Exports = Map<string, { readonly name: string; readonly file: string }>;

/** Everything that a module exports, followed to the files that declare it. */
function exportsOf(file: string): Exports {
  const text = readFileSync(file, 'utf8');
  const names: Exports = new Map();
  for (const [, from = ''] of text.matchAll(ALL)) for (const [name, origin] of exportsOf(resolve(from, file))) names.set(name, origin);
  for (const [, list = '', from = ''] of text.matchAll(LIST)) {
    const source = resolve(from, file);
    const theirs = exportsOf(source);
    for (const item of list.split(',').map((one) => one.replace(/^\s*type\s/, '').trim())) {
      const [name = '', as = name] = item.split(/\s+as\s+/);
      if (name !== '') names.set(as, theirs.get(name) ?? { name, file: source });
    }
  }
  for (const [, name = ''] of text.matchAll(OWN)) names.set(name, { name, file });
  return names;
}

function resolve(specifier: string, from: string): string {
  return PACKAGES[specifier] ?? join(dirname(from), specifier);
}

/** Whether a comment stands right before one of the declarations of that name; decorators may come between. */
function isExplained(name: string, file: string): boolean {
  const lines = readFileSync(file, 'utf8').split('\n');
  const escaped = name.replaceAll('$', '\\$');
  const declaration = new RegExp(`^export .*\\b(?:class|function\\*?|const|interface|type|enum) ${escaped}\\b`);
  return lines.some((line, at) => {
    if (!declaration.test(line)) return false;
    let before = at - 1;
    while (lines[before]?.startsWith('@') === true || lines[before]?.startsWith('// oxlint') === true) before--;
    return lines[before]?.endsWith('*/') === true;
  });
}

function unexplained(entry: string): readonly string[] {
  return [...exportsOf(join(ROOT, entry))]
    .filter(([, { name, file }]) => !isExplained(name, file))
    .map(([as, { file }]) => `${relative(ROOT, file)}: ${as}`)
    .toSorted();
}

test.each([
  ['@parley/sdk', 'sdk/src/index.ts', 400],
  ['@parley/sdk/testkit', 'sdk/src/testkit/index.ts', 30],
  ['@parley/sdk/application', 'sdk/src/application/index.ts', 0],
])('every export of %s has a docstring', (_name, entry, least) => {
  expect(exportsOf(join(ROOT, entry)).size).toBeGreaterThanOrEqual(least);
  expect(unexplained(entry)).toEqual([]);
});
