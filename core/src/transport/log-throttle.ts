/** Keeps a flood of the same event from becoming a flood of log lines. */
import type { Clock } from '../clock/index.ts';

/** One line a kind and interval; the next one says how many were left out. */
export class LogThrottle {
  private readonly kinds = new Map<string, { next: number; suppressed: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs = 1_000,
  ) {}

  /**
   * May a line of that kind be written now?
   * @param kind from a fixed set, since all are remembered
   * @returns how many were suppressed since the last one; undefined: suppress this one too
   */
  admit(kind: string): number | undefined {
    const now = this.clock.now();
    let state = this.kinds.get(kind);
    if (state === undefined) this.kinds.set(kind, (state = { next: 0, suppressed: 0 }));
    if (now < state.next) {
      state.suppressed++;
      return undefined;
    }
    const { suppressed } = state;
    state.next = now + this.intervalMs;
    state.suppressed = 0;
    return suppressed;
  }
}
