/** Which configuration a command is about. */
import { findConfig, loadConfig } from '@parley/core';
import type { ServerConfig } from '@parley/core';
import { CliErrors } from './errors.ts';

/** The value of `--config` anywhere on the command line: it is needed before the command line can be understood. */
export function configOption(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') return undefined;
    if (word === '--config' || word === '-c') return argv[i + 1];
    if (word.startsWith('--config=')) return word.slice('--config='.length);
  }
  return undefined;
}

/** Reads and checks the configuration: the file named, else the one in this folder. Throws CLI_NO_CONFIG, CONFIG_*. */
export async function readConfig(named: string | undefined): Promise<ServerConfig> {
  const file = named ?? findConfig(process.cwd());
  if (file === undefined) throw CliErrors.CLI_NO_CONFIG({ folder: process.cwd() });
  return loadConfig(file);
}
