/** Checks what a caller gave against a command's description, and runs it within its time. */
import type { Clock } from '../clock/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { AdminCommand, CommandInput, CommandOption, CommandResult } from './command.ts';
import { ControlErrors } from './errors.ts';
import type { ScopedCommand } from './extensions.ts';
import { within } from './within.ts';

/** What came over the socket or from the command line, nothing of it checked. */
export interface RawInput {
  readonly arguments?: unknown;
  readonly options?: unknown;
}

/** What a command runs with besides its input. */
export interface RunContext {
  readonly clock: Clock;
  readonly progress?: (text: string) => void;
  /** Takes the rows that a command sends while it runs. */
  readonly rows?: (rows: readonly object[]) => Promise<void>;
  /** Aborts when the caller is gone. */
  readonly signal?: AbortSignal;
}

const DEFAULT_SECONDS = 60;

/** `--display-name <text>` is `displayName` in a command's options. */
export function optionKey(flag: string): string {
  const name = /^(?:-\w,\s*)?--([a-z0-9-]+)/.exec(flag)?.[1];
  if (name === undefined) throw new TypeError(`option "${flag}" must be written as "--name" or "--name <value>"`);
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether a flag is followed by a value. */
export function takesValue(flag: string): boolean {
  return /[<[]/.test(flag);
}

/**
 * Runs a command.
 * @throws CONTROL_BAD_INPUT, CONTROL_TIMEOUT, the command's own ParleyError, or CONTROL_COMMAND_FAILED around anything else
 */
export async function runCommand({ command, scope }: ScopedCommand, raw: RawInput, context: RunContext): Promise<CommandResult> {
  const seconds = command.timeoutSeconds ?? DEFAULT_SECONDS;
  const over = new AbortController();
  const signal = context.signal === undefined ? over.signal : AbortSignal.any([over.signal, context.signal]);
  const input: CommandInput = {
    ...checkInput(command, raw),
    progress: context.progress ?? ignore,
    ...(context.rows === undefined ? {} : { rows: context.rows }),
    signal,
  };
  try {
    const late = (): Error => ControlErrors.CONTROL_TIMEOUT({ path: command.path, seconds });
    return await within(context.clock, seconds * 1000, () => command.run(input, scope), late);
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw ControlErrors.CONTROL_COMMAND_FAILED(
      { path: command.path, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  } finally {
    over.abort();
  }
}

function ignore(): void {
  // Nobody wants to know how far it has come.
}

type Checked = Pick<CommandInput, 'arguments' | 'options'>;

function checkInput(command: AdminCommand, raw: RawInput): Checked {
  return {
    arguments: checkArguments(command, record(command, raw.arguments)),
    options: checkOptions(command, record(command, raw.options)),
  };
}

function record(command: AdminCommand, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw bad(command, 'Arguments and options must be objects');
}

function checkArguments(command: AdminCommand, given: Readonly<Record<string, unknown>>): Record<string, string> {
  const known = command.arguments ?? [];
  for (const name of Object.keys(given))
    if (!known.some((argument) => argument.name === name)) throw bad(command, `There is no argument "${name}"`);
  const checked: Record<string, string> = {};
  for (const { name, optional } of known) {
    const value = given[name];
    if (typeof value === 'string') checked[name] = value;
    else if (value !== undefined) throw bad(command, `The argument "${name}" must be a text`);
    else if (optional !== true) throw bad(command, `The argument "${name}" is missing`);
  }
  return checked;
}

function checkOptions(command: AdminCommand, given: Readonly<Record<string, unknown>>): Record<string, string | boolean> {
  const known = new Map((command.options ?? []).map((option) => [optionKey(option.flag), option]));
  for (const key of Object.keys(given)) if (!known.has(key)) throw bad(command, `There is no option "${key}"`);
  const checked: Record<string, string | boolean> = {};
  for (const [key, option] of known) {
    const value = given[key] ?? option.default;
    if (value !== undefined) checked[key] = checkOption(command, option, value);
    else if (option.required === true) throw bad(command, `The option ${option.flag} is missing`);
  }
  return checked;
}

function checkOption(command: AdminCommand, option: CommandOption, value: unknown): string | boolean {
  if (!takesValue(option.flag)) {
    if (typeof value === 'boolean') return value;
    throw bad(command, `The option ${option.flag} takes no value`);
  }
  if (typeof value !== 'string') throw bad(command, `The option ${option.flag} needs a value`);
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw bad(command, `The option ${option.flag} must be one of ${option.choices.join(', ')}`);
  }
  return value;
}

function bad(command: AdminCommand, reason: string): ParleyError {
  return ControlErrors.CONTROL_BAD_INPUT({ path: command.path, reason });
}
