/** A configuration file that is being changed: nothing is replaced before the new text has been loaded as a server would. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { ParleyError, loadConfig, loadPlugin, pluginNameOf } from '@parley/core';
import type { ServerConfig } from '@parley/core';
import { CliErrors } from '../errors.ts';
import { identifierOf } from '../plugins/identifier.ts';
import type { PluginOffer } from '../plugins/offer.ts';
import { CATALOGUE } from '../plugins/catalogue.ts';
import { JSON_LIST } from './json-list.ts';
import { SOURCE_LIST } from './list-editor.ts';
import type { ListEditor } from './list-editor.ts';

/** A plugin as it stands in the file. */
export interface DocumentPlugin {
  readonly name: string;
  readonly reference: string;
  readonly disabled: boolean;
}

export class ConfigDocument {
  private readonly editor: ListEditor;
  private text: string;

  /** @param file absolute */
  constructor(readonly file: string) {
    this.editor = extname(file) === '.json' ? JSON_LIST : SOURCE_LIST;
    this.text = readFileSync(file, 'utf8');
  }

  get folder(): string {
    return dirname(this.file);
  }

  /** What the file lists, disabled ones included; entries that are computed are left out. Of a file that cannot be changed: what it comes to. */
  async plugins(): Promise<readonly DocumentPlugin[]> {
    const listed = this.editor.list(this.text);
    if (listed === undefined) return loaded(await loadConfig(this.file));
    const plugins: DocumentPlugin[] = [];
    for (const { reference, disabled } of listed) {
      if (reference !== undefined) plugins.push({ name: await nameOf(reference, this.folder), reference, disabled });
    }
    return plugins;
  }

  /** Adds plugins with their default settings. Throws CLI_CONFIG_UNUSUAL with the lines to write. */
  add(offers: readonly PluginOffer[]): void {
    const byHand = [`Write into ${this.file} by hand:`, '', ...pasteLines(offers)];
    for (const { name, reference } of offers) {
      const own = CATALOGUE.find((plugin) => plugin.name === name);
      const after = CATALOGUE.filter(({ group }) => group === own?.group).map((plugin) => plugin.reference);
      this.take(this.editor.add(this.text, { reference, identifier: identifierOf(name), after }), byHand);
    }
  }

  /** Throws CLI_CONFIG_UNUSUAL. */
  remove({ name, reference }: DocumentPlugin): void {
    this.take(this.editor.remove(this.text, reference), [`Take "${name}" out of the list of plugins by hand.`]);
  }

  /** Keeps the entry with its settings as a comment. Throws CLI_CONFIG_UNUSUAL. */
  disable({ name, reference }: DocumentPlugin): void {
    this.take(this.editor.disable(this.text, reference), [`Make the entry of "${name}" a comment by hand.`]);
  }

  /** Throws CLI_CONFIG_UNUSUAL. */
  enable({ name, reference }: DocumentPlugin): void {
    this.take(this.editor.enable(this.text, reference), [`Make the entry of "${name}" no comment any more by hand.`]);
  }

  /** Loads the new text as a server would, then puts it in the place of the old. Throws CLI_CONFIG_REFUSED; then nothing has changed. */
  async write(): Promise<ServerConfig> {
    const trial = join(this.folder, `.parley-${process.pid}-${counter++}${extname(this.file)}`);
    writeFileSync(trial, this.text, { mode: statSync(this.file).mode });
    try {
      const config = await loadConfig(trial);
      renameSync(trial, this.file);
      return config;
    } catch (error) {
      const reason = error instanceof ParleyError ? error.message.replaceAll(trial, this.file) : String(error);
      throw CliErrors.CLI_CONFIG_REFUSED({ file: this.file, reason }, { cause: error });
    } finally {
      rmSync(trial, { force: true });
    }
  }

  private take(text: string | undefined, byHand: readonly string[]): void {
    if (text === undefined) throw this.unusual(byHand);
    this.text = text;
  }

  private unusual(byHand: readonly string[]): ParleyError {
    return CliErrors.CLI_CONFIG_UNUSUAL({ file: this.file, advice: byHand.join('\n') });
  }
}

let counter = 0;

/** What a person pastes: imports, then entries of the list. */
function pasteLines(offers: readonly PluginOffer[]): string[] {
  const isPath = ({ reference }: PluginOffer): boolean => reference.startsWith('.');
  const imports = offers
    .filter((offer) => !isPath(offer))
    .map(({ name, reference }) => `import ${identifierOf(name)} from '${reference}';`);
  const entries = offers.map((offer) =>
    isPath(offer) ? `    { plugin: '${offer.reference}', config: {} },` : `    ${identifierOf(offer.name)}(),`,
  );
  return [...imports, ...(imports.length === 0 ? [] : ['']), '  plugins: [', '    ...', ...entries, '  ],'];
}

function loaded({ plugins }: ServerConfig): readonly DocumentPlugin[] {
  return plugins.map(({ plugin: { name } }) => {
    return { name, reference: CATALOGUE.find((own) => own.name === name)?.reference ?? name, disabled: false };
  });
}

/** The plugin's name: from its package's where that says it, else from the plugin itself, else the reference. */
async function nameOf(reference: string, folder: string): Promise<string> {
  const own = CATALOGUE.find((plugin) => plugin.reference === reference);
  if (own !== undefined) return own.name;
  const plugin = await loadPlugin(reference, folder).catch(() => undefined);
  return plugin?.name ?? pluginNameOf(reference);
}
