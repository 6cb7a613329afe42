/** Which plugins a choice of plugins needs besides, and who would miss one. Pure. */
import type { PluginOffer } from './offer.ts';

/** A plugin that was not chosen and has to be there. */
export interface Addition {
  readonly offer: PluginOffer;
  /** The plugin that needs it, and the token it needs it for. */
  readonly neededBy: string;
  readonly token: string;
}

/** A token that no plugin offers. */
export interface Missing {
  readonly plugin: string;
  readonly token: string;
}

/** What a choice comes to. */
export interface Resolution {
  /** The chosen plugins and what they need, in the order of the offers. */
  readonly plugins: readonly PluginOffer[];
  readonly added: readonly Addition[];
  readonly missing: readonly Missing[];
}

/**
 * Adds to `chosen` whatever provides the tokens that are required and not there. Of several that provide one, the first offer is taken.
 * Every name of `chosen` is among `offers`.
 */
export function withRequirements(chosen: readonly string[], offers: readonly PluginOffer[]): Resolution {
  const taken = new Set(offers.filter(({ name }) => chosen.includes(name)));
  const added: Addition[] = [];
  const missing: Missing[] = [];
  // A set that grows while it is walked: what is added is looked at in its turn.
  for (const plugin of taken) {
    for (const token of needs(plugin)) {
      if ([...taken].some((other) => other.provides.includes(token))) continue;
      const provider = offers.find((offer) => offer.provides.includes(token));
      if (provider === undefined) missing.push({ plugin: plugin.name, token });
      else {
        taken.add(provider);
        added.push({ offer: provider, neededBy: plugin.name, token });
      }
    }
  }
  return { plugins: offers.filter((offer) => taken.has(offer)), added, missing };
}

function needs({ requires, byDefault = [] }: PluginOffer): readonly string[] {
  return [...requires, ...byDefault];
}

/** A plugin that uses a token of another, and whether it can do without. */
export interface Dependant {
  readonly name: string;
  readonly token: string;
  readonly required: boolean;
}

/** Who among `others` uses what `plugin` provides. */
export function dependantsOf(plugin: PluginOffer, others: readonly PluginOffer[]): readonly Dependant[] {
  return others.flatMap((other) => {
    if (other.name === plugin.name) return [];
    const uses = (tokens: readonly string[], required: boolean): Dependant[] =>
      tokens.filter((token) => plugin.provides.includes(token)).map((token) => ({ name: other.name, token, required }));
    return [
      ...uses(needs(other), true),
      ...uses(
        other.optional.filter((token) => !needs(other).includes(token)),
        false,
      ),
    ];
  });
}

/** `web, since autodiscover needs "web"`. */
export function additionText({ offer, neededBy, token }: Addition): string {
  return `${offer.name}, since ${neededBy} needs "${token}"`;
}
