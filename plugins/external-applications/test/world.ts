/** A server with external applications, a caller and a callee on TCP, and applications that are clients of the SDK or processes. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  DEFAULT_LIMITS,
  FakeClock,
  SipResponse,
  Transport,
  checkConfig,
  definePlugin,
  openLog,
  parseMessage,
  startServer,
  temporaryStore,
} from '@parley/sdk';
import type { Host, PluginScope, SipMessage, SipRequest } from '@parley/sdk';
import { attach } from '@parley/sdk/application';
import type { Application, AttachOptions } from '@parley/sdk/application';
import externalApplications from '../src/plugin.ts';

export const APP_URI = 'http://example.com/apps/Guard';

/** A manifest for the application that the worlds register. @param elements filters instead of "no responses" */
export function manifest(script: string, elements = '<r:responseFilter reasonCodes="NONE"/>', appUri = APP_URI): string {
  return `<?xml version="1.0"?>
<r:applicationManifest r:appUri="${appUri}" xmlns:r="http://schemas.microsoft.com/lcs/2006/05">${elements}<r:splScript><![CDATA[
${script}
]]></r:splScript></r:applicationManifest>`;
}

/** One end of a conversation on TCP: keeps what comes, message by message. */
export class Line {
  readonly heard: SipMessage[] = [];
  private text = Buffer.alloc(0);
  private waiting: (() => void)[] = [];
  private taken = 0;
  private socket: Socket | undefined;
  private branch = 0;

  /** Takes over a connection. */
  use(socket: Socket): this {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    return this;
  }

  /** The next message that is neither a 100 nor an ACK. */
  async next(): Promise<SipMessage> {
    for (;;) {
      const message = this.heard[this.taken];
      if (message === undefined) {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
        continue;
      }
      this.taken++;
      const isNews = message instanceof SipResponse ? message.status !== 100 : (message as SipRequest).method !== 'ACK';
      if (isNews) return message;
    }
  }

  /** The next response's status. */
  async status(): Promise<number> {
    const message = await this.next();
    return message instanceof SipResponse ? message.status : 0;
  }

  write(message: SipMessage): void {
    this.socket?.write(message.serialize());
  }

  /** Sends a request to bob and gives it back. */
  send(
    method: string,
    lines: readonly string[] = [],
    body = '',
    { branch = `z9hG4bK${++this.branch}`, callId = 'call-1' }: { readonly branch?: string; readonly callId?: string } = {},
  ): SipRequest {
    const text = [
      `${method} sip:bob@example.com SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:5060;branch=${branch}`,
      'From: "Alice" <sip:alice@example.com>;tag=a1',
      'To: <sip:bob@example.com>',
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      'Max-Forwards: 70',
      'Contact: <sip:alice@127.0.0.1:5060;transport=tcp>',
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
    this.socket?.write(text);
    const parsed = parseMessage(Buffer.from(text), DEFAULT_LIMITS);
    if (!parsed.ok) throw parsed.error;
    return parsed.message as SipRequest;
  }

  /** Answers a request that came. */
  answer(request: SipRequest, status: number, lines: readonly (readonly [string, string])[] = []): void {
    const response = SipResponse.reply(request, status, undefined, 'b1');
    response.append('Contact', '<sip:bob@127.0.0.1;transport=tcp>');
    for (const [name, value] of lines) response.append(name, value);
    this.write(response);
  }

  private read(chunk: Buffer): void {
    this.text = Buffer.concat([this.text, chunk]);
    for (;;) {
      const head = this.text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/^content-length: *(\d+)/im.exec(this.text.subarray(0, head).toString())?.[1] ?? 0);
      const end = head + 4 + length;
      if (this.text.length < end) return;
      const parsed = parseMessage(Buffer.from(this.text.subarray(0, end)), DEFAULT_LIMITS);
      this.text = this.text.subarray(end);
      if (parsed.ok) this.heard.push(parsed.message);
      for (const wake of this.waiting.splice(0)) wake();
    }
  }
}

/** What a world is made with. */
export interface WorldSettings {
  /** `applications.guard` of the plugin, besides its uri. */
  readonly guard?: Record<string, unknown>;
  /** Anything else of the plugin. */
  readonly plugin?: Record<string, unknown>;
}

