/** Runs one command line in this process. */
import { Writable } from 'node:stream';
import { buildProgram } from '../src/program.ts';
import { Output } from '../src/output.ts';

/** What it printed, both streams. Rejects with what the command throws. */
export async function run(...argv: string[]): Promise<{ out: string; err: string }> {
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
