/** One ocs-client that runs: commands in, events out, and everything it logged. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../program.ts';
import { PASSWORD } from '../server.ts';
import type { ParleyServer } from '../server.ts';
import { readDebugLog } from './debug-log.ts';
import type { DebugLog } from './debug-log.ts';

/** Who signs in, and how. */
export interface OcsOptions {
  readonly server: ParleyServer;
  /** User part of the address. */
  readonly user: string;
  /** `DOMAIN\user`, `user@realm` or the address; the address when absent. */
  readonly login?: string;
  readonly password?: string;
  readonly transport?: 'tcp' | 'tls';
  readonly auth?: 'ntlm' | 'kerberos' | 'tls-dsk' | 'auto';
  /** Tells it no server: it is to find one by the domain of the address. */
  readonly discovers?: boolean;
  /** The whole User-Agent. */
  readonly agent?: string;
  /** Name of the computer it believes to run on: the epid is made of it. Needs unshare. */
  readonly hostName?: string;
  /** Further arguments. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** One event. */
export interface OcsEvent {
  readonly event: string;
  readonly seq: number;
  readonly [field: string]: unknown;
}

/** Longest life of a client, should the test forget it. */
const MAX_RUNTIME_S = 170;
const WAIT_MS = 15_000;

export class OcsClient {
  readonly #program: Program;
  readonly #folder: string;
  /** Events up to this `seq` have been used. */
  #used = 0;

  /** Starts signing in at once. @param command what `buildOcsClient` returned */
  constructor(command: string, options: OcsOptions) {
    const { server, user, transport = 'tls', auth = 'ntlm' } = options;
    this.#folder = mkdtempSync(join(tmpdir(), 'parley-ocs-'));
    const at = transport === 'tls' ? server.tls : server.tcp;
    const address = `${user}@${server.domain}`;
    const who = ['-u', address, '-l', options.login ?? address, '-p', options.password ?? PASSWORD];
    const where = options.discovers === true ? ['-t', 'auto', '-a', auth] : ['-s', `${at.host}:${at.port}`, '-t', transport, '-a', auth];
    const agent = options.agent === undefined ? [] : ['-A', options.agent];
    const log = ['-d', this.#logFile, '--stay', '--no-media', '--max-runtime', String(MAX_RUNTIME_S)];
    const words = [command, ...who, ...where, ...agent, ...log, ...(options.args ?? [])];
    const [program = '', ...args] = options.hostName === undefined ? words : [...elsewhere(options.hostName), ...words];
    this.#program = new Program(program, args, {
      env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'disabled:', ...options.env },
    });
  }

  /** Types a command. */
  command(text: string): void {
    this.#program.write(`${text}\n`);
  }

  /** Everything it has said, in order. */
  get events(): readonly OcsEvent[] {
    const lines = this.#program.output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as OcsEvent);
  }

  /** The next event of that name with these fields, after the last one that was waited for. @throws Error with what came instead */
  async event(name: string, fields: Readonly<Record<string, unknown>> = {}, ms = WAIT_MS): Promise<OcsEvent> {
    const fits = (one: OcsEvent): boolean =>
      one.seq > this.#used && one.event === name && Object.entries(fields).every(([key, value]) => matches(one[key], value));
    const deadline = Date.now() + ms;
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) {
        this.#used = found.seq;
        return found;
      }
      const left = deadline - Date.now();
      const past = this.events.at(-1)?.seq ?? 0;
      if (left <= 0 || this.#program.code !== undefined) {
        throw new Error(`${name} ${JSON.stringify(fields)} did not come within ${ms} ms:\n${this.#program.output}`);
      }
      await this.#program.seen(new RegExp(`"seq":${past + 1},[^\\n]*\\n`), Math.min(left, 1000)).catch(() => undefined);
    }
  }

  signedOn(ms?: number): Promise<OcsEvent> {
    return this.event('signed-on', {}, ms);
  }

  /** Everything it logged so far, taken apart. */
  get log(): DebugLog {
    return readDebugLog(existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '');
  }

  /** Stops or ends it as the system would: SIGKILL leaves no time for a word, SIGSTOP no end either. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#program.pid, name);
  }

  /** Signs off and ends. */
  async quit(): Promise<void> {
    this.command('quit');
    await this.#program.ended(WAIT_MS);
  }

  /** Ends it, if it still runs, and removes its files. */
  async dispose(): Promise<void> {
    await this.#program.stop('SIGTERM', 3000);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.#folder, 'debug.log');
  }
}

/** Runs what follows under another host name. */
function elsewhere(hostName: string): string[] {
  return ['unshare', '--map-root-user', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', hostName];
}

function matches(found: unknown, wanted: unknown): boolean {
  return wanted instanceof RegExp ? typeof found === 'string' && wanted.test(found) : found === wanted;
}
