/** What is said of a plugin's name that nothing goes by. */
import { hint, pluginNameOf } from '@parley/core';
import type { ParleyError } from '@parley/core';
import { CliErrors } from '../errors.ts';

/** CLI_UNKNOWN_PLUGIN, with the one that was probably meant. @param known every plugin that can be named */
export function unknownPlugin(name: string, known: readonly { readonly name: string }[]): ParleyError {
  const names = known.map((plugin) => plugin.name);
  return CliErrors.CLI_UNKNOWN_PLUGIN({ name, known: names.join(', '), hint: hint(pluginNameOf(name), names) });
}
