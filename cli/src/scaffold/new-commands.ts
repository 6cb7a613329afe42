/** `parley new ...` on the command line. */
import type { Command } from 'commander';
import { localCommand } from '../local-command.ts';
import type { Output } from '../output.ts';
import { PLUGIN_KINDS, SCRIPT_KINDS } from './kinds.ts';
import { newPlugin } from './new-plugin.ts';
import type { NewPluginOptions } from './new-plugin.ts';
import { newScript } from './new-script.ts';
import type { NewScriptOptions } from './new-script.ts';

/** Adds `new plugin` and `new script`. */
export function addNewCommands(program: Command, output: Output): void {
  const parent = program.command('new').description('Writes plugins and routing scripts to begin with').exitOverride();
  const print = (line: string): void => output.print(line);
  localCommand(parent, 'plugin', 'Writes a plugin that builds, passes its tests and loads at once', [
    'parley new plugin fax',
    'parley new plugin fax --kind gateway',
    'parley new plugin @example/plugin-fax --kind service --directory ../fax --no-verify',
  ])
    .argument('[name]', 'fax, or the name of its package: @example/plugin-fax')
    .option('--kind <kind>', `what to begin with: ${Object.keys(PLUGIN_KINDS).join(', ')}`)
    .option('--directory <path>', 'where to write it; plugins/NAME in the repository, parley-plugin-NAME elsewhere')
    .option('--force', 'overwrite files that are there')
    .option('--no-verify', 'do not install, build, test and load it')
    .addHelpText('after', `\nKinds:\n${kindLines()}`)
    .action((name: string | undefined, options: NewPluginOptions) => newPlugin(name, options, output.interactive, print));
  localCommand(parent, 'script', 'Writes a routing script that checks clean, and a message to try it with', [
    'parley new script night-shift --kind forward',
    'parley new script spam --kind block --directory scripts',
  ])
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--kind <kind>', `what to begin with: ${Object.keys(SCRIPT_KINDS).join(', ')}`)
    .option('--directory <path>', 'where to write it', '.')
    .option('--force', 'overwrite files that are there')
    .action((name: string, options: NewScriptOptions) => newScript(name, options, output.interactive, print));
}

function kindLines(): string {
  return Object.entries(PLUGIN_KINDS)
    .map(([name, { hint }]) => `  ${name.padEnd(12)} ${hint}`)
    .join('\n');
}
