/** How often a user may search: each search looks at every user of the directory. */

const MINUTE_MS = 60_000;
/** Users that are counted within one minute. Those beyond it share one count. */
const MAX_USERS = 10_000;

export class SearchLimit {
  private minute = 0;
  private counts = new Map<string, number>();

  constructor(private readonly perMinute: number) {}

  /** Counts one search of `who`; false when it is one too many. @param now milliseconds */
  admit(who: string, now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.counts = new Map();
    }
    const key = this.counts.has(who) || this.counts.size < MAX_USERS ? who : '';
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count <= this.perMinute;
  }
}
