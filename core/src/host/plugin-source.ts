/** Loads plugins by name: of the workspace, among installed packages, or at a path. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ParleyError } from '../errors/index.ts';
import { providedNames } from './boot-order.ts';
import { ConfigErrors } from './errors.ts';
import { entryOf, installedPlugins, meantPlugin } from './installed-plugins.ts';
import type { PluginSpec } from './plugin.ts';

/**
 * Loads the plugin that a configuration names.
 * @param reference `registrar`, `@example/plugin-fax`, `./my-plugin` or an absolute path
 * @param folder where relative paths and the search for packages begin
 * @throws CONFIG_PLUGIN_NOT_FOUND, CONFIG_PLUGIN_BROKEN, CONFIG_PLUGIN_NONE
 */
export async function loadPlugin(reference: string, folder: string): Promise<PluginSpec> {
  const entry = entryOf(reference, folder);
  if (entry === undefined) {
    const meant = meantPlugin(reference, folder);
    throw ConfigErrors.CONFIG_PLUGIN_NOT_FOUND({ reference, hint: meant === undefined ? '' : `; did you mean ${meant.name}` });
  }
  const loaded = await importEntry(reference, entry);
  if (!isPluginSpec(loaded)) throw ConfigErrors.CONFIG_PLUGIN_NONE({ reference });
  return loaded;
}

/** Whether a value was made by `definePlugin`, by any copy of it. */
export function isPluginSpec(value: unknown): value is PluginSpec {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const spec = value as Partial<Record<keyof PluginSpec, unknown>>;
  return (
    typeof spec.name === 'string' &&
    spec.root instanceof URL &&
    typeof spec.config === 'object' &&
    spec.config !== null &&
    'safeParse' in spec.config
  );
}

/** Names of the installed plugins that provide a token. Loads those whose package.json does not say: for error messages only. */
export async function providersOf(tokenName: string, folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, entry, provides } of installedPlugins(folder)) {
    const tokens = provides ?? (await providesByDefinition(name, entry));
    if (tokens.includes(tokenName)) names.push(name);
  }
  return names;
}

async function providesByDefinition(name: string, entry: string): Promise<readonly string[]> {
  const plugin = await importEntry(name, entry).catch(() => undefined);
  return isPluginSpec(plugin) ? providedNames(plugin) : [];
}

async function importEntry(reference: string, entry: string): Promise<unknown> {
  if (!existsSync(entry)) throw ConfigErrors.CONFIG_PLUGIN_BROKEN({ reference, reason: `${entry} does not exist` });
  try {
    const module = (await import(pathToFileURL(entry).href)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw ConfigErrors.CONFIG_PLUGIN_BROKEN(
      { reference, reason: error instanceof Error ? error.message : String(error) },
      { place: entry, cause: error },
    );
  }
}
