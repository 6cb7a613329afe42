/** Routing scripts by the names that operators give them: with or without `.am`, and now and then misspelt. */
import { hint } from '../script/index.ts';
import type { RoutingScripts } from './routing-scripts.ts';
import { originText } from './script-source.ts';
import type { ScriptSource } from './script-source.ts';
import { ServerErrors } from './sip-server-errors.ts';

/** The one of that name, given with or without `.am`. */
export function named<T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined {
  return list.find((one) => one.name === name) ?? list.find((one) => one.name === `${name}.am`);
}

/** The script, wherever it comes from. Throws HOST_SCRIPT_UNKNOWN, HOST_SCRIPT_REMOVED. */
export function find(scripts: RoutingScripts, name: string): ScriptSource {
  const { sources } = scripts;
  const found = named(sources, name);
  if (found !== undefined) return found;
  const removed = named(scripts.stored.removed, name);
  if (removed !== undefined) throw ServerErrors.HOST_SCRIPT_REMOVED({ name: removed.name });
  const names = sources.map((source) => source.name);
  throw ServerErrors.HOST_SCRIPT_UNKNOWN({ name, known: names.join(', ') || 'none', hint: hint(name, names) });
}

/** The same, in the store. Throws HOST_SCRIPT_NOT_STORED too. */
export function stored(scripts: RoutingScripts, name: string): ScriptSource {
  const source = scripts.sources.find((one) => one.origin === 'store' && one.name === name) ?? find(scripts, name);
  if (source.origin === 'store') return source;
  const out = source.origin === 'config' ? ', or take it out of scripts.extra and run `parley script reload`' : '';
  const advice = `Switch it off with \`parley script disable ${source.name}\`${out}.`;
  throw ServerErrors.HOST_SCRIPT_NOT_STORED({ name: source.name, origin: originText(source), advice });
}

/** The name of one that is in the store, whether or not it was removed. Throws as `stored`. */
export function storedOrRemoved(scripts: RoutingScripts, name: string): string {
  const inStore = scripts.sources.filter(({ origin }) => origin === 'store');
  return (named(inStore, name) ?? named(scripts.stored.removed, name) ?? stored(scripts, name)).name;
}
