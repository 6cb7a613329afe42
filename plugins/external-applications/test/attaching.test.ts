/** How applications come into the chain and leave it, and what does not get in. */
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FRAME_DEPTH, FrameReader, attach, encodeFrame } from '@parley/sdk/application';
import type { RequestReceived } from '@parley/sdk/application';
import { APP_URI, Child, attached, folder, logged, manifest, serving } from './serving.ts';
import type { Served } from './serving.ts';

const QUIET = 'ProxyRequest("");';

/** A connection that says what the test wants. */
class Raw {
  readonly frames: Readonly<Record<string, unknown>>[] = [];
  private readonly reader = new FrameReader();
  private waiting: (() => void)[] = [];
  private closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.frames.push(...this.reader.push(chunk));
      this.wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
    onTestFinished(() => void socket.destroy());
  }

  static async open(path: string): Promise<Raw> {
    const socket = connect(path);
    const raw = new Raw(socket);
    await once(socket, 'connect');
    return raw;
  }

  send(...frames: readonly object[]): this {
    for (const frame of frames) this.socket.write(encodeFrame(frame));
    return this;
  }

  async frame(type: string): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const found = this.frames.find((frame) => frame['type'] === type);
      if (found !== undefined) return found;
      if (this.closed) throw new Error(`closed without ${type}: ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  async end(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

const AUTHENTICATE = { type: 'authenticate', protocol: 1, application: APP_URI };
const ATTACH = { type: 'attach', manifest: manifest(QUIET), calls: [] };

/** Code of the refusal, or of the fault, after these frames. */
async function refusal(all: Served, ...frames: readonly object[]): Promise<unknown> {
  const raw = (await Raw.open(all.socket)).send(...frames);
  const { code } = await raw.frame('refused');
  await raw.end();
  return code;
}

test('the socket is for the server’s user alone', async () => {
  const all = await serving();
  expect((statSync(all.socket).mode & 0o777).toString(8)).toBe('600');
});

test('an application is in the chain while it is attached, where the configuration says, and leaves it without a trace', async () => {
  const all = await serving();
  const names = (): unknown[] =>
    all.server.host.reports
      .routes()
      .map((row) => (row as { readonly name?: unknown; readonly application?: unknown }).name ?? Object.values(row)[0]);
  const before = names();
  const application = await attached(all, QUIET);
  expect([application.attached, names().includes('external/guard')]).toEqual([true, true]);
  application.close();
  await logged(all.server, 'has left the chain');
  await all.server.until(() => !names().includes('external/guard') || undefined);
  expect(names()).toEqual(before);
});

test.each([
  ['an appUri that nobody has registered', [{ ...AUTHENTICATE, application: 'http://example.com/other' }], 'EXTERNAL_UNKNOWN'],
  ['another version of the protocol', [{ ...AUTHENTICATE, protocol: 2 }], 'EXTERNAL_PROTOCOL'],
  ['attaching before saying who it is', [ATTACH], 'EXTERNAL_PROTOCOL'],
  ['something else than the protocol has', [AUTHENTICATE, { type: 'dance' }], 'EXTERNAL_PROTOCOL'],
  ['a field that the protocol does not have', [AUTHENTICATE, { ...ATTACH, more: 1 }], 'EXTERNAL_PROTOCOL'],
  ['going on before it is attached', [AUTHENTICATE, ATTACH, { type: 'pong' }], 'EXTERNAL_PROTOCOL'],
  [
    'another appUri in the manifest',
    [AUTHENTICATE, { ...ATTACH, manifest: manifest(QUIET, '', 'http://example.com/b') }],
    'EXTERNAL_OTHER_URI',
  ],
  [
    'a manifest with files',
    [AUTHENTICATE, { ...ATTACH, manifest: manifest(QUIET, '<r:file name="t" path="/etc/passwd"><r:column name="a"/></r:file>') }],
    'EXTERNAL_FILES',
  ],
  ['a Dispatch to what it does not handle', [AUTHENTICATE, { ...ATTACH, manifest: manifest('Dispatch("onIt");') }], 'EXTERNAL_MANIFEST'],
  ['more than 4,096 bytes before it has said who it is', [{ ...AUTHENTICATE, proof: 'x'.repeat(5_000) }], 'APPLICATION_FRAME_SIZE'],
  [
    'a frame that nests too deep',
    [AUTHENTICATE, { a: JSON.parse('['.repeat(FRAME_DEPTH) + ']'.repeat(FRAME_DEPTH)) as unknown }],
    'APPLICATION_FRAME_SHAPE',
  ],
  [
    'a frame of too many values',
    [AUTHENTICATE, { type: 'attach', manifest: '', calls: Array.from({ length: 20_001 }, () => 0) }],
    'APPLICATION_FRAME_SHAPE',
  ],
  ['a frame of more bytes than allowed', [AUTHENTICATE, { ...ATTACH, manifest: 'x'.repeat(1_100_000) }], 'APPLICATION_FRAME_SIZE'],
])('%s is refused, and the connection ends', async (_, frames, code) => {
  expect(await refusal(await serving(), ...frames)).toBe(code);
});

test('the faults of a manifest come with their places', async () => {
  const all = await serving();
  await expect(attached(all, 'Respnd(403, "No");')).rejects.toMatchObject({
    code: 'APPLICATION_REFUSED',
    message: expect.stringMatching(/guard\.am:3:1[\s\S]*did you mean Respond/) as string,
  });
});

test('bytes that are no JSON end the connection', async () => {
  const all = await serving();
  const raw = await Raw.open(all.socket);
  raw.socket.write(Buffer.from([0, 0, 0, 2, 0x7b, 0x7b]));
  expect((await raw.frame('refused'))['code']).toBe('APPLICATION_FRAME_SHAPE');
});

test('a disabled application is refused, and so is a second process of one that is there', async () => {
  expect(await refusal(await serving({ guard: { enabled: false } }), AUTHENTICATE)).toBe('EXTERNAL_DISABLED');
  const all = await serving();
  await attached(all, QUIET);
  expect(await refusal(all, AUTHENTICATE, ATTACH)).toBe('EXTERNAL_TWICE');
});

test('an application with a secret has to prove it, without sending it', async () => {
  const secret = 'correct horse battery';
  const all = await serving({ guard: { secret } });
  expect(await refusal(all, AUTHENTICATE)).toBe('EXTERNAL_NOT_PROVEN');
  await expect(attached(all, QUIET, { secret: 'wrong' })).rejects.toMatchObject({ code: 'APPLICATION_REFUSED' });
  const application = await attached(all, QUIET, { secret });
  expect(application.attached).toBe(true);
  expect(JSON.stringify(all.server.log)).not.toContain(secret);
});

test('a connection that does not attach in time is ended', async () => {
  const all = await serving();
  const raw = await Raw.open(all.socket);
  await raw.frame('hello');
  all.server.clock.advance(5_000);
  await raw.end();
});

test('an application that says nothing, not even to a ping, is taken for gone; one that answers stays', async () => {
  const all = await serving();
  const raw = (await Raw.open(all.socket)).send(AUTHENTICATE, ATTACH);
  await raw.frame('attached');
  all.server.clock.advance(7_500);
  await raw.frame('ping');
  all.server.clock.advance(7_500);
  await raw.end();
  await logged(all.server, 'has left the chain');
});

test('an application that sends faster than it may is cut off', async () => {
  const all = await serving({ plugin: { limits: { framesPerSecond: 10 } } });
  const raw = (await Raw.open(all.socket)).send(AUTHENTICATE, ATTACH);
  await raw.frame('attached');
  raw.send(...Array.from({ length: 10 }, () => ({ type: 'pong' })));
  expect((await raw.frame('refused'))['code']).toBe('EXTERNAL_TOO_FAST');
});

test.each([
  ['a transaction that is none', { type: 'respond', transaction: 9, status: 200 }, 'EXTERNAL_LATE'],
  ['a response that is none', { type: 'pass', event: 9 }, 'EXTERNAL_LATE'],
])('deciding about %s is a fault that ends nothing', async (_, frame, code) => {
  const all = await serving();
  const raw = (await Raw.open(all.socket)).send(AUTHENTICATE, ATTACH);
  await raw.frame('attached');
  raw.send(frame);
  expect((await raw.frame('fault'))['code']).toBe(code);
  expect(raw.socket.destroyed).toBe(false);
});

test.each([
  ['a header of the server', { changes: { headers: [['Via', ['SIP/2.0/TCP a']]] } }],
  ['a name that no header can have', { changes: { headers: [['X Y', ['a']]] } }],
  ['a line break in a value', { changes: { headers: [['X-A', ['a\r\nX-B: b']]] } }],
  ['a Request-URI that is none', { changes: { uri: 'nonsense' } }],
])('%s is a fault, nothing is changed, and the request can still be decided', async (_, more) => {
  const all = await serving();
  const raw = (await Raw.open(all.socket)).send(AUTHENTICATE, {
    ...ATTACH,
    manifest: manifest('Dispatch("onRequest");'),
    calls: ['onRequest'],
  });
  await raw.frame('attached');
  const sent = all.alice.message('bob', 'hello');
  const { transaction } = await raw.frame('request');
  raw.send({ type: 'proxy', transaction, ...more });
  expect((await raw.frame('fault'))['code']).toBe('EXTERNAL_CHANGE');
  raw.send({ type: 'respond', transaction, status: 486 });
  await sent.expect(486);
});

test('MSPL R59: the server does not start without a critical application', async () => {
  const starting = serving({ guard: { critical: true }, plugin: { startSeconds: 3 } });
  await expect(starting).rejects.toThrow('critical applications have not attached within 3 s: guard');
});

test('MSPL R59: with it, the server starts; when it fails later, the server goes on without it and says so', async () => {
  const socket = join(folder(), 'applications.sock');
  const child = Child.start(socket, manifest('if (!Dispatch("onRequest")) { Respond(503, "Busy"); }'), 'proxy');
  const { server, alice, bob } = await serving({ guard: { critical: true }, plugin: { socket } });
  await child.said('attached guard');
  alice.message('bob', 'hello');
  await bob.expect('MESSAGE', { headers: { 'X-Child': '1' } }).answer(200);
  await child.kill();
  await logged(server, 'a critical application has left the chain: the server goes on without it');
  alice.message('bob', 'hello again');
  await bob.expect('MESSAGE', { headers: { 'X-Child': null } }).answer(200);
});

test('a client connects again when its connection is lost, until it is closed', async () => {
  const all = await serving();
  const names: string[] = [];
  const lost = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  const application = await attach({
    socket: all.socket,
    manifest: manifest(QUIET),
    handlers: {},
    onAttached: (name) => {
      names.push(name);
      if (names.length === 2) again.resolve();
    },
    onDetached: () => lost.resolve(),
    onError: () => undefined,
  });
  onTestFinished(() => application.close());
  all.server.clock.advance(7_500);
  all.server.clock.advance(7_500);
  await lost.promise;
  await again.promise;
  expect(names).toEqual(['guard', 'guard']);
});

test('without a server the first attempt fails with what to do, unless the client is to go on trying', async () => {
  await expect(
    attach({ socket: '/nonexistent/applications.sock', manifest: manifest(QUIET), handlers: {}, reconnect: false }),
  ).rejects.toMatchObject({
    code: 'APPLICATION_UNREACHABLE',
    fix: expect.stringContaining('`parley plugin info external-applications`') as string,
  });
});

test('closing the server tells the application', async () => {
  const all = await serving();
  const gone = Promise.withResolvers<string>();
  await attached(all, QUIET, { onDetached: (reason) => gone.resolve(reason.message) });
  await all.server.close();
  expect(await gone.promise).toContain('the server closes');
});

test('the state of a transaction is let go when the connection is lost, and its end is told', async () => {
  const all = await serving();
  const come = Promise.withResolvers<RequestReceived>();
  const ended = Promise.withResolvers<number>();
  const application = await attached(all, 'Dispatch("onRequest");', {
    handlers: {
      requests: {
        onRequest: (event) => {
          event.transaction.onEnded(({ status }) => ended.resolve(status));
          come.resolve(event);
        },
      },
    },
  });
  const sent = all.alice.message('bob', 'hello');
  await come.promise;
  application.close();
  expect(await ended.promise).toBe(0);
  await all.bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('a server that is not there is told once, with its place, and tried again', async () => {
  const socket = join(folder(), 'applications.sock');
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const waiting = attach({ socket, manifest: manifest(QUIET), handlers: {}, onError: resolve });
  expect(await promise).toMatchObject({
    code: 'APPLICATION_WAITING',
    message: expect.stringMatching(/applications\.sock, and is tried again: .*ENOENT/) as string,
  });
  const server = createServer((client) => client.end(encodeFrame({ type: 'refused', code: 'NO', message: 'not today', fix: '' }))).listen(
    socket,
  );
  onTestFinished(() => void server.close());
  await expect(waiting).rejects.toMatchObject({ code: 'APPLICATION_REFUSED', message: 'not today' });
});
