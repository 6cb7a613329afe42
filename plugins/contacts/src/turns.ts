/** One thing after the other for each user, whatever other users do. */

/** Runs asynchronous work in the order in which it is given for a key, each piece after the one before has ended. */
export class Turns {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Resolves or rejects with what `work` does; a failure does not hold up what is behind it. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.tails.get(key) ?? Promise.resolve()).then(work);
    const tail = turn
      .catch(() => undefined)
      .then(() => {
        if (this.tails.get(key) === tail) this.tails.delete(key);
      });
    this.tails.set(key, tail);
    return turn;
  }
}
