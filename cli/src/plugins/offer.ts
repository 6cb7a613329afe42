/** What is known of a plugin that a configuration may name, whether its package is installed or not. */
import type { PluginSpec } from '@parley/core';

/** A plugin as the commands that compose a server see it. */
export interface PluginOffer {
  /** `auth-digest`. */
  readonly name: string;
  /** How a configuration refers to it: a package, or a path that begins with a dot. */
  readonly reference: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** Names of the tokens that it cannot do without; those of core are left out. */
  readonly requires: readonly string[];
  /** Names of the tokens that it uses where they are. */
  readonly optional: readonly string[];
  /** Those of `optional` that it needs nevertheless, as long as its settings do not say otherwise. */
  readonly byDefault?: readonly string[];
  /** Names of the tokens that it provides. */
  readonly provides: readonly string[];
}

/** Tokens of the host itself begin so: nobody has to provide them. */
const CORE_PREFIX = 'core.';

/** The offer of a plugin that is loaded. */
export function offerOf(plugin: PluginSpec, reference: string): PluginOffer {
  const named = (tokens: readonly { readonly name: string }[] = []): string[] =>
    tokens.map(({ name }) => name).filter((name) => !name.startsWith(CORE_PREFIX));
  return {
    name: plugin.name,
    reference,
    summary: plugin.summary,
    requires: named(plugin.requires),
    optional: named(plugin.optional),
    provides: named((plugin.provides ?? []).map((provided) => ('token' in provided ? provided.token : provided))),
  };
}
