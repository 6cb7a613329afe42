/** Says that it reads, reads standard input, and says what it was. */
import { readText } from '../src/input.ts';

export async function main(): Promise<void> {
  process.stderr.write('reading\n');
  process.stdout.write(await readText('-'));
}
