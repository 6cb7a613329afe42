/** The command line as a whole: the commands of this program, and those that the server's plugins bring. */
import { BUILTIN_COMMANDS, VERSION, hint } from '@parley/core';
import type { AdminCommand, ServerConfig } from '@parley/core';
import { Command } from 'commander';
import { addAdminCommand } from './admin-command.ts';
import { CliErrors } from './errors.ts';
import { EXIT_HELP } from './exit-code.ts';
import { addLocalCommands } from './local-commands.ts';
import type { Output } from './output.ts';
import { configOption, readConfig } from './server-config.ts';

/** Commands that need no configuration. */
const ALONE = new Set(['init', 'new', 'plugin', 'script check', 'script trace', 'script lsp', '--version', '-V']);

/**
 * Builds the program for one command line. Plugins say in their definitions which commands they bring, so the configuration is read
 * first, unless the command can do without; a configuration that cannot be read is reported when a command needs it.
 */
export async function buildProgram(argv: readonly string[], output: Output): Promise<Command> {
  const program = new Command('parley')
    .description('An open unified-communications server: compose it, run it, look into it.')
    .version(VERSION)
    .option('-c, --config <file>', 'configuration file; parley.config.{ts,mjs,js,json} in this folder when absent')
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
    .addHelpText('after', `\n${EXIT_HELP}\nEvery command has --help with examples; those that print tables have --json.`);
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const read = (): Promise<ServerConfig> => readConfig(configOption(argv));
  let config: ServerConfig | undefined;
  let failure: unknown;
  if (![first ?? '', `${first} ${second}`, ...argv.filter((word) => word.startsWith('-'))].some((words) => ALONE.has(words))) {
    try {
      config = await read();
    } catch (error) {
      failure = error;
    }
  }
  const need = (): ServerConfig => {
    if (config === undefined) throw failure;
    return config;
  };
  addLocalCommands(program, need, output);
  for (const command of [...BUILTIN_COMMANDS, ...pluginCommands(config)]) addAdminCommand(program, command, need, output);
  describeGroups(program);
  // Without its plugins the program cannot know whether the command exists: the reason is what helps.
  const isHelp = first === undefined || argv.includes('--help') || argv.includes('-h');
  if (failure !== undefined && !isHelp && !program.commands.some((command) => command.name() === first)) throw failure;
  program.on('command:*', ([command]: string[]) => {
    const names = program.commands.map((one) => one.name());
    throw CliErrors.CLI_UNKNOWN_COMMAND({
      command: command ?? '',
      advice: `parley --help lists the commands${hint(command ?? '', names)}.`,
    });
  });
  return program;
}

function pluginCommands(config: ServerConfig | undefined): readonly Omit<AdminCommand, 'run'>[] {
  return config?.plugins.flatMap(({ plugin }) => plugin.commands ?? []) ?? [];
}

/** A group of commands that nobody has described says what is in it. */
function describeGroups(program: Command): void {
  for (const group of program.commands) {
    if (group.commands.length === 0 || group.description() !== '') continue;
    group.description(`Commands: ${group.commands.map((command) => command.name()).join(', ')}`);
  }
}
