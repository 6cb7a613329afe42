/** Whether messages wait for the event loop, told from the length of its turns. */

/** A loop that takes in whatever has come in each turn makes every message wait about as long as the turn lasts. Milliseconds. */
export const LONG_TURN_MS = 60;
/** A turn this short has found next to nothing waiting. */
export const SHORT_TURN_MS = 5;
/** Of datagrams, a turn takes so many from a socket at most, however many there are (libuv). */
export const DATAGRAMS_A_TURN = 32;

/**
 * Looks at turns while it is armed. That the loop is busy says little: the garbage collector can keep it busy for a third of a second
 * in small steps between which messages are served at once. Pure: told when a turn ends.
 */
export class QueueWatch {
  /** The shortest turn of the sample. */
  private shortest = Infinity;
  private turns = 0;
  private fullTurns = 0;
  private last: { at: number; datagrams: number } | undefined;

  /** Forgets what it saw; the next turn begins the first that counts. */
  reset(): void {
    this.last = undefined;
    this.begin();
  }

  /**
   * A turn has ended. @param at milliseconds, any origin @param datagrams how many have come in so far, all in all
   * @returns whether it found next to nothing waiting; undefined when it is the first, whose length nobody knows
   */
  turn(at: number, datagrams: number): boolean | undefined {
    const { last } = this;
    this.last = { at, datagrams };
    if (last === undefined) return undefined;
    const ms = at - last.at;
    const isFull = datagrams - last.datagrams >= DATAGRAMS_A_TURN;
    this.turns++;
    if (isFull) this.fullTurns++;
    if (ms < this.shortest) this.shortest = ms;
    return ms < SHORT_TURN_MS && !isFull;
  }

  /** Has there been a queue throughout the sample that ends now? Begins the next one. */
  sample(at: number): boolean {
    const { turns, fullTurns, last } = this;
    // A turn that is not over yet counts by how long it has lasted.
    const shortest = turns === 0 && last !== undefined ? at - last.at : this.shortest;
    this.begin();
    if (last === undefined) return false;
    return shortest >= LONG_TURN_MS || (turns > 0 && fullTurns >= turns * SHARE_OF_FULL);
  }

  private begin(): void {
    this.shortest = Infinity;
    this.turns = 0;
    this.fullTurns = 0;
  }
}

/** Timers and the garbage collector have turns of their own in between. */
const SHARE_OF_FULL = 0.8;
