/** What the tests of plugins stand on: the testkit, real plugins, and nothing that they make up of a server. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|import\('([^']+)'\)/g;

/** What a test would make by itself that the testkit makes as it is in a server. */
const MADE_UP: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a flow', /\bas Flow\b|: Flow = \{|\): Flow \{/],
  ['a log', /\bas Log\b|implements .*\bLog\b|: Log = \{/],
  ['a bus', /\bas Bus\b|implements .*\bBus\b|class \w*Bus\b/],
  ['a plugin scope', /\bas PluginScope\b/],
  ['something that is not what it says', /\bas unknown as\b|class Fake\w*/],
  ['a server', /\bstartServer\(|\bcheckConfig\(|new Host\(/],
  ['a store', /\btemporaryStore\(|\bopenStore\(/],
];

function plugins(): string[] {
  return readdirSync(join(root, 'plugins'));
}

function tests(plugin: string): { readonly file: string; readonly text: string }[] {
  return readdirSync(join(root, 'plugins', plugin, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file: relative(root, file), text: readFileSync(file, 'utf8') }));
}

/** Libraries that a plugin itself uses. */
function libraries(plugin: string): ReadonlySet<string> {
  const manifest = JSON.parse(readFileSync(join(root, 'plugins', plugin, 'package.json'), 'utf8')) as { readonly dependencies?: object };
  return new Set(Object.keys(manifest.dependencies ?? {}));
}

function isAllowed(specifier: string, file: string, plugin: string, own: ReadonlySet<string>): boolean {
  if (specifier.startsWith('.')) return join(dirname(file), specifier).startsWith(join('plugins', plugin, '/'));
  if (/^(?:vitest|fast-check|node:[\w/]+|@parley\/sdk(?:\/testkit|\/application)?)$/.test(specifier)) return true;
  return /^@parley\/plugin-[a-z-]+(?:\/api)?$/.test(specifier) || own.has(specifier);
}

test.each(plugins())('the tests of %s import the SDK, the testkit, and what other plugins offer', (plugin) => {
  const own = libraries(plugin);
  const offences = tests(plugin).flatMap(({ file, text }) =>
    [...text.matchAll(IMPORT)]
      .map((found) => found[1] ?? found[2] ?? found[3] ?? '')
      .filter((specifier) => !isAllowed(specifier, file, plugin, own))
      .map((specifier) => `${file}: ${specifier}`),
  );
  expect(offences).toEqual([]);
});

test.each(plugins())('the tests of %s make nothing up that the testkit has', (plugin) => {
  const offences = tests(plugin).flatMap(({ file, text }) =>
    MADE_UP.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${file} makes ${what} of its own`),
  );
  expect(offences).toEqual([]);
});
