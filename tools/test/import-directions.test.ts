import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** docs/architecture.md, "The floors of core": each imports only from those before it. */
const FLOORS = ['errors', 'clock', 'sip', 'transport', 'transaction', 'dialog', 'proxy', 'script', 'store', 'bus', 'host'];
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|import\('([^']+)'\)/g;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? found[3] ?? '');
}

function plugins(): string[] {
  return readdirSync(join(root, 'plugins'));
}

/** Every import of `files` that `allowed` does not accept, as `file: specifier`. */
function offences(files: string[], allowed: (specifier: string, file: string) => boolean): string[] {
  return files.flatMap((file) =>
    imports(file)
      .filter((specifier) => !allowed(specifier, file))
      .map((specifier) => `${file}: ${specifier}`),
  );
}

test('core imports neither the sdk, nor the cli, nor a plugin', () => {
  expect(offences(sources('core/src'), (specifier) => !specifier.startsWith('@parley/'))).toEqual([]);
});

test('a floor of core imports only from itself and the floors before it, through their index', () => {
  const allowed = (specifier: string, file: string): boolean => {
    const floor = file.split('/')[2] ?? '';
    const up = /^\.\.\/([a-z]+)\/(.+)$/.exec(specifier);
    if (up === null) return true;
    return FLOORS.indexOf(up[1] ?? '') < FLOORS.indexOf(floor) && FLOORS.includes(up[1] ?? '') && up[2] === 'index.ts';
  };
  expect(offences(sources('core/src'), allowed)).toEqual([]);
});

test('the store and the bus know nothing of SIP', () => {
  const files = [...sources('core/src/store'), ...sources('core/src/bus')];
  expect(offences(files, (specifier) => !/^\.\.\/(sip|transport|transaction|dialog|proxy|script|host)\//.test(specifier))).toEqual([]);
});

test('tsyringe and reflect-metadata stay inside core/src/host', () => {
  const files = ['core/src', 'sdk', 'cli/src', ...plugins().map((name) => `plugins/${name}/src`)].flatMap(sources);
  const elsewhere = files.filter(
    (file) => !file.startsWith('core/src/host/') && !file.includes('node_modules') && !file.includes('/dist/'),
  );
  expect(offences(elsewhere, (specifier) => specifier !== 'tsyringe' && specifier !== 'reflect-metadata')).toEqual([]);
});

test('the sdk imports core alone', () => {
  expect(
    offences(sources('sdk/src'), (specifier) => !specifier.startsWith('@parley/') || /^@parley\/core(\/errors)?$/.test(specifier)),
  ).toEqual([]);
});

test('the client of external applications takes of core only its errors: it runs where the server cannot', () => {
  const ofCore = (specifier: string): boolean => specifier.startsWith('@parley/core') && specifier !== '@parley/core/errors';
  expect(offences(sources('sdk/src/application'), (specifier) => !ofCore(specifier))).toEqual([]);
});

test.each(plugins())('plugin %s takes from other plugins only what their api.ts offers, and from core only by the sdk', (name) => {
  const allowed = (specifier: string): boolean =>
    !specifier.startsWith('@parley/') ||
    /^@parley\/sdk(?:\/application)?$/.test(specifier) ||
    /^@parley\/plugin-[a-z0-9-]+\/api$/.test(specifier);
  expect(offences(sources(`plugins/${name}/src`), allowed)).toEqual([]);
});