/** A server with the plugin, alice on a connection to it, and bob at the end of its routing. */
export interface World {
  readonly host: Host;
  readonly clock: FakeClock;
  readonly socket: string;
  readonly alice: Line;
  readonly bob: Line;
  /** Bob's address. */
  readonly contact: string;
  /** What the server has logged, as one text. */
  readonly log: () => string;
  /** Waits until the log says so. */
  logged(part: string): Promise<void>;
}

/** An empty folder that goes with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'parley-apps-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts everything; `before` runs when the socket can be opened and the server still starts. */
export async function world(
  { guard = {}, plugin = {} }: WorldSettings = {},
  before?: (socket: string, clock: FakeClock) => void,
): Promise<World> {
  const dataDir = folder();
  const bob = new Line();
  const listening = createServer((socket) => void bob.use(socket));
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => closeNow(listening));
  const contact = `sip:bob@127.0.0.1:${(listening.address() as AddressInfo).port};transport=tcp`;
  const route = join(dataDir, 'route.am');
  writeFileSync(
    route,
    manifest(
      `if (!ContainsString(sipRequest.RequestUri, "target=", false)) { ProxyRequest("${contact}"); }`,
      QUIET_FREE,
      'http://example.com/apps/Route',
    ),
  );
  const clock = new FakeClock();
  let text = '';
  let waiting: (() => void)[] = [];
  const logger = openLog({
    level: 'debug',
    output: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        for (const wake of waiting.splice(0)) wake();
        done();
      },
    }),
  });
  let port = 0;
  const eyes = definePlugin({
    name: 'eyes',
    summary: 'Finds the port of the server',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup(scope: PluginScope) {
      const transport = scope.resolve(Transport);
      const look = (): number => transport.listeners[0]?.address.port ?? 0;
      Object.defineProperty(ports, dataDir, { get: look, configurable: true });
    },
  });
  const applications = { guard: { uri: APP_URI, priority: 100, ...guard } };
  const config = await checkConfig({
    domains: ['example.com'],
    fqdn: 'uc.example.com',
    dataDir,
    listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }],
    scripts: { extra: [route] },
    plugins: [eyes(), externalApplications({ applications, ...plugin })],
  });
  const socket = join(dataDir, 'applications.sock');
  const starting = startServer(config, { clock, logger, store: temporaryStore(clock) });
  before?.(socket, clock);
  const host = await starting;
  onTestFinished(() => host.close());
  port = ports[dataDir] ?? 0;
  const line = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(line, 'connect');
  const logged = async (part: string): Promise<void> => {
    while (!text.includes(part)) await new Promise<void>((resolve) => void (waiting = [...waiting, resolve]));
  };
  return { host, clock, socket, alice: new Line().use(line), bob, contact, log: () => text, logged };
}

const QUIET_FREE = '<r:responseFilter reasonCodes="NONE"/>';
const ports: Record<string, number> = {};

function closeNow(server: Server): void {
  server.close();
}

/** An application that is a client in this process. */
export async function attached(
  to: World,
  script: string,
  options: Partial<AttachOptions> & { readonly elements?: string } = {},
): Promise<Application> {
  const { elements, ...others } = options;
  const application = await attach({
    socket: to.socket,
    manifest: manifest(script, elements),
    handlers: {},
    reconnect: false,
    onError: (error) => void errors.push(error),
    ...others,
  });
  onTestFinished(() => application.close());
  return application;
}

/** What applications were told was wrong, in the order of coming. */
export const errors: unknown[] = [];

/** A process of its own that speaks the protocol without the SDK; see child.mjs. */
export class Child {
  private text = '';
  private waiting: (() => void)[] = [];

  private constructor(readonly process: ChildProcess) {
    process.stdout?.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const wake of this.waiting.splice(0)) wake();
    });
    onTestFinished(() => void process.kill('SIGKILL'));
  }

  /** @param behaviour `hold`: decide nothing; `proxy`: send everything on */
  static start(socket: string, text: string, behaviour: 'hold' | 'proxy'): Child {
    const file = fileURLToPath(new URL('child.mjs', import.meta.url));
    const child = spawn(process.execPath, [file, socket, behaviour], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.end(text);
    return new Child(child);
  }

  /** Waits for a line that the child prints. */
  async said(part: string): Promise<void> {
    while (!this.text.includes(part)) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Ends it as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }
}
