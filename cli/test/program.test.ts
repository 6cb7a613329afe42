import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reasonOf } from '@parley/core';
import type { ParleyError } from '@parley/core';
import { buildProgram } from '../src/program.ts';
import { EXIT } from '../src/exit-code.ts';
import { Output } from '../src/output.ts';
import { main } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
const config = join(folder, 'parley.config.json');

beforeAll(() => {
  const plugin = join(import.meta.dirname, '../../plugins/directory');
  writeFileSync(config, JSON.stringify({ domains: ['example.com'], dataDir: 'data', listen: [], plugins: { [plugin]: {} } }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command line; what it printed, both streams. */
async function run(...argv: string[]): Promise<{ out: string; err: string }> {
  const kept = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        kept[name] += chunk.toString();
        done();
      },
    });
  const output = new Output(stream('out'), stream('err'));
  const program = await buildProgram(argv, output);
  program.configureOutput({ writeOut: (text) => (kept.out += text), writeErr: (text) => (kept.err += text) });
  await program.parseAsync(argv, { from: 'user' });
  return kept;
}

test('user commands come from the plugin in the configuration, and run on the store while no server is up', async () => {
  const added = await run(
    'user',
    'add',
    'sip:alice@example.com',
    '--display',
    'Alice',
    '--password',
    'Correct-Horse-9',
    '--config',
    config,
  );
  expect(added.out).toMatch(/Added alice@example\.com/);
  const listed = await run('user', 'list', '--json', '--config', config);
  expect(JSON.parse(listed.out)).toMatchObject({ total: 1, users: [{ aor: 'alice@example.com' }] });
});

test('a second user with the same address is refused by name, and nothing is changed', async () => {
  await expect(run('user', 'add', 'sip:alice@example.com', '--password', 'Correct-Horse-9', '--config', config)).rejects.toThrow(
    /alice@example\.com/,
  );
});

test('a command that needs a running server says so, with how to start one', async () => {
  await expect(run('status', '--config', config)).rejects.toMatchObject({
    code: 'CLI_NOT_RUNNING',
    fix: expect.stringContaining('parley start'),
  });
});

test('without a configuration a command says how to make one', async () => {
  const before = process.cwd();
  process.chdir(folder);
  rmSync('empty', { recursive: true, force: true });
  try {
    await expect(run('user', 'list', '--config', 'nowhere.json')).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' });
  } finally {
    process.chdir(before);
  }
});

test('init writes a configuration from options alone, and does not overwrite one', async () => {
  const file = join(folder, 'parley.config.ts');
  const done = await run('init', '--yes', '--domain', 'example.org', '--fqdn', 'sip.example.org', '--tls-only', '--file', file);
  expect(done.out).toContain('parley user add sip:alice@example.org');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain("domains: ['example.org']");
  expect(text).not.toContain("'udp'");
  await expect(run('init', '--yes', '--file', file)).rejects.toMatchObject({ code: 'CLI_FILE_EXISTS' });
  expect(existsSync(file)).toBe(true);
});

test('init refuses a domain that is none', async () => {
  const file = join(folder, 'other.config.ts');
  await expect(run('init', '--yes', '--domain', 'not a domain', '--file', file)).rejects.toMatchObject({ code: 'CLI_BAD_OPTION' });
  expect(existsSync(file)).toBe(false);
});

test('script check shows the line, a caret, and what would be right', async () => {
  const file = join(folder, 'bad.am');
  writeFileSync(
    file,
    '<a:applicationManifest a:appUri="http://example.com/x" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">\n<a:splScript>\nRespnd(200, "OK");\n</a:splScript></a:applicationManifest>',
  );
  const before = process.exitCode;
  const { out } = await run('script', 'check', file);
  expect(process.exitCode).toBe(EXIT.failed);
  process.exitCode = before;
  expect(out).toMatch(/bad\.am:3:1/);
  expect(out).toContain('Respond');
  expect(out).toContain('^');
});

test('dns prints a zone that names the server', async () => {
  const { out } = await run('dns', '--address', '192.0.2.7', '--config', config);
  expect(out).toMatch(/example\.com\. +3600 IN A +192\.0\.2\.7/);
});

test('dns publishes the addresses that are listened on, and says when that is loopback alone', async () => {
  const zone = async (host: string, ...more: string[]): Promise<string> => {
    const file = join(folder, 'listening.json');
    writeFileSync(file, JSON.stringify({ domains: ['example.com'], listen: [{ transport: 'tcp', host, port: 5060 }], plugins: {} }));
    return (await run('dns', ...more, '--config', file)).out;
  };
  expect(await zone('198.51.100.7')).toMatch(/ IN A +198\.51\.100\.7\n/);
  expect(await zone('0.0.0.0')).not.toContain('IN AAAA');
  const local = await zone('127.0.0.1');
  expect(local).toMatch(/^; All listeners are on loopback/);
  expect(local).not.toMatch(/ IN A /);
  expect(await zone('127.0.0.1', '--address', '192.0.2.7')).toMatch(/^(?!; All)[^]* IN A +192\.0\.2\.7/);
});

test('every command has help with examples', async () => {
  const program = await buildProgram(['--config', config, '--help'], new Output(new Writable(), new Writable()));
  const names = program.commands.map((command) => command.name());
  expect(names).toEqual(
    expect.arrayContaining(['start', 'init', 'dns', 'doctor', 'script', 'status', 'health', 'plugins', 'routes', 'user']),
  );
});

test('a misspelt command ends with the exit code for wrong usage', async () => {
  const before = process.exitCode;
  await main(['statsu', '--config', config]);
  expect(process.exitCode).toBe(EXIT.usage);
  process.exitCode = before;
});

test('every line of --help says what its command is for, groups of plugins included', async () => {
  const program = await buildProgram(['--config', config], new Output(new Writable(), new Writable()));
  expect(program.commands.filter((command) => command.description() === '').map((command) => command.name())).toEqual([]);
  expect(program.commands.find((command) => command.name() === 'user')?.description()).toMatch(/^Commands: .*\badd\b/);
});

test('a misspelt command is asked about, and a place is said once', async () => {
  await expect(run('scrpt', '--config', config)).rejects.toMatchObject({ fix: expect.stringContaining('did you mean script') as string });
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, '{ "domains": [ }');
  const lines: string[] = [];
  const err = new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()) });
  const failure: unknown = await buildProgram(['status', '--config', broken], new Output(new Writable(), err))
    .then((program) => program.parseAsync(['status', '--config', broken], { from: 'user' }))
    .catch((error: unknown) => error);
  new Output(new Writable(), err).error(failure as ParleyError);
  expect(lines.join('').split(broken).length - 1).toBe(1);
});

test('what the system says of files is said in words', () => {
  const missing = Object.assign(new Error("ENOENT: no such file or directory, open '/x'"), { code: 'ENOENT' });
  expect(reasonOf(missing)).toBe('there is no such file (ENOENT)');
  expect(reasonOf(new Error('as it is'))).toBe('as it is');
});
