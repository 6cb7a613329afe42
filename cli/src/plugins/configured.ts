/** The plugins of one configuration file, those that could be added to it, and what all of them offer each other. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { ParleyError, findConfig, hint, loadPlugin, pluginNameOf } from '@parley/core';
import type { PluginSpec } from '@parley/core';
import { ConfigDocument } from '../config-edit/config-document.ts';
import type { DocumentPlugin } from '../config-edit/config-document.ts';
import { CliErrors } from '../errors.ts';
import { knownPlugins, loadedOrNone } from './known-plugins.ts';
import { offerOf } from './offer.ts';
import type { PluginOffer } from './offer.ts';
import { unknownPlugin } from './unknown-plugin.ts';

/** A plugin with its definition, as far as its package is installed. */
export interface KnownPlugin extends PluginOffer {
  readonly plugin: PluginSpec | undefined;
}

export class Configured {
  private constructor(
    readonly document: ConfigDocument,
    readonly listed: readonly DocumentPlugin[],
    /** Everything that can be named, what the file refers to by paths included. */
    readonly known: readonly PluginOffer[],
  ) {}

  /** @param named the value of `--config`. Throws CLI_NO_CONFIG, CONFIG_*. */
  static async open(named: string | undefined): Promise<Configured> {
    const file = named === undefined ? findConfig(process.cwd()) : resolve(named);
    if (file === undefined || !existsSync(file)) throw CliErrors.CLI_NO_CONFIG({ folder: process.cwd() });
    const document = new ConfigDocument(file);
    const listed = await document.plugins();
    const known = [...(await knownPlugins(document.folder))];
    for (const { reference } of listed) {
      if (known.some((offer) => offer.reference === reference)) continue;
      const plugin = await loadedOrNone(reference, document.folder);
      if (plugin !== undefined) known.push(offerOf(plugin, reference));
    }
    return new Configured(document, listed, known);
  }

  /** Offers of the plugins that the file uses. */
  get used(): readonly PluginOffer[] {
    return this.offersOf(this.listed.filter(({ disabled }) => !disabled));
  }

  offersOf(listed: readonly DocumentPlugin[]): readonly PluginOffer[] {
    return listed.flatMap(({ reference }) => this.known.find((offer) => offer.reference === reference) ?? []);
  }

  /** What a word of the command line means: a plugin's name, its package, or a path. Throws CLI_UNKNOWN_PLUGIN, CONFIG_PLUGIN_*. */
  async find(word: string): Promise<KnownPlugin> {
    const offer = this.known.find(({ name, reference }) => name === word || reference === word || reference === `parley-plugin-${word}`);
    const { folder } = this.document;
    if (offer !== undefined) return { ...offer, plugin: await loadedOrNone(offer.reference, folder) };
    if (!/[./]/.test(word)) throw unknownPlugin(word, this.known);
    try {
      const plugin = await loadPlugin(word, folder);
      return { ...offerOf(plugin, word), plugin };
    } catch (error) {
      const isPackage = !word.startsWith('.') && !isAbsolute(word);
      const isAbsent = error instanceof ParleyError && error.code === 'CONFIG_PLUGIN_NOT_FOUND';
      throw isPackage && isAbsent ? unknownPlugin(word, this.known) : error;
    }
  }

  /** The entry of the file. Throws CLI_PLUGIN_NOT_LISTED. */
  entry(word: string): DocumentPlugin {
    const found = this.listed.find(({ name, reference }) => name === word || reference === word);
    const { file } = this.document;
    if (found !== undefined) return found;
    const names = this.listed.map(({ name }) => name);
    throw CliErrors.CLI_PLUGIN_NOT_LISTED({ name: word, file, listed: names.join(', '), hint: hint(pluginNameOf(word), names) });
  }
}
