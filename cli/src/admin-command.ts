/** Commands that run inside a server: over its socket while it runs, else, where they may, on its store alone. */
import { resolve } from 'node:path';
import { ControlClient, ParleyError, SystemClock, optionKey, packScript, runCommand, startOffline, takesValue } from '@parley/core';
import type { AdminCommand, CommandArgument, CommandOption, CommandResult, ConfiguredPlugin, RawInput, ServerConfig } from '@parley/core';
import { isCancel, password } from '@clack/prompts';
import type { Command } from 'commander';
import { CliErrors } from './errors.ts';
import { readText } from './input.ts';
import { followTrace } from './live-trace.ts';
import type { Output } from './output.ts';
import { watchStatus } from './status-watch.ts';

type Description = Omit<AdminCommand, 'run'>;
/** What is wrong with a value; undefined when nothing is known to be. */
type Check = (value: string) => string | undefined;

/** Adds one command, with its parents where its path has several words. */
export function addAdminCommand(program: Command, description: Description, need: () => ServerConfig, output: Output): void {
  const words = description.path.split(' ');
  const name = words.pop() ?? '';
  const parent = words.reduce((above, word) => childOf(above, word), program);
  const command = childOf(parent, name).description(description.summary);
  for (const argument of description.arguments ?? []) {
    command.argument(argument.optional === true ? `[${argument.name}]` : `<${argument.name}>`, argument.summary);
  }
  for (const option of description.options ?? []) {
    if (option.default === undefined) command.option(option.flag, option.summary);
    else command.option(option.flag, option.summary, option.default);
    if (option.stdinFlag !== undefined) command.option(option.stdinFlag, `read it from standard input`);
  }
  command.option('--json', 'print JSON for scripts');
  if (description.path === 'status') command.option('--watch', 'show it again every second until interrupted');
  command.addHelpText('after', `\nExamples:\n${description.examples.map((example) => `  ${example}`).join('\n')}`);
  command.action(async (...received: unknown[]) => {
    const values = received.slice(0, description.arguments?.length ?? 0) as (string | undefined)[];
    const options = command.opts<Record<string, string | boolean>>();
    const input = await gather(description, values, options, output, need);
    const json = options['json'] === true;
    const show = (result: CommandResult): void => output.result(result, description.columns, json);
    if (options['watch'] === true) await watchStatus(need(), output);
    else if (description.stream === true) await followTrace(need(), input, output, json);
    else show(await run(description, input, need(), (text) => output.remark(text)));
  });
}

function childOf(parent: Command, name: string): Command {
  return (
    parent.commands.find((command) => command.name() === name) ??
    parent.command(name).exitOverride().showHelpAfterError('(add --help for examples)').allowExcessArguments(false)
  );
}

/** Arguments and options as the command wants them; secrets that are missing are asked for. */
async function gather(
  description: Description,
  values: readonly (string | undefined)[],
  given: Readonly<Record<string, string | boolean>>,
  output: Output,
  need: () => ServerConfig,
): Promise<RawInput> {
  const args: Record<string, string> = {};
  for (const [i, argument] of (description.arguments ?? []).entries()) {
    const value = values[i];
    if (value !== undefined) args[argument.name] = await argumentText(argument, value, given);
  }
  const options: Record<string, string | boolean> = {};
  for (const option of description.options ?? []) {
    const check = (text: string): string | undefined => option.check?.(text, ownerOf(description, need())?.config, args);
    const value = await optionValue(option, given, output, check);
    if (value !== undefined) options[optionKey(option.flag)] = value;
  }
  return { arguments: args, options };
}

async function argumentText(
  { file, script }: CommandArgument,
  value: string,
  given: Readonly<Record<string, string | boolean>>,
): Promise<string> {
  if (script === true) return JSON.stringify(packScript(await readText(value), resolve(value), given['lenient'] === true));
  return file === true ? readText(value) : value;
}

async function optionValue(
  option: CommandOption,
  given: Readonly<Record<string, string | boolean>>,
  output: Output,
  check: Check,
): Promise<string | boolean | undefined> {
  const value = given[optionKey(option.flag)];
  if (value !== undefined) return value;
  if (option.stdinFlag !== undefined && given[optionKey(option.stdinFlag)] === true) return (await readText('-')).replace(/\r?\n$/, '');
  if (option.secret !== true || !takesValue(option.flag) || isDeclined(option, given)) return undefined;
  if (output.interactive) return askSecret(option, check);
  const flags = [option.flag, option.stdinFlag].filter((flag) => flag !== undefined).join(' or ');
  if (option.required === true) throw CliErrors.CLI_NO_PASSWORD({ option: option.flag, flags });
  return undefined;
}

/** `--without-password` says that there is to be no `--password`. */
function isDeclined(option: CommandOption, given: Readonly<Record<string, string | boolean>>): boolean {
  const key = optionKey(option.flag);
  return given[`without${key.charAt(0).toUpperCase()}${key.slice(1)}`] === true;
}

async function askSecret(option: CommandOption, check: Check): Promise<string> {
  const title = option.flag.replace(/^--/, '').replace(/ .*/, '');
  const first = await password({
    message: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    validate: (value) => check(value ?? ''),
  });
  if (isCancel(first)) throw CliErrors.CLI_CANCELLED();
  const second = await password({ message: 'Once more', validate: (value) => (value === first ? undefined : 'That was not the same.') });
  if (isCancel(second)) throw CliErrors.CLI_CANCELLED();
  return first;
}

/** In the running server when there is one, else on the store alone. Throws the command's errors, CLI_NOT_RUNNING. */
async function run(
  description: Description,
  input: RawInput,
  config: ServerConfig,
  progress: (text: string) => void,
): Promise<CommandResult> {
  const client = await connect(config);
  if (client !== undefined) {
    try {
      return await client.call(description.path, input, progress);
    } finally {
      client.close();
    }
  }
  if (description.offline !== true) throw CliErrors.CLI_NOT_RUNNING({ folder: config.dataDir });
  return runOffline(description, input, config, progress);
}

/** A connection to the server on the configured data folder; undefined when none runs. */
export async function connect(config: ServerConfig): Promise<ControlClient | undefined> {
  try {
    return await ControlClient.connect(config.dataDir);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'CONTROL_NOT_RUNNING') return undefined;
    throw error;
  }
}

/** The plugin of the configuration that brings the command; undefined for the server's own. */
function ownerOf({ path }: Description, config: ServerConfig): ConfiguredPlugin | undefined {
  return config.plugins.find(({ plugin }) => plugin.commands?.some((command) => command.path === path));
}

async function runOffline(
  description: Description,
  input: RawInput,
  config: ServerConfig,
  progress: (text: string) => void,
): Promise<CommandResult> {
  const owner = ownerOf(description, config);
  const quiet: ServerConfig = { ...config, log: { ...config.log, level: 'error' } };
  const host = await startOffline(quiet, owner === undefined ? {} : { only: [owner.plugin.name] });
  const clock = new SystemClock();
  try {
    const command = host.command(description.path);
    if (command === undefined) throw CliErrors.CLI_NOT_RUNNING({ folder: config.dataDir });
    return await runCommand(command, input, { clock, progress });
  } finally {
    clock.stop();
    await host.close();
  }
}
