/** The questions of `parley init`. Each has an option that answers it. */
import { confirm, groupMultiselect, isCancel, select, text } from '@clack/prompts';
import { CliErrors } from '../errors.ts';
import { GROUPS } from '../plugins/catalogue.ts';
import type { CataloguePlugin } from '../plugins/catalogue.ts';
import type { PluginOffer } from '../plugins/offer.ts';
import { PRESETS } from '../plugins/presets.ts';
import { databaseFault } from './answers.ts';

/** `im`, `full`, `sip` or `custom`. Throws CLI_CANCELLED. */
export async function askPreset(): Promise<string> {
  const presets = Object.entries(PRESETS).map(([value, { title, hint }]) => ({ value, label: title, hint }));
  const options = [...presets, { value: 'custom', label: 'Custom', hint: 'choose the plugins' }];
  return unlessCancelled(await select({ message: 'What is the server for?', options }));
}

/** Names of plugins. Throws CLI_CANCELLED. */
export async function askPlugins(offers: readonly PluginOffer[], chosen: readonly string[]): Promise<readonly string[]> {
  const options: Record<string, { value: string; label: string; hint: string }[]> = {};
  for (const offer of offers) {
    const title = 'group' in offer ? GROUPS[(offer as CataloguePlugin).group] : 'Of others';
    (options[title] ??= []).push({ value: offer.name, label: offer.name, hint: offer.summary });
  }
  const message = 'Which plugins? What they need comes with them';
  return unlessCancelled(
    await groupMultiselect({ message, options, initialValues: [...chosen], selectableGroups: false, required: false }),
  );
}

/** `sqlite` or a URL. Throws CLI_CANCELLED. */
export async function askDatabase(): Promise<string> {
  const options = [
    { value: 'sqlite', label: 'SQLite', hint: 'a file in the data folder; nothing to set up' },
    { value: 'postgres', label: 'PostgreSQL', hint: '13 or newer' },
  ];
  const kind = unlessCancelled(await select({ message: 'Which database?', options }));
  return kind === 'sqlite' ? kind : question('Where is it?', 'postgres://parley@localhost:5432/parley', databaseFault);
}

/** Asks until the answer has no fault; `initial` is taken for an empty one. Throws CLI_CANCELLED. */
export async function question(message: string, initial: string, fault: (value: string) => string | undefined): Promise<string> {
  const answer = await text({
    message,
    placeholder: initial,
    defaultValue: initial,
    validate: (value) => fault(value === undefined || value === '' ? initial : value),
  });
  return unlessCancelled(answer);
}

/** Yes or no. Throws CLI_CANCELLED. */
export async function agree(message: string, initialValue = true): Promise<boolean> {
  return unlessCancelled(await confirm({ message, initialValue }));
}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw CliErrors.CLI_CANCELLED();
  return answer as Exclude<T, symbol>;
}
