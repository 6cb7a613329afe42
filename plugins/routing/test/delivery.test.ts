/** Which endpoints of a user get a request. [MS-SIPRE] sections 3.3, 4.2, 4.3. */
import { expect, test } from 'vitest';
import { endpointGruu, instanceOfEpid } from '@parley/sdk';
import registrar from '@parley/plugin-registrar';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, Sent } from '@parley/sdk/testkit';
import plugin from '../src/plugin.ts';
import { serving } from './serving.ts';

/** All of these get it. */
async function reaches(sent: Sent, ...endpoints: readonly Endpoint[]): Promise<void> {
  const received = await Promise.all(endpoints.map((endpoint) => endpoint.expect(sent.request.method)));
  for (const request of received) request.answer(486);
  await sent.expect(486);
}

test('MS-SIPRE 4.2: all endpoints of a user ring, and stop when one answers', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob', epid: '1b' }).register();
  const mobile = await server.endpoint('mobile', { user: 'bob', epid: '2c', transport: 'udp' }).register();
  const call = alice.invite('sip:Bob@Example.COM;transport=tls');
  await desk.expect('INVITE').answer(180);
  await call.expect(180);
  const taken = await mobile.expect('INVITE', { headers: { To: /;epid=2c$/ } }).answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  await desk.expect('CANCEL');
  await taken.bye().expect(200);
  await call.expect('BYE');
});

test('MS-SIPRE 4.2: only endpoints that list the method get a request', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = server.endpoint('desk', { user: 'bob', transport: 'udp' });
  await desk.registering({ headers: { Contact: '<sip:bob@192.0.2.12>;methods="INVITE, MESSAGE, BYE"' } }).expect(200);
  const mobile = await server.endpoint('mobile', { user: 'bob' }).register();
  await reaches(alice.send('OPTIONS', 'bob'), mobile);
  await desk.expectNothing();
  await mobile.unregister();
  await alice.send('OPTIONS', 'bob').expect(480, { headers: { 'ms-diagnostics': /no endpoint of bob@example\.com takes OPTIONS/ } });
  await reaches(alice.message('bob', 'you do'), desk);
});

test('a request of any method is delivered, and an ACK outside of calls', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  for (const method of ['INFO', 'UPDATE', 'DANCE']) await reaches(alice.send(method, 'bob'), bob);
  const ack = [
    'ACK sip:bob@example.com SIP/2.0',
    `Via: SIP/2.0/TLS ${alice.address};branch=z9hG4bK1`,
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:bob@example.com>',
    'Call-ID: 1',
    'CSeq: 1 ACK',
    'Max-Forwards: 70',
  ];
  await alice.write(`${ack.join('\n')}\n\n`);
  await bob.expect('ACK');
});

test('a request in a call follows the route of the call, wherever its user is registered now', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  const taken = await bob.expect('INVITE').answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  await bob.unregister();
  await call.bye().expect(200);
});

test('RFC 3261 20.10: an endpoint of a lower q is another try, not another branch', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const mobile = server.endpoint('mobile', { user: 'bob', transport: 'udp' });
  await mobile.registering({ headers: { Contact: '<sip:bob@192.0.2.12>;q=0.5' } }).expect(200);
  const desk = await server.endpoint('desk', { user: 'bob' }).register();
  const call = alice.invite('bob');
  await desk.expect('INVITE').answer(480);
  await mobile.expect('INVITE').answer(486);
  await call.expect('4xx');
});

test('MS-SIPRE R4: a GRUU reaches its endpoint and no other', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob', epid: '0011223344' }).register();
  const mobile = server.endpoint('mobile', { user: 'bob', epid: '5566778899' });
  const registered = await mobile.registering({ headers: { Supported: 'gruu-10' } }).expect(200);
  const gruu = /;gruu="([^"]+)"/.exec(registered.all('Contact').find((contact) => contact.includes(mobile.address)) ?? '')?.[1] ?? '';
  expect(gruu).toContain(';opaque=user:epid:');
  await reaches(alice.message(gruu, 'only you'), mobile);
  await desk.expectNothing();
  await mobile.unregister();
  await alice.message(gruu, 'and now?').expect(480);
  await alice.message(endpointGruu('ghost@example.com', instanceOfEpid('0011223344')), 'who?').expect(404);
});

