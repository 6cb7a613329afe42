import { expect, test } from 'vitest';
import type { RequestContext, RequestEnd } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { authored } from './authored.ts';

/** A server with a plugin that lets calls pass and hears how they end, and what it heard. */
async function hearing(more: { before?: (context: RequestContext) => void } = {}): Promise<{ server: TestServer; ends: RequestEnd[] }> {
  const ends: RequestEnd[] = [];
  class Handler {
    onCall(context: RequestContext): void {
      more.before?.(context);
      context.onEnded((end) => ends.push(end));
      context.proxy();
    }
  }
  const plugin = authored('hearing', { takes: 'INVITE', method: 'onCall', handler: Handler });
  const server = await testServer({ plugins: [directory(), registrar(), routing(), plugin], users: ['alice', 'bob'], log: 'warn' });
  return { server, ends };
}

test('a plugin hears once how a call has ended, when the answer goes back and not later', async () => {
  const { server, ends } = await hearing();
  await using _ = server;
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  const ringing = await bob.expect('INVITE').answer(180);
  await call.expect(180);
  expect(ends).toEqual([]);
  ringing.answer(486);
  await call.expect(486);
  expect(ends).toEqual([{ status: 486, cancelled: false }]);
  await server.advance('40s');
  expect(ends).toHaveLength(1);
});

test('a call that is answered leaves nothing behind for the plugin that heard of it', async () => {
  const { server, ends } = await hearing();
  await using _ = server;
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(200);
  await call.expect(200).ack();
  expect(ends).toEqual([{ status: 200, cancelled: false }]);
  expect(server.host.reports.status()).toMatchObject({ transactions: { server: { invite: 0 }, answeredCalls: 1 } });
  await call.bye().expect(200);
});

test('a cancelled call is told from one that was refused', async () => {
  const { server, ends } = await hearing();
  await using _ = server;
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(180);
  await call.expect(180);
  call.cancel();
  await call.expect(487);
  expect(ends).toEqual([{ status: 487, cancelled: true }]);
});

test('a call that rings until the server has had enough of it ended like any other', async () => {
  const { server, ends } = await hearing();
  await using _ = server;
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(180);
  await call.expect(180);
  await server.advance('5m');
  await call.expect(408);
  expect(ends).toEqual([{ status: 408, cancelled: false }]);
});

test("what the server answers itself is heard like any other answer: nobody's phone is registered", async () => {
  const { server, ends } = await hearing();
  await using _ = server;
  const alice = await server.endpoint('alice').register();
  await alice.invite('bob').expect(480);
  expect(ends).toEqual([{ status: 480, cancelled: false }]);
});

test('several listeners hear of the same end, and one that throws costs the others and the call nothing', async () => {
  const heard: RequestEnd[] = [];
  const { server, ends } = await hearing({
    before: (context) => {
      context.onEnded((end) => heard.push(end));
      context.onEnded(() => {
        throw new Error('no table for ends');
      });
    },
  });
  await using _ = server;
  const alice = await server.endpoint('alice').register();
  await alice.invite('bob').expect(480);
  expect([heard, ends]).toEqual([[{ status: 480, cancelled: false }], [{ status: 480, cancelled: false }]]);
  expect(server.log).toMatchObject([{ plugin: 'hearing', where: 'onCall, onEnded', err: { message: 'no table for ends' } }]);
});
