/** Whether the packages of plugins are where a configuration can import them, and how they get there. */
import { existsSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { installedPlugins } from '@parley/core';
import { packageSpec, readPackage, repositoryOf } from '../packages.ts';
import { npmStep, runStep, shown } from '../scaffold/run-step.ts';

/** Brings packages into a folder: `specs` are what `npm install` takes. */
export type Install = (folder: string, specs: readonly string[]) => Promise<void>;

/**
 * Whether the configuration `file` would find the plugin. One that is imported has to be among the packages of the file's folder or of one
 * above; one that JSON names is looked for beside the server's own packages, too.
 * @param reference package or path
 */
export function isInstalled(reference: string, file: string): boolean {
  if (reference.startsWith('.') || isAbsolute(reference)) return true;
  if (extname(file) === '.json') return installedPlugins(dirname(file)).some(({ packageName }) => packageName === reference);
  for (let at = resolve(dirname(file)); ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules', reference))) return true;
    if (dirname(at) === at) return false;
  }
}

/** What `npm install` is told, to bring packages to where this program's own come from. */
export function installSpecs(references: readonly string[], folder: string): readonly string[] {
  return references.map((reference) => {
    if (!reference.startsWith('@parley/')) return reference;
    const spec = packageSpec(reference, folder);
    return spec.startsWith('file:') ? spec : `${reference}@${spec}`;
  });
}

/** A server's own folder, as `parley init` writes it: its packages are npm's to bring. */
export function canInstall(folder: string): boolean {
  return repositoryOf(folder) === undefined && readPackage(folder)?.dependencies !== undefined;
}

/** `npm install` in the folder, with a word about it. Rejects with CLI_STEP_FAILED. */
export function npmInstall(interactive: boolean, print: (line: string) => void): Install {
  return async (folder, specs) => {
    const step = npmStep(['install', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact', ...specs], folder);
    await shown(`npm install ${specs.join(' ')}`, interactive, print, () => runStep(step));
  };
}
