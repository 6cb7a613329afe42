#!/usr/bin/env node
// The parley command. It runs on Node 26, which `npm install` brings along as node_modules/.bin/node.
import { availableParallelism } from 'node:os';

const [major] = process.versions.node.split('.').map(Number);
if (major < 26) {
  console.error(`parley needs Node.js 26 and was started with ${process.versions.node}.`);
  console.error('Run it as `npx parley ...` inside the project, which uses the Node that the project installs.');
  process.exit(70);
}
// What a message allocates is dead when it has been answered. V8's guess which objects will live long is made while the server warms
// up, and is wrong from then on: it puts short-lived ones among the old, where each keeps what it points to, and pauses grow tenfold.
// V8 takes these only at its start, so the server's process becomes one that was started with them.
// A full collection costs by what lives: half a second of work with 200,000 calls of the last half minute in memory. With the limit at
// two and a half times what lives there are fewer of them.
// On a single core the collector's helper threads would only be in the way.
const TUNING = [
  '--no-allocation-site-pretenuring',
  '--max-semi-space-size=16',
  '--heap-growing-percent=150',
  ...(availableParallelism() === 1 ? ['--single-threaded-gc'] : []),
];
const args = process.argv.slice(2);
const isServer = args.find((word) => !word.startsWith('-')) === 'start';
const isTuned = process.execArgv.some((option) => option.includes('semi-space'));
if (isServer && !isTuned && process.platform !== 'win32' && typeof process.execve === 'function') {
  process.execve(process.execPath, [process.execPath, ...TUNING, ...process.execArgv, process.argv[1], ...args]);
}
const { main } = await import('../dist/index.js');
await main(args);
