import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPlugins } from '../src/plugins/change-plugins.ts';
import { Configured } from '../src/plugins/configured.ts';
import { pluginLines } from '../src/plugins/plugin-report.ts';
import { commandLine } from './command-line.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-plugins-'));
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  file = join(folder, 'parley.config.ts');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = `import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { defineServer } from '@parley/sdk';

export default defineServer({
  domains: ['example.com'],
  plugins: [
    directory(), // people
    registrar({ maxContacts: 5 }),
  ],
});
`;

function write(text = TEXT): void {
  writeFileSync(file, text);
}

async function plugin(...words: readonly string[]): Promise<string> {
  return (await commandLine('plugin', ...words, '--config', file)).out;
}

test('adding a plugin adds what it needs, says why, and leaves nothing else behind', async () => {
  write();
  const out = await plugin('add', 'autodiscover');
  expect(out).toContain('Added: autodiscover\n');
  expect(out).toContain('Added: web, since autodiscover needs "web"');
  expect(out).toContain('Added: pki, since web needs "pki"');
  expect(readFileSync(file, 'utf8')).toContain('    registrar({ maxContacts: 5 }),');
  expect(readdirSync(folder).toSorted()).toEqual(['node_modules', 'parley.config.ts']);
  expect(await plugin('add', 'web')).toContain('Nothing to do');
});

test('what others need is not taken out alone, and the command that would do it is said', async () => {
  write();
  await plugin('add', 'presence');
  await expect(plugin('remove', 'directory')).rejects.toMatchObject({
    code: 'CLI_PLUGIN_NEEDED',
    fix: expect.stringContaining('parley plugin remove directory registrar presence') as string,
  });
  await plugin('remove', 'directory', 'registrar', 'presence');
  expect(readFileSync(file, 'utf8')).toContain('plugins: [\n  ],');
});

test('what can do without is left, with a word about it', async () => {
  write(TEXT.replace(/registrar/g, 'pki').replace('{ maxContacts: 5 }', ''));
  expect(await plugin('remove', 'directory')).toContain('pki now does without "directory" of directory');
});

test('--force takes it out all the same', async () => {
  write();
  await plugin('add', 'presence');
  expect(await plugin('remove', 'directory', '--force')).toContain('will not start');
});

test('a disabled plugin keeps its settings and comes back with them', async () => {
  write();
  expect(await plugin('disable', 'registrar')).toContain('Disabled: registrar');
  expect(await plugin('disable', 'registrar')).toContain('Nothing to do');
  expect(JSON.parse(await plugin('list', '--json'))).toContainEqual(expect.objectContaining({ name: 'registrar', state: 'disabled' }));
  expect(await plugin('add', 'registrar')).toContain('Added: registrar');
  expect(readFileSync(file, 'utf8')).toBe(TEXT);
  await plugin('disable', 'registrar');
  expect(await plugin('enable', 'registrar')).toContain('Enabled: registrar');
  expect(readFileSync(file, 'utf8')).toBe(TEXT);
});

test('a file that a program cannot change safely stays, and the lines to paste are printed', async () => {
  const unusual = TEXT.replace('export default defineServer({', 'const mine = {').replace('});', '};\nexport default defineServer(mine);');
  write(unusual);
  expect(JSON.parse(await plugin('list', '--json'))).toContainEqual(expect.objectContaining({ name: 'registrar', state: 'used' }));
  await expect(plugin('remove', 'registrar')).rejects.toMatchObject({ code: 'CLI_CONFIG_UNUSUAL' });
  await expect(plugin('add', 'web')).rejects.toMatchObject({
    code: 'CLI_CONFIG_UNUSUAL',
    fix: expect.stringMatching(/import pki from '@parley\/plugin-pki';[^]* {4}web\(\),/) as string,
  });
  expect(readFileSync(file, 'utf8')).toBe(unusual);
});

test('a change after which the file would not load is not made', async () => {
  write(TEXT.replace('maxContacts: 5', 'maxContacts: -1'));
  const before = readFileSync(file, 'utf8');
  await expect(plugin('add', 'metrics')).rejects.toMatchObject({
    code: 'CLI_CONFIG_REFUSED',
    message: expect.stringContaining('maxContacts') as string,
  });
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(readdirSync(folder)).not.toContainEqual(expect.stringMatching(/^\.parley-/));
});

