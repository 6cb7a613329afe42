/** The order in which plugins start: each after those whose tokens it uses. Pure. */
import type { PluginSpec } from './plugin.ts';

/** The order, or what makes one impossible. */
export interface BootOrder {
  readonly order: readonly PluginSpec[];
  readonly faults: readonly OrderFault[];
}

export type OrderFault =
  | { readonly kind: 'missing'; readonly plugin: string; readonly token: string }
  | { readonly kind: 'twice'; readonly token: string; readonly plugins: readonly string[] }
  | { readonly kind: 'cycle'; readonly plugins: readonly string[]; readonly tokens: readonly string[] };

/** Names of the tokens that a plugin provides. */
export function providedNames(plugin: PluginSpec): readonly string[] {
  return (plugin.provides ?? []).map((provided) => ('token' in provided ? provided.token.name : provided.name));
}

/**
 * Sorts plugins by what they require and, where it is there, what they use optionally. Those that do not depend on each other keep
 * the order they are given in.
 * @param coreTokens names that core provides
 */
export function bootOrder(plugins: readonly PluginSpec[], coreTokens: ReadonlySet<string>): BootOrder {
  const faults: OrderFault[] = [];
  const providers = new Map<string, PluginSpec>();
  for (const plugin of plugins) {
    for (const token of providedNames(plugin)) {
      const other = providers.get(token);
      if (coreTokens.has(token)) faults.push({ kind: 'twice', token, plugins: ['core', plugin.name] });
      else if (other === undefined) providers.set(token, plugin);
      else if (other !== plugin) faults.push({ kind: 'twice', token, plugins: [other.name, plugin.name] });
    }
  }
  for (const plugin of plugins) {
    for (const { name } of plugin.requires ?? []) {
      if (!providers.has(name) && !coreTokens.has(name)) faults.push({ kind: 'missing', plugin: plugin.name, token: name });
    }
  }
  const sorter = new Sorter(providers);
  for (const plugin of plugins) sorter.visit(plugin, []);
  return { order: sorter.order, faults: [...faults, ...sorter.cycles] };
}

interface Step {
  readonly plugin: PluginSpec;
  /** The token by which the next one was reached. */
  readonly token: string;
}

/** Depth first: what a plugin needs comes before it. */
class Sorter {
  readonly order: PluginSpec[] = [];
  readonly cycles: OrderFault[] = [];
  private readonly done = new Set<PluginSpec>();

  constructor(private readonly providers: ReadonlyMap<string, PluginSpec>) {}

  visit(plugin: PluginSpec, path: readonly Step[]): void {
    if (this.done.has(plugin)) return;
    const start = path.findIndex((step) => step.plugin === plugin);
    if (start >= 0) {
      const cycle = path.slice(start);
      this.cycles.push({ kind: 'cycle', plugins: cycle.map((step) => step.plugin.name), tokens: cycle.map((step) => step.token) });
      return;
    }
    for (const { name: token } of [...(plugin.requires ?? []), ...(plugin.optional ?? [])]) {
      const provider = this.providers.get(token);
      // A handler may use another class of its own plugin by its token.
      if (provider !== undefined && provider !== plugin) this.visit(provider, [...path, { plugin, token }]);
    }
    this.done.add(plugin);
    this.order.push(plugin);
  }
}

/** Plugins, of all that are given, that `names` cannot do without: themselves and whatever provides what they use. */
export function neededFor(names: readonly string[], plugins: readonly PluginSpec[]): readonly PluginSpec[] {
  const needed = new Set<PluginSpec>();
  const add = (plugin: PluginSpec): void => {
    if (needed.has(plugin)) return;
    needed.add(plugin);
    const wanted = new Set([...(plugin.requires ?? []), ...(plugin.optional ?? [])].map((token) => token.name));
    for (const other of plugins) if (providedNames(other).some((token) => wanted.has(token))) add(other);
  };
  for (const plugin of plugins) if (names.includes(plugin.name)) add(plugin);
  return plugins.filter((plugin) => needed.has(plugin));
}

/** One line of HOST_PLUGINS_UNFIT. `candidates` are names of plugins that provide a missing token. */
export function orderFaultText(fault: OrderFault, candidates: readonly string[]): string {
  switch (fault.kind) {
    case 'twice':
      return `"${fault.token}" is provided by ${fault.plugins.map((name) => `"${name}"`).join(' and ')}: take one of them out`;
    case 'cycle': {
      const steps = fault.plugins.map((name, i) => `"${name}" waits for "${fault.tokens[i]}" of`);
      return `${steps.join(' ')} "${fault.plugins[0]}": one of them has to do without the other`;
    }
    case 'missing':
    default: {
      const who =
        candidates.length === 0
          ? 'no plugin that is installed does either. Check the name, install the plugin that has it, or write one (parley new plugin)'
          : `add ${candidates.map((name) => `"${name}"`).join(' or ')} to plugins`;
      return `"${fault.plugin}" needs "${fault.token}", which no plugin of the configuration provides: ${who}`;
    }
  }
}
