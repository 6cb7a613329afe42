import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlClient, ControlServer, controlPath } from '../../src/host/index.ts';
import type { AdminCommand } from '../../src/host/index.ts';
import { MAX_REQUEST_BYTES } from '../../src/host/control-protocol.ts';
import { ParleyError } from '../../src/errors/index.ts';
import { boot, folder, plugin } from './fixtures.ts';
import type { TestHost } from './fixtures.ts';

let parts: TestHost;
let server: ControlServer;
let dataDir: string;
let seen: AbortSignal[];

const command = (path: string, run: AdminCommand['run']): AdminCommand => ({
  path,
  summary: '',
  examples: [],
  options: [{ flag: '--password <text>', summary: '', secret: true }],
  run,
});

beforeEach(async () => {
  dataDir = folder();
  seen = [];
  const commands = [
    command('many', () => ({ rows: Array.from({ length: 1000 }, (_, i) => ({ i })), text: 'All of them.' })),
    command('none', () => ({ rows: [] })),
    command('echo', ({ options }) => ({ data: options })),
    command('walk', ({ progress }) => {
      progress('half way');
      return { text: 'there' };
    }),
    command('fail', () => {
      throw new ParleyError('TEST_FAILED', { sentence: 'It {cannot} be.', fix: 'Let it.' }, {}, { place: 'here' });
    }),
    command('break', () => {
      throw new Error('snapped');
    }),
    command('stream', async ({ signal, rows }) => {
      seen.push(signal);
      while (!signal.aborted) await rows?.([{ text: 'x'.repeat(10_000) }]);
      return {};
    }),
    command('hang', ({ signal }) => {
      seen.push(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ text: 'late' })));
    }),
  ];
  parts = await boot([plugin('admin', { commands })], {}, { dataDir });
  server = await ControlServer.listen(parts.host);
});

afterEach(async () => {
  await server.close();
  await parts.host.close();
});

async function raw(text: string): Promise<{ readonly socket: Socket; readonly answer: unknown }> {
  const socket = connect(controlPath(dataDir));
  await once(socket, 'connect');
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return { socket, answer: JSON.parse(chunk.toString()) };
}

test('a command runs in the server and its result comes back', async () => {
  const client = await ControlClient.connect(dataDir);
  const many = await client.call('many', {});
  expect(many.rows).toHaveLength(1000);
  expect(many.text).toBe('All of them.');
  expect(await client.call('none', {})).toEqual({ rows: [] });
  expect(await client.call('echo', { options: { password: 'ü' } })).toEqual({ data: { password: 'ü' } });
  client.close();
});

test('calls on one connection are answered in their order, progress while they run', async () => {
  const client = await ControlClient.connect(dataDir);
  const heard: string[] = [];
  const results = await Promise.all([
    client.call('walk', {}, (text) => heard.push(text)),
    client.call('none', {}),
    client.call('walk', {}),
  ]);
  expect(results).toEqual([{ text: 'there' }, { rows: [] }, { text: 'there' }]);
  expect(heard).toEqual(['half way']);
  client.close();
});

test('an error arrives with its code, sentence, advice and place', async () => {
  const client = await ControlClient.connect(dataDir);
  await expect(client.call('fail', {})).rejects.toMatchObject({
    code: 'TEST_FAILED',
    message: 'It {cannot} be.',
    fix: 'Let it.',
    place: 'here',
  });
  await expect(client.call('no such', {})).rejects.toMatchObject({ code: 'CONTROL_UNKNOWN_COMMAND' });
  await expect(client.call('none', { options: { x: 1 } })).rejects.toMatchObject({ code: 'CONTROL_BAD_INPUT' });
  client.close();
});

test('a command that throws what is no error of its own is logged with the name of its plugin', async () => {
  const client = await ControlClient.connect(dataDir);
  await expect(client.call('break', {})).rejects.toMatchObject({ code: 'CONTROL_COMMAND_FAILED' });
  expect(parts.log.lines).toContainEqual(expect.objectContaining({ msg: 'a plugin failed', plugin: 'admin', where: 'command break' }));
  client.close();
});

