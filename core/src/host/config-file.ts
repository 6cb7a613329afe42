/** Reads a configuration file: TypeScript, JavaScript or JSON. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ParleyError } from '../errors/index.ts';
import { checkConfig } from './check-config.ts';
import type { ServerConfig } from './define-server.ts';
import { ConfigErrors } from './errors.ts';
import { meantPlugin } from './installed-plugins.ts';
import { importError, jsonError } from './source-place.ts';
import type { SourceError } from './source-place.ts';

/** Names that `findConfig` looks for, the first found wins. */
export const CONFIG_FILES = ['parley.config.ts', 'parley.config.mjs', 'parley.config.js', 'parley.config.json'] as const;

/** The configuration file in a folder, absolute; undefined when there is none. */
export function findConfig(folder: string): string | undefined {
  return CONFIG_FILES.map((name) => join(resolve(folder), name)).find((file) => existsSync(file));
}

/**
 * Reads and checks a configuration file, plugins included: as it is now, whether or not it was read before.
 * @param env variables that may override it
 * @throws CONFIG_NOT_FOUND, CONFIG_KIND, CONFIG_SYNTAX, CONFIG_IMPORT_FAILED, CONFIG_NOTHING_INSTALLED, CONFIG_NO_EXPORT, InvalidConfig
 */
export async function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Promise<ServerConfig> {
  const file = resolve(path);
  if (!existsSync(file)) throw ConfigErrors.CONFIG_NOT_FOUND({ file });
  const input = await read(file);
  return checkConfig(input, { file, folder: dirname(file), env });
}

function read(file: string): Promise<unknown> {
  switch (extname(file)) {
    case '.json':
      return Promise.resolve(readJson(file));
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return importDefault(file);
    default:
      throw ConfigErrors.CONFIG_KIND({ file });
  }
}

function readJson(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw syntaxError(jsonError(error, file, text), error);
  }
}

let readings = 0;

async function importDefault(file: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    // A module is loaded once for each URL: a number behind it makes one that was not there before.
    module = (await import(`${pathToFileURL(file).href}?${++readings}`)) as { readonly default?: unknown };
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    const found = importError(error, file);
    if (found.isSyntax) throw syntaxError(found, error);
    const missing = missingPackage(error);
    const bare = missing?.importer === realpathSync(file) && !existsSync(join(dirname(file), 'node_modules'));
    const failure = bare ? ConfigErrors.CONFIG_NOTHING_INSTALLED : ConfigErrors.CONFIG_IMPORT_FAILED;
    const hint = missing === undefined ? '' : packageHint(missing.name, dirname(file));
    throw failure({ file, reason: found.reason, hint }, { place: found.place, cause: error });
  }
  if (module.default === undefined) throw ConfigErrors.CONFIG_NO_EXPORT({ file });
  return module.default;
}

/** The package that Node did not find, and the file that asked for it; undefined for other errors. */
function missingPackage(error: unknown): { readonly name: string; readonly importer: string } | undefined {
  const message = error instanceof Error ? error.message : '';
  const [, name, importer] = /^Cannot find package '([^']+)' imported from ([^\n]+)/.exec(message) ?? [];
  return name === undefined || importer === undefined ? undefined : { name, importer };
}

/** For a misspelt package of a plugin. One of the very name may lie where this program is installed, out of the configuration's reach. */
function packageHint(missing: string, folder: string): string {
  const meant = meantPlugin(missing, folder);
  return meant === undefined || meant.packageName === missing ? '' : `; did you mean ${meant.packageName}`;
}

function syntaxError(found: SourceError, cause: unknown): ParleyError {
  return ConfigErrors.CONFIG_SYNTAX({ file: found.place, reason: found.reason }, { place: found.place, cause });
}
