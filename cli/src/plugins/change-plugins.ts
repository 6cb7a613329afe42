/** `parley plugin add|remove|enable|disable`: changes the list of plugins of a configuration so that it still makes a server. */
import type { ConfigDocument } from '../config-edit/config-document.ts';
import { CliErrors } from '../errors.ts';
import type { Configured } from './configured.ts';
import { canInstall, installSpecs, isInstalled } from './installed.ts';
import type { Install } from './installed.ts';
import { dependantsOf, withRequirements } from './requirements.ts';
import type { PluginOffer } from './offer.ts';

/** What a command did. */
export interface Change {
  readonly file: string;
  readonly changed: readonly string[];
  /** Plugins that came with what was asked for, and why. */
  readonly also: readonly { readonly name: string; readonly neededBy: string; readonly token: string }[];
  /** Worth knowing. */
  readonly remarks: readonly string[];
}

/**
 * Adds plugins and what they need. Those that are disabled are enabled, with their settings; packages that are missing in a server's own
 * folder are installed.
 * @throws CLI_UNKNOWN_PLUGIN, CLI_PLUGIN_NEEDS, CLI_PLUGIN_NOT_INSTALLED, CLI_STEP_FAILED, CLI_CONFIG_*
 */
export async function addPlugins(configured: Configured, words: readonly string[], install: Install): Promise<Change> {
  const { document, listed, used } = configured;
  const wanted: PluginOffer[] = [];
  for (const word of words) wanted.push(await configured.find(word));
  const offers = [...used, ...configured.known, ...wanted].filter(
    ({ name }, i, all) => all.findIndex((other) => other.name === name) === i,
  );
  const names = [...used, ...wanted].map(({ name }) => name);
  const { plugins, added, missing } = withRequirements(names, offers);
  const [without] = missing.filter(({ plugin }) => !used.some(({ name }) => name === plugin));
  if (without !== undefined) throw CliErrors.CLI_PLUGIN_NEEDS({ plugin: without.plugin, token: without.token });
  const fresh = plugins.filter(({ name }) => !used.some((other) => other.name === name));
  await bringMissing(fresh, document, install);
  const kept = listed.filter(({ disabled, reference }) => disabled && fresh.some((offer) => offer.reference === reference));
  for (const entry of kept) document.enable(entry);
  document.add(fresh.filter(({ reference }) => !kept.some((entry) => entry.reference === reference)));
  if (fresh.length > 0) await document.write();
  return {
    file: document.file,
    changed: fresh.map(({ name }) => name),
    also: added.map(({ offer, neededBy, token }) => ({ name: offer.name, neededBy, token })),
    remarks: fresh.length > 0 ? fresh.flatMap(setupOf) : [`Nothing to do: ${words.join(', ')} is there already.`],
  };
}

/** Throws CLI_PLUGIN_NOT_INSTALLED where npm is not to be asked, CLI_STEP_FAILED where it could not. */
async function bringMissing(offers: readonly PluginOffer[], { file, folder }: ConfigDocument, install: Install): Promise<void> {
  const absent = offers.filter(({ reference }) => !isInstalled(reference, file)).map(({ reference }) => reference);
  if (absent.length === 0) return;
  const specs = installSpecs(absent, folder);
  if (canInstall(folder)) await install(folder, specs);
  else throw CliErrors.CLI_PLUGIN_NOT_INSTALLED({ packages: absent.join(' '), command: `npm install ${specs.join(' ')}` });
}

/** Takes plugins out, settings and all. Throws CLI_PLUGIN_NOT_LISTED, CLI_PLUGIN_NEEDED, CLI_CONFIG_*. */
export async function removePlugins(configured: Configured, words: readonly string[], force: boolean): Promise<Change> {
  return takeOut(configured, words, force, 'remove');
}

/** Makes their entries comments, so that their settings are kept. Throws as `removePlugins`. */
export async function disablePlugins(configured: Configured, words: readonly string[], force: boolean): Promise<Change> {
  return takeOut(configured, words, force, 'disable');
}

async function takeOut(configured: Configured, words: readonly string[], force: boolean, how: 'remove' | 'disable'): Promise<Change> {
  const { document, used } = configured;
  const entries = words.map((word) => configured.entry(word));
  const inUse = entries.filter(({ disabled }) => !disabled);
  const going = new Set(inUse.map(({ name }) => name));
  const lost = losses(going, used);
  if (lost.needed.length > 0 && !force) {
    const all = [...new Set([...entries.map(({ name }) => name), ...lost.needed.map(({ name }) => name)])];
    throw CliErrors.CLI_PLUGIN_NEEDED({
      name: words.join(', '),
      list: lost.needed.map(({ name, token, provider }) => `  ${name} needs "${token}" of ${provider}`).join('\n'),
      command: `parley plugin ${how} ${all.join(' ')}`,
    });
  }
  for (const entry of how === 'remove' ? entries : inUse) document[how](entry);
  if (how === 'remove' || inUse.length > 0) await document.write();
  return {
    file: document.file,
    changed: (how === 'remove' ? entries : inUse).map(({ name }) => name),
    also: [],
    remarks: [
      ...(how === 'disable' && inUse.length === 0 ? [`Nothing to do: ${words.join(', ')} is disabled already.`] : []),
      ...(lost.needed.length > 0 ? ['The server will not start before their requirements are met again.'] : []),
      ...lost.noticed.map(({ name, token, provider }) => `${name} now does without "${token}" of ${provider}.`),
    ],
  };
}

interface Loss {
  readonly name: string;
  readonly token: string;
  readonly provider: string;
}

/** Who needs, directly or over others, what is going, and who could do without it. */
function losses(
  going: ReadonlySet<string>,
  used: readonly PluginOffer[],
): { readonly needed: readonly Loss[]; readonly noticed: readonly Loss[] } {
  const gone = new Set(going);
  const needed: Loss[] = [];
  const noticed: Loss[] = [];
  // A set that grows while it is walked.
  for (const provider of gone) {
    const offer = used.find(({ name }) => name === provider);
    if (offer === undefined) continue;
    for (const { name, token, required } of dependantsOf(offer, used)) {
      if (going.has(name)) continue;
      if (required && !gone.has(name)) gone.add(name);
      (required ? needed : noticed).push({ name, token, provider });
    }
  }
  return { needed, noticed: noticed.filter(({ name }) => !gone.has(name)) };
}

function setupOf(offer: PluginOffer): string[] {
  return 'setup' in offer && typeof offer.setup === 'string' ? [`${offer.name} needs ${offer.setup}`] : [];
}
