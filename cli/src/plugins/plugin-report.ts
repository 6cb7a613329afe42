/** `parley plugin list` and `parley plugin info`: what there is, and what one plugin is made of. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declaredTables } from '@parley/core';
import type { PluginSpec } from '@parley/core';
import { configFields } from './config-fields.ts';
import type { ConfigField } from './config-fields.ts';
import type { Configured } from './configured.ts';
import { isInstalled } from './installed.ts';
import { dependantsOf } from './requirements.ts';

/** One line of `parley plugin list`. */
export interface PluginLine {
  readonly name: string;
  /** In the configuration; kept there as a comment; a package that could be added; one that would have to be installed first. */
  readonly state: 'used' | 'disabled' | 'installed' | 'available';
  readonly summary: string;
}

/** Everything `parley plugin info` says. */
export interface PluginReport extends PluginLine {
  readonly reference: string;
  readonly requires: readonly TokenUse[];
  readonly optional: readonly TokenUse[];
  readonly provides: readonly TokenUse[];
  readonly scripts: readonly { readonly file: string; readonly priority: number }[];
  /** Tables of its scripts, as `scripts.tables` of the configuration calls them. */
  readonly tables: readonly string[];
  readonly commands: readonly string[];
  readonly config: readonly ConfigField[];
  /** What has to be there before it starts. */
  readonly setup?: string;
}

/** A token, and the plugins of the configuration at its other end. */
export interface TokenUse {
  readonly token: string;
  readonly plugins: readonly string[];
}

/** Scripts without a place of their own stand here. */
const DEFAULT_PRIORITY = 500;

/** Every plugin that can be named, those of the configuration first. */
export function pluginLines(configured: Configured): readonly PluginLine[] {
  const order = ['used', 'disabled', 'installed', 'available'];
  const lines = configured.known.map(({ name, reference, summary }) => ({ name, state: stateOf(configured, reference), summary }));
  return lines.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

function stateOf({ listed, document }: Configured, reference: string): PluginLine['state'] {
  const entry = listed.find((one) => one.reference === reference);
  if (entry !== undefined) return entry.disabled ? 'disabled' : 'used';
  return isInstalled(reference, document.file) ? 'installed' : 'available';
}

/** Throws CLI_UNKNOWN_PLUGIN, CONFIG_PLUGIN_*. */
export async function pluginReport(configured: Configured, word: string): Promise<PluginReport> {
  const found = await configured.find(word);
  const { name, reference, summary, plugin, requires, optional, provides } = found;
  const { used } = configured;
  const providers = (token: string): TokenUse => ({
    token,
    plugins: used.filter((other) => other.provides.includes(token)).map((other) => other.name),
  });
  const dependants = dependantsOf(found, used);
  return {
    name,
    state: stateOf(configured, reference),
    summary,
    reference,
    requires: requires.map(providers),
    optional: optional.map(providers),
    provides: provides.map((token) => ({ token, plugins: dependants.filter((user) => user.token === token).map((user) => user.name) })),
    scripts: scriptsOf(plugin),
    tables: tablesOf(plugin),
    commands: (plugin?.commands ?? []).map(({ path }) => path),
    config: plugin === undefined ? [] : configFields(plugin.config),
    ...('setup' in found && typeof found.setup === 'string' && { setup: found.setup }),
  };
}

function scriptsOf(plugin: PluginSpec | undefined): PluginReport['scripts'] {
  return (plugin?.scripts ?? []).map((script) =>
    typeof script === 'string'
      ? { file: script, priority: DEFAULT_PRIORITY }
      : { file: script.file, priority: script.priority ?? DEFAULT_PRIORITY },
  );
}

/** What stands in tables is no setting, and is set all the same. */
function tablesOf(plugin: PluginSpec | undefined): string[] {
  return scriptsOf(plugin).flatMap(({ file }) => {
    const path = fileURLToPath(new URL(file, plugin?.root));
    return declaredTables(readFileSync(path, 'utf8'), path, false).map((table) => `${plugin?.name ?? ''}/${basename(table.path)}`);
  });
}
