import { expect, test } from 'vitest';
import type { RequestContext } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { authored } from './authored.ts';

/** A server whose plugin `slow` does this with every MESSAGE. */
function serving(decide: (context: RequestContext) => unknown, takes = 'MESSAGE'): Promise<TestServer> {
  class Handler {
    onMessage(context: RequestContext): unknown {
      return decide(context);
    }
  }
  return testServer({ plugins: [authored('slow', { handler: Handler, takes })], log: 'warn' });
}

test('a handler that never decides is told once, with plugin, method and call', async () => {
  await using server = await serving(() => undefined);
  const alice = server.endpoint('alice');
  const message = alice.message('bob', 'hello');
  await server.advance('9s');
  expect(server.log).toEqual([]);
  await server.advance('20s');
  expect(server.log).toMatchObject([
    {
      level: 'warn',
      code: 'HOST_HANDLER_UNDECIDED',
      plugin: 'slow',
      application: 'slow/slow.am',
      callId: expect.any(String) as string,
      msg: expect.stringContaining('slow: onMessage has left MESSAGE undecided for 10 s') as string,
    },
  ]);
  await message.expectNothing();
});

test.each([
  ['answers', (context: RequestContext) => context.respond(200)],
  ['answers a little later', async (context: RequestContext) => void (await Promise.resolve(), context.respond(200))],
  ['sends it on', (context: RequestContext) => context.proxy()],
  ['fails', () => Promise.reject(new Error('no table'))],
  ['takes the transaction', ({ transaction }: RequestContext) => transaction?.abandon()],
])('a handler that %s has decided', async (_, decide) => {
  await using server = await serving(decide);
  server.endpoint('alice').message('bob', 'hello');
  await server.advance('1s');
  expect(server.clock.timers.pending().map(({ calls }) => calls)).not.toContain('outOfPatience');
  await server.advance('30s');
  expect(server.log.filter(({ code }) => code === 'HOST_HANDLER_UNDECIDED')).toEqual([]);
});

test('a server that is closed over a call names the handler that has not decided about it, and none that was only slow', async () => {
  const contexts: RequestContext[] = [];
  const server = await serving((context) => void contexts.push(context), 'INVITE');
  server.endpoint('alice').invite('bob');
  server.endpoint('carol').invite('dave');
  await server.advance('15s');
  contexts[1]?.respond(480);
  const error = await server.close().then(String, String);
  expect(error.split('\n').slice(1, 3)).toEqual([
    '  1 invite server transactions',
    expect.stringMatching(/^ {4}slow: onMessage has left INVITE undecided for 10 s/),
  ]);
  expect(error.match(/undecided for/g)).toHaveLength(1);
});

test.each([99, 700, Number.NaN])('a status that there is not (%d) is a fault of the plugin: 500 and a line in the log', async (status) => {
  await using server = await serving((context) => context.respond(status));
  await server.endpoint('alice').message('bob', 'hello').expect(500);
  expect(server.log).toMatchObject([
    { plugin: 'slow', where: 'onMessage', err: { message: expect.stringContaining('100 to 699') as string } },
  ]);
});
