/** A server that provisions alice and bob, and what clients send to it. */
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import provisioning from '../src/plugin.ts';

/** Closed when the test is finished. */
export async function serving(config: z.input<typeof provisioning.config> = {}): Promise<TestServer> {
  const server = await testServer({
    plugins: [directory(), registrar(), provisioning(config), routing()],
    domain: 'example.test',
    users: [{ name: 'alice', phones: ['+14255550100'], groups: ['Sales', 'Berlin'] }, 'bob'],
    log: 'error',
  });
  onTestFinished(() => server.close());
  return server;
}

/** A client of alice, from another connection than those before. */
export function client(server: TestServer, name = 'alice'): Endpoint {
  return server.endpoint(name, { user: 'alice', transport: 'tcp' });
}

/** The document that a client of alice gets which asks for everything. */
export async function documentOf(server: TestServer): Promise<string> {
  const headers = { Event: 'vnd-microsoft-provisioning-v2', Expires: '0', Supported: 'ms-piggyback-first-notify' };
  const answer = await client(server, `client${server.parties.size}`).send('SUBSCRIBE', 'alice', { headers }).expect(200);
  return answer.body.toString();
}

/** A message that pidgin-sipe 1.25 has sent, with some of its text replaced. */
export function captured(name: string, changes: Readonly<Record<string, string>> = {}): Buffer {
  let text = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${name}.sip has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return Buffer.from(text, 'latin1');
}
