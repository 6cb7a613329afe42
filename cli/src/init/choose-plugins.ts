/** From what a server is for to the plugins that it consists of. Pure. */
import { CliErrors } from '../errors.ts';
import type { PluginOffer } from '../plugins/offer.ts';
import type { Preset } from '../plugins/presets.ts';
import { additionText, withRequirements } from '../plugins/requirements.ts';
import { unknownPlugin } from '../plugins/unknown-plugin.ts';
import { isEncrypted, isLocalName } from './answers.ts';
import type { Listener } from './answers.ts';

/** What the choice is made from. */
export interface Wish {
  readonly preset: Preset | undefined;
  /** Names that were asked for beside the preset's, or in its place. */
  readonly names: readonly string[];
  readonly fqdn: string;
  readonly listen: readonly Listener[];
}

/** The plugins, and what is worth saying about them. */
export interface Choice {
  readonly plugins: readonly PluginOffer[];
  readonly remarks: readonly string[];
}

/** Clients that sign in by it fetch a certificate from the server by its name, and prefer that to anything else. */
const NEEDS_A_NAME = 'auth-tls-dsk';

/** Throws CLI_UNKNOWN_PLUGIN, CLI_PLUGIN_NEEDS. */
export function choosePlugins({ preset, names, fqdn, listen }: Wish, offers: readonly PluginOffer[]): Choice {
  const remarks: string[] = [];
  for (const name of names) {
    if (!offers.some((offer) => offer.name === name)) throw unknownPlugin(name, offers);
  }
  const ready = (preset?.plugins ?? []).filter((name) => name !== NEEDS_A_NAME || !isLocalName(fqdn));
  if (ready.length < (preset?.plugins.length ?? 0))
    remarks.push(`Without ${NEEDS_A_NAME}: clients fetch certificates from a name that they can resolve, which ${fqdn} is not.`);
  const chosen = [...ready, ...names];
  const certified = listen.some(isEncrypted) && !chosen.includes('pki') ? ['pki'] : [];
  if (certified.length > 0) remarks.push('With pki, since listeners with TLS need a certificate.');
  const { plugins, added, missing } = withRequirements([...chosen, ...certified], offers);
  for (const addition of added) remarks.push(`With ${additionText(addition)}.`);
  const [without] = missing;
  if (without !== undefined) throw CliErrors.CLI_PLUGIN_NEEDS({ plugin: without.plugin, token: without.token });
  if (!authenticates(plugins)) remarks.push('Nobody has to say who they are: add a plugin such as auth-digest before others can reach it.');
  return { plugins, remarks };
}

/** Whether some plugin finds out who sends; by its name, since that is what it says of itself before it runs. */
export function authenticates(plugins: readonly PluginOffer[]): boolean {
  return plugins.some(({ name }) => name.startsWith('auth-'));
}
