/** The load generator: compiles load/*.c once, then runs it as a child that takes commands and answers with JSON. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuOf, installed, ownGroup, prefer } from './process.ts';
import type { Transport } from './subject.ts';

const SOURCES = join(import.meta.dirname, 'load');
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/parley-bench');

/** What the generator does in a run: one REGISTER, one proxied MESSAGE, one whole call. */
export type Mode = 'register' | 'message' | 'call';

/** Result of `register`, `run` and `handshakes`. Times in milliseconds, from the moment a request was due. */
export interface RunReport {
  readonly seconds: number;
  /** Transactions that were due. */
  readonly offered: number;
  readonly sent: number;
  /** Not sent: the connection took no more. */
  readonly unsent: number;
  readonly completed: number;
  /** Of these, before the sending ended. */
  readonly completedInTime: number;
  /** Final responses that are neither 2xx nor 503, and timeouts. */
  readonly failed: number;
  /** 503 responses, and those among them with Retry-After. */
  readonly refused: number;
  readonly retryAfter: number;
  readonly timeouts: number;
  readonly retransmitted: number;
  /** Transactions without a final response when the sending ended. */
  readonly openAtEnd: number;
  readonly lostConnections: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** How late requests left. A big value means that the generator, not the server, was the limit. */
  readonly lagP99: number;
  /** Part of its core that the generator used, 0 to 1. */
  readonly load: number;
}

/** Compiles the generator unless this very source was compiled before. Returns the program's path. Throws with what is missing. */
export function buildGenerator(): string {
  const files = readdirSync(SOURCES)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const name of files) hash.update(readFileSync(join(SOURCES, name)));
  const program = join(CACHE, `load-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  if (!installed('gcc')) throw new Error('the load generator is written in C: apt-get install gcc libc6-dev libssl-dev');
  mkdirSync(CACHE, { recursive: true });
  const sources = files.filter((name) => name.endsWith('.c')).map((name) => join(SOURCES, name));
  const temporary = `${program}.${process.pid}`;
  execFileSync('gcc', ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-o', temporary, ...sources, '-lssl', '-lcrypto', '-lm'], {
    stdio: 'inherit',
  });
  renameSync(temporary, program);
  return program;
}

/** What a generator is started for. */
export interface GeneratorOptions {
  readonly program: string;
  readonly core: number;
  readonly transport: Transport;
  readonly mode: Mode;
  readonly port: number;
  readonly users: number;
  readonly connections: number;
  readonly domain: string;
  /** Seconds until an open transaction counts as failed. */
  readonly timeout: number;
  readonly seed: number;
}

/** One running generator with its open connections. */
export class Generator {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(o: GeneratorOptions) {
    const args = ['-s', `127.0.0.1:${o.port}`, '-t', o.transport, '-m', o.mode, '-u', String(o.users), '-c', String(o.connections)];
    args.push('-d', o.domain, '-w', String(o.timeout), '-r', String(o.seed));
    this.#child = spawn('taskset', ['-c', String(o.core), o.program, ...args], { detached: true }); // detached: a session of its own, for prefer
    ownGroup(this.#child);
    prefer(this.#child.pid ?? 0);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('latin1');
    });
    this.#child.stdin.on('error', () => {
      // it died: the answer to the command will be missing, which says so
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Registers `count` users from number `first` on, `rate` a second. */
  register(first: number, count: number, rate: number): Promise<RunReport> {
    return this.#ask<RunReport>(`register ${first} ${count} ${rate}`);
  }

  /** Open loop: `rate` transactions a second, whatever the server does. */
  run(rate: number, seconds: number): Promise<RunReport> {
    return this.#ask<RunReport>(`run ${rate.toFixed(3)} ${seconds}`);
  }

  /** Full TLS handshakes, `parallel` at a time. */
  handshakes(seconds: number, parallel: number): Promise<RunReport> {
    return this.#ask<RunReport>(`handshakes ${seconds} ${parallel}`);
  }

  /** Opens TLS connections until `count` are held. */
  hold(count: number): Promise<{ readonly held: number; readonly open: number; readonly failed: number }> {
    return this.#ask(`hold ${count}`);
  }

  /** CPU seconds used so far. */
  cpu(): number {
    return cpuOf([this.#child.pid ?? 0]);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #ask<T>(command: string): Promise<T> {
    this.#child.stdin.write(`${command}\n`);
    const line = await this.#lines.next();
    if (line.done === true)
      throw new Error(
        `the load generator stopped at "${command}": ${this.#errors.trim() || (this.#child.signalCode ?? 'no reason given')}`,
      );
    return JSON.parse(line.value) as T;
  }
}
