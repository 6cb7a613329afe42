/** A minute of mutated messages: no crash, no hang, memory back to where it was. The seed is printed; fuzz.ts repeats it. */
import { expect, test } from 'vitest';
import { fuzz } from './fuzzing.ts';

const SECONDS = 75;
/** What a server may have grown by, in MiB, from the warm-up to the rest at the end. */
const GROWTH = 64;

test(`${SECONDS} seconds of mutated messages over UDP, TCP and TLS`, { timeout: 300_000 }, async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
  console.log(`fuzzing with FUZZ_SEED=${seed}`);
  const report = await fuzz({ seed, seconds: SECONDS });
  console.log(report);
  expect(report.sent).toBeGreaterThan(10_000);
  expect(report.slowestPingMs).toBeLessThan(5000);
  expect(report.errors).toEqual([]);
  expect(report.rssAfter).toBeLessThan(report.rssWarm + GROWTH);
});
