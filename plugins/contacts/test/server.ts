/** A started server with contact lists, and raw clients on TCP connections to it. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  FakeClock,
  PASS,
  PresenceAccess,
  Transport,
  checkConfig,
  definePlugin,
  openLog,
  provide,
  startServer,
  temporaryStore,
} from '@parley/sdk';
import type { CommandResult, Host, PluginScope, PluginUse } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import contacts from '../src/plugin.ts';

export interface Served {
  readonly host: Host;
  readonly clock: FakeClock;
  readonly admin: DirectoryAdmin;
  /** Runs an administration command: `contacts list`, with its arguments and options by name. */
  readonly command: (
    path: string,
    args?: Readonly<Record<string, string>>,
    options?: Readonly<Record<string, string | boolean>>,
  ) => Promise<CommandResult>;
  readonly client: () => Promise<RawClient>;
}

/** Signs everybody in by their From, as an authentication plugin would after checking it. */
export async function serving(config: z.input<typeof contacts.config> = {}, access?: PresenceAccess): Promise<Served> {
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
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-contacts-'));
  const clock = new FakeClock();
  const checked = await checkConfig({
    domains: ['example.test'],
    fqdn: 'uc.example.test',
    dataDir,
    listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }],
    plugins: [trusting(), directory(), registrar(), contacts(config), routing(), ...(access === undefined ? [] : [blocking(access)])],
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
  await admin.addUser({ uri: 'sip:alice@example.test', displayName: 'Alice Ames' });
  await admin.addUser({ uri: 'sip:bob@example.test', displayName: 'Bob Smith', phones: ['+14255550101'] });
  const port = transport?.listeners[0]?.address.port ?? 0;
  return {
    host,
    clock,
    admin,
    command: (path, args = {}, options = {}) => {
      const found = host.command(path);
      if (found === undefined) throw new Error(`there is no command ${path}`);
      const input = { arguments: args, options, progress: () => undefined, signal: new AbortController().signal };
      return Promise.resolve(found.command.run(input, found.scope));
    },
    client: () => RawClient.open(port),
  };
}

/** Stands for presence: told what access control entries mean. */
function blocking(access: PresenceAccess): PluginUse {
  return definePlugin({
    name: 'blocking',
    summary: 'Takes access control entries',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    provides: [
      provide(
        PresenceAccess,
        class implements PresenceAccess {
          readonly apply: PresenceAccess['apply'] = (owner, entry) => access.apply(owner, entry);
        },
      ),
    ],
  })();
}

/** A client that sends captured bytes and takes what comes, message by message. */
export class RawClient {
  private received = '';
  private read = 0;
  private readonly waiting: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    onTestFinished(() => void socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      for (const look of this.waiting.splice(0)) look();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(...messages: readonly string[]): void {
    this.socket.write(Buffer.from(messages.join(''), 'latin1'));
  }

  /** The next message. */
  async next(): Promise<string> {
    for (;;) {
      const head = this.received.indexOf('\r\n\r\n', this.read);
      const length = Number(/\r\nContent-Length: (\d+)/i.exec(this.received.slice(this.read, head + 2))?.[1] ?? 0);
      const end = head + 4 + length;
      if (head >= 0 && this.received.length >= end) {
        const message = this.received.slice(this.read, end);
        this.read = end;
        return message;
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }
}

let made = 0;

/** A message that pidgin-sipe 1.25 has sent, with some of its text replaced, as a request of its own unless it has a Call-ID; the length of its body follows. */
export function captured(name: string, changes: Readonly<Record<string, string>> = {}, callId?: string): string {
  let text = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${name}.sip has no ${from}`);
    text = text.replaceAll(from, to);
  }
  made++;
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const own = head
    .replace(/(branch=z9hG4bK)\w+/, `$1H${made}`)
    .replace(/Call-ID: \w+/, `Call-ID: ${callId ?? `C${made}`}`)
    .replace(/Content-Length: \d+/, `Content-Length: ${body.length}`);
  return `${own}\r\n\r\n${body}`;
}

/** A SERVICE of alice with this operation, in the form of the captured ones. */
export function service(operation: string, changes: Readonly<Record<string, string>> = {}): string {
  return captured('service-delete-contact', {
    '<m:deleteContact><m:URI>sip:carol@example.test</m:URI><m:deltaNum>5</m:deltaNum></m:deleteContact>': operation,
    ...changes,
  });
}

/** What stands behind the headers. */
export function bodyOf(message: string): string {
  return message.slice(message.indexOf('\r\n\r\n') + 4);
}
