/** Finds the highest rate that a server holds: doubling, then bisection, then long holds, and up from there. Pure: the probe does the work. */

/** What one probe found out. */
export interface Probe<R> {
  readonly held: boolean;
  readonly report: R;
}

/** How long and how finely to search. */
export interface SearchPlan {
  /** Transactions a second to begin with. */
  readonly from: number;
  readonly probeSeconds: number;
  readonly holdSeconds: number;
  /** Bisection ends when the bracket is this narrow: 0.05 is 5 %. */
  readonly tolerance: number;
  /** A probe that failed is tried again so often: other work on the machine must not count against the server. */
  readonly retries: number;
}

const CEILING = 1_000_000;
const STEP_BACK = 0.96;
const STEP_UP = 1.06;
const HOLD_TRIES = 12;

/** Highest rate held, with the report of the hold. Rate 0 when not even a small rate is held. */
export async function highestRate<R>(
  probe: (rate: number, seconds: number) => Promise<Probe<R>>,
  plan: SearchPlan,
): Promise<{ rate: number; report: R | undefined }> {
  const tryRate = async (rate: number, seconds: number): Promise<Probe<R>> => {
    let result = await probe(rate, seconds);
    for (let again = 0; !result.held && again < plan.retries; again++) result = await probe(rate, seconds);
    return result;
  };
  let low = 0;
  let high = plan.from;
  while (high < CEILING && (await tryRate(high, plan.probeSeconds)).held) {
    low = high;
    high *= 2;
  }
  if (low === 0) low = plan.from / 16;
  while (high / low > 1 + plan.tolerance) {
    const middle = Math.sqrt(low * high);
    if ((await tryRate(middle, plan.probeSeconds)).held) low = middle;
    else high = middle;
  }
  let rate = low;
  let hold = await tryRate(rate, plan.holdSeconds);
  for (let tries = 1; !hold.held && tries < HOLD_TRIES; tries++) {
    rate *= STEP_BACK;
    hold = await tryRate(rate, plan.holdSeconds);
  }
  if (!hold.held) return { rate: 0, report: undefined };
  // One probe that failed early, on a server not yet warm or in a bad second of the machine, has bounded the bisection from above. So it climbs until it fails.
  while (rate < CEILING) {
    const above = await tryRate(rate * STEP_UP, plan.holdSeconds);
    if (!above.held) break;
    rate *= STEP_UP;
    hold = above;
  }
  return { rate, report: hold.report };
}
