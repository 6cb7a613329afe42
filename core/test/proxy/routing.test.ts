import { expect, test } from 'vitest';
import { H } from '../../src/sip/index.ts';
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import { PROXY, ProxyWorld } from './world.ts';
import type { Phone } from './world.ts';

const BOB = 'sip:bob@example.com';

interface Call {
  readonly world: ProxyWorld;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly ok: SipResponse;
  readonly delivered: SipRequest;
}

/** Alice has called Bob and he has answered. `bobContact`: what Bob believes his own address to be. */
function established(alice: 'UDP' | 'TCP', bob: 'UDP' | 'TCP', bobContact?: string, headers: Record<string, string> = {}): Call {
  const world = new ProxyWorld();
  const caller = world.phone('10.0.0.10', alice, alice === 'TCP' ? '192.168.7.7' : undefined);
  const callee = world.phone('10.0.0.21', bob, bobContact);
  const flow = world.flowTo(callee);
  world.route = () => [[{ uri: callee.contact, flow }]];
  caller.send('INVITE', BOB, headers);
  callee.answer(200);
  return { world, alice: caller, bob: callee, ok: caller.responses.at(-1) as SipResponse, delivered: callee.requests[0] as SipRequest };
}

test.each([
  ['UDP', 'UDP', undefined],
  ['TCP', 'TCP', '192.168.1.5'],
  ['UDP', 'TCP', '192.168.1.5'],
  ['TCP', 'UDP', undefined],
  ['UDP', 'UDP', '192.168.1.5'],
] as const)(
  'a call from %s to %s (which calls itself %s): ACK, BYE both ways and a re-INVITE find their way by the route set',
  (from, to, contact) => {
    const { alice, bob, ok, delivered } = established(from, to, contact);
    alice.sendInDialog('ACK', ok, 1);
    expect(bob.methods).toEqual(['INVITE', 'ACK']);
    bob.sendInDialog('INVITE', delivered, 101);
    expect(alice.methods).toEqual(['INVITE']);
    alice.answer(200);
    expect(bob.statuses.at(-1)).toBe(200);
    bob.sendInDialog('BYE', delivered, 102);
    alice.answer(200);
    alice.sendInDialog('BYE', ok, 2);
    bob.answer(200, 'BYE');
    expect(alice.methods).toEqual(['INVITE', 'BYE']);
    expect(bob.methods.at(-1)).toBe('BYE');
    expect(alice.statuses.at(-1)).toBe(200);
  },
);

test('a Record-Route has a value that each side can reach: one for the same transport, two for different ones', () => {
  expect(established('UDP', 'UDP').delivered.recordRoutes).toHaveLength(1);
  const both = established('UDP', 'TCP').delivered.recordRoutes.map((value) => value.uri.params.get('transport'));
  expect(both).toEqual(['tcp', 'udp']);
});

test('[MS-SIPRE] R8: a Route with another signature is refused with 403', () => {
  const { alice, bob, ok } = established('TCP', 'TCP');
  const forged = (ok.first(H.RecordRoute) ?? '').replace(/ms-route-sig=./, 'ms-route-sig=_');
  alice.send('BYE', bob.contact, { Route: forged, To: ok.first(H.To) ?? '' });
  expect(alice.statuses.at(-1)).toBe(403);
  expect(bob.methods).toEqual(['INVITE']);
});

test('a Route of another call is refused with 403', () => {
  const { alice, bob, ok } = established('TCP', 'TCP');
  alice.send('BYE', bob.contact, { Route: ok.first(H.RecordRoute) ?? '', To: ok.first(H.To) ?? '', 'Call-ID': 'call-2' });
  expect(alice.statuses.at(-1)).toBe(403);
});

test('[MS-SIPRE] R4: a BYE to an endpoint whose connection is gone gets 480', () => {
  const { world, alice, bob, ok } = established('TCP', 'TCP');
  world.flowTo(bob).close('gone');
  alice.sendInDialog('BYE', ok, 2);
  expect(alice.statuses.at(-1)).toBe(480);
});

test('RFC 3261 16.9: a connection that fails under the request is answered like a 503 from the next hop', async () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const bob = world.phone('10.0.0.21', 'TCP');
  const flow = world.flowTo(bob);
  world.route = () => [[{ uri: bob.contact, flow }]];
  alice.send('MESSAGE', BOB);
  flow.close('gone');
  await Promise.resolve();
  world.pass();
  expect(alice.statuses).toEqual([500]);
});

test('a client that comes back on a new connection still reaches the other side of its dialog', () => {
  const { world, alice, bob, ok } = established('TCP', 'UDP');
  alice.flow.close();
  const again = world.phone('10.0.0.10', 'TCP', '192.168.7.7');
  again.sendInDialog('BYE', ok, 2);
  expect(bob.methods.at(-1)).toBe('BYE');
});

test('a request that no application has claimed is not relayed: this server is no open proxy', () => {
  const world = new ProxyWorld();
  const mallory = world.phone('10.0.0.66');
  const victim = world.phone('10.0.0.77');
  mallory.send('MESSAGE', 'sip:x@10.0.0.77');
  mallory.send('MESSAGE', BOB, { Route: `<sip:${PROXY};lr>, <sip:10.0.0.77;lr>` });
  expect(mallory.statuses).toEqual([403, 403]);
  expect(victim.methods).toEqual([]);
});

