/** Requests to the servers of other domains. RFC 3261 section 16.5, and section 18.1.1 for large ones. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serving } from './serving.ts';

const CAROL = 'sip:carol@example.org';
const LIST = ['Example.org', '*.example.net'];

test.each([
  ['deny', undefined, CAROL],
  ['allow', CAROL, undefined],
  [LIST, CAROL, 'sip:carol@example.net'],
  [LIST, 'sip:carol@EXAMPLE.ORG:5060', 'sip:carol@notexample.org'],
  [LIST, 'sip:carol@sip.example.net', 'sip:carol@badexample.net'],
] as const)('outbound %s lets %s through, and %s not', async (outbound, goes, stays) => {
  await using server = await serving({ outbound: typeof outbound === 'string' ? outbound : [...outbound] });
  const alice = await server.endpoint('alice').register();
  if (stays !== undefined) await alice.message(stays, 'hello').expect(403, { headers: { 'ms-diagnostics': /^1002;/ } });
  if (goes === undefined) return;
  const host = /@([^:]+)/.exec(goes)?.[1]?.toLowerCase() ?? '';
  const peer = await server.peer(host, { transport: 'udp' });
  const sent = alice.message(goes, 'hello');
  await peer.expect('MESSAGE', { uri: goes }).answer(202);
  await sent.expect(202);
});

test('nothing is relayed for senders whom nobody knows', async () => {
  await using server = await serving({ outbound: 'allow' });
  const peer = await server.peer('example.org');
  const eve = server.endpoint('eve', { trusted: false });
  await eve.message(CAROL, 'hello', { from: '<sip:eve@example.net>' }).expect(403);
  await eve.message(CAROL, 'hello', { from: '<sip:alice@example.com>' }).expect(403);
  await peer.expectNothing();
});

test('MSPL R51: what an application before has routed is not routed again', async () => {
  const extra = [fileURLToPath(new URL('elsewhere.am', import.meta.url))];
  await using server = await serving({}, { config: { scripts: { extra } } });
  const gateway = await server.peer('gateway.example.net', { transport: 'udp' });
  const alice = await server.endpoint('alice').register();
  const sent = alice.message('sip:somebody@example.org', 'hello');
  await gateway.expect('MESSAGE').answer(200);
  await sent.expect(200);
  await alice.message(CAROL, 'hello').expect(403);
});

const LONG = 'x'.repeat(1_500);

test.each([
  ['by TCP to a server that takes it', 'tcp', 'SIP/2.0/TCP'],
  ['in a datagram to one that refuses TCP', 'udp', 'SIP/2.0/UDP'],
] as const)('RFC 3261 18.1.1: a large request goes %s, and its answer finds back', async (_how, transport, via) => {
  await using server = await serving({ outbound: 'allow' });
  const alice = await server.endpoint('alice', { transport: 'udp' }).register();
  const peer = await server.peer('example.org', { transport });
  const sent = alice.message(CAROL, LONG);
  const received = await peer.expect('MESSAGE');
  expect(received.header('Via')).toContain(via);
  expect(received.body).toBe(LONG);
  received.answer(200);
  const response = await sent.expect(200);
  expect(response.topVia.transport).toBe('UDP');
});

test('RFC 3261 18.1.1: a small one goes in a datagram, also to a server that takes TCP alone', async () => {
  await using server = await serving({ outbound: 'allow' });
  const alice = await server.endpoint('alice').register();
  const peer = await server.peer('example.org', { transport: 'tcp' });
  alice.message(CAROL, 'short');
  await peer.expectNothing('MESSAGE');
  expect(server.messages.some(({ message }) => message?.topVia.transport === 'TCP')).toBe(false);
});

test('a user who registered over UDP gets large requests there', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice', { transport: 'tls' }).register();
  const bob = await server.endpoint('bob', { transport: 'udp' }).register();
  const sent = alice.message('bob', LONG);
  const received = await bob.expect('MESSAGE');
  expect(received.header('Via')).toContain('SIP/2.0/UDP');
  received.answer(200);
  await sent.expect(200);
});
