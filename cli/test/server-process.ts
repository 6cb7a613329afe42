/** `parley start` in a process of its own, from the sources. */
import { main as parley } from '../src/index.ts';

/** Runs until it is asked to stop, or killed. */
export async function main(config: string): Promise<void> {
  await parley(['start', '--config', config]);
}
