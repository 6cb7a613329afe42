// `npm start`, `npm test` and their kin: installs what is missing, builds what is stale, then runs the task on the project's own Node.
// This file alone runs on the Node that the machine has (20 or later) and before anything is installed, so it is plain JavaScript.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockfile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const [task = 'start', ...rest] = process.argv.slice(2);

const tasks = {
  start: () => run(node, [join(root, 'cli', 'bin', 'parley.js'), 'start', ...rest]),
  parley: () => run(node, [join(root, 'cli', 'bin', 'parley.js'), ...rest]),
  test: () => run(node, [vitest, 'run', '--project', 'unit', ...rest]),
  interop: async () => {
    await run('bash', [join(root, 'sdk', 'interop', 'install.sh')]);
    return run(node, [vitest, 'run', '--project', 'interop', '--project', 'postgres', ...rest]);
  },
  bench: () => run(node, [join(root, 'sdk', 'bench', 'main.ts'), ...rest]),
  docs: () => run(node, [join(root, 'tools', 'site', 'main.ts'), ...rest]),
  build: async () => 0,
};

if (!Object.hasOwn(tasks, task)) {
  console.error(`There is no task '${task}'. Tasks: ${Object.keys(tasks).join(', ')}.`);
  process.exit(2);
}
await install();
await build();
process.exitCode = await tasks[task]();

/** Runs `npm ci` when nothing is installed, or the lockfile has changed since. npm writes its own copy of it as the last thing of an install. */
async function install() {
  if (existsSync(node) && existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  const stop = progress('Installing packages (once; about a minute)');
  // npm tells its scripts where it is; calling that file avoids shell differences between systems.
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const code = await run(command, first.concat('ci', '--no-audit', '--no-fund', '--loglevel=error'), { quiet: true });
  stop(code === 0 ? 'done' : 'failed');
  if (code !== 0)
    fail('npm ci failed. The lines above say why; check that the npm registry can be reached, then run the command again.', code);
  if (!existsSync(node)) fail("The 'node' package was installed without its program. Remove node_modules and run the command again.", 1);
}

/** Compiles what has changed since the last build; the compiler itself knows what that is. */
async function build() {
  const first = !existsSync(join(root, 'core', 'dist'));
  const stop = first ? progress('Building') : () => undefined;
  const code = await run(node, [tsc, '-b'], { quiet: first });
  stop(code === 0 ? 'done' : 'failed');
  if (code !== 0) fail('The build failed. The compiler says above where.', code);
}

/** Shows that something goes on; the function it returns ends it with a word. */
function progress(title) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  if (!process.stderr.isTTY) {
    console.error(`${title} ...`);
    const timer = setInterval(() => console.error(`  still at it, ${seconds()}`), 15_000);
    return (word) => {
      clearInterval(timer);
      console.error(`  ${word} after ${seconds()}`);
    };
  }
  const timer = setInterval(() => process.stderr.write(`\r${title} ... ${seconds()} `), 500);
  process.stderr.write(`${title} ... `);
  return (word) => {
    clearInterval(timer);
    process.stderr.write(`\r${title} ... ${word} after ${seconds()}\n`);
  };
}

/** Runs a program to its end and gives its exit code. Signals reach it too: it decides when to end. `quiet` shows its output only when it fails. */
function run(command, args, { quiet = false } = {}) {
  return new Promise((resolve) => {
    const env = {
      ...process.env,
      PATH: [join(root, 'node_modules', 'node', 'bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(
        process.platform === 'win32' ? ';' : ':',
      ),
    };
    // What npm says of itself to its scripts is no business of the programs below, and makes an inner npm behave differently.
    if (command !== process.execPath) for (const name of Object.keys(env)) if (name.startsWith('npm_config_')) delete env[name];
    const child = spawn(command, args, { stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit', env, cwd: quiet ? root : process.cwd() });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    const pass = (signal) => child.kill(signal);
    process.on('SIGTERM', pass);
    // A terminal sends SIGINT to the child as well; only this process must not end before it.
    const wait = () => undefined;
    process.on('SIGINT', wait);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (code, signal) => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', wait);
      if (quiet && code !== 0) process.stderr.write(Buffer.concat([Buffer.from('\n'), ...output]));
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}
