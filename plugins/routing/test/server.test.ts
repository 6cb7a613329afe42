/** Routing in a whole server: endpoints of users, refusals on the wire, other servers. */
import { expect, test } from 'vitest';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import plugin from '../src/plugin.ts';

const USERS = ['alice', { name: 'bob', phones: ['+14255550101'] }, { name: 'dora', enabled: false }];

const serving = (config: Parameters<typeof plugin>[0] = {}): Promise<TestServer> =>
  testServer({ plugins: [directory(), registrar(), plugin(config)], users: USERS });

test('MS-SIPRE 4.2: all endpoints of a user ring, and stop when one answers', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob', epid: '1b' }).register();
  const mobile = await server.endpoint('mobile', { user: 'bob', epid: '2c', transport: 'udp' }).register();
  const call = alice.invite('bob');
  await desk.expect('INVITE').answer(180);
  await call.expect(180);
  const taken = await mobile.expect('INVITE', { headers: { To: /;epid=2c$/ } }).answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  await desk.expect('CANCEL');
  await taken.bye().expect(200);
  await call.expect('BYE');
});

test('MS-SIPRE R4: a GRUU rings its endpoint and no other', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob', epid: '0011223344' }).register();
  const mobile = server.endpoint('mobile', { user: 'bob', epid: '5566778899' });
  const registered = await mobile.registering({ headers: { Supported: 'gruu-10' } }).expect(200);
  const gruu = /;gruu="([^"]+)"/.exec(registered.all('Contact').find((contact) => contact.includes(mobile.address)) ?? '')?.[1];
  expect(gruu).toContain(';opaque=user:epid:');
  const sent = alice.message(gruu ?? '', 'only you');
  await mobile.expect('MESSAGE').answer(200);
  await sent.expect(200);
  await desk.expectNothing();
});

test('MS-SIPRE R21: who is not there is not found, and the answer says why', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const said = (id: number): { headers: Record<string, RegExp> } => ({ headers: { 'ms-diagnostics': new RegExp(`^${id};reason="`) } });
  await alice.invite('ghost').expect(404, said(1003));
  await alice.invite('dora').expect(404);
  await alice.invite('bob').expect(480);
  await alice.invite('carol@example.org').expect(403);
  await server.endpoint('eve', { user: 'alice', trusted: false }).invite('bob').expect(403);
});

test('MS-SIPRE R18: a phone number of a user is that user', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('sip:+14255550101@example.com;user=phone');
  await bob.expect('INVITE').answer(486);
  await call.expect(486);
});

test('a busy endpoint is no longer asked when the caller gives up', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(180);
  await call.expect(180);
  await server.advance('10s');
  call.cancel();
  await call.expect(487);
  await bob.expect('CANCEL');
});

test('a message for another domain goes to its server, when that is allowed', async () => {
  await using server = await serving({ outbound: ['example.org'] });
  const peer = await server.peer('example.org', { transport: 'udp' });
  const alice = await server.endpoint('alice').register();
  const sent = alice.message('carol@example.org', 'hello');
  await peer.expect('MESSAGE', { uri: 'sip:carol@example.org', within: '1s' }).answer(202);
  await sent.expect(202);
});
