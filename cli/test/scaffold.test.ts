import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, getFileInfo } from 'prettier';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLUGIN_KINDS, SCRIPT_KINDS } from '../src/scaffold/kinds.ts';
import type { PluginKindName } from '../src/scaffold/kinds.ts';
import { planned } from '../src/scaffold/new-plugin.ts';
import { pluginFiles, rootWithReference } from '../src/scaffold/plugin-package.ts';
import { commandLine } from './command-line.ts';

const ROOT = join(import.meta.dirname, '../..');
const KINDS = Object.keys(PLUGIN_KINDS) as PluginKindName[];
const STYLE = { printWidth: 140, singleQuote: true, trailingComma: 'all' } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-scaffold-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(KINDS)('a plugin of the kind %s', (kind) => {
  test('has a README, a schema, tests and checks; outside the repository tools of its own, too', () => {
    const paths = pluginFiles(planned('fax', kind, join(folder, 'fax'))).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['README.md', 'package.json', 'src/plugin.ts', 'test/fax.test.ts', 'test/tsconfig.json']));
    expect(paths).toEqual(expect.arrayContaining(['.github/workflows/ci.yml', '.gitignore', '.oxlintrc.json', 'tsconfig.json']));
    expect(paths.filter((path) => path.includes('{') || path.endsWith('.tmpl'))).toEqual([]);
  });

  test('speaks of itself by its name, and says where to say what it does', () => {
    for (const where of [join(folder, 'x'), join(ROOT, 'plugins/missed-calls')]) {
      const files = new Map(pluginFiles(planned('missed-calls', kind, where)).map(({ path, text }) => [path, text]));
      const [title, , about] = files.get('README.md')?.split('\n') ?? [];
      expect([title, about]).toEqual(['# missed-calls', expect.stringMatching(/^The plugin `missed-calls` /)]);
      expect(files.get('README.md')).toMatch(/This is what `missed-calls` begins with\..*`summary`.*`description`/);
      const { description } = JSON.parse(files.get('package.json') ?? '') as { description: string };
      expect(description).toContain('missed-calls');
      expect(files.get('src/plugin.ts')).toContain(`summary: '${description}'`);
    }
  });

  test('brings no settings for tools that it does not bring', () => {
    const files = pluginFiles(planned('fax', kind, join(folder, 'fax')));
    const { devDependencies } = JSON.parse(files.find(({ path }) => path === 'package.json')?.text ?? '') as {
      devDependencies: Record<string, string>;
    };
    const tools = files.flatMap(({ path }) => /^\.(\w+)rc\.json$/.exec(path)?.[1] ?? []);
    expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(tools));
  });

  test('is written as the format check wants it', async () => {
    for (const where of [join(folder, 'fax'), join(ROOT, 'plugins/fax-line-of-new-york')]) {
      const plugin = planned(where.includes(folder) ? 'fax' : 'fax-line-of-new-york', kind, where);
      for (const { path, text } of pluginFiles(plugin)) {
        const { inferredParser } = await getFileInfo(path);
        if (inferredParser === null || (plugin.repository !== undefined && !path.endsWith('.md'))) continue;
        expect(await format(text, { parser: inferredParser, ...STYLE }), `${where}: ${path}`).toBe(text);
      }
    }
  });
});

