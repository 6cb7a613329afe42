import { expect, test } from 'vitest';
import type { RequestContext, ResponseEvent } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { authored } from './authored.ts';

/** A server with a plugin that sends calls on and looks at what comes back with `onResponse`. */
async function watching(onResponse: (event: ResponseEvent) => void | Promise<void>): Promise<TestServer> {
  class Handler {
    onCall(context: RequestContext): void {
      context.proxy(onResponse);
    }
  }
  const plugin = authored('watching', { takes: 'INVITE', method: 'onCall', handler: Handler });
  return testServer({ plugins: [directory(), registrar(), routing(), plugin], users: ['alice', 'bob'], log: 'warn' });
}

const broken = (): never => {
  throw new Error('no column for answers');
};

test.each([
  ['throws', broken],
  ['holds a response and then throws', (event: ResponseEvent) => void (event.hold(), broken())],
  ['holds a response and fails later', async (event: ResponseEvent) => void (event.hold(), await Promise.resolve(), broken())],
])('a plugin that %s costs the call nothing, and the log names it', async (_, onResponse) => {
  await using server = await watching(onResponse);
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  const ringing = await bob.expect('INVITE').answer(180);
  await call.expect(180);
  ringing.answer(200);
  await call.expect(200).ack();
  const fault = { plugin: 'watching', where: 'onCall, onResponse', err: { message: 'no column for answers' } };
  expect(server.log).toMatchObject([fault, fault]);
});
