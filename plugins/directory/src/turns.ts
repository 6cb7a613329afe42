/** One thing after the other. */

/** Runs asynchronous work in the order in which it is given, each piece after the one before has ended. */
export class Turns {
  private tail: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects with what `work` does; a failure does not hold up those behind it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(work);
    this.tail = turn.catch(() => undefined);
    return turn;
  }
}
