#!/usr/bin/env node
// The parley command. It runs on Node 26, which `npm install` brings along as the package `node`: on an older one it starts itself again on that.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
if (major < 26) await startAgain();
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
const { main, shareSdk } = await import('../dist/index.js').catch(notBuilt);
shareSdk();
await main(args);

/** A checkout has to be built once, and again after a branch that adds files: says so. Any other failure of the import stays what it is. */
function notBuilt(error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.url?.includes('/dist/')) throw error;
  console.error(`Parley is not built: there is no ${fileURLToPath(error.url)}.`);
  console.error('In its folder, npm start builds it and starts the server; npm run build only builds it.');
  process.exit(1);
}

/** Ends this process as the one on the package's Node ends. */
async function startAgain() {
  const node = packagedNode();
  if (node === undefined) {
    console.error(`parley needs Node.js 26 and was started with ${process.versions.node}.`);
    console.error('Install it beside parley: npm install node@26');
    process.exit(70);
  }
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve) => child.once('close', (...ended) => resolve(ended)));
  process.exit(code ?? (signal === null ? 1 : 128));
}

/** The program of the package `node`, where this package or the folder that it is run in finds one. */
function packagedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return join(dirname(createRequire(from).resolve('node/package.json')), 'bin', name);
    } catch {
      // Not here.
    }
  }
  return undefined;
}
