/** Plugin packages on the disk: what their package.json says of them, without loading any. */
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearestName } from '../script/index.ts';

/** A package that says in its package.json, by `"parley": { "plugin": "./dist/plugin.js" }`, that it is a plugin. */
export interface InstalledPlugin {
  /** The name to write into a configuration. */
  readonly name: string;
  readonly packageName: string;
  /** The module whose default export is the definition, absolute. */
  readonly entry: string;
  /** Names of the tokens it provides, when its package.json says so: `"parley": { "provides": ["directory"] }`. */
  readonly provides: readonly string[] | undefined;
}

interface Manifest {
  readonly version?: string;
  readonly exports?: unknown;
  readonly parley?: { readonly plugin?: string; readonly provides?: readonly string[] };
}

/** While core runs from its own sources, so do the plugins beside it. */
const FROM_SOURCES = import.meta.url.endsWith('.ts');
const SOURCE_CONDITION = '@parley/source';

/** Every plugin package that could be named, nearest first. */
export function installedPlugins(folder: string): readonly InstalledPlugin[] {
  const found = new Map<string, InstalledPlugin>();
  for (const modules of moduleFolders(folder)) {
    for (const packageName of pluginPackages(modules)) {
      const plugin = found.has(packageName) ? undefined : pluginIn(join(modules, packageName), packageName);
      if (plugin !== undefined) found.set(packageName, plugin);
    }
  }
  return [...found.values()];
}

/** The installed plugin that somebody probably meant by the name of one, or of a package, that is not there. */
export function meantPlugin(reference: string, folder: string): InstalledPlugin | undefined {
  const plugins = installedPlugins(folder);
  const meant = nearestName(
    pluginNameOf(reference),
    plugins.map(({ name }) => name),
  );
  return plugins.find(({ name }) => name === meant);
}

/** The name by which a configuration may call the plugin of a package. */
export function pluginNameOf(packageName: string): string {
  return /^(?:@parley\/|parley-)plugin-(.+)$/.exec(packageName)?.[1] ?? packageName;
}

/**
 * The module that a configuration means by a reference.
 * @param reference `registrar`, `@example/plugin-fax`, `./my-plugin` or an absolute path
 * @param folder where relative paths and the search for packages begin
 */
export function entryOf(reference: string, folder: string): string | undefined {
  if (reference.startsWith('./') || reference.startsWith('../') || isAbsolute(reference)) {
    const path = resolve(folder, reference);
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isDirectory() === false ? path : pluginIn(path, reference)?.entry;
  }
  const names = reference.includes('/') ? [reference] : [`@parley/plugin-${reference}`, `parley-plugin-${reference}`, reference];
  const candidates = moduleFolders(folder).flatMap((modules) => names.map((name) => join(modules, name)));
  return candidates.map((path) => pluginIn(path, reference)).find((plugin) => plugin !== undefined)?.entry;
}

/** The version in the package.json of a package's folder; `0.0.0` when there is none. */
export function packageVersion(root: URL): string {
  return readManifest(fileURLToPath(root))?.version ?? '0.0.0';
}

function pluginIn(path: string, packageName: string): InstalledPlugin | undefined {
  const manifest = readManifest(path);
  const entry = manifest?.parley?.plugin;
  if (manifest === undefined || entry === undefined) return undefined;
  const main = isRecord(manifest.exports) ? manifest.exports['.'] : undefined;
  const source = isRecord(main) ? main[SOURCE_CONDITION] : undefined;
  return {
    name: pluginNameOf(packageName),
    packageName,
    entry: resolve(realpathSync(path), FROM_SOURCES && typeof source === 'string' ? source : entry),
    provides: manifest.parley?.provides,
  };
}

/** undefined for a folder without one, or with one that is no JSON object. */
function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isRecord(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** `node_modules` of the folder and of all above it, then those that core itself is installed among. */
function moduleFolders(folder: string): readonly string[] {
  const folders = new Set<string>();
  for (const start of [folder, import.meta.dirname]) {
    for (let at = resolve(start); ; at = dirname(at)) {
      const modules = join(at, 'node_modules');
      if (existsSync(modules)) folders.add(modules);
      if (dirname(at) === at) break;
    }
  }
  return [...folders];
}

/** `@anyone/plugin-*` and `parley-plugin-*`: the names by which packages say what they are before they are opened. */
function pluginPackages(modules: string): readonly string[] {
  const list = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
  return list(modules).flatMap((name) => {
    if (!name.startsWith('@')) return name.startsWith('parley-plugin-') ? [name] : [];
    const inner = list(join(modules, name)).filter((part) => part.startsWith('plugin-'));
    return inner.map((part) => `${name}/${part}`);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
