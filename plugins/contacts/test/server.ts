/** A server with contact lists, and clients that send captured bytes. */
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { PresenceAccess, definePlugin, provide } from '@parley/sdk';
import type { CommandResult, FakeClock, Host, PluginUse } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint } from '@parley/sdk/testkit';
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
  const server = await testServer({
    plugins: [directory(), registrar(), contacts(config), routing(), ...(access === undefined ? [] : [blocking(access)])],
    domain: 'example.test',
    users: [
      { name: 'alice', displayName: 'Alice Ames' },
      { name: 'bob', displayName: 'Bob Smith', phones: ['+14255550101'] },
    ],
  });
  onTestFinished(() => server.close());
  let clients = 0;
  return {
    host: server.host,
    clock: server.clock,
    admin: server.find(DirectoryAdmin),
    command: (path, args, options) => server.command(path, args, options),
    client: () => Promise.resolve(new RawClient(server.endpoint(`client${++clients}`, { user: 'alice', transport: 'tcp' }))),
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
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly endpoint: Endpoint) {}

  send(...messages: readonly string[]): void {
    for (const message of messages) this.sending = this.sending.then(() => this.endpoint.write(Buffer.from(message, 'latin1')));
  }

  /** The next message. */
  async next(): Promise<string> {
    await this.sending;
    return (await this.endpoint.next()).text;
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