test('a request for this server itself that nobody claims gets 404', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  alice.send('MESSAGE', `sip:nobody@${PROXY}`);
  expect(alice.statuses).toEqual([404]);
});

test('RFC 3261 16.3: Max-Forwards 0 gets 483, and each hop lowers it by one', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const bob = world.phone('10.0.0.21');
  world.route = () => [[{ uri: bob.contact, flow: world.flowTo(bob) }]];
  alice.send('MESSAGE', BOB, { 'Max-Forwards': '0' });
  alice.send('MESSAGE', BOB, { 'Max-Forwards': '7' });
  expect(alice.statuses).toEqual([483]);
  expect(bob.requests[0]?.maxForwards).toBe(6);
});

test('RFC 3261 16.3: an unknown Proxy-Require gets 420, an unroutable scheme 416', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  alice.send('MESSAGE', BOB, { 'Proxy-Require': 'nothing-we-know' });
  alice.send('MESSAGE', 'nobodyKnowsThisScheme:totallyopaquecontent');
  expect(alice.statuses).toEqual([420, 416]);
});

test('RFC 5393: a request that comes back unchanged gets 482; one that was retargeted in between may pass again', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const elsewhere = world.phone('10.0.0.50');
  world.route = () => [[{ flow: world.flowTo(elsewhere) }]];
  alice.send('MESSAGE', BOB);
  const looped = elsewhere.requests[0] as SipRequest;
  looped.prepend(H.Via, 'SIP/2.0/UDP 10.0.0.50:5060;branch=z9hG4bKelse1');
  elsewhere.write(looped);
  expect(elsewhere.statuses).toEqual([482]);
  const spiral = looped.clone();
  spiral.uri = 'sip:carol@example.com';
  spiral.shift(H.Via);
  spiral.prepend(H.Via, 'SIP/2.0/UDP 10.0.0.50:5060;branch=z9hG4bKelse2');
  elsewhere.write(spiral);
  expect(elsewhere.methods).toEqual(['MESSAGE', 'MESSAGE']);
});

test('RFC 3261 16.4: a strict router put our Record-Route into the Request-URI; the real target is the last Route', () => {
  const { alice, bob, ok } = established('UDP', 'UDP');
  const own = (ok.recordRoutes[0]?.uri.toString() ?? '').replace(';lr', '');
  alice.send('BYE', own, { Route: `<${bob.contact}>`, To: ok.first(H.To) ?? '' });
  expect(bob.requests.at(-1)?.uri).toBe(bob.contact);
  expect(bob.requests.at(-1)?.has(H.Route)).toBe(false);
});

test('RFC 3261 16.6 step 6: a next hop without lr finds its own URI in the Request-URI and the target as the last Route', () => {
  const { alice, bob, world, ok } = established('UDP', 'UDP');
  const strict = world.phone('10.0.0.90');
  alice.send('BYE', bob.contact, {
    Route: `${ok.first(H.RecordRoute) ?? ''}, <sip:10.0.0.90>, <sip:10.0.0.91;lr>`,
    To: ok.first(H.To) ?? '',
  });
  const came = strict.requests[0];
  expect(came?.uri).toBe('sip:10.0.0.90');
  expect(came?.list(H.Route)).toEqual(['<sip:10.0.0.91;lr>', `<${bob.contact}>`]);
});

test('RFC 3263 4.3: when the first server of a domain answers 503 or not at all, the next one gets the request', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const servers = ['10.0.0.31', '10.0.0.32', '10.0.0.33'].map((host) => world.phone(host));
  world.names.set(
    'elsewhere.example',
    servers.map(({ host }) => ({ transport: 'UDP', host, port: 5060 })),
  );
  world.route = () => [[{ uri: 'sip:x@elsewhere.example' }]];
  alice.send('INVITE', 'sip:x@elsewhere.example');
  servers[0]?.answer(503);
  expect(servers[1]?.methods).toEqual(['INVITE']);
  world.pass(33_000);
  expect(servers[2]?.methods[0]).toBe('INVITE');
  servers[2]?.answer(200);
  expect(alice.statuses.at(-1)).toBe(200);
  expect(servers[2]?.requests[0]?.count(H.Via)).toBe(2);
});

test('a domain whose last server answers 503 gives the caller 500, one that cannot be found 503', async () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const server = world.phone('10.0.0.31');
  world.route = (request) => [[{ uri: request.uri }]];
  alice.send('MESSAGE', 'sip:x@10.0.0.31');
  server.answer(503);
  expect(alice.statuses).toEqual([500]);
});

test('MS-OCER R2: the 500 that takes the place of a relayed 503 says why as that did', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const server = world.phone('10.0.0.31');
  world.route = (request) => [[{ uri: request.uri }]];
  alice.send('MESSAGE', 'sip:x@10.0.0.31');
  server.answer(503, 'MESSAGE', {
    'ms-diagnostics': '1007;reason="Temporarily cannot route";source="far.example.org"',
    'ms-diagnostics-public': '1007;reason="x"',
  });
  expect(alice.responses.at(-1)?.all(H.MSDiagnostics)).toEqual(['1007;reason="Temporarily cannot route";source="far.example.org"']);
  expect(alice.responses.at(-1)?.all(H.MSDiagnosticsPublic)).toEqual(['1007;reason="x"']);
});

test('a Route of commas alone is no Route', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  alice.send('MESSAGE', `sip:nobody@${PROXY}`, { Route: ',' });
  expect(alice.statuses).toEqual([404]);
});
