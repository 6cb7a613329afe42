/** Changes of the list of plugins of a `parley.config.json`, written as a list or as an object from names to settings. Pure. */
import type { ListEditor, ListedPlugin } from './list-editor.ts';

type Listed = string | { readonly plugin: string };

interface JsonConfig {
  readonly plugins?: readonly Listed[] | Readonly<Record<string, unknown>>;
}

/** JSON has no comments, so nothing can be disabled in it. */
export const JSON_LIST: ListEditor = {
  list(text) {
    const plugins = read(text)?.plugins;
    if (plugins === undefined) return undefined;
    const names = isList(plugins) ? plugins.map(referenceOf) : Object.keys(plugins);
    return names.map((reference): ListedPlugin => ({ reference: packageOf(reference), disabled: false }));
  },
  add(text, { reference }) {
    return change(text, (plugins) => {
      const name = shortOf(reference);
      return isList(plugins) ? [...plugins, name] : { ...plugins, [name]: {} };
    });
  },
  remove(text, reference) {
    return change(text, (plugins) => {
      const isIt = (name: string): boolean => packageOf(name) === reference;
      if (isList(plugins)) return plugins.filter((entry) => !isIt(referenceOf(entry)));
      return Object.fromEntries(Object.entries(plugins).filter(([name]) => !isIt(name)));
    });
  },
  disable: () => undefined,
  enable: () => undefined,
};

function change(text: string, edit: (plugins: NonNullable<JsonConfig['plugins']>) => JsonConfig['plugins']): string | undefined {
  const config = read(text);
  if (config?.plugins === undefined) return undefined;
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? 2;
  return `${JSON.stringify({ ...config, plugins: edit(config.plugins) }, undefined, indent)}\n`;
}

function read(text: string): JsonConfig | undefined {
  try {
    return JSON.parse(text) as JsonConfig;
  } catch {
    return undefined;
  }
}

function isList(plugins: NonNullable<JsonConfig['plugins']>): plugins is readonly Listed[] {
  return Array.isArray(plugins);
}

function referenceOf(entry: Listed): string {
  return typeof entry === 'string' ? entry : entry.plugin;
}

/** JSON names Parley's own plugins without the front of their packages' names. */
function shortOf(reference: string): string {
  return reference.replace(/^@parley\/plugin-/, '');
}

function packageOf(reference: string): string {
  return /[/.@]/.test(reference) || reference.startsWith('parley-plugin-') ? reference : `@parley/plugin-${reference}`;
}
