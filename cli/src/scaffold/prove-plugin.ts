/** Proves a new plugin: installs what it needs, builds, checks, tests, and boots a server with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { checkConfig, loadPlugin, openLog, startServer } from '@parley/core';
import type { PluginUse } from '@parley/core';
import { CliErrors } from '../errors.ts';
import { knownPlugins } from '../plugins/known-plugins.ts';
import { offerOf } from '../plugins/offer.ts';
import { withRequirements } from '../plugins/requirements.ts';
import type { NewPlugin } from './plugin-package.ts';
import { npmStep, runStep, shown } from './run-step.ts';
import type { Step } from './run-step.ts';

/** Rejects with CLI_STEP_FAILED, and with what loading and booting throw. */
export async function provePlugin(plugin: NewPlugin, interactive: boolean, print: (line: string) => void): Promise<void> {
  for (const step of stepsOf(plugin)) await shown(step.title, interactive, print, () => runStep(step));
  await shown('a server that loads it', interactive, print, () => bootWith(plugin.folder));
}

/** What is run, in order; the closing screen names the same. */
export function stepsOf({ folder, repository }: NewPlugin): readonly Step[] {
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
  if (repository === undefined) return [install, ['run', 'build'], ['run', 'lint'], ['test']].map((args) => npmStep(args, folder));
  const inside = relative(repository, folder);
  const tool = (name: string, ...args: readonly string[]): Step => ({
    title: [name, ...args].join(' '),
    command: join(repository, 'node_modules/.bin', name),
    args,
    folder: repository,
  });
  return [
    npmStep(install, repository),
    tool('prettier', '--write', '--log-level', 'warn', inside, 'tsconfig.json'),
    tool('tsc', '-b', inside),
    tool('tsc', '-p', `${inside}/test`),
    tool('oxlint', '--type-aware', '--deny-warnings', inside),
    tool('vitest', 'run', '--project', 'unit', `${inside}/`),
  ];
}

/** Ports of their own for plugins that open some. */
const FREE_PORTS: Readonly<Record<string, object>> = { metrics: { port: 0 }, web: { host: '127.0.0.1', port: 0 } };

/**
 * Boots a server with the plugin in a folder and what it requires, on a free port of this machine and a data folder of its own, and closes it.
 * @throws CONFIG_*, HOST_*, CLI_PLUGIN_NEEDS
 */
export async function bootWith(folder: string): Promise<void> {
  const plugin = await loadPlugin(folder, folder);
  const offer = offerOf(plugin, folder);
  // In the repository the new package is among those that are installed, too.
  const others = (await knownPlugins(folder)).filter(({ name }) => name !== plugin.name);
  const { plugins, missing } = withRequirements([plugin.name], [offer, ...others]);
  const [without] = missing;
  if (without !== undefined) throw CliErrors.CLI_PLUGIN_NEEDS({ plugin: without.plugin, token: without.token });
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-new-'));
  try {
    const uses: PluginUse[] = [];
    for (const { name, reference } of plugins)
      uses.push({ plugin: name === plugin.name ? plugin : await loadPlugin(reference, folder), config: FREE_PORTS[name] ?? {} });
    const listen = [{ transport: 'tcp', host: '127.0.0.1', port: 0 }] as const;
    const config = await checkConfig({ domains: ['example.com'], dataDir, listen, plugins: uses }, { folder });
    const host = await startServer(config, { logger: openLog({ level: 'silent' }) });
    await host.close();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