test('what is addressed to a registered contact is delivered to that endpoint', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob' }).register();
  const mobile = await server.endpoint('mobile', { user: 'bob' }).register();
  await reaches(alice.message(`sip:bob@${mobile.address}`, 'only you'), mobile);
  await desk.expectNothing();
  await server.endpoint('eve', { user: 'alice', trusted: false }).message(`sip:bob@${mobile.address}`, 'me too').expect(403);
});

test.each([
  ['by their epid', { epid: '0a' }, { epid: '0b' }],
  ['by their connection', {}, {}],
])('MS-SIPRE 4.3: who calls herself does not ring the endpoint that she calls from, known %s', async (_, here, there) => {
  await using server = await serving();
  const desk = await server.endpoint('desk', { user: 'alice', ...here }).register();
  await desk.invite('alice').expect(480);
  const mobile = await server.endpoint('mobile', { user: 'alice', ...there }).register();
  await reaches(desk.invite('alice'), mobile);
  await desk.expectNothing();
});

test('MS-SIPRE R18: a phone number of a user is that user', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  for (const number of ['sip:+14255550101@example.com;user=phone', 'sip:+14255550101@example.com', 'tel:+14255550101']) {
    await reaches(alice.invite(number), bob);
  }
  await alice.invite('sip:+14255550199@example.com;user=phone').expect(404);
  await alice.invite('tel:+14255550199').expect(404);
});

test('RFC 5626 5.3: of two flows of one instance the last refreshed is used', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const flow = async (name: string, instance: string, regId: number): Promise<Endpoint> => {
    const endpoint = server.endpoint(name, { user: 'bob', transport: 'tcp' });
    const contact = `<sip:bob@192.0.2.99;ob>;+sip.instance="<urn:uuid:${instance}>";reg-id=${regId}`;
    await endpoint.registering({ headers: { Contact: contact, Supported: 'outbound' } }).expect(200, { headers: { Require: 'outbound' } });
    await server.advance('1s');
    return endpoint;
  };
  const [x, y] = [instanceOfEpid('0a'), instanceOfEpid('0b')];
  const others = [await flow('other', y, 1), await server.endpoint('mobile', { user: 'bob' }).register()];
  const [first, second] = [await flow('first', x, 1), await flow('second', x, 2)];
  await reaches(alice.invite('bob'), second, ...others);
  await first.expectNothing();
});

test('one request goes to no more endpoints than allowed', async () => {
  await using server = await serving({ maxBranches: 2 });
  const alice = await server.endpoint('alice').register();
  const bobs: Endpoint[] = [];
  for (const name of ['first', 'second', 'third']) bobs.push(await server.endpoint(name, { user: 'bob' }).register());
  await reaches(alice.invite('bob'), ...bobs.slice(0, 2));
  await bobs[2]?.expectNothing();
});

test('an endpoint whose connection went with a restart counts as not signed in', async () => {
  await using server = await serving();
  await server.endpoint('bob').register();
  await server.restart();
  const alice = await server.endpoint('alice').register();
  await alice.invite('bob').expect(480);
});

test('an endpoint is no longer asked when the caller gives up', async () => {
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

test('MS-SIPRE 4.1: History-Info is added to an INVITE where it is wanted and not there', async () => {
  const HISTORY = '<sip:carol@example.com>;index=1';
  for (const [wanted, sent, found] of [
    [false, undefined, undefined],
    [true, undefined, '<sip:bob@example.com>;index=1'],
    [true, HISTORY, HISTORY],
  ] as const) {
    await using server = await serving({ historyInfo: wanted });
    const alice = await server.endpoint('alice').register();
    const bob = await server.endpoint('bob').register();
    const call = alice.invite('bob', { headers: sent === undefined ? {} : { 'History-Info': sent } });
    const { request } = await bob.expect('INVITE').answer(486);
    expect(request.all('History-Info')).toEqual(found === undefined ? [] : [found]);
    await call.expect(486);
  }
});

test('for load tests whoever is registered is a user', async () => {
  await using server = await testServer({ plugins: [registrar({ users: 'any' }), plugin({ users: 'any' })] });
  const caller = await server.endpoint('user1').register();
  const callee = await server.endpoint('user2').register();
  await reaches(caller.invite('user2'), callee);
  await caller.invite('user3').expect(480);
  await caller.invite('tel:+14255550101').expect(404);
});
