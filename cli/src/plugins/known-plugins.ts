/** All plugins that can be named: those of this release, and those that are installed. */
import { installedPlugins, loadPlugin } from '@parley/core';
import type { PluginSpec } from '@parley/core';
import { CATALOGUE } from './catalogue.ts';
import { offerOf } from './offer.ts';
import type { PluginOffer } from './offer.ts';

/** The catalogue, then what else is installed where `folder` finds packages. A package that cannot be loaded is left out. */
export async function knownPlugins(folder: string): Promise<readonly PluginOffer[]> {
  const known = new Set(CATALOGUE.map(({ reference }) => reference));
  const others: PluginOffer[] = [];
  for (const { packageName } of installedPlugins(folder)) {
    if (known.has(packageName)) continue;
    const plugin = await loadedOrNone(packageName, folder);
    if (plugin !== undefined) others.push(offerOf(plugin, packageName));
  }
  return [...CATALOGUE, ...others];
}

/** The plugin behind a package name or path; undefined when it cannot be loaded. */
export async function loadedOrNone(reference: string, folder: string): Promise<PluginSpec | undefined> {
  return loadPlugin(reference, folder).catch(() => undefined);
}
