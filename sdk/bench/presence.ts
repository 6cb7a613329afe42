/** Presence: publications and notifications a second, memory of a subscription, and what many watchers do to signalling. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Generator, buildGenerator } from './generator.ts';
import type { Mode, RunReport } from './generator.ts';
import { COMMAND } from './parley.ts';
import type { Command, PeerPlan, PeerReport } from './presence/plan.ts';
import { accepts, freePort, pause, restingMemoryOf, startServer } from './process.ts';
import type { ServerProcess } from './process.ts';
import { runModule } from './sign-in.ts';
import type { SignInBench, SignInReport } from './sign-in.ts';
import { DOMAIN, FQDN } from './sign-in/plan.ts';
import type { FillPlan } from './sign-in/plan.ts';

const CONNECTIONS = 32;

/** Every case by its name. */
export const PRESENCE_CASES: Readonly<Record<string, (bench: SignInBench) => Promise<SignInReport>>> = {
  'presence-publish': publish,
  'presence-notify': notify,
  'presence-memory': memory,
  'presence-watched': watched,
};

/** Publications a second that are committed and answered; nobody watches. */
async function publish(bench: SignInBench): Promise<SignInReport> {
  const users = 2000;
  return onStage(bench, 'publish', users, {}, async (stage) => {
    await stage.all({ do: 'register', first: 0, count: users });
    await stage.all({ do: 'publish', first: 0, count: users, atOnce: 64, seconds: bench.quick ? 5 : 15 });
    const report = await stage.all({ do: 'publish', first: 0, count: users, atOnce: 64, seconds: bench.quick ? 5 : 15 });
    const perSecond = report.completed / report.seconds;
    return {
      lines: [
        `${perSecond.toFixed(0)} publications/s committed and answered (wanted 2000), p50 ${report.p50.toFixed(1)} ms, p99 ${report.p99.toFixed(1)} ms, ` +
          `64 at once, ${users} users; the load process used ${percent(report.load)} of its core`,
      ],
      figures: { 'presence-publish': perSecond, 'presence-publish-p99': report.p99 },
    };
  });
}

/** Notifications a second when 100,000 a second are due. */
async function notify(bench: SignInBench): Promise<SignInReport> {
  const [publishers, watchers] = [50, 1000];
  return onStage(bench, 'notify', publishers + watchers, { paceMs: 0 }, async (stage) => {
    await stage.all({ do: 'register', first: 0, count: publishers + watchers });
    await stage.all({ do: 'watch', first: publishers, count: watchers, contact: 0, contacts: publishers });
    await stage.all({ do: 'change', first: 0, count: publishers, perSecond: 100 });
    await stage.all({ do: 'count', seconds: bench.quick ? 5 : 15 });
    const report = await stage.all({ do: 'count', seconds: bench.quick ? 5 : 10 });
    const perSecond = report.notifications / report.seconds;
    const bytes = report.notificationBytes / Math.max(1, report.notifications);
    return {
      lines: [
        `${perSecond.toFixed(0)} notifications/s over TCP (wanted 40000), ${bytes.toFixed(0)} bytes each, ${watchers} watchers on ${CONNECTIONS} connections, ` +
          `${(report.completed / report.seconds).toFixed(0)} publications/s among them; the load process used ${percent(report.load)} of its core`,
      ],
      figures: { 'presence-notify': perSecond },
    };
  });
}

/** The difference that five more subscriptions of everybody make: to one contact each, as OCS has them for people who are not on the list. */
async function memory(bench: SignInBench): Promise<SignInReport> {
  const users = bench.quick ? 2000 : 10_000;
  const more = 5;
  return onStage(bench, 'memory', users, {}, async (stage) => {
    await stage.all({ do: 'register', first: 0, count: users });
    const registered = await stage.restingMemory();
    await stage.all({ do: 'watch', first: 0, count: users, contact: 0, contacts: 1 });
    const before = await stage.restingMemory();
    for (let contact = 1; contact <= more; contact++) await stage.all({ do: 'watch', first: 0, count: users, contact, contacts: 1 });
    const each = ((await stage.restingMemory()) - before) / (users * more);
    const first = (before - registered) / users;
    return {
      lines: [
        `${(each / 1000).toFixed(1)} kB for each of ${users * more} subscriptions to one contact (wanted 6); ` +
          `${(first / 1000).toFixed(1)} kB for a user's first, with which the user's own presence comes into memory`,
      ],
      figures: { 'presence-memory': each },
    };
  });
}

