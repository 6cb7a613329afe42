/** Child processes of the benchmark: pinned to a core, in a group of their own, with the end of their log kept. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setPriority } from 'node:os';

const LOG_CHARACTERS = 20_000;
const STOP_MS = 10_000;

/** Groups of children that run; none is left behind when this program ends, however it does. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Notes a child that leads a group, until it has exited. */
export function ownGroup(child: ChildProcess): void {
  const group = child.pid;
  if (group === undefined) return;
  groups.add(group);
  child.once('exit', () => groups.delete(group));
}

/** A server's process group while it runs. */
export interface ServerProcess {
  pids(): number[];
  alive(): boolean;
  log(): string;
  stop(): Promise<void>;
}

/** Runs a server on one core. `ready` sees everything it has printed so far; rejects with the log when it exits or is not ready in time. */
export async function startServer(
  command: string,
  args: readonly string[],
  options: { core: number; cwd: string; env?: NodeJS.ProcessEnv; ready: (log: string) => boolean | Promise<boolean>; timeoutMs?: number },
): Promise<ServerProcess> {
  const child = spawn('taskset', ['-c', String(options.core), command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true, // a group of its own: it is stopped as a whole
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString('latin1')).slice(-LOG_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let gone = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      gone = true;
      resolve();
    });
    child.once('error', (error) => {
      log += String(error);
      gone = true;
      resolve();
    });
  });
  const group = child.pid ?? 0;
  ownGroup(child);
  prefer(group);
  const server: ServerProcess = {
    pids: () => processesOfGroup(group),
    alive: () => !gone,
    log: () => log,
    async stop() {
      if (group === 0) return;
      signalGroup(group, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(group, 'SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
      signalGroup(group, 'SIGKILL'); // workers that a dying parent left behind
    },
  };
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  for (;;) {
    if (gone) throw new Error(`${command} stopped while starting:\n${log}`);
    if (await options.ready(log)) return server;
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(`${command} was not ready in time:\n${log}`);
    }
    await pause(50);
  }
}

/** Milliseconds of doing nothing. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
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

/** True when something on this machine accepts TCP connections on the port. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Proportional set size of the processes together, in bytes: what they would cost if they ran alone. */
export function memoryOf(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      // gone in between
    }
  }
  return kilobytes * 1024;
}

/** The same when it rests: garbage collectors and free lists take a moment. At most half a minute. */
export async function restingMemoryOf(pids: () => readonly number[]): Promise<number> {
  let last = memoryOf(pids());
  for (let waited = 0, calm = 0; waited < 30 && calm < 4; waited++) {
    await pause(1000);
    const current = memoryOf(pids());
    calm = Math.abs(current - last) < last * 0.002 ? calm + 1 : 0;
    last = current;
  }
  return last;
}

/** CPU seconds that the processes have used so far. */
export function cpuOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const fields = statOf(pid);
      ticks += Number(fields[11]) + Number(fields[12]); // utime, stime
    } catch {
      // gone in between
    }
  }
  return ticks / 100;
}

/** CPU seconds of user and system time that everything on the machine has used so far, with what the hypervisor took away. */
export function cpuOfMachine(): number {
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '')
    .split(' ')
    .map(Number);
  return (user + nice + system + steal) / 100;
}

/** Lets a process (the leader of its session) go before other work on the machine, where that is permitted. */
export function prefer(pid: number): void {
  try {
    setPriority(pid, -20);
    writeFileSync(`/proc/${pid}/autogroup`, '-20');
  } catch {
    // not permitted, or no autogroups in this kernel: the figures are a little noisier
  }
}

/** True when the command can be run from here. */
export function installed(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // nobody left
  }
}

/** Fields of /proc/PID/stat after the command name: index 0 is the state, 2 the process group. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function processesOfGroup(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(statOf(pid)[2]) === group;
      } catch {
        return false;
      }
    });
}
