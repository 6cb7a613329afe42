/** A started Parley: its own folder, its own ports, the command an operator uses. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, run } from './program.ts';
import type { Outcome } from './program.ts';
import { makeAuthority } from './authority.ts';
import type { Authority } from './authority.ts';

/** The project's root. */
export const ROOT = join(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const COMMAND = join(ROOT, 'cli/bin/parley.js');
const START_MS = 30_000;
/** So many characters of the log are shown when a line is missing. */
const LOG_TAIL = 4000;

/** Password of every user that `addUser` makes. */
export const PASSWORD = 'Secret-1-phrase!';

/** How a test wants its server. */
export interface ServerOptions {
  /** Default `example.com`. */
  readonly domains?: readonly string[];
  readonly fqdn?: string;
  /** Plugins and their configuration; default: everything that a phone needs, with digest authentication. */
  readonly plugins?: Readonly<Record<string, object>>;
  readonly limits?: object;
  readonly timers?: object;
  readonly store?: object;
  /** Further listeners. */
  readonly listen?: readonly object[];
  /** Settings of routing scripts. */
  readonly scripts?: object;
  /** Default `debug`. */
  readonly logLevel?: string;
  /** Beside the environment of the tests. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What phones need: digest over every transport. */
export const WITH_DIGEST: Readonly<Record<string, object>> = { directory: {}, 'auth-digest': {}, registrar: {}, routing: {}, options: {} };
/** Anybody in our domains registers and is reached, for tests about messages rather than people. */
export const OPEN: Readonly<Record<string, object>> = {
  registrar: { users: 'any', requireAuthentication: false },
  routing: { users: 'any', requireAuthentication: false },
  options: {},
};

/** What is meant for strangers must not end the connections of a server where everybody stays one. */
const NOBODY_AUTHENTICATES = { unauthenticatedSeconds: 0, unauthenticatedBytes: 0 };

/** One address of the server. */
export interface At {
  readonly host: string;
  readonly port: number;
}

/** A server that runs. Stop it in an `afterAll`. */
export class ParleyServer {
  readonly udp: At;
  readonly tcp: At;
  readonly tls: At;
  readonly authority: Authority;
  readonly domain: string;
  readonly #folder: string;
  readonly #config: string;
  readonly #env: NodeJS.ProcessEnv;
  #program: Program | undefined;
  #log = '';

  private constructor(
    folder: string,
    config: string,
    domain: string,
    ports: { udp: number; tls: number },
    authority: Authority,
    env: NodeJS.ProcessEnv = {},
  ) {
    this.#folder = folder;
    this.#config = config;
    this.#env = env;
    this.domain = domain;
    this.authority = authority;
    this.udp = { host: '127.0.0.1', port: ports.udp };
    this.tcp = this.udp;
    this.tls = { host: '127.0.0.1', port: ports.tls };
  }

  /** Makes a folder with configuration and certificates, starts the server and waits until it accepts connections. */
  static async start(options: ServerOptions = {}): Promise<ParleyServer> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-interop-'));
    const domains = options.domains ?? ['example.com'];
    const domain = domains[0] ?? 'example.com';
    const [udp, tls] = [await freePort(), await freePort()];
    const authority = makeAuthority(folder, [domain, 'localhost', '127.0.0.1']);
    const config = join(folder, 'parley.config.json');
    const host = '127.0.0.1';
    const certificate = { certFile: authority.certFile, keyFile: authority.keyFile };
    const plugins = options.plugins ?? WITH_DIGEST;
    const written = {
      domains,
      ...(options.fqdn !== undefined && { fqdn: options.fqdn }),
      dataDir: join(folder, 'data'),
      listen: [
        { transport: 'udp', host, port: udp, advertise: host },
        { transport: 'tcp', host, port: udp, advertise: host },
        { transport: 'tls', host, port: tls, advertise: host, tls: certificate },
        ...(options.listen ?? []),
      ],
      log: { level: options.logLevel ?? 'debug', pretty: false },
      limits: { ...(authenticates(plugins) ? {} : NOBODY_AUTHENTICATES), ...options.limits },
      ...(options.scripts !== undefined && { scripts: options.scripts }),
      ...(options.timers !== undefined && { timers: options.timers }),
      ...(options.store !== undefined && { store: options.store }),
      plugins,
    };
    writeFileSync(config, JSON.stringify(written, undefined, 2));
    const server = new ParleyServer(folder, config, domain, { udp, tls }, authority, options.env);
    await server.launch();
    return server;
  }

  /** Starts the process again after `kill` or `shutDown`, on the same folder and ports. */
  async launch(): Promise<void> {
    this.#program = new Program(NODE, [COMMAND, 'start', '--config', this.#config], {
      cwd: this.#folder,
      env: { ...process.env, NO_COLOR: '1', ...this.#env },
    });
    const deadline = Date.now() + START_MS;
    while (!((await accepts(this.tcp)) && (await accepts(this.tls)))) {
      if (this.#program.code !== undefined) throw new Error(`parley did not start:\n${this.#program.output}`);
      if (Date.now() > deadline) throw new Error(`parley accepted no connection within ${START_MS} ms:\n${this.#program.output}`);
      await pause(50);
    }
  }

  get alive(): boolean {
    return this.#program !== undefined && this.#program.code === undefined;
  }

  /** Everything it has logged, over all its lives. */
  get log(): string {
    return this.#log + (this.#program?.output ?? '');
  }

  /** Waits for a line of the log that matches, after its first `from` characters: what a peer is told may come before the line does. */
  async logged(line: RegExp | string, from = 0): Promise<void> {
    const isThere = (): boolean => {
      const log = this.log.slice(from);
      return typeof line === 'string' ? log.includes(line) : line.test(log);
    };
    await eventually(`the log has ${String(line)}`, isThere).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log.slice(from).slice(-LOG_TAIL)}`, { cause: error });
    });
  }

  get dataDir(): string {
    return join(this.#folder, 'data');
  }

  /** Resident memory in bytes. */
  get rss(): number {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.#program?.pid ?? 0}/status`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  }

  /** `parley ARGS --config ...`, as an administrator would type it beside the running server. */
  cli(args: readonly string[], input?: string): Promise<Outcome> {
    return run(NODE, [COMMAND, ...args, '--config', this.#config], {
      cwd: this.#folder,
      ...(input !== undefined && { input }),
      env: { ...process.env, NO_COLOR: '1' },
    });
  }

  /** Starts the same and leaves it running. */
  cliProgram(args: readonly string[]): Program {
    return new Program(NODE, [COMMAND, ...args, '--config', this.#config], { cwd: this.#folder, env: { ...process.env, NO_COLOR: '1' } });
  }

  /** Adds `NAME@domain` with PASSWORD. */
  async addUser(name: string): Promise<void> {
    const { code, output } = await this.cli(['user', 'add', `sip:${name}@${this.domain}`, '--password-stdin'], PASSWORD);
    if (code !== 0) throw new Error(`parley user add failed (${code}):\n${output}`);
  }

  /** SIGKILL, as when the machine loses power but keeps its disk. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, and its end. */
  async shutDown(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.shutDown();
    if (existsSync(this.#folder)) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await this.#program?.stop(signal);
    this.#log += this.#program?.output ?? '';
    this.#program = undefined;
  }
}

/** Milliseconds of doing nothing. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Repeats a check until it holds. @throws Error with the last reason */
export async function eventually(what: string, check: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await pause(50);
  }
}

/** A port that was free a moment ago, for TCP and most likely for UDP. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function authenticates(plugins: Readonly<Record<string, object>>): boolean {
  return Object.keys(plugins).some((name) => name.startsWith('auth-'));
}

function accepts(at: At): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
