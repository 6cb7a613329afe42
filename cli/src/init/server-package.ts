/** The package.json of a server outside the repository: what `npm install` has to bring. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS, packageNameOf, packageSpec } from '../packages.ts';
import type { PackageFile } from '../packages.ts';
import type { PluginOffer } from '../plugins/offer.ts';

/** Where its own database, keys and certificates are, and what npm brings: no part of a server's repository. */
const IGNORED = 'node_modules/\nparley-data/\n';

/**
 * Writes the package.json of `folder`, or adds to the one that is there what it lacks; nothing in it is changed otherwise.
 * @returns the files that were written, absolute
 */
export function writeServerPackage(folder: string, plugins: readonly PluginOffer[]): readonly string[] {
  const file = join(folder, 'package.json');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const after = packageText(folder, before, plugins);
  if (after === before) return [];
  writeFileSync(file, after);
  const ignored = join(folder, '.gitignore');
  if (before !== undefined || existsSync(ignored)) return [file];
  writeFileSync(ignored, IGNORED);
  return [file, ignored];
}

/** The text of the package.json with everything that the server needs. Plugins that are referred to by a path need no package. */
export function packageText(folder: string, before: string | undefined, plugins: readonly PluginOffer[]): string {
  const old = (before === undefined ? {} : JSON.parse(before)) as PackageFile & {
    readonly allowScripts?: Readonly<Record<string, boolean>>;
  };
  const names = ['@parley/cli', '@parley/sdk', ...plugins.map(({ reference }) => reference)].filter((name) => name.startsWith('@parley/'));
  const needed = Object.fromEntries(names.map((name) => [name, packageSpec(name, folder)]));
  const dependencies = { ...needed, node: TOOLS.node, ...old.dependencies };
  const text = JSON.stringify(
    {
      ...(before === undefined && { name: packageNameOf(folder), private: true }),
      ...old,
      type: 'module',
      scripts: { start: 'parley start', ...old.scripts },
      dependencies: Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))),
      // The package `node` brings the Node.js that Parley runs on, and does that in its install script.
      allowScripts: { node: true, ...old.allowScripts },
    },
    undefined,
    indentOf(before),
  );
  return `${text}\n`;
}

function indentOf(text: string | undefined): string {
  return /\n([ \t]+)"/.exec(text ?? '')?.[1] ?? '  ';
}
