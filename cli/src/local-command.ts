/** How every command of this program is made. */
import type { Command } from 'commander';

/** A command with its examples under `--help`; errors are thrown, not printed and left. */
export function localCommand(parent: Command, name: string, summary: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(summary)
    .exitOverride()
    .showHelpAfterError('(add --help for examples)')
    .allowExcessArguments(false)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}
