/** Which of a client's message counters have been seen. [MS-SIPAE] R11. */

/** Counters behind the highest one that may still come. */
export const REPLAY_WINDOW = 256;
const BITS = 32;

/** Counters may come out of order, but each once. Ask `isNew`, verify the signature, then `mark`. */
export class ReplayWindow {
  private highest = -1;
  private readonly seen = new Uint32Array(REPLAY_WINDOW / BITS);

  /** False for a counter that has been marked, or is too far behind to be known. @param num 0 to 2^32-1 */
  isNew(num: number): boolean {
    if (num > this.highest) return true;
    if (this.highest - num >= REPLAY_WINDOW) return false;
    return ((this.seen[wordOf(num)] as number) & bitOf(num)) === 0;
  }

  /** Remembers a counter that a good signature came with: nobody else can move the window. */
  mark(num: number): void {
    if (num > this.highest) {
      if (num - this.highest >= REPLAY_WINDOW) this.seen.fill(0);
      else for (let passed = this.highest + 1; passed < num; passed++) this.clear(passed);
      this.highest = num;
    }
    const word = wordOf(num);
    this.seen[word] = (this.seen[word] as number) | bitOf(num);
  }

  private clear(num: number): void {
    const word = wordOf(num);
    this.seen[word] = (this.seen[word] as number) & ~bitOf(num);
  }
}

function wordOf(num: number): number {
  return (num % REPLAY_WINDOW) >>> 5;
}

function bitOf(num: number): number {
  return 1 << (num % BITS);
}
