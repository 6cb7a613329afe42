/** Reading what the commands are given. */
import type { CommandInput, CommandOption } from '@parley/sdk';
import type { DirectoryConfig } from './config.ts';
import { weaknesses } from './draft.ts';
import { DirectoryErrors } from './errors.ts';
import { normaliseAor } from './names.ts';

/** The options that every command with a password has. */
export const PASSWORD_OPTIONS: readonly CommandOption[] = [
  {
    flag: '--password <password>',
    summary: 'The password; others on this machine can see it while the command runs',
    secret: true,
    stdinFlag: '--password-stdin',
    check: (value, config, { uri = '' }) => {
      const aor = normaliseAor(uri) ?? uri;
      return weaknesses(value, aor, (config as DirectoryConfig).passwords)[0]?.message;
    },
  },
];

/** The value of an option that takes one. */
export function textOption(input: CommandInput, key: string): string | undefined {
  const value = input.options[key];
  return typeof value === 'string' ? value : undefined;
}

/** The parts of a value that lists several with commas; undefined when the option is absent, [] when it is empty. */
export function listOption(input: CommandInput, key: string): string[] | undefined {
  return textOption(input, key)
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A whole number from 1, or `otherwise`. */
export function countOption(input: CommandInput, key: string, otherwise: number): number {
  const value = Number(textOption(input, key) ?? otherwise);
  return Number.isSafeInteger(value) && value >= 1 ? value : otherwise;
}

/** A positional argument; '' when an optional one is absent. */
export function argument(input: CommandInput, name: string): string {
  return input.arguments[name] ?? '';
}

/** The password, or DIRECTORY_PASSWORD_ABSENT. One line break at its end is the shell's, not the user's. */
export function passwordOption(input: CommandInput, aor: string): string {
  const password = textOption(input, 'password')?.replace(/\r?\n$/, '');
  if (password === undefined || password === '') throw DirectoryErrors.DIRECTORY_PASSWORD_ABSENT({ aor });
  return password;
}
