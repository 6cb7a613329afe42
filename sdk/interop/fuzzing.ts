/** Throws mutated messages at a started server over UDP, TCP and TLS, and watches it: alive, answering, not growing. */
import { StreamPeer, UdpPeer, ask } from './peer.ts';
import { OPEN, ParleyServer, pause } from './server.ts';
import { Random, corpus, mutate } from './mutate.ts';
import { status } from './wire.ts';

const BATCH = 200;
const PING_EVERY = 5000;
/** While it is fuzzed, a server may take this long for an OPTIONS. */
const PING_MS = 5000;
const STREAM_SHARE = 10; // one batch of so many goes over TCP, one over TLS
const MEBIBYTE = 1 << 20;

/** How long and with what. */
export interface FuzzPlan {
  readonly seed: number;
  /** Stops after so many messages, or after so many seconds; whichever is given and first. */
  readonly messages?: number;
  readonly seconds?: number;
  readonly progress?: (sent: number, rssMebibytes: number) => void;
}

/** What was seen. */
export interface FuzzReport {
  readonly sent: number;
  readonly seconds: number;
  readonly slowestPingMs: number;
  /** Resident memory in MiB: after a first part as warm-up, at the highest, and after a rest at the end. */
  readonly rssWarm: number;
  readonly rssHighest: number;
  readonly rssAfter: number;
  /** Lines of level error and fatal in the log: faults of the server's own, which no message may cause. */
  readonly errors: readonly string[];
}

/** @throws Error with the seed, the number of the message and the log when the server dies or stops answering */
export async function fuzz(plan: FuzzPlan): Promise<FuzzReport> {
  const server = await ParleyServer.start({ plugins: OPEN, domains: ['example.com', 'example.org', 'example.net'], logLevel: 'warn' });
  const random = new Random(plan.seed);
  const all = corpus();
  const udp = await UdpPeer.open(server.udp);
  udp.discard = true;
  const watcher = await UdpPeer.open(server.udp);
  const began = Date.now();
  let [sent, slowest, highest, warm] = [0, 0, 0, 0];
  const more = (): boolean =>
    (plan.messages === undefined || sent < plan.messages) && (plan.seconds === undefined || Date.now() - began < plan.seconds * 1000);
  const enough = (): boolean =>
    (plan.messages === undefined ? (Date.now() - began) / ((plan.seconds ?? 60) * 1000) : sent / plan.messages) > 0.2;
  const ping = async (): Promise<void> => {
    const start = Date.now();
    let answered = false;
    for (let tries = 0; tries < 5 && !answered; tries++) answered = await answers(watcher); // datagrams get lost in a full buffer
    if (!answered)
      throw new Error(
        `no answer to OPTIONS after ${sent} messages of seed ${plan.seed}; alive: ${server.alive}\n${server.log.slice(-5000)}`,
      );
    slowest = Math.max(slowest, Date.now() - start);
    const rss = server.rss / MEBIBYTE;
    highest = Math.max(highest, rss);
    if (warm === 0 && enough()) warm = rss;
    plan.progress?.(sent, rss);
  };
  try {
    for (let batch = 0; more(); batch++) {
      const messages = Array.from({ length: BATCH }, () => mutate(all, random));
      if (batch % STREAM_SHARE === 1) await overStream(() => StreamPeer.tcp(server.tcp), messages);
      else if (batch % STREAM_SHARE === 2) await overStream(() => StreamPeer.tls(server.tls), messages);
      else for (const message of messages) udp.send(message);
      sent += BATCH;
      if (!server.alive)
        throw new Error(`the server died within ${BATCH} messages before number ${sent} of seed ${plan.seed}\n${server.log.slice(-5000)}`);
      if (sent % PING_EVERY === 0) await ping();
      else await pause(0);
    }
    await pause(40_000); // transactions of 32 seconds end
    await ping();
    const rssAfter = server.rss / MEBIBYTE;
    return {
      sent,
      seconds: (Date.now() - began) / 1000,
      slowestPingMs: slowest,
      rssWarm: warm,
      rssHighest: highest,
      rssAfter,
      errors: errorsOf(server.log),
    };
  } finally {
    udp.close();
    watcher.close();
    await server.stop();
  }
}

/** Sends on one connection after another: the server closes what it cannot frame. */
async function overStream(open: () => Promise<StreamPeer>, messages: readonly Buffer[]): Promise<void> {
  let peer: StreamPeer | undefined;
  for (const [i, message] of messages.entries()) {
    if (peer === undefined || !peer.open || i % 20 === 0) {
      peer?.close();
      peer = await open();
      peer.discard = true;
    }
    peer.send(message);
    await pause(0);
  }
  peer?.close();
}

function errorsOf(log: string): string[] {
  return log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
}

async function answers(peer: UdpPeer): Promise<boolean> {
  try {
    return status(await ask(peer, { method: 'OPTIONS', uri: 'sip:example.com' }, PING_MS)) > 0;
  } catch {
    return false;
  }
}
