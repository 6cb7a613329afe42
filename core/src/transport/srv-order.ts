/** The order in which SRV records are tried. RFC 2782, "Usage rules". */
import type { SrvRecord } from './dns.ts';

/**
 * Lower priority first; within a priority each next record is drawn with a chance in proportion to its weight.
 * @param random uniform in [0, 1)
 */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const ordered: SrvRecord[] = [];
  // Weight 0 stands first, so that it has its small chance when the running sum starts at 0.
  const left = records.toSorted((a, b) => a.priority - b.priority || Math.sign(a.weight) - Math.sign(b.weight));
  while (left.length > 0) {
    const group = left.filter((r) => r.priority === left[0]?.priority);
    left.splice(0, group.length);
    while (group.length > 0) ordered.push(...group.splice(draw(group, random), 1));
  }
  return ordered;
}

/** The first record whose running sum of weights reaches a random number between 0 and the sum, both inclusive. */
function draw(group: readonly SrvRecord[], random: () => number): number {
  const sum = group.reduce((total, r) => total + r.weight, 0);
  let toGo = Math.floor(random() * (sum + 1));
  return group.findIndex((r) => (toGo -= r.weight) <= 0);
}
