/** Large requests to other servers, through a whole server. RFC 3261 section 18.1.1. */
import { expect, test } from 'vitest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { testServer } from '@parley/sdk/testkit';
import routing from '../src/plugin.ts';

const plugins = [directory(), registrar(), routing({ outbound: 'allow' })];
const CAROL = 'sip:carol@sip.example.org';
const LONG = 'x'.repeat(1_500);

test.each([
  ['by TCP to a server that takes it', 'tcp', 'SIP/2.0/TCP'],
  ['in a datagram to one that refuses TCP', 'udp', 'SIP/2.0/UDP'],
] as const)('RFC 3261 18.1.1: a large request goes %s, and its answer finds back', async (_how, transport, via) => {
  await using server = await testServer({ plugins, users: ['alice'] });
  const alice = await server.endpoint('alice', { transport: 'udp' }).register();
  const peer = await server.peer('sip.example.org', { transport });
  const sent = alice.message(CAROL, LONG);
  const received = await peer.expect('MESSAGE');
  expect(received.header('Via')).toContain(via);
  expect(received.body).toBe(LONG);
  received.answer(200);
  const response = await sent.expect(200);
  expect(response.topVia.transport).toBe('UDP');
});

test('RFC 3261 18.1.1: a small one goes in a datagram, also to a server that takes TCP alone', async () => {
  await using server = await testServer({ plugins, users: ['alice'] });
  const alice = await server.endpoint('alice').register();
  const peer = await server.peer('sip.example.org', { transport: 'tcp' });
  alice.message(CAROL, 'short');
  await peer.expectNothing('MESSAGE');
  expect(server.messages.some(({ message }) => message?.topVia.transport === 'TCP')).toBe(false);
});

test('a user who registered over UDP gets large requests there', async () => {
  await using server = await testServer({ plugins, users: ['alice', 'bob'] });
  const alice = await server.endpoint('alice', { transport: 'tls' }).register();
  const bob = await server.endpoint('bob', { transport: 'udp' }).register();
  const sent = alice.message('bob', LONG);
  const received = await bob.expect('MESSAGE');
  expect(received.header('Via')).toContain('SIP/2.0/UDP');
  received.answer(200);
  await sent.expect(200);
});
