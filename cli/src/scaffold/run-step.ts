/** Runs the tools that prove a new package: shows that something goes on, and what they said only when they fail. */
import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { spinner } from '@clack/prompts';
import { CliErrors } from '../errors.ts';

/** One program. */
export interface Step {
  /** As a person would type it. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
}

const KEEP_BYTES = 100_000;
const SHOWN_LINES = 60;

/** Shows that `work` goes on, and how long it took. Rejects with what it rejects with. */
export async function shown<T>(title: string, interactive: boolean, print: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const took = (): string => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const turning = interactive ? spinner() : undefined;
  if (turning === undefined) print(`  ${title} ...`);
  else turning.start(title);
  try {
    const result = await work();
    if (turning === undefined) print(`    done after ${took()}`);
    else turning.stop(`${title}: ${took()}`);
    return result;
  } catch (error) {
    turning?.error(`${title}: failed after ${took()}`);
    throw error;
  }
}

/** Runs a program to its good end. Rejects with CLI_STEP_FAILED and the end of its output. */
export function runStep({ title, command, args, folder }: Step): Promise<void> {
  return new Promise((resolve, reject) => {
    // Tools are to run on the Node.js that this program runs on.
    const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
    const child = spawn(command, args, { cwd: folder, env: { ...process.env, PATH, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEEP_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const fail = (said: string): void => reject(CliErrors.CLI_STEP_FAILED({ step: title, output: said, folder }));
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else fail(output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n'));
    });
  });
}

/** `npm ARGS`: npm says in its environment where it is, which spares a search. */
export function npmStep(args: readonly string[], folder: string): Step {
  const title = `npm ${args.join(' ')}`;
  const npm = process.env['npm_execpath'];
  if (npm === undefined || !npm.endsWith('.js')) return { title, command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args, folder };
  return { title, command: process.execPath, args: [npm, ...args], folder };
}
