/** From what an operator wrote to a configuration that a server can run on, or the list of everything that is wrong with it. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ParleyError } from '../errors/index.ts';
import { InvalidConfig, check, foundText, pathText } from './config-faults.ts';
import type { Fault } from './config-faults.ts';
import type { ConfiguredPlugin, ServerConfig } from './define-server.ts';
import { override, pluginOverrides } from './environment.ts';
import { installedPlugins, meantPlugin, packageVersion } from './installed-plugins.ts';
import { isPluginSpec, loadPlugin } from './plugin-source.ts';
import type { PluginSpec } from './plugin.ts';
import { ServerSchema } from './server-schema.ts';
import type { ServerSettings } from './server-schema.ts';

/** Where a configuration comes from, for messages, relative paths and overrides. */
export interface CheckOptions {
  /** The file that the input came from, absolute; for messages. */
  readonly file?: string;
  /** Where relative paths begin; the file's folder is right. The working directory when absent. */
  readonly folder?: string;
  /** Variables that may override the input: none when absent, `process.env` for a real server. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `plugins` are looked at one by one, each with its own schema. */
const WholeSchema = ServerSchema.extend({ plugins: z.unknown().optional() });

/** A plugin that the input names, before its configuration is checked. */
interface Entry {
  readonly plugin: PluginSpec;
  readonly config: unknown;
}

/**
 * Checks a whole configuration, plugins' parts included.
 * @throws InvalidConfig (CONFIG_INVALID) with every fault
 */
export async function checkConfig(input: unknown, options: CheckOptions = {}): Promise<ServerConfig> {
  const folder = options.folder ?? process.cwd();
  if (!isRecord(input))
    throw new InvalidConfig(
      [{ path: pathText([]), found: foundText(input, []), allowed: 'an object with domains, listen, plugins ...' }],
      options.file,
    );
  const env = options.env ?? {};
  const { input: whole, faults: environmentFaults, origins } = override(input, env);
  const faults: Fault[] = [...environmentFaults];
  const settings = check(WholeSchema, whole, []);
  if ('faults' in settings) faults.push(...settings.faults.map((fault) => withOrigin(fault, origins)));
  const plugins = await checkPlugins(whole['plugins'], folder, env, faults);
  if ('faults' in settings || faults.length > 0) throw new InvalidConfig(faults, options.file);
  return complete(settings.value, plugins, folder, options.file);
}

function complete(settings: ServerSettings, plugins: readonly ConfiguredPlugin[], folder: string, file: string | undefined): ServerConfig {
  const absolute = (path: string): string => resolve(folder, path);
  return {
    ...settings,
    fqdn: settings.fqdn ?? (settings.domains[0] as string),
    dataDir: absolute(settings.dataDir),
    log: settings.log.file === undefined ? settings.log : { ...settings.log, file: absolute(settings.log.file) },
    scripts: {
      ...settings.scripts,
      extra: settings.scripts.extra.map(absolute),
      tables: Object.fromEntries(Object.entries(settings.scripts.tables).map(([name, path]) => [name, absolute(path)])),
    },
    listen: settings.listen.map(({ tls, ...listener }) =>
      tls === undefined ? listener : { ...listener, tls: withAbsoluteFiles(tls, absolute) },
    ),
    plugins,
    file,
  };
}

type Tls = NonNullable<ServerSettings['listen'][number]['tls']>;

function withAbsoluteFiles(tls: Tls, absolute: (path: string) => string): Tls {
  return {
    ...tls,
    ...(tls.certFile === undefined ? {} : { certFile: absolute(tls.certFile) }),
    ...(tls.keyFile === undefined ? {} : { keyFile: absolute(tls.keyFile) }),
    ...(tls.caFile === undefined ? {} : { caFile: absolute(tls.caFile) }),
  };
}

async function checkPlugins(list: unknown, folder: string, env: NodeJS.ProcessEnv, faults: Fault[]): Promise<ConfiguredPlugin[]> {
  const plugins: ConfiguredPlugin[] = [];
  const places = new Map<string, { readonly at: string; readonly root: URL }>();
  for (const [path, written] of writtenPlugins(list, faults)) {
    const entry = await find(written, path, folder, faults);
    if (entry === undefined) continue;
    const { plugin } = entry;
    const other = places.get(plugin.name);
    if (other !== undefined) {
      faults.push({ path: pathText(path), ...repeated(plugin, other) });
      continue;
    }
    places.set(plugin.name, { at: pathText(path), root: plugin.root });
    const overrides = pluginOverrides(plugin.name, env);
    const config = Object.keys(overrides).length === 0 ? entry.config : { ...(isRecord(entry.config) ? entry.config : {}), ...overrides };
    const checked = check(plugin.config, config, ['plugins', plugin.name]);
    if ('faults' in checked) faults.push(...checked.faults);
    else plugins.push({ plugin, config: checked.value, version: packageVersion(plugin.root) });
  }
  return plugins;
}

/** What is wrong with a plugin whose name another one has, which may be itself. */
function repeated({ name, root }: PluginSpec, other: { readonly at: string; readonly root: URL }): Omit<Fault, 'path'> {
  if (root.href === other.root.href)
    return { found: `the plugin "${name}" again`, allowed: `each plugin once, and ${other.at} is this one` };
  const from = (url: URL): string => `from ${url.protocol === 'file:' ? fileURLToPath(url) : url.href}`;
  const found = `another plugin that is called "${name}", ${from(root)}`;
  return { found, allowed: `one plugin of each name, and ${other.at} has this one, ${from(other.root)}` };
}

type Path = readonly (string | number)[];

/** Both ways to write a list of plugins, as pairs of the place and what stands there. */
function writtenPlugins(list: unknown, faults: Fault[]): (readonly [Path, unknown])[] {
  if (Array.isArray(list)) return list.map((entry, index) => [['plugins', index], entry] as const);
  if (isRecord(list)) return Object.entries(list).map(([plugin, config]) => [['plugins', plugin], { plugin, config }] as const);
  faults.push({
    path: 'plugins',
    found: foundText(list, ['plugins']),
    allowed: 'a list of plugins, or an object from their names to their configurations',
  });
  return [];
}

async function find(written: unknown, path: Path, folder: string, faults: Fault[]): Promise<Entry | undefined> {
  if (isPluginSpec(written)) return { plugin: written, config: {} };
  const use = typeof written === 'string' ? { plugin: written } : written;
  if (isRecord(use) && isPluginSpec(use['plugin'])) return { plugin: use['plugin'], config: use['config'] ?? {} };
  if (!isRecord(use) || typeof use['plugin'] !== 'string') {
    faults.push({
      path: pathText(path),
      found: foundText(written, path),
      allowed: 'a plugin, its name, or { "plugin": name, "config": {...} }',
    });
    return undefined;
  }
  const { plugin: reference, config, ...others } = use;
  for (const key of Object.keys(others))
    faults.push({ path: pathText([...path, key]), found: 'a field that is not known here', allowed: 'plugin, config' });
  try {
    return { plugin: await loadPlugin(reference, folder), config: config ?? {} };
  } catch (error) {
    faults.push(pluginFault(error, reference, path, folder));
    return undefined;
  }
}

function pluginFault(error: unknown, reference: string, path: Path, folder: string): Fault {
  if (error instanceof ParleyError && error.code === 'CONFIG_PLUGIN_NOT_FOUND') {
    if (reference.startsWith('.') || isAbsolute(reference)) {
      const found = resolve(folder, reference);
      const what = existsSync(found)
        ? `"${reference}", a folder without a plugin: its package.json names none`
        : `"${reference}": there is no folder ${found}`;
      return { path: pathText(path), found: what, allowed: 'the folder of a plugin, or its module' };
    }
    const known = installedPlugins(folder).map((plugin) => plugin.name);
    const meant = meantPlugin(reference, folder)?.name;
    const fault = {
      path: pathText(path),
      found: `"${reference}", which is not installed`,
      allowed: `an installed plugin (${known.join(', ') || 'there is none'}), a package or a path`,
    };
    return meant === undefined ? fault : { ...fault, hint: `"${meant}"` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  const place = error instanceof ParleyError && error.place !== undefined ? ` (${error.place})` : '';
  return { path: pathText(path), found: `"${reference}"${place}`, allowed: `a plugin that loads, but ${reason}` };
}

function withOrigin(fault: Fault, origins: ReadonlyMap<string, string>): Fault {
  for (const [path, variable] of origins) {
    if (fault.path === path || fault.path.startsWith(`${path}.`) || fault.path.startsWith(`${path}[`))
      return { ...fault, path: `${fault.path} (from ${variable})` };
  }
  return fault;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
