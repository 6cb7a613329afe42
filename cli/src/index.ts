/** The parley command. */
import { ParleyError } from '@parley/core';
import { CommanderError } from 'commander';
import { buildProgram } from './program.ts';
import { EXIT } from './exit-code.ts';
import { Output } from './output.ts';

export { shareSdk } from './one-sdk.ts';

/** Runs one command line (without the program's own name) and sets the exit code of the process; see exit-code.ts. */
export async function main(argv: readonly string[]): Promise<void> {
  const output = new Output(process.stdout, process.stderr);
  // Whoever reads has seen enough, as `head` has: that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  try {
    const program = await buildProgram(argv, output);
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = failureCode(error, output);
  }
}

const CONFIG_PREFIX = 'CONFIG_';
const NOT_RUNNING = new Set(['CONTROL_NOT_RUNNING', 'CLI_NOT_RUNNING']);

/** Says what went wrong, unless commander has, and gives the exit code. */
function failureCode(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (!(error instanceof ParleyError)) {
    output.fail(`A fault in Parley: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.internal;
  }
  output.error(error);
  if (NOT_RUNNING.has(error.code)) return EXIT.notRunning;
  if (error.code.startsWith(CONFIG_PREFIX) || error.code === 'CLI_NO_CONFIG') return EXIT.config;
  return error.code === 'CLI_UNKNOWN_COMMAND' || error.code === 'CLI_BAD_OPTION' ? EXIT.usage : EXIT.failed;
}
