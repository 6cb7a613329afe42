import { expect, test } from 'vitest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { ANSWER, OFFER, testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer } from '@parley/sdk/testkit';
import { switchboard } from './switchboard.ts';
import type { Seen } from './switchboard.ts';

interface Board {
  readonly server: TestServer;
  readonly seen: Seen;
  readonly alice: Endpoint;
  readonly bob: Endpoint;
}

async function serving(): Promise<Board> {
  const { plugin, seen } = switchboard();
  const server = await testServer({ plugins: [directory(), registrar(), routing(), plugin], users: ['alice', 'bob', 'carol'] });
  return { server, seen, alice: await server.endpoint('alice').register(), bob: await server.endpoint('bob').register() };
}

test('answer: the server takes a call, talks in it and ends it', async () => {
  const { server, seen, alice } = await serving();
  await using _closing = server;
  const call = alice.invite('music');
  await call.expect(200, { body: 'v=0 music' }).ack();
  seen.session?.request('INFO', { body: 'louder', contentType: 'text/plain' });
  await call.expect('INFO', { body: 'louder' }).answer(200);
  seen.session?.bye();
  await call.expect('BYE');
});

test('bridge: two calls are one, with the words of both sides carried over', async () => {
  const { server, seen, alice, bob } = await serving();
  await using _closing = server;
  const call = alice.invite('desk', { body: OFFER });
  const ringing = await bob.expect('INVITE', { body: OFFER, headers: { Contact: /uc\.example\.com|192\.0\.2\.1/ } }).answer(180);
  expect(ringing.request.callId, 'a call of its own').not.toBe(call.request.callId);
  await call.expect(180);
  const taken = ringing.answer(200, { body: ANSWER });
  await call.expect(200, { body: ANSWER }).ack();
  await taken.expect('ACK');
  expect(seen.bridge?.isConnected).toBe(true);
  const info = call.send('INFO', { body: 'digit 5', contentType: 'text/plain' });
  await taken.expect('INFO', { body: 'digit 5' }).answer(200, { body: 'heard', contentType: 'text/plain' });
  await info.expect(200, { body: 'heard' });
  const again = call.reinvite({ body: 'v=0 hold' });
  await taken.expect('INVITE', { body: 'v=0 hold' }).answer(200, { body: 'v=0 held' });
  await again.expect(200, { body: 'v=0 held' }).ack();
  await taken.expect('ACK');
  await taken.bye().expect(200);
  await call.expect('BYE');
  expect(seen.ends).toEqual([{ by: 'callee', refused: 0 }]);
});

test('bridge: a refusal comes to the caller, and so does its CANCEL to the callee', async () => {
  const { server, seen, alice, bob } = await serving();
  await using _closing = server;
  const refused = alice.invite('desk');
  await bob.expect('INVITE').answer(486);
  await refused.expect(486);
  const cancelled = alice.invite('desk');
  await bob.expect('INVITE').answer(180);
  await cancelled.expect(180);
  cancelled.cancel();
  await cancelled.expect(487);
  await bob.expect('CANCEL');
  expect(seen.ends).toEqual([
    { by: 'callee', refused: 486 },
    { by: 'caller', refused: 0 },
  ]);
});

test('bridge: without an offer there is nothing to carry over, and the plugin may end what it has connected', async () => {
  const { server, seen, alice, bob } = await serving();
  await using _closing = server;
  await alice.invite('desk', { body: '' }).expect(488, { headers: { Warning: /needs the offer of the caller/ } });
  const call = alice.invite('desk');
  const taken = await bob.expect('INVITE').answer(200);
  await call.expect(200).ack();
  seen.bridge?.end();
  await taken.expect('BYE');
  await call.expect('BYE');
  expect(seen.ends).toEqual([{ by: 'bridge', refused: 0 }]);
});

test('respond and proxy: an answer with headers, and a request that others route', async () => {
  const { server, alice, bob } = await serving();
  await using _closing = server;
  const sent = alice.message('bob', 'hi');
  await bob.expect('MESSAGE', { body: 'hi' }).answer(200);
  await sent.expect(200);
  await bob.unregister();
  await alice.invite('desk').expect(480, { headers: { 'Retry-After': '30' } });
});

test('fork: to all at once, or one after the other', async () => {
  const { server, alice, bob } = await serving();
  await using _closing = server;
  const carol = await server.endpoint('carol').register();
  const both = alice.message('all', 'all of you');
  await bob.expect('MESSAGE').answer(404);
  await carol.expect('MESSAGE').answer(200);
  await both.expect(200);
  const one = alice.message('first', 'whoever is there');
  const atBob = await bob.expect('MESSAGE');
  await carol.expectNothing();
  atBob.answer(480);
  await carol.expect('MESSAGE').answer(200);
  await one.expect(200);
});

test('notify: a subscriber is told the state now and when it changes, until it has enough', async () => {
  const { server, seen, alice } = await serving();
  await using _closing = server;
  const subscription = alice.subscribe('bob', 'test');
  await subscription.expect(200, { headers: { Expires: '60' } });
  await subscription.expect('NOTIFY', { body: 'first', headers: { 'Subscription-State': /^active/ } });
  seen.change?.('second');
  await subscription.expect('NOTIFY', { body: 'second' });
  await subscription.unsubscribe().expect(200);
  await subscription.expect('NOTIFY', { headers: { 'Subscription-State': /^terminated/ } });
  expect(seen.subscriptionEnd).toBe('unsubscribed');
});

test('subscribe: the server is told by somebody else', async () => {
  const { server, seen, alice, bob } = await serving();
  await using _closing = server;
  const asked = alice.message('watch', 'bob');
  const subscribed = await bob.expect('SUBSCRIBE', { headers: { Event: 'test', Expires: '3600' } }).answer(200);
  await asked.expect(202);
  const headers = { Event: 'test', 'Subscription-State': 'active;expires=3600' };
  await subscribed.send('NOTIFY', { headers, body: 'busy' }).expect(200);
  expect(seen.notified).toEqual(['busy']);
  await subscribed.send('NOTIFY', { headers: { ...headers, 'Subscription-State': 'terminated;reason=noresource' } }).expect(200);
});
