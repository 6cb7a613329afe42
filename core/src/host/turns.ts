/** Changes to one thing that are asked for at once, made one after the other. */
import { HostErrors } from './errors.ts';

export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private over = false;

  /** Nothing gets its turn any more. */
  get closed(): boolean {
    return this.over;
  }

  /** Runs `work` when what was asked for before is done, whatever came of that. Throws HOST_CLOSED, and what `work` throws. */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.last.then(() => {
      if (this.over) throw HostErrors.HOST_CLOSED();
      return work();
    });
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when what has its turn is done; what waits behind it is refused. */
  async close(): Promise<void> {
    this.over = true;
    await this.last;
  }
}
