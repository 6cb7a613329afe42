/** Command lines, run in this process. */
import { Writable } from 'node:stream';
import { buildProgram } from '../src/program.ts';
import { Output } from '../src/output.ts';

/** What a command printed, both streams. */
export interface Printed {
  readonly out: string;
  readonly err: string;
}

/** Runs a command line without its program's name; rejects with what it threw. Nobody is there to answer questions. */
export async function commandLine(...argv: readonly string[]): Promise<Printed> {
  const kept = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        kept[name] += chunk.toString();
        done();
      },
    });
  const program = await buildProgram(argv, new Output(stream('out'), stream('err')));
  program.configureOutput({ writeOut: (text) => (kept.out += text), writeErr: (text) => (kept.err += text) });
  await program.parseAsync(argv, { from: 'user' });
  return kept;
}
