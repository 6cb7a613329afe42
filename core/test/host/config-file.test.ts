import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findConfig, loadConfig } from '../../src/host/index.ts';
import { jsonErrorOffset } from '../../src/host/json-place.ts';
import { importError } from '../../src/host/source-place.ts';
import { folder } from './fixtures.ts';

function file(name: string, text: string): string {
  const path = join(folder(), name);
  writeFileSync(path, text);
  return path;
}

test('a configuration may be JSON or a module', async () => {
  const json = file('parley.config.json', '{ "domains": ["example.com"], "plugins": {} }');
  expect(await loadConfig(json, {})).toMatchObject({ domains: ['example.com'], file: json, dataDir: join(json, '../parley-data') });
  const module = file('parley.config.mjs', 'const domains = ["example.net"];\nexport default { domains, plugins: [] };');
  expect(await loadConfig(module, { PARLEY_FQDN: 'sip.example.net' })).toMatchObject({ domains: ['example.net'], fqdn: 'sip.example.net' });
  const typed = file('parley.config.ts', 'const domains: string[] = ["example.org"];\nexport default { domains, plugins: [] };');
  expect(await loadConfig(typed, {})).toMatchObject({ domains: ['example.org'] });
});

test.each(['parley.config.mjs', 'parley.config.ts', 'parley.config.json'])('a changed %s is read as it is now', async (name) => {
  const head = name.endsWith('.json') ? '' : 'export default ';
  const path = file(name, `${head}{ "domains": ["a.example"], "plugins": [] }`);
  expect(await loadConfig(path, {})).toMatchObject({ domains: ['a.example'] });
  writeFileSync(path, `${head}{ "domains": ["b.example"], "plugins": [] }`);
  expect(await loadConfig(path, {})).toMatchObject({ domains: ['b.example'] });
});

test('TypeScript comes first when a folder has several', () => {
  const json = file('parley.config.json', '{}');
  expect(findConfig(join(json, '..'))).toBe(json);
  writeFileSync(join(json, '../parley.config.ts'), '');
  expect(findConfig(join(json, '..'))).toBe(join(json, '../parley.config.ts'));
  expect(findConfig(join(json, '../nowhere'))).toBeUndefined();
});

test('a file that is missing, of an unknown kind or without a server is refused', async () => {
  await expect(loadConfig(join(folder(), 'parley.config.ts'))).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' });
  await expect(loadConfig(file('parley.yaml', ''))).rejects.toMatchObject({ code: 'CONFIG_KIND' });
  await expect(loadConfig(file('parley.config.mjs', 'export const a = 1;'))).rejects.toMatchObject({ code: 'CONFIG_NO_EXPORT' });
});

test('a mistake in JSON is shown with its line and column', async () => {
  const path = file('parley.config.json', '{\n  "domains": ["a.example"],\n  "listen": [ }\n}');
  await expect(loadConfig(path)).rejects.toMatchObject({
    code: 'CONFIG_SYNTAX',
    place: `${path}:3:15`,
    message: `The configuration file ${path}:3:15 cannot be read: Unexpected token '}'.`,
  });
});

test('a module that fails while it runs is shown with its line', async () => {
  const path = file('parley.config.mjs', 'const undefinedThing = undefined;\nexport default undefinedThing.plugins;');
  await expect(loadConfig(path)).rejects.toMatchObject({
    code: 'CONFIG_IMPORT_FAILED',
    place: expect.stringContaining(`${path}:2:`) as string,
  });
});

test('a misspelt package of a plugin is told with the one that was meant', async () => {
  const path = file('parley.config.mjs', `import registar from '@parley/plugin-registar';\nexport default { plugins: [registar()] };`);
  mkdirSync(join(path, '../node_modules'));
  await expect(loadConfig(path)).rejects.toMatchObject({
    code: 'CONFIG_IMPORT_FAILED',
    fix: expect.stringContaining('; did you mean @parley/plugin-registrar.') as string,
  });
  const named = file('parley.config.json', '{ "plugins": { "registar": {} } }');
  await expect(loadConfig(named)).rejects.toThrow('Did you mean "registrar"?');
});

test('a package that is right and not installed is never told as the one that was meant', async () => {
  const path = file('parley.config.mjs', `import registrar from '@parley/plugin-registrar';\nexport default { plugins: [registrar()] };`);
  await expect(loadConfig(path)).rejects.toMatchObject({
    code: 'CONFIG_NOTHING_INSTALLED',
    fix: 'Nothing is installed in this folder yet: run `npm install`.',
  });
  mkdirSync(join(path, '../node_modules'));
  await expect(loadConfig(path)).rejects.toMatchObject({
    code: 'CONFIG_IMPORT_FAILED',
    fix: expect.stringMatching(/is installed with `npm install`\.$/) as string,
  });
});

test('a syntax error has its place, whether Node says it in the stack or not', () => {
  const path = file('parley.config.mjs', 'export default {\n  listen: [ }\n};\n');
  expect(importError(new SyntaxError("Unexpected token '}'"), path)).toEqual({
    isSyntax: true,
    reason: "Unexpected token '}'",
    place: `${path}:2:13`,
  });
  const typed = Object.assign(new SyntaxError('Expression expected'), {
    stack: `/srv/parley.config.ts:3\n  domains: ["a"] as string[],\n  listen: [ }\n            ^\n};\n\nSyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expression expected\n    at parseTypeScript`,
  });
  expect(importError(typed, '/srv/parley.config.ts').place).toBe('/srv/parley.config.ts:3:13');
});

test.each([
  ['', 0],
  ['{"a": 1}', 8],
  ['{"a": 1,}', 8],
  ['{"a" 1}', 5],
  ['{a: 1}', 1],
  ['[1, 2', 5],
  ['[1 2]', 3],
  ['{"a": tru}', 6],
  ['"abc', 4],
  ['{"a": "b\\x"}', 8],
  ['{} x', 3],
  ["{'a': 1}", 1],
  ['{"a": 01}', 7],
  ['[1] // comment', 4],
])('JSON %j stops at %i', (text, offset) => {
  expect(jsonErrorOffset(text)).toBe(offset);
});
