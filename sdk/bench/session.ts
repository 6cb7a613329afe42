/** One server and one generator against it, for one case; both can be started anew when the server has fallen over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Generator } from './generator.ts';
import type { Mode, RunReport } from './generator.ts';
import { cpuOf, cpuOfMachine, restingMemoryOf } from './process.ts';
import type { Certificate, Running, Subject, Transport } from './subject.ts';

/** SIP domain of all users of the benchmark. */
export const DOMAIN = 'bench.example';

/** What all cases share. */
export interface Bench {
  readonly program: string;
  readonly serverCore: number;
  readonly loadCore: number;
  readonly certificate: Certificate;
  readonly users: number;
  readonly connections: number;
  readonly timeout: number;
  readonly seed: number;
}

const SETUP_RATE = 2000;

/** What a run showed, and what happened around it. */
export interface SessionReport extends RunReport {
  /** The server died in it. */
  readonly died: boolean;
  /** Cores that other programs kept busy meanwhile: 0.5 is half of one core. */
  readonly others: number;
  /** CPU time of the server per completed transaction, in microseconds. */
  readonly cpuMicros: number;
}

/** A started pair. `start` it, use it, `stop` it; `restart` after a crash. */
export class Session {
  readonly #bench: Bench;
  readonly #subject: Subject;
  readonly #mode: Mode;
  readonly #transport: Transport;
  #folder = '';
  #running: Running | undefined;
  #generator: Generator | undefined;
  /** Times the server had to be started again because it died or cut the users off. */
  restarts = 0;

  constructor(bench: Bench, subject: Subject, mode: Mode, transport: Transport) {
    this.#bench = bench;
    this.#subject = subject;
    this.#mode = mode;
    this.#transport = transport;
  }

  get generator(): Generator {
    if (this.#generator === undefined) throw new Error('the session is not started');
    return this.#generator;
  }

  /** Starts the server and, with `users` > 0, registers them over `connections` connections. */
  async start(users: number = this.#bench.users, connections: number = this.#bench.connections, registered: number = users): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    this.#running = await this.#subject.start({
      folder: this.#folder,
      domain: DOMAIN,
      core: this.#bench.serverCore,
      certificate: this.#bench.certificate,
    });
    this.#generator = new Generator({
      program: this.#bench.program,
      core: this.#bench.loadCore,
      transport: this.#transport,
      mode: this.#mode,
      port: this.#running.ports[this.#transport],
      users,
      connections,
      domain: DOMAIN,
      timeout: this.#bench.timeout,
      seed: this.#bench.seed,
    });
    if (registered === 0) return;
    const report = await this.generator.register(0, registered, SETUP_RATE);
    if (report.completed < registered) {
      const log = this.#running.log();
      await this.stop();
      throw new Error(`${this.#subject.name} registered ${report.completed} of ${registered} users over ${this.#transport}:\n${log}`);
    }
  }

  /** False when the server died. */
  get alive(): boolean {
    return this.#running?.alive() ?? false;
  }

  /** Bytes of all server processes. Waits until the figure rests: garbage collectors and free lists take a moment. */
  restingMemory(): Promise<number> {
    return restingMemoryOf(() => this.#running?.pids() ?? []);
  }

  /** CPU seconds used by the server so far. */
  cpu(): number {
    return cpuOf(this.#running?.pids() ?? []);
  }

  /** One run; afterwards a server that died or cut users off is started again. */
  async run(rate: number, seconds: number): Promise<SessionReport> {
    const started = performance.now();
    const before = this.#cpuOfOthers();
    const cpu = this.cpu();
    const report = await this.generator.run(rate, seconds);
    const cpuMicros = ((this.cpu() - cpu) / Math.max(1, report.completed)) * 1e6;
    const others = (this.#cpuOfOthers() - before) / ((performance.now() - started) / 1000);
    const died = !this.alive;
    if (died || report.lostConnections > 0) {
      this.restarts++;
      await this.stop();
      await this.start();
    }
    return { ...report, died, others, cpuMicros };
  }

  async stop(): Promise<void> {
    await this.#generator?.stop();
    await this.#running?.stop();
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
    this.#generator = undefined;
    this.#running = undefined;
    this.#folder = '';
  }

  #cpuOfOthers(): number {
    return cpuOfMachine() - this.cpu() - this.generator.cpu();
  }
}
