/** A started server that signs clients in and provisions them, and raw clients on TCP connections to it. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { FakeClock, PASS, Transport, checkConfig, definePlugin, openLog, startServer, temporaryStore } from '@parley/sdk';
import type { Host, PluginScope } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import provisioning from '../src/plugin.ts';

export interface Served {
  readonly host: Host;
  readonly clock: FakeClock;
  readonly admin: DirectoryAdmin;
  /** Runs an administration command: `policy set`, with its arguments by name. */
  readonly command: (path: string, args: Readonly<Record<string, string>>) => Promise<unknown>;
  readonly client: () => Promise<RawClient>;
}

/** Signs alice and bob in by their From, as an authentication plugin would after checking it. */
export async function serving(config: z.input<typeof provisioning.config> = {}): Promise<Served> {
  let transport: Transport | undefined;
  const trusting = definePlugin({
    name: 'trusting',
    summary: 'Believes every From',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup(scope: PluginScope) {
      transport = scope.resolve(Transport);
      scope.gate({
        name: 'trusting',
        order: 300,
        check(inbound) {
          inbound.flow.authenticated = true;
          if (inbound.message.isRequest) inbound.identity = { aor: inbound.message.from.uri.userAtHost, mechanism: 'test' };
          return PASS;
        },
      });
    },
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-provisioning-'));
  const clock = new FakeClock();
  const checked = await checkConfig({
    domains: ['example.test'],
    fqdn: 'uc.example.test',
    dataDir,
    listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }],
    plugins: [trusting(), directory(), registrar(), provisioning(config), routing()],
  });
  const host = await startServer(checked, {
    clock,
    logger: openLog({ level: 'fatal', output: new Writable({ write: (_chunk, _encoding, done) => done() }) }),
    store: temporaryStore(clock),
  });
  onTestFinished(async () => {
    const closing = host.close();
    for (let i = 0; i < 5; i++) clock.advance(10_000);
    await closing;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const admin = host.find(DirectoryAdmin) as DirectoryAdmin;
  await admin.addUser({ uri: 'sip:alice@example.test', phones: ['+14255550100'], groups: ['Sales'] });
  await admin.addUser({ uri: 'sip:bob@example.test' });
  const port = transport?.listeners[0]?.address.port ?? 0;
  return {
    host,
    clock,
    admin,
    command: (path, args) => {
      const found = host.command(path);
      if (found === undefined) throw new Error(`there is no command ${path}`);
      const input = { arguments: args, options: {}, progress: () => undefined, signal: new AbortController().signal };
      return Promise.resolve(found.command.run(input, found.scope));
    },
    client: () => RawClient.open(port),
  };
}

/** A client that sends captured bytes and keeps what comes. */
export class RawClient {
  text = '';
  private readonly waiting: (() => void)[] = [];
  private sentBefore = 0;

  private constructor(readonly socket: Socket) {
    onTestFinished(() => void socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      for (const look of this.waiting.splice(0)) look();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(message: string): void {
    this.sentBefore = this.text.length;
    this.socket.write(Buffer.from(message, 'latin1'));
  }

  /** Waits for this to come after what was sent last, and gives the message that begins with `start` and everything behind it. */
  async receive(start: string, until: string): Promise<string> {
    for (;;) {
      const at = this.text.indexOf(start, this.sentBefore);
      if (at >= 0 && this.text.includes(until, at)) return this.text.slice(at);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }
}

/** A message that pidgin-sipe 1.25 has sent, with some of its text replaced; the length of its body follows. */
export function captured(name: string, changes: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${name}.sip has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return `${head.replace(/Content-Length: \d+/, `Content-Length: ${body.length}`)}\r\n\r\n${body}`;
}

/** The 200 to a request of the server that has come. */
export function accept(request: string): string {
  const head = request.split('\r\n\r\n')[0] ?? '';
  const kept = head.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/.test(line));
  return `${['SIP/2.0 200 OK', ...kept, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}
