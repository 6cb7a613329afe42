import { expect, test } from 'vitest';
import { fork } from '@parley/sdk';
import type { ForkOptions, RequestContext } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { authored } from './authored.ts';

/** A server whose plugin sends every call to these users instead. */
async function forking(places: readonly string[], options?: ForkOptions): Promise<TestServer> {
  class Handler {
    onCall(context: RequestContext): void {
      fork(context, places, options);
    }
  }
  const plugin = authored('forking', { takes: 'INVITE', method: 'onCall', handler: Handler });
  return testServer({ plugins: [directory(), registrar(), routing(), plugin], users: ['alice', 'bob', 'carol', 'dave'] });
}

test('a call that a plugin sends to the address of a user reaches the endpoints of that user', async () => {
  await using server = await forking(['sip:carol@example.com']);
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'carol' }).register();
  const call = alice.invite('bob');
  await desk.expect('INVITE').answer(200);
  await call.expect(200).ack();
});

test('of two users in order the second is called when the first does not answer', async () => {
  await using server = await forking(['sip:carol@example.com', 'sip:dave@example.com'], { order: 'serial', ringSeconds: 20 });
  const alice = await server.endpoint('alice').register();
  const carol = await server.endpoint('desk', { user: 'carol' }).register();
  const mobile = await server.endpoint('mobile', { user: 'carol' }).register();
  const dave = await server.endpoint('dave').register();
  const call = alice.invite('bob');
  await carol.expect('INVITE').answer(180);
  await mobile.expect('INVITE').answer(180);
  await call.expect(180);
  await server.advance('21s');
  await dave.expect('INVITE').answer(200);
  await call.expect(200).ack();
  await carol.expect('CANCEL');
  await mobile.expect('CANCEL');
});

test('a user who is not there has the answer of any call to somebody who is not there', async () => {
  await using server = await forking(['sip:carol@example.com']);
  const alice = await server.endpoint('alice').register();
  await alice.invite('bob').expect(480);
  expect(server.log).toEqual([]);
});
