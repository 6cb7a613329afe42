/** A server with contact lists, and clients of alice that send captured bytes. */
import { readFileSync } from 'node:fs';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import contacts from '../src/plugin.ts';

/** @param others plugins beside these */
export function serving(config: Parameters<typeof contacts>[0] = {}, ...others: TestServerOptions['plugins']): Promise<TestServer> {
  return testServer({
    plugins: [directory(), registrar(), contacts(config), routing(), ...others],
    domain: 'example.test',
    users: [
      { name: 'alice', displayName: 'Alice Ames' },
      { name: 'bob', displayName: 'Bob Smith', phones: ['+14255550101'] },
    ],
  });
}

/** Another client, with a connection of its own. Whose it is, is in what it sends. */
export function client(server: TestServer): Endpoint {
  return server.endpoint(`client${server.parties.size}`, { user: 'alice', transport: 'tcp' });
}

/** Sends captured messages, one behind the other. */
export async function say(by: Endpoint, ...messages: readonly string[]): Promise<void> {
  for (const message of messages) await by.write(Buffer.from(message, 'latin1'));
}

/** The next message that a client is sent, as it came. */
export async function heard(by: Endpoint): Promise<string> {
  return (await by.next()).text;
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

/** Makes a captured message one of bob. */
export const FROM_BOB = { 'From: <sip:alice@': 'From: <sip:bob@' };

/** Subscribes to the list and gives the answer. */
export async function subscribed(client: Endpoint, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  await say(client, captured('subscribe-roaming-contacts', changes));
  return heard(client);
}
