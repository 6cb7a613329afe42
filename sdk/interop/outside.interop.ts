/** A plugin outside of the repository: from tarballs alone it is built, tested with the testkit, loaded by a server, and answers. */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program, run } from './program.ts';
import type { Outcome } from './program.ts';
import { ROOT, eventually, freePort } from './server.ts';

const PACKED = ['core', 'sdk', 'cli', 'plugins/directory', 'plugins/registrar', 'plugins/routing', 'plugins/options'];
const SAMPLE = join(import.meta.dirname, 'outside');
/** The versions that the repository is built with. */
const TOOLS = ['typescript', '@types/node', 'zod'] as const;
const INSTALL_MS = 170_000;

let folder = '';
let server: Program | undefined;

/** `npm` or a program of the installed packages, in the folder. */
function inside(command: string, ...args: string[]): Promise<Outcome> {
  return run(command, args, { cwd: folder, timeoutMs: INSTALL_MS });
}

/** Names of the packages to the tarballs that were made of them. */
async function pack(to: string): Promise<Readonly<Record<string, string>>> {
  const tarballs: Record<string, string> = {};
  for (const path of PACKED) {
    const { code, output } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', to], { cwd: join(ROOT, path) });
    if (code !== 0) throw new Error(`npm pack of ${path} failed:\n${output}`);
    const { name, version } = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) as Record<'name' | 'version', string>;
    tarballs[name] = `file:${join(to, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
  }
  return tarballs;
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-outside-'));
  cpSync(SAMPLE, folder, { recursive: true });
  const tarballs = await pack(folder);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  const tools = Object.fromEntries(TOOLS.map((name) => [name, versionOf(name)]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, dependencies: { ...tarballs, ...tools } }, undefined, 2));
  const { code, output } = await inside('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
  if (code !== 0) throw new Error(`npm install failed:\n${output}`);
}, INSTALL_MS);

afterAll(async () => {
  await server?.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

test('the packages have what they need, and nothing of their sources or tests', () => {
  for (const name of ['core', 'sdk', 'cli', 'plugin-directory', 'plugin-registrar', 'plugin-routing', 'plugin-options']) {
    const files = readdirSync(join(folder, 'node_modules/@parley', name));
    expect(files, name).toContain('dist');
    expect(files, name).not.toContain('src');
    expect(files, name).not.toContain('test');
  }
});

test('it builds against the packages as they are published', async () => {
  const { code, output } = await inside(process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.');
  expect(output).toBe('');
  expect(code).toBe(0);
});

test('its test runs on the testkit', async () => {
  const { code, output } = await inside(process.execPath, '--test', 'dist/plugin.test.js');
  expect(output).toMatch(/# pass 2|pass 2/);
  expect(code, output).toBe(0);
});

test('a server loads it and answers with it', async () => {
  const port = await freePort();
  const config = {
    domains: ['example.com'],
    listen: [{ transport: 'udp', host: '127.0.0.1', port, advertise: '127.0.0.1' }],
    log: { level: 'info', pretty: false },
    plugins: {
      directory: {},
      registrar: { requireAuthentication: false, users: 'any' },
      routing: { requireAuthentication: false, users: 'any' },
      './dist/plugin.js': { word: 'Servus' },
    },
  };
  writeFileSync(join(folder, 'parley.config.json'), JSON.stringify(config));
  server = new Program(process.execPath, ['node_modules/@parley/cli/bin/parley.js', 'start'], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const at = server;
  await eventually('the server listens', () => /listen/i.test(at.output) || at.code !== undefined, 20_000);
  expect(at.code, at.output).toBeUndefined();
  expect(await ask(port)).toMatch(/^SIP\/2\.0 200 OK[\s\S]*\r\n\r\nServus, alice$/);
});

/** Sends a MESSAGE to the user "greeting", again until there is an answer. */
async function ask(port: number): Promise<string> {
  const socket = createSocket('udp4');
  let answer = '';
  socket.on('message', (bytes) => (answer = bytes.toString('utf8')));
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  const request = [
    'MESSAGE sip:greeting@example.com SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bKoutside`,
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:greeting@example.com>',
    'Call-ID: outside',
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ].join('\r\n');
  try {
    await eventually('an answer', () => {
      if (answer === '') socket.send(`${request}\r\n\r\n`, port, '127.0.0.1');
      return answer !== '';
    });
  } finally {
    socket.close();
  }
  return answer;
}
