/** Programs of others as children: started, watched, stopped; and only those that we started. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';

const KEEP = 200_000;

/** True when a command can be run. */
export function installed(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What is missing of these commands, as a reason to skip; undefined when all are there. */
export function missing(commands: Readonly<Record<string, string>>): string | undefined {
  const absent = Object.entries(commands).filter(([command]) => !installed(command));
  if (absent.length === 0) return undefined;
  return `not installed: ${absent.map(([command, packageName]) => `${command} (Debian package ${packageName})`).join(', ')}`;
}

/** Outcome of a program that ended. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...args],
      {
        maxBuffer: 64 << 20,
        timeout: options.timeoutMs ?? 120_000,
        env: options.env ?? process.env,
        ...(options.cwd !== undefined && { cwd: options.cwd }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, output: stdout + stderr });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** A program while it runs. */
export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #output = '';
  #code: number | null | undefined;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.name = command;
    this.#child = spawn(command, [...args], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-KEEP);
      for (const look of this.#waiting) look();
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.stdin?.on('error', () => undefined);
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#output += `\n${error.message}`;
        this.#code = null;
        resolve();
      });
      this.#child.once('exit', (code) => {
        this.#code = code;
        for (const look of this.#waiting) look();
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /** Undefined while it runs; null after a signal. */
  get code(): number | null | undefined {
    return this.#code;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Resolves once its output matches. @throws Error with the output when it ends or takes too long */
  seen(pattern: RegExp, ms = 20_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | undefined, match?: RegExpExecArray): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        if (match === undefined) reject(error ?? new Error('no match'));
        else resolve(match);
      };
      const look = (): void => {
        const match = pattern.exec(this.#output);
        if (match !== null) done(undefined, match);
        else if (this.#code !== undefined) done(new Error(`${this.name} ended before it printed ${pattern}:\n${this.#output}`));
      };
      const timer = setTimeout(() => done(new Error(`${this.name} did not print ${pattern} within ${ms} ms:\n${this.#output}`)), ms);
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits for its end. @throws Error with the output when it takes too long */
  async ended(ms = 60_000): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.name} still ran after ${ms} ms:\n${this.#output}`)), ms);
    });
    await Promise.race([this.#exited, late]).finally(() => clearTimeout(timer));
    return { code: this.#code ?? null, output: this.#output };
  }

  /** Asks it to end, then makes it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patienceMs = 15_000): Promise<void> {
    if (this.#code !== undefined) return;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#exited;
    clearTimeout(timer);
  }
}
