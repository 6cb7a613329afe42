/** Where the packages of a new server or plugin come from: this repository, or wherever this program was installed from. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { VERSION } from '@parley/core';

/** The package.json of a folder, as far as it is asked for here. */
export interface PackageFile {
  readonly name?: string;
  readonly type?: string;
  readonly workspaces?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Versions of the tools that new packages are built, checked and tested with: those of this repository, which a test compares. */
export const TOOLS = {
  node: '26.10.0',
  typescript: '7.0.2',
  vitest: '5.1.1',
  vite: '8.3.8',
  oxlint: '1.89.0',
  'oxlint-tsgolint': '7.0.2004',
  '@types/node': '26.6.6',
  zod: '4.6.7',
} as const;

const REPOSITORY_NAME = 'parley';
/** The folder of this package: sources and build lie one below it. */
const CLI_FOLDER = resolve(import.meta.dirname, '..');

/** The package.json of a folder; undefined when there is none that can be read. */
export function readPackage(folder: string): PackageFile | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
  } catch {
    return undefined;
  }
}

/** The root of the Parley repository that `folder` lies in; undefined outside of one. */
export function repositoryOf(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = readPackage(at);
    if (found?.name === REPOSITORY_NAME && Array.isArray(found.workspaces) && existsSync(join(at, 'plugins'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * What a package.json in `folder` says of a Parley package: the version that this program has, or a path when this program runs from a
 * clone of the repository, or was itself installed from a path.
 * @param name `@parley/sdk`, `@parley/plugin-registrar`
 */
export function packageSpec(name: string, folder: string): string {
  const repository = repositoryOf(CLI_FOLDER);
  if (repository !== undefined) {
    const short = name.replace('@parley/', '');
    const place = short.startsWith('plugin-') ? join('plugins', short.replace('plugin-', '')) : short;
    return pathSpec(join(repository, place), folder);
  }
  const project = installedIn(CLI_FOLDER);
  const spec = project === undefined ? undefined : readPackage(project)?.dependencies?.[name];
  if (project === undefined || spec === undefined) return VERSION;
  return spec.startsWith('file:') ? pathSpec(resolve(project, spec.slice('file:'.length)), folder) : spec;
}

/** A name that npm takes, from the name of a folder. */
export function packageNameOf(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'parley-server' : name;
}

/** The folder whose node_modules a package lies in. */
function installedIn(folder: string): string | undefined {
  const at = folder.split(sep).lastIndexOf('node_modules');
  return at < 0 ? undefined : folder.split(sep).slice(0, at).join(sep);
}

function pathSpec(path: string, folder: string): string {
  return `file:${relative(resolve(folder), path).split(sep).join('/')}`;
}
