/** `node sdk/interop/fuzz.ts [--messages 1000000] [--seconds N] [--seed N]`: the fuzzer of the interop suite, for as long as one likes. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzzing.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
});
const seed = Number(values.seed);
const messages = values.messages === undefined ? undefined : Number(values.messages);
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (![seed, messages ?? 1, seconds ?? 1].every((n) => Number.isSafeInteger(n) && n >= 0))
  throw new Error('--messages, --seconds and --seed want whole numbers');
const plan = {
  seed,
  ...(messages !== undefined && { messages }),
  ...(seconds !== undefined && { seconds }),
  ...(messages === undefined && seconds === undefined && { messages: 100_000 }),
};
console.log(`seed ${seed}`);
let shown = 0;
const report = await fuzz({
  ...plan,
  progress(sent, rss) {
    if (sent - shown < 50_000) return;
    shown = sent;
    console.log(`${sent.toLocaleString('en-GB')} messages, ${rss.toFixed(0)} MiB`);
  },
});
console.log(report);
