/** How many of something may happen within a second. */
const SECOND_MS = 1_000;

export class PerSecond {
  private start = 0;
  private count = 0;

  constructor(readonly limit: number) {}

  /** Counts one; false when it is one too many. @param now in milliseconds, of a clock that does not go back */
  take(now: number): boolean {
    if (now - this.start >= SECOND_MS) {
      this.start = now;
      this.count = 0;
    }
    this.count++;
    return this.count <= this.limit;
  }
}
