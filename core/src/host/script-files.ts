/** The routing scripts that plugins bring and that the configuration names, as they are on disk. */
import { readFileSync } from 'node:fs';
import type { ConfiguredPlugin } from './define-server.ts';
import type { Extensions } from './extensions.ts';
import type { ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';

/**
 * Reads all of them, those of the configuration first. Throws HOST_SCRIPT_UNREADABLE, HOST_PLUGIN_SCRIPT_UNREADABLE.
 * @param extra absolute paths, as the configuration names them
 * @param plugins of the configuration, for their handlers' classes
 * @param reading a number that no earlier reading had: what is read anew is compiled anew, with its tables
 */
export function scriptFiles(
  extra: readonly string[],
  plugins: readonly ConfiguredPlugin[],
  extensions: Extensions,
  mode: 'serve' | 'offline',
  reading: number,
): ScriptSource[] {
  const own = extra.map((path): ScriptSource => {
    const name = path.split('/').at(-1) ?? path;
    return {
      ...read(path, reading),
      name,
      origin: 'config',
      plugin: undefined,
      handler: undefined,
      priority: undefined,
      userServices: false,
    };
  });
  const ofPlugins = extensions.scripts.entries.map(({ plugin, value }): ScriptSource => {
    const { path, handler, priority, userServices, without } = value;
    const instance = handler ?? (mode === 'offline' ? standIn(plugins, plugin) : undefined);
    const name = `${plugin}/${value.name}`;
    return { ...read(path, reading, plugin), name, origin: 'plugin', plugin, handler: instance, priority, userServices, without };
  });
  return [...own, ...ofPlugins];
}

/** Has the methods of a plugin's handler, for checks; offline no message arrives that could reach it. */
function standIn(plugins: readonly ConfiguredPlugin[], name: string): object | undefined {
  const handler = plugins.find(({ plugin }) => plugin.name === name)?.plugin.handler;
  return handler === undefined ? undefined : (Object.create(handler.prototype as object) as object);
}

function read(path: string, reading: number, plugin?: string): Pick<ScriptSource, 'path' | 'text' | 'revision'> {
  try {
    return { path, text: readFileSync(path, 'utf8'), revision: String(reading) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (plugin !== undefined) throw ServerErrors.HOST_PLUGIN_SCRIPT_UNREADABLE({ file: path, plugin, reason });
    throw ServerErrors.HOST_SCRIPT_UNREADABLE({ file: path, reason });
  }
}
