/** Times as tests write them. */
import { TestkitErrors } from './errors.ts';

/** Milliseconds, or a number with its unit: `'200ms'`, `'32s'`, `'5m'`, `'2h'`. */
export type Duration = number | string;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const TEXT = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/;

/** The duration in whole milliseconds. Throws TESTKIT_DURATION. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number') {
    if (duration >= 0 && Number.isFinite(duration)) return Math.round(duration);
    throw TestkitErrors.TESTKIT_DURATION({ found: duration });
  }
  const [, amount, unit = ''] = TEXT.exec(duration.trim()) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined) throw TestkitErrors.TESTKIT_DURATION({ found: duration });
  return Math.round(Number(amount) * factor);
}

/** Shortest and longest of a duration that varies: `'5-30ms'` or one duration for both. Throws TESTKIT_DURATION. */
export function durationRange(range: Duration): readonly [shortest: number, longest: number] {
  const [, from, to, unit] = /^(\d+)\s*-\s*(\d+)\s*(ms|s)$/.exec(String(range).trim()) ?? [];
  if (from === undefined || to === undefined || unit === undefined) {
    const fixed = milliseconds(range);
    return [fixed, fixed];
  }
  const [shortest, longest] = [milliseconds(`${from}${unit}`), milliseconds(`${to}${unit}`)];
  if (shortest > longest) throw TestkitErrors.TESTKIT_DURATION({ found: String(range) });
  return [shortest, longest];
}
