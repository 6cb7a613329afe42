/** What the handlers of plugins offer to scripts, for messages about a Dispatch that nobody takes. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { handlerMethods } from './chain-assembly.ts';
import { installedPlugins } from './installed-plugins.ts';
import { loadPlugin } from './plugin-source.ts';
import type { PluginSpec } from './plugin.ts';

/** A plugin and the methods that scripts with its handler may dispatch to. */
export interface HandlerOfPlugin {
  readonly plugin: string;
  readonly methods: ReadonlySet<string>;
}

/** The handler of a plugin by its name, package or path; undefined when it has none. Throws what loadPlugin throws. */
export async function pluginHandler(reference: string, folder: string): Promise<HandlerOfPlugin | undefined> {
  return handlerOf(await loadPlugin(reference, folder));
}

/** The plugin whose package a script stands in; undefined for an operator's script, and for a package that is no plugin. One without a handler has no methods. */
export async function owningHandler(script: string): Promise<HandlerOfPlugin | undefined> {
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return loadPlugin(folder, folder).then(handlerOrNone, () => undefined);
    if (dirname(folder) === folder) return undefined;
  }
}

/** Of every installed plugin that has a handler and can be loaded. Loads all of them: for error messages only. */
export async function installedHandlers(folder: string): Promise<readonly HandlerOfPlugin[]> {
  const found: HandlerOfPlugin[] = [];
  for (const { entry } of installedPlugins(folder)) {
    const handler = await pluginHandler(entry, folder).catch(() => undefined);
    if (handler !== undefined) found.push(handler);
  }
  return found;
}

function handlerOrNone(plugin: PluginSpec): HandlerOfPlugin {
  return handlerOf(plugin) ?? { plugin: plugin.name, methods: new Set() };
}

function handlerOf({ name, handler }: PluginSpec): HandlerOfPlugin | undefined {
  if (handler === undefined) return undefined;
  return { plugin: name, methods: new Set(handlerMethods(Object.create(handler.prototype as object) as object).keys()) };
}
