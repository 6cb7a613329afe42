import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const IMPORT = /(?:import|export)\s[^;]*?from '([^']+)'/g;

/** Everything that a module imports when it runs, over all modules of ours. */
function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replaceAll(/^(?:import|export) type [^;]*;$/gms, '');
  for (const [, wanted = ''] of text.matchAll(IMPORT)) {
    if (wanted.startsWith('.')) importsOf(join(dirname(file), wanted), seen);
    else if (wanted.startsWith('@parley/')) importsOf(fileURLToPath(import.meta.resolve(wanted)), seen);
    else seen.add(wanted);
  }
  return seen;
}

test('an application needs neither packages nor anything of Node.js that is younger than version 20', () => {
  const files = [...importsOf(join(import.meta.dirname, '../../src/application/index.ts'))];
  const outside = files.filter((name) => !name.startsWith('/')).toSorted();
  expect(outside).toEqual(['node:crypto', 'node:fs', 'node:net', 'node:tls']);
  const sources = files.filter((name) => name.startsWith('/'));
  expect(sources.length).toBeGreaterThan(10);
  for (const file of sources)
    expect(readFileSync(file, 'utf8')).not.toMatch(/Promise\.withResolvers\(|\busing \w+ =|Promise\.try\(|Map\.groupBy/);
});