test('info says what a plugin needs and offers here, its scripts and its settings', async () => {
  write();
  const out = await plugin('info', 'presence');
  expect(out).toContain('presence: Tells who is there');
  expect(out).toContain('@parley/plugin-presence (installed, not in the configuration)');
  expect(out).toContain('directory, provided by directory');
  expect(out).toContain('subscribe.am, priority 330');
  const report = JSON.parse(await plugin('info', 'registrar', '--json')) as { config: { field: string }[] };
  expect(report).toMatchObject({ state: 'used', optional: [{ token: 'directory', plugins: ['directory'] }] });
  expect(report.config.map(({ field }) => field)).toContain('maxContacts');
});

test('info names the tables that a plugin without settings is told by', async () => {
  write();
  expect(await plugin('info', 'client-version-filter')).toMatch(/Table {6}client-version-filter\/\S+\.csv; scripts\.tables/);
});

test('a name that is none is refused with those that are', async () => {
  write();
  await expect(plugin('add', 'nothing-like-it')).rejects.toMatchObject({
    code: 'CLI_UNKNOWN_PLUGIN',
    fix: expect.stringMatching(/^Known are: pki, directory, [^;]*\. Others/) as string,
  });
  await expect(plugin('remove', 'metrics')).rejects.toMatchObject({ code: 'CLI_PLUGIN_NOT_LISTED' });
});

test.each([
  ['add', 'presense', 'presence'],
  ['add', '@parley/plugin-presense', 'presence'],
  ['info', 'Auth-Digset', 'auth-digest'],
  ['enable', 'registar', 'registrar'],
  ['disable', 'direktory', 'directory'],
  ['remove', '@parley/plugin-registar', 'registrar'],
])('plugin %s %s asks whether %s was meant', async (command, word, meant) => {
  write();
  await expect(plugin(command, word)).rejects.toMatchObject({ fix: expect.stringContaining(`; did you mean ${meant}.`) as string });
});

test('JSON is changed too', async () => {
  file = join(folder, 'parley.config.json');
  write('{\n  "domains": ["example.com"],\n  "plugins": { "directory": {}, "registrar": { "maxContacts": 5 } }\n}\n');
  await plugin('add', 'routing');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ plugins: { registrar: { maxContacts: 5 }, routing: {} } });
  await plugin('remove', 'routing', 'registrar');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ plugins: { directory: {} } });
  await expect(plugin('disable', 'directory')).rejects.toMatchObject({ code: 'CLI_CONFIG_UNUSUAL' });
});

test('in a folder of its own a server gets the packages of new plugins, which were available, not installed', async () => {
  rmSync(join(folder, 'node_modules'));
  const link = (name: string): void => symlinkSync(join(import.meta.dirname, '../../node_modules/@parley', name), join(modules, name));
  const modules = join(folder, 'node_modules/@parley');
  mkdirSync(modules, { recursive: true });
  for (const name of ['sdk', 'plugin-directory', 'plugin-registrar']) link(name);
  write();
  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries(pluginLines(await Configured.open(file)).map(({ name, state }) => [name, state]));
  expect(await states()).toMatchObject({ directory: 'used', pki: 'available', metrics: 'available' });
  await expect(addPlugins(await Configured.open(file), ['pki'], () => Promise.reject(new Error('not asked')))).rejects.toMatchObject({
    code: 'CLI_PLUGIN_NOT_INSTALLED',
    fix: expect.stringMatching(/npm install file:\S+\/plugins\/pki$/) as string,
  });
  writeFileSync(join(folder, 'package.json'), '{ "name": "uc", "dependencies": { "@parley/cli": "0.1.0" } }');
  const asked: string[] = [];
  const install = (_: string, specs: readonly string[]): Promise<void> => {
    asked.push(...specs);
    return Promise.resolve(link('plugin-pki'));
  };
  await addPlugins(await Configured.open(file), ['pki'], install);
  expect(asked).toEqual([expect.stringMatching(/^file:.*\/plugins\/pki$/)]);
  expect(await states()).toMatchObject({ pki: 'used' });
});