/** REGISTER and MESSAGE while a user whom 5,000 watch changes ten times a second, and while nothing does. */
async function watched(bench: SignInBench): Promise<SignInReport> {
  const watchers = bench.quick ? 1000 : 5000;
  const seconds = bench.quick ? 4 : 10;
  const rate = 1000;
  return onStage(bench, 'watched', watchers + 1, {}, async (stage) => {
    await stage.all({ do: 'register', first: 0, count: watchers + 1 });
    await stage.all({ do: 'watch', first: 1, count: watchers, contact: 0, contacts: 1 });
    const lines: string[] = [];
    const figures: Record<string, number> = {};
    for (const mode of ['register', 'message'] as const) {
      const generator = await stage.generator(mode);
      try {
        const report = (): Promise<RunReport> => generator.run(rate, seconds);
        await report(); // compiled by then
        const without = await report();
        await stage.all({ do: 'change', first: 0, count: 1, perSecond: 10 });
        await generator.run(rate, 5);
        const during = await report();
        const notifications = await stage.all({ do: 'count', seconds: 3 });
        await stage.all({ do: 'change', first: 0, count: 1, perSecond: 0 });
        lines.push(
          `${mode.toUpperCase()} ${rate}/s: p99 ${without.p99.toFixed(2)} ms, and ${during.p99.toFixed(2)} ms (wanted at most twice that) while a user whom ` +
            `${watchers} watch changes ten times a second (${(notifications.notifications / notifications.seconds).toFixed(0)} notifications/s)` +
            `; p50 ${without.p50.toFixed(2)} and ${during.p50.toFixed(2)} ms; failed: ${without.failed + during.failed + during.refused}; requests left late by up to (p99) ${without.lagP99.toFixed(2)} and ${during.lagP99.toFixed(2)} ms`,
        );
        figures[`presence-watched-${mode}-p99`] = during.p99;
        figures[`presence-unwatched-${mode}-p99`] = without.p99;
      } finally {
        await generator.stop();
      }
    }
    return { lines, figures };
  });
}

async function onStage(
  bench: SignInBench,
  name: string,
  users: number,
  presence: object,
  measure: (stage: Stage) => Promise<SignInReport>,
): Promise<SignInReport> {
  const stage = await Stage.start(bench, name, users, presence);
  try {
    return await measure(stage);
  } finally {
    await stage.stop();
  }
}

/** A server that is filled with users, and the load process against it. */
class Stage {
  private readonly lines: AsyncIterator<string>;

  private readonly bench: SignInBench;
  private readonly server: ServerProcess;
  private readonly port: number;
  private readonly child: ChildProcess;

  private constructor(bench: SignInBench, server: ServerProcess, port: number, child: ChildProcess) {
    this.bench = bench;
    this.server = server;
    this.port = port;
    this.child = child;
    if (child.stdout === null) throw new Error('the load process has no output');
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(bench: SignInBench, name: string, users: number, presence: object): Promise<Stage> {
    const folder = join(bench.folder, `presence-${name}`);
    mkdirSync(folder);
    const port = await freePort();
    const file = join(folder, 'parley.config.json');
    writeFileSync(file, JSON.stringify(configuration(folder, port, presence, { users }), undefined, 2));
    bench.note(`presence-${name}: starting a server with ${users} users`);
    const server = await startServer(process.execPath, [...bench.nodeOptions, COMMAND, 'start', '--config', file], {
      core: bench.serverCore,
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
      ready: () => accepts(port),
      timeoutMs: 300_000,
    });
    const plan: PeerPlan = { port, connections: CONNECTIONS };
    return new Stage(bench, server, port, runModule(bench.loadCore, 'presence/load.ts', [JSON.stringify(plan)]));
  }

  /** One command of the load process, which must succeed as a whole. */
  async all(command: Command): Promise<PeerReport> {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error(`the load process ended without a word\n${this.server.log()}`);
    const report = JSON.parse(line.value) as PeerReport;
    if (report.failed > 0) throw new Error(`${command.do}: ${report.failed} failed: ${report.reason}\n${this.server.log()}`);
    return report;
  }

  /** What phones do beside: other users than those of the directory, registered on connections of their own. */
  async generator(mode: Mode): Promise<Generator> {
    const users = 500;
    const generator = new Generator({
      program: buildGenerator(),
      core: this.bench.loadCore,
      transport: 'tcp',
      mode,
      port: this.port,
      users,
      connections: CONNECTIONS,
      domain: DOMAIN,
      timeout: 3,
      seed: 1,
    });
    await generator.register(0, users, 2000);
    return generator;
  }

  /** Bytes of the server when it has come to rest. */
  async restingMemory(): Promise<number> {
    await pause(1000);
    return restingMemoryOf(() => this.server.pids());
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.server.stop();
  }
}

function configuration(folder: string, port: number, presence: object, fill: FillPlan): object {
  const host = '127.0.0.1';
  const open = { requireAuthentication: false };
  return {
    domains: [DOMAIN],
    fqdn: FQDN,
    dataDir: join(folder, 'data'),
    listen: [{ transport: 'tcp', host, port, advertise: host }],
    log: { level: 'warn' },
    limits: {
      connections: 20_000,
      connectionsPerAddress: 20_000,
      halfOpenConnections: 20_000,
      unauthenticatedSeconds: 0,
      unauthenticatedBytes: 0,
    },
    plugins: {
      directory: {},
      pki: {},
      registrar: { users: 'any', persist: false, ...open },
      routing: { users: 'any', ...open },
      presence: { ...open, ...presence },
      [join(import.meta.dirname, 'sign-in/fill-plugin.ts')]: fill,
    },
  };
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`;
}
