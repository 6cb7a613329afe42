/** What `parley new plugin` writes is what it says: it builds, passes its checks and tests, and a server loads it. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLUGIN_KINDS } from '../../cli/src/scaffold/kinds.ts';
import { Program, run } from './program.ts';
import type { Outcome } from './program.ts';
import { ROOT } from './server.ts';

const BIN = join(ROOT, 'node_modules/.bin');
const COMMAND = join(ROOT, 'cli/bin/parley.js');
const ENVIRONMENT = { ...process.env, NO_COLOR: '1', PATH: `${BIN}:${process.env['PATH']}` };

let folder: string;
// In place of what `npm install` would fetch: the same packages, of this repository.
const link = (at: string): void => symlinkSync(join(ROOT, 'node_modules'), join(at, 'node_modules'));
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-scaffold-'));
  link(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function parley(...args: readonly string[]): Promise<Outcome> {
  return run(join(BIN, 'node'), [COMMAND, ...args], { cwd: folder, env: ENVIRONMENT });
}

/** A tool's good end; its output is the reason otherwise. */
async function expectGood(cwd: string, tool: string, ...args: readonly string[]): Promise<void> {
  const { code, output } = await run(join(BIN, tool), args, { cwd, env: ENVIRONMENT });
  expect(code, output).toBe(0);
}

const CONFIG = "import { defineServer } from '@parley/sdk';\n\nexport default defineServer({ plugins: [] });\n";

/** Starts the server of the folder on free ports, and waits until its closing screen names the plugin. */
async function expectStart(plugin: string): Promise<void> {
  const env = { ...ENVIRONMENT, PARLEY_LISTEN: 'tcp:127.0.0.1:0', PARLEY_PLUGIN_WEB_HOST: '127.0.0.1', PARLEY_PLUGIN_WEB_PORT: '0' };
  const server = new Program(join(BIN, 'node'), [COMMAND, 'start'], { cwd: folder, env });
  try {
    await server.seen(new RegExp(`Plugins[^]*\\b${plugin}\\b`));
  } finally {
    await server.stop();
  }
}

describe.each(Object.keys(PLUGIN_KINDS))('a plugin of the kind %s', (kind) => {
  const name = `made-${kind}`;

  test('is written', async () => {
    const { code, output } = await parley('new', 'plugin', name, '--kind', kind, '--no-verify');
    expect(code, output).toBe(0);
    link(join(folder, `parley-plugin-${name}`));
  });

  test('builds, passes its checks, and its tests are green', async () => {
    const own = join(folder, `parley-plugin-${name}`);
    await expectGood(own, 'tsc', '-p', '.');
    await expectGood(own, 'tsc', '-p', 'test');
    await expectGood(own, 'oxlint', '--type-aware', '--deny-warnings');
    await expectGood(own, 'vitest', 'run');
  });

  test('is added to a configuration with what it needs, and the server knows its commands', async () => {
    writeFileSync(join(folder, 'parley.config.ts'), CONFIG);
    const added = await parley('plugin', 'add', `./parley-plugin-${name}`);
    expect(added.output).toContain(`Added: ${name}`);
    expect(added.code).toBe(0);
    const { output } = await parley('plugin', 'info', name, '--json');
    const { commands, requires } = JSON.parse(output) as {
      commands: readonly string[];
      requires: readonly { plugins: readonly string[] }[];
    };
    expect(requires.every(({ plugins }) => plugins.length > 0)).toBe(true);
    for (const command of commands) expect((await parley(...command.split(' '), '--help')).code).toBe(0);
  });

  test('the server starts with it', async () => {
    await expectStart(name);
  });
});

test('a plugin that has copies of the SDK of its own is loaded by the server all the same', async () => {
  writeFileSync(join(folder, 'parley.config.ts'), CONFIG);
  expect((await parley('new', 'plugin', 'apart', '--kind', 'handler', '--no-verify')).code).toBe(0);
  const own = join(folder, 'parley-plugin-apart');
  for (const name of ['core', 'sdk']) {
    for (const part of ['dist', 'package.json'])
      cpSync(join(ROOT, name, part), join(own, 'node_modules/@parley', name, part), { recursive: true });
  }
  await expectGood(own, 'tsc', '-p', '.');
  expect((await parley('plugin', 'add', './parley-plugin-apart')).code).toBe(0);
  await expectStart('apart');
});
