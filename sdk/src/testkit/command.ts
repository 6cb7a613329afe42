/** Administration commands, as a test runs them. */
import { runCommand } from '@parley/core';
import type { CommandResult, Host, RawInput, RunContext } from '@parley/core';
import { TestkitErrors } from './errors.ts';

/** Runs a command of a host by its path. Throws TESTKIT_NO_COMMAND, and what the command throws. */
export async function commandOf(host: Host, path: string, input: RawInput, context: RunContext): Promise<CommandResult> {
  const found = host.command(path);
  if (found !== undefined) return runCommand(found, input, context);
  const known = host.extensions.commands.values.map(({ command }) => command.path).join(', ');
  throw TestkitErrors.TESTKIT_NO_COMMAND({ path, known });
}
