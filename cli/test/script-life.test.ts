import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { ControlClient } from '@parley/core';
import type { TraceRow } from '@parley/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Output } from '../src/output.ts';
import { buildProgram } from '../src/program.ts';
import { run } from './run.ts';

const HERE = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'parley-life-'));
const config = join(folder, 'parley.config.json');
const own = join(folder, 'own.am');
let server: ChildProcess;
let port: number;
/** Writes the configuration, with these scripts in it. */
let configure: (...extra: string[]) => void;

beforeAll(async () => {
  writeFileSync(own, manifest('own', 'AddHeader("X-Own", "1");'));
  const listen = [{ transport: 'tcp', host: '127.0.0.1', port: 0 }];
  const plugins = Object.fromEntries(['options', 'directory'].map((name) => [join(HERE, '../../plugins', name), {}]));
  configure = (...extra) =>
    writeFileSync(config, JSON.stringify({ domains: ['example.com'], dataDir: 'data', listen, plugins, scripts: { extra } }));
  configure('own.am');
  server = await startServer();
  const { out } = await run('status', '--json', '--config', config);
  port = Number(/tcp 127\.0\.0\.1:(\d+)/.exec(out)?.[1]);
});

afterAll(async () => {
  await stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

async function startServer(): Promise<ChildProcess> {
  const args = [join(HERE, '../../tools/run-source.mjs'), '--built', join(HERE, 'server-process.ts'), config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // The closing screen: it listens.
  await once(child.stderr, 'data');
  child.stderr.resume();
  return child;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const ended = once(server, 'close');
  server.kill(signal);
  await ended;
}

function manifest(name: string, script: string, elements = ''): string {
  return `<a:applicationManifest a:appUri="http://example.com/${name}" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">
${elements}<a:splScript><![CDATA[
${script}
]]></a:splScript></a:applicationManifest>`;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const parley = (...words: string[]): ReturnType<typeof run> => run(...words, '--config', config);

let calls = 0;

/** Asks the server for its options over TCP; the status line of the answer. */
async function options(from = 'alice@example.com'): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const call = ++calls;
  const lines = [
    'OPTIONS sip:example.com SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK${call}`,
    'Max-Forwards: 70',
    `From: <sip:${from}>;tag=1`,
  ];
  socket.write([...lines, 'To: <sip:example.com>', `Call-ID: c${call}`, 'CSeq: 1 OPTIONS', 'Content-Length: 0', '', ''].join('\r\n'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().split('\r\n', 1)[0] ?? '';
}

const table = '<a:file name="t" path="t.csv" keyColumnName="user"><a:column name="user"/></a:file>';
const answering = (status: number): string =>
  manifest('block', `if (t[GetUserAtHost(sipRequest.From)].user != null) { Respond(${status}, "Blocked"); }`, table);

test('a script is added with its table and acts on the next message; a version replaces it; a rollback brings it back', async () => {
  expect(await options()).toBe('SIP/2.0 200 OK');
  file('t.csv', 'alice@example.com\n');
  const added = await parley('script', 'add', file('block.am', answering(486)));
  expect(added.out).toBe('block.am: version 1 is stored; 2 of 3 in the chain.\n');
  expect(await options()).toBe('SIP/2.0 486 Blocked');
  await parley('script', 'add', file('block.am', answering(487)));
  expect(await options()).toBe('SIP/2.0 487 Blocked');
  await parley('script', 'rollback', 'block.am');
  expect(await options()).toBe('SIP/2.0 486 Blocked');
});

test('a table for people is 80 columns wide at most, and JSON has the same rows', async () => {
  const { out } = await parley('script', 'list');
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const { scripts } = JSON.parse((await parley('script', 'list', '--json')).out) as { scripts: object[] };
  expect(scripts).toMatchObject([{ name: 'own.am', from: 'config' }, { name: 'block.am', from: 'store', version: 1 }, { from: 'plugin' }]);
});

test('a bad script changes nothing, twice in a row', async () => {
  const bad = file('bad.am', manifest('bad', 'Respnd(200);'));
  const twin = file('twin.am', manifest('own', ''));
  for (let times = 0; times < 2; times++) {
    await expect(parley('script', 'add', bad)).rejects.toThrow(/bad\.am:3:1.*Respnd/);
    await expect(parley('script', 'add', twin)).rejects.toMatchObject({ code: 'HOST_SCRIPT_TWICE' });
    expect(await options()).toBe('SIP/2.0 486 Blocked');
  }
});

test('a script is switched off and on', async () => {
  await parley('script', 'disable', 'block');
  expect(await options()).toBe('SIP/2.0 200 OK');
  await parley('script', 'enable', 'block');
  expect(await options()).toBe('SIP/2.0 486 Blocked');
});

/** What each reload says of the table that was added with block.am. */
const KEPT = 'block.am is in the store with its tables: for a changed table run `parley script add`.\n';

test('reload reads the scripts of the configuration again, and only when all are good', async () => {
  file('own.am', manifest('own', 'Respnd(200);'));
  for (let times = 0; times < 2; times++) {
    await expect(parley('script', 'reload')).rejects.toMatchObject({ code: 'HOST_SCRIPTS_UNFIT' });
    expect(await options()).toBe('SIP/2.0 486 Blocked');
  }
  file('own.am', manifest('own', 'Respond(480, "Own");'));
  await parley('script', 'reload');
  expect(await options()).toBe('SIP/2.0 480 Own');
  file('own.am', manifest('own', ''));
  expect((await parley('script', 'reload')).out).toBe(`Read again: 3 applications.\n${KEPT}`);
});

test('reload takes up the scripts that the configuration names by then', async () => {
  file('busy.am', manifest('busy', 'Respond(600, "Busy");'));
  configure('busy.am', 'own.am');
  expect((await parley('script', 'reload')).out).toBe(`Read again: 4 applications; new: busy.am.\n${KEPT}`);
  await parley('script', 'order', 'busy.am', '--priority', '1000');
  configure('own.am');
  expect((await parley('script', 'reload')).out).toBe(`Read again: 3 applications; gone: busy.am.\n${KEPT}`);
});

/** Sends messages until `trace` ends: nobody says when the server has begun to follow them. */
async function whileAsking<T>(trace: Promise<T>, from?: string): Promise<T> {
  const over = trace.then(() => 'over');
  while ((await Promise.race([over, options(from)])) !== 'over');
  return trace;
}

test('a live trace names application, line and deed, and costs the server no restart', async () => {
  const { out } = await whileAsking(parley('trace', '--user', 'alice', '--limit', '1'));
  expect(out).toMatch(/#1 OPTIONS sip:example\.com SIP\/2\.0 +\(TCP 127\.0\.0\.1:\d+\)/);
  expect(out).toMatch(/ block\.am:3 .*\n +-> Respond 486 Blocked\n +answered 486 Blocked by block\.am\n$/);
});

test('a live trace of somebody who is no user says so at once, with the name that is meant, and goes on', async () => {
  await parley('user', 'add', 'sip:alice@example.com', '--without-password');
  const said = async (option: string, name: string, from: string): Promise<string> =>
    (await whileAsking(parley('trace', option, name, '--limit', '1'), from)).err.replace(/Following [\s\S]*/, '');
  expect(await said('--user', 'alcie', 'alcie@example.com')).toBe('There is no user "alcie"; did you mean alice.\n');
  expect(await said('--from', 'sip:Alcie@example.com', 'alcie@example.com')).toBe(
    'There is no user "sip:Alcie@example.com"; did you mean alice@example.com.\n',
  );
  expect(await said('--user', 'printer', 'printer@example.com')).toBe('There is no user "printer".\n');
  for (const [name, from] of [
    ['alice', 'alice@example.com'],
    ['alcie@example.org', 'alcie@example.org'],
    ['+14255550100', '+14255550100@example.com'],
  ] as const)
    expect(await said('--user', name, from)).toBe('');
});

test('a live trace as JSON is a line an event', async () => {
  const { out } = await whileAsking(parley('trace', '--method', 'OPTIONS', '--all', '--limit', '1', '--json'));
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceRow);
  expect(rows.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['message', 'line', 'outcome', 'answered']));
  expect(rows[0]).toMatchObject({ method: 'OPTIONS', request: expect.any(Number) as number });
});

test('every command of parley script has help with examples', async () => {
  const program = await buildProgram(['script', '--config', config], new Output(new Writable(), new Writable()));
  const script = program.commands.find((command) => command.name() === 'script');
  const names = script?.commands.map((command) => command.name()) ?? [];
  expect(names).toEqual(expect.arrayContaining('check trace list show add remove enable disable order reload rollback'.split(' ')));
  for (const command of [...(script?.commands ?? []), program.commands.find((one) => one.name() === 'trace')]) {
    let help = '';
    command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    if (command?.name() !== 'lsp') expect(help).toMatch(/\nExamples:\n {2}parley (script|trace) /);
  }
});

test('after kill -9 every script that was reported as added is there, and runs again', { timeout: 120_000 }, async () => {
  const reported: string[] = [];
  let next = 0;
  const adding = async (): Promise<void> => {
    const client = await ControlClient.connect(join(folder, 'data'));
    for (;;) {
      const name = `s${next++}.am`;
      const bundle = JSON.stringify({ file: name, text: manifest(name, ''), tables: [] });
      await client.call('script add', { arguments: { file: bundle } });
      reported.push(name);
      if (reported.length === 40) server.kill('SIGKILL');
    }
  };
  const ended = once(server, 'close');
  const sides = await Promise.allSettled(Array.from({ length: 4 }, adding));
  await ended;
  expect(sides.every(({ status }) => status === 'rejected')).toBe(true);
  const offline = JSON.parse((await parley('script', 'list', '--json')).out) as { scripts: { name: string }[] };
  expect(offline.scripts.map(({ name }) => name)).toEqual(expect.arrayContaining(reported));
  server = await startServer();
  const online = JSON.parse((await parley('script', 'list', '--json')).out) as { scripts: { name: string; state: string }[] };
  const running = online.scripts.filter(({ state }) => state === 'enabled').map(({ name }) => name);
  expect(running).toEqual(expect.arrayContaining(['block.am', ...reported]));
});
