/**
 * What the trace of the application chain costs a message: nothing while nobody watches. The chain as it is built is held against a
 * copy of it with every mention of the trace cut out of the JavaScript. Build first, then pin it:
 *   npx tsc -b core && taskset -c 0 node_modules/.bin/node core/bench/trace.mjs [messages a case]
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVITE, manifest, scriptEnvironment } from './script-bed.mjs';

const MESSAGES = Number(process.argv[2] ?? 200_000);
const BATCH = 200;
const WARM_UP = 150;
const DIST = join(import.meta.dirname, '../dist');

/** What is cut, by file; each has to be found as often as it says. */
const CUTS = {
  'script/chain.js': [[/ *if \(this\.tracer !== undefined\)\s+this\.follow\(leg, interested\);\n/g, '', 3]],
  'script/chain-leg.js': [
    [/ *this\.trace\?\.(?:sent|answered|message)\(.*?\);\n/g, '', 3],
    [/ *leg\.trace = .*;\n/g, '', 1],
  ],
  'script/scripted-leg.js': [
    [/ *this\.trace\?\.skipped\(.*?\);\n/g, '', 1],
    [/ *trace = undefined;\n/g, '', 1],
    [/ *const \{ trace \} = this;\n/g, '', 1],
    [/trace === undefined \? (application\.compiled\.run\(this\)) : trace\.run\(application, this\)/g, '$1', 1],
  ],
  'script/chain-response.js': [
    [/ *const \{ trace \} = leg;\n/g, '', 1],
    [/trace === undefined \? (application\.compiled\.run\(run\)) : trace\.run\(application, run\)/g, '$1', 1],
  ],
};

const copies = [];

/** A copy of the built core, with what is to be cut out of it. It stands in the package, where imports of others are found. */
function copy(allCuts) {
  const folder = mkdtempSync(join(DIST, 'copy-'));
  copies.push(folder);
  for (const room of readdirSync(DIST)) {
    if (!room.startsWith('copy-') && statSync(join(DIST, room)).isDirectory())
      cpSync(join(DIST, room), join(folder, room), { recursive: true });
  }
  for (const [file, cuts] of Object.entries(allCuts)) {
    const path = join(folder, file);
    let text = readFileSync(path, 'utf8');
    for (const [pattern, instead, count] of cuts) {
      const found = text.match(pattern)?.length ?? 0;
      if (found !== count)
        throw new Error(`${file} has ${pattern} ${found} times instead of ${count}: this program has to follow the code`);
      text = text.replace(pattern, instead);
    }
    writeFileSync(path, text);
  }
  return folder;
}

const LOOK = 'from = GetUserAtHost(sipRequest.From); if (from == "mallory@example.com") { Respond(403, "Forbidden"); }';
const UNINTERESTED = 'if (sipRequest.StandardMethod == StandardMethod.Message) { Respond(403, "Forbidden"); }';
const SCRIPTS = [LOOK, UNINTERESTED, UNINTERESTED, LOOK, UNINTERESTED, 'ProxyRequest("sip:bob@192.0.2.7:5061;transport=tls");'];

const nothing = () => undefined;
const environment = scriptEnvironment();
const ADMITTED = { fixedRoute: false, trustedRoute: false, side: undefined, branchSuffix: '' };

/** A chain of six applications over the core in a folder; `run` sends it messages and gives the microseconds that took. */
async function chainOf(folder) {
  const { ApplicationChain, MessageTrace, compileApplication } = await import(join(folder, 'script/index.js'));
  const { DEFAULT_LIMITS, parseMessage } = await import(join(folder, 'sip/index.js'));
  let forwarded = 0;
  const chain = new ApplicationChain({ forward: () => forwarded++, forwardAck: nothing }, environment, {});
  chain.install(
    SCRIPTS.map((script, i) => {
      const { application: compiled } = compileApplication(manifest(String(i), script), `${i}.am`);
      return { compiled, name: `${i}.am`, plugin: 'bench', handler: undefined, criticalErrors: 0, disabled: false };
    }),
  );
  const flow = { id: 1, transport: 'TLS', tlsPeer: '', trusted: false, remote: { host: '192.0.2.50', port: 50123 } };
  const transactions = () =>
    Array.from({ length: BATCH }, () => {
      const { message } = parseMessage(Buffer.from(INVITE), DEFAULT_LIMITS);
      const inbound = { message, flow, identity: undefined };
      return { request: message, inbound, flow, isInvite: true, finalSent: 0, respond: nothing, abandon: nothing, release: nothing };
    });
  const run = () => {
    const batch = transactions();
    const start = performance.now();
    for (const transaction of batch) chain.request(transaction, ADMITTED);
    return (performance.now() - start) * 1000;
  };
  return { chain, run, MessageTrace, count: () => forwarded };
}

/** The lower quartile: what a batch takes that nothing else has fallen into, neither other processes nor the collector. */
function usual(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 2];
}

try {
  // Each has its own copy of the code: what one of them makes of it is not what another one is compiled for.
  const without = await chainOf(copy(CUTS));
  const control = await chainOf(copy(CUTS));
  const off = await chainOf(copy({}));
  const other = await chainOf(copy({}));
  const followed = await chainOf(copy({}));
  other.chain.tracer = { begin: () => undefined };
  followed.chain.tracer = { begin: (request) => new followed.MessageTrace(request, nothing, { bodies: false, text: () => '' }) };
  const cases = [
    ['six scripts, trace cut out of the code', without, MESSAGES],
    ['the same once more: what is chance', control, MESSAGES],
    ['the trace in it, off', off, MESSAGES],
    ['somebody traces other messages', other, MESSAGES],
    ['every message traced', followed, MESSAGES / 20],
  ];
  const times = cases.map(() => []);
  // In turns, so that whatever slows the machine down slows all of them down.
  for (let round = 0; round < WARM_UP || times[0].length * BATCH < MESSAGES; round++) {
    for (let step = 0; step < cases.length; step++) {
      // Each is the first one now and then.
      const i = (step + round) % cases.length;
      const [, world, messages] = cases[i];
      if (round >= WARM_UP && times[i].length * BATCH >= messages) continue;
      const took = world.run();
      if (round >= WARM_UP) times[i].push(took / BATCH);
    }
  }
  const [base = 0] = times.map(usual);
  for (const [i, [name, world]] of cases.entries()) {
    const each = usual(times[i]);
    const more = i === 0 ? '' : `  ${each >= base ? '+' : ''}${(((each - base) / base) * 100).toFixed(1)} %`;
    console.log(`${name.padEnd(40)} ${each.toFixed(3)} us a message${more}`);
    if (world.count() === 0) throw new Error('nothing was forwarded');
  }
} finally {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true });
}