test('every server has status, health, plugins and routes', async () => {
  parts.host.reports = { status: () => ({ transport: { connections: 3 } }), routes: () => [{ application: 'registrar' }] };
  const client = await ControlClient.connect(dataDir);
  const status = await client.call('status', {});
  expect(status.rows).toContainEqual({ item: 'transport connections', value: 3 });
  expect(status.rows).toContainEqual({ item: 'memory resident', value: expect.stringMatching(/^\d+ MiB$/) as string });
  expect(status.rows).toContainEqual({ item: 'uptime', value: expect.stringMatching(/^\d+ s$/) as string });
  expect(status.data).toMatchObject({
    state: 'running',
    store: { dialect: 'sqlite' },
    metrics: { parley_store_commits_total: expect.any(Number) as number },
  });
  expect((await client.call('plugins', {})).rows).toMatchObject([{ name: 'admin', state: 'running' }]);
  expect((await client.call('routes', {})).rows).toEqual([{ application: 'registrar' }]);
  expect((await client.call('health', {})).rows).toContainEqual(expect.objectContaining({ plugin: 'core', name: 'store', state: 'ok' }));
  client.close();
});

test('the socket is its owner’s alone, and gone after the server', async () => {
  expect(statSync(controlPath(dataDir)).mode & 0o777).toBe(0o600);
  await server.close();
  expect(existsSync(controlPath(dataDir))).toBe(false);
  server = await ControlServer.listen(parts.host);
});

test('a socket that a killed server left behind means that none runs, and is replaced', async () => {
  const elsewhere = folder();
  writeFileSync(join(elsewhere, 'control.sock'), '');
  await expect(ControlClient.connect(elsewhere)).rejects.toMatchObject({ code: 'CONTROL_NOT_RUNNING' });
  await expect(ControlClient.connect(folder())).rejects.toMatchObject({ code: 'CONTROL_NOT_RUNNING' });
  await server.close();
  writeFileSync(controlPath(dataDir), '');
  server = await ControlServer.listen(parts.host);
  (await ControlClient.connect(dataDir)).close();
});

test('a data folder too deep for a socket is refused with what to do', () => {
  expect(() => controlPath(`/${'deep/'.repeat(30)}`)).toThrow(expect.objectContaining({ code: 'CONTROL_PATH_LONG' }));
});

test.each(['{', '5', '{"id":1}', '{"id":"1","command":"none"}', '{"id":1,"command":"none","input":5}'])(
  '%s is answered with an error, and the server goes on',
  async (line) => {
    const { socket, answer } = await raw(`${line}\n`);
    expect(answer).toMatchObject({ error: { code: 'CONTROL_BAD_REQUEST' } });
    socket.write('{"id":2,"command":"none"}\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toContain('"id":2');
    socket.destroy();
  },
);

test('a line without end is cut off', async () => {
  const { socket, answer } = await raw('x'.repeat(MAX_REQUEST_BYTES + 1));
  expect(answer).toMatchObject({ error: { code: 'CONTROL_BAD_REQUEST' } });
  if (!socket.closed) await once(socket, 'close');
});

test('a command learns that its caller has hung up', async () => {
  const client = await ControlClient.connect(dataDir);
  const lost = expect(client.call('hang', {})).rejects.toMatchObject({ code: 'CONTROL_LOST' });
  while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  client.close();
  await lost;
  const [signal] = seen;
  if (signal?.aborted === false) await once(signal, 'abort');
  await expect(client.call('none', {})).rejects.toMatchObject({ code: 'CONTROL_LOST' });
});

test('rows that a command sends while it runs come at once, and a caller who hangs up in the middle is no error', async () => {
  const client = await ControlClient.connect(dataDir);
  const heard: object[] = [];
  const first = Promise.withResolvers<void>();
  const call = client.call('stream', {}, undefined, (rows) => {
    heard.push(...rows);
    first.resolve();
  });
  const lost = expect(call).rejects.toMatchObject({ code: 'CONTROL_LOST' });
  await first.promise;
  expect(heard[0]).toMatchObject({ text: 'x'.repeat(10_000) });
  client.close();
  await lost;
  const [signal] = seen;
  if (signal?.aborted === false) await once(signal, 'abort');
  await new Promise((resolve) => setImmediate(resolve));
  expect(parts.log.text).not.toContain('"level":"error"');
});

test('secrets given to a command are in no log', async () => {
  const client = await ControlClient.connect(dataDir);
  await client.call('echo', { options: { password: 'hunter2' } });
  client.close();
  expect(parts.log.messages).toContain('administration command');
  expect(parts.log.text).not.toContain('hunter2');
});