describe('where a plugin goes and what it is called', () => {
  test('in the repository into plugins, with the name of its kin', () => {
    expect(planned('fax', 'handler', join(ROOT, 'plugins/fax'))).toMatchObject({
      name: 'fax',
      packageName: '@parley/plugin-fax',
      repository: ROOT.replace(/\/$/, ''),
    });
  });

  test('elsewhere into a folder of its own', () => {
    expect(planned('fax', 'handler', join(folder, 'x'))).toMatchObject({ packageName: 'parley-plugin-fax', folder: join(folder, 'x') });
    expect(planned('@example/plugin-fax', 'handler', join(folder, 'x'))).toMatchObject({ name: 'fax', packageName: '@example/plugin-fax' });
    expect(planned('parley-plugin-fax', 'handler', join(folder, 'x'))).toMatchObject({ name: 'fax', packageName: 'parley-plugin-fax' });
  });

  test.each(['Fax', '1fax', 'fax_line', '../fax', '', '@example/fax', 'a'.repeat(80)])('"%s" is refused', (name) => {
    expect(() => planned(name, 'handler', folder)).toThrow(expect.objectContaining({ code: 'CLI_BAD_OPTION' }));
  });

  test('`tsc -b` of the repository builds it, once', () => {
    const { text } = rootWithReference(ROOT, join(ROOT, 'plugins/fax'));
    expect(JSON.parse(text)).toMatchObject({ references: expect.arrayContaining([{ path: 'plugins/fax' }]) as unknown });
    expect(rootWithReference(ROOT, join(ROOT, 'plugins/options')).text).toBe(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  });
});

test('new plugin writes it all, says what to type next, and overwrites nothing', async () => {
  const directory = join(folder, 'telecopier');
  const argv = ['new', 'plugin', 'fax', '--kind', 'gateway', '--directory', directory, '--no-verify'];
  const { out } = await commandLine(...argv);
  expect(out).toContain('npm install');
  expect(out).toContain(`npx parley plugin add ${directory}`);
  expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).toMatchObject({
    name: 'parley-plugin-fax',
    parley: { plugin: './dist/plugin.js' },
  });
  const readme = readFileSync(join(directory, 'README.md'), 'utf8');
  expect(readme).toContain('npx parley plugin add ./telecopier ');
  expect(readme).toContain('paths of this machine');
  expect(out).toContain('paths of this machine');
  writeFileSync(join(directory, 'README.md'), 'mine');
  await expect(commandLine(...argv)).rejects.toMatchObject({ code: 'CLI_FILE_EXISTS' });
  expect(readFileSync(join(directory, 'README.md'), 'utf8')).toBe('mine');
});

test('what is packed was built of the sources that are there', () => {
  const { text = '' } = pluginFiles(planned('fax', 'handler', join(folder, 'fax'))).find(({ path }) => path === 'package.json') ?? {};
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
  expect(scripts['prepack']).toMatch(/rmSync\('dist'.*npm run build$/);
});

test('a kind that does not exist is refused with those that do', async () => {
  await expect(commandLine('new', 'plugin', 'fax', '--kind', 'printer', '--directory', folder)).rejects.toMatchObject({
    code: 'CLI_BAD_OPTION',
    fix: expect.stringContaining('gateway') as string,
  });
  await expect(commandLine('new', 'script', 'night', '--kind', 'printer', '--directory', folder)).rejects.toMatchObject({
    code: 'CLI_BAD_OPTION',
  });
});

/** What the script does to the message that comes with it. */
const OUTCOMES = {
  block: 'answered 403 Forbidden',
  redirect: 'answered 302 Moved Temporarily',
  forward: '+ Request-URI: sip:frontdesk@example.com',
  header: '+ X-From-Outside: example.net',
  content: 'answered 403 Send no passwords',
  group: 'goes on to sip:192.0.2.21 and sip:192.0.2.22',
} as const satisfies Record<keyof typeof SCRIPT_KINDS, string>;

test.each(Object.entries(OUTCOMES))(
  'a script of the kind %s checks clean, and the command that it says shows what it does',
  async (kind, outcome) => {
    const { out } = await commandLine('new', 'script', 'night', '--kind', kind, '--directory', folder);
    expect(out).toContain('night.am: good');
    const trace = out.split('\n').find((line) => line.includes('script trace'));
    expect((await commandLine(...(trace ?? '').trim().split(/ +/).slice(2))).out).toContain(outcome);
    expect(readFileSync(join(folder, 'night.sip'), 'latin1')).toMatch(/^[A-Z]+ sip:\S+ SIP\/2\.0\n/);
    expect(existsSync(join(folder, 'night.csv'))).toBe(readFileSync(join(folder, 'night.am'), 'utf8').includes('night.csv'));
    await expect(commandLine('new', 'script', 'night', '--kind', kind, '--directory', folder)).rejects.toMatchObject({
      code: 'CLI_FILE_EXISTS',
    });
    expect(readdirSync(folder).length).toBeGreaterThan(1);
  },
);
