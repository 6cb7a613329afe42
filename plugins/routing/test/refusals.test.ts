/** What is not delivered, and what its sender is told. [MS-SIPRE] section 10. */
import { expect, test } from 'vitest';
import { overloaded, testServer } from '@parley/sdk/testkit';
import { RoutingConfig } from '../src/config.ts';
import { serving } from './serving.ts';

test('MS-SIPRE R21: who is not there is not found, and the answer says why', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  await alice.invite('ghost').expect(404, {
    headers: {
      Warning: '399 uc.example.com "ghost@example.com does not exist"',
      'ms-diagnostics': '1003;reason="ghost@example.com does not exist";source="uc.example.com"',
    },
  });
  await alice.invite('dora').expect(404, { headers: { 'ms-diagnostics': /^1003;/ } });
  await alice.invite('bob').expect(480, { headers: { 'ms-diagnostics': /^1006;/ } });
});

test('MS-SIPRE 3.3: a service that no plugin has claimed is not found', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  await server.endpoint('bob').register();
  for (const opaque of ['app:voicemail', 'srvr:MRAS:1']) await alice.invite(`sip:bob@example.com;opaque=${opaque};gruu`).expect(404);
});

test('what is addressed to the server itself is refused as it should be', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  await alice.invite('sip:example.com').expect(405, { headers: { Allow: /^INVITE, ACK, CANCEL, BYE, / } });
  await alice.invite('sip:192.0.2.1').expect(405);
  await alice.invite('sip:uc.example.com').expect(405);
  await alice.invite('sip:bob@192.0.2.1').expect(404);
  await alice.invite('http://example.com/').expect(416);
});

test('MS-SIPRE 4.2: SUBSCRIBE, SERVICE, PUBLISH and BENOTIFY are never delivered to endpoints', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  await alice.send('SUBSCRIBE', 'bob', { headers: { Event: 'sla' } }).expect(489);
  await alice.send('SUBSCRIBE', 'ghost', { headers: { Event: 'sla' } }).expect(404);
  await alice.send('SERVICE', 'bob').expect(405);
  await alice.send('PUBLISH', 'bob').expect(405);
  alice.send('BENOTIFY', 'bob');
  await bob.expectNothing();
});

test('MS-SIPREGE R11: a 489 lists the events that somebody here notifies of', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const headers = { 'Allow-Events': 'reg', Warning: /nobody here notifies of dialog/ };
  await alice.send('SUBSCRIBE', 'bob', { headers: { Event: 'dialog;sla' } }).expect(489, { headers });
  await alice.send('SUBSCRIBE', 'sip:example.com', { headers: { Event: 'dialog' } }).expect(489, { headers });
});

const STRANGER = '<sip:eve@example.org>';
const OURS = '<sip:alice@example.com>';

test.each([
  ['a stranger', {}, STRANGER, 'delivered'],
  ['a stranger, where none are wanted', { inbound: 'deny' }, STRANGER, 403],
  ['one of ours whom nobody has authenticated', {}, OURS, 403],
  ['the same in capitals', {}, '<sip:alice@EXAMPLE.com>', 403],
  ['a number that nobody has authenticated', {}, '<tel:+15551234>', 403],
  ['one of ours, where nobody has to be authenticated', { requireAuthentication: false }, OURS, 'delivered'],
] as const)('a request of %s', async (_, config, from, outcome) => {
  await using server = await serving(config);
  const bob = await server.endpoint('bob').register();
  const sent = server.endpoint('eve', { trusted: false }).message('bob', 'hello', { from });
  if (outcome === 'delivered') await bob.expect('MESSAGE').answer(200);
  await sent.expect(outcome === 'delivered' ? 200 : outcome);
  await bob.expectNothing();
});

test('a server with too much to do says when to come back', async () => {
  await using server = await testServer({ plugins: [overloaded(new URL('../routes.am', import.meta.url))] });
  await server
    .endpoint('alice')
    .invite('bob')
    .expect(503, { headers: { 'Retry-After': '30' } });
});

test('a misspelt or malformed option is refused by name', () => {
  expect(() => RoutingConfig.parse({ outbounds: 'allow' })).toThrow(/outbounds/);
  expect(() => RoutingConfig.parse({ outbound: ['*'] })).toThrow(/outbound/);
});
