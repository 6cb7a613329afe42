/** Small figures without a network: parsing, forwarding, the price of a routing script. The programs stand in core/bench. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CORE_BENCH = join(import.meta.dirname, '../../core/bench');

/** What the programs print, and the same by name. */
export interface MicroReport {
  readonly text: string;
  /** Lines of a program by its name. */
  readonly figures: Readonly<Record<string, readonly string[]>>;
}

/** Runs them on one core, one after the other. Needs a built core. */
export async function micro(core: number, quick: boolean): Promise<MicroReport> {
  const figures: Record<string, readonly string[]> = {
    'sip-parse': await lines(core, 'sip-parse.mjs', quick ? '0.5' : '3'),
    script: await lines(core, 'script.mjs', quick ? '50000' : '500000'),
    trace: await lines(core, 'trace.mjs', quick ? '50000' : '300000'),
  };
  const sections = [
    ['Messages read and written on one core (an INVITE of 1 kB)', ...(figures['sip-parse'] ?? [])],
    ['Price of a routing script', ...(figures['script'] ?? [])],
    ['Price of the trace of the application chain, while nobody watches and while somebody does', ...(figures['trace'] ?? [])],
  ];
  return { text: sections.map((section) => `${section.join('\n')}\n`).join('\n'), figures };
}

async function lines(core: number, program: string, argument: string): Promise<string[]> {
  const args = ['-c', String(core), process.execPath, join(CORE_BENCH, program), argument];
  const { stdout } = await promisify(execFile)('taskset', args, { encoding: 'utf8' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^ +/, ''));
}
