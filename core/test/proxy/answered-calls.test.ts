/** What the server does for half a minute after a call was answered, when it has let go of the call. RFC 6026 section 7. */
import { expect, test } from 'vitest';
import type { SipRequest } from '../../src/sip/index.ts';
import { ProxyWorld } from './world.ts';
import type { Phone } from './world.ts';

const BOB = 'sip:bob@example.com';
const NOTHING = { server: { invite: 0, nonInvite: 0 }, client: { invite: 0, nonInvite: 0 } };

/** A call that rang at all of `hosts` and was answered by the first. */
function answered(hosts: readonly string[] = ['10.0.0.21'], transport: 'UDP' | 'TCP' = 'UDP') {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10', transport);
  const bobs = hosts.map((host) => world.phone(host, transport));
  world.route = () => [bobs.map((bob) => ({ uri: bob.contact, flow: world.flowTo(bob) }))];
  const invite = alice.send('INVITE', BOB);
  for (const bob of bobs) bob.answer(180);
  const [bob] = bobs as [Phone];
  bob.answer(200);
  return { world, alice, bob, bobs, invite };
}

const oks = ({ responses }: Phone, invite: SipRequest): number =>
  responses.filter(({ status, cseq }) => status === 200 && cseq.method === invite.method).length;

test('an answered call has no transaction and no object of its own any more, and is forgotten when timers L and M would have run out', () => {
  const { world } = answered();
  expect(world.transactions.size).toEqual({ ...NOTHING, answeredCalls: 1 });
  world.pass(31_900);
  expect(world.transactions.size.answeredCalls).toBe(1);
  world.pass(8000);
  expect(world.transactions.size.answeredCalls).toBe(0);
  expect(world.clock.timers.size).toBe(0);
});

test.for(['UDP', 'TCP'] as const)('RFC 6026 7.2: over %s a repeated 200 goes to the caller, for 64*T1 and no longer', (transport) => {
  const { world, alice, bob, invite } = answered(['10.0.0.21'], transport);
  bob.answer(200);
  world.pass(31_000);
  bob.answer(200);
  expect(oks(alice, invite)).toBe(3);
  expect(alice.responses.at(-1)?.first('Via')).toBe(invite.first('Via'));
  expect(alice.responses.at(-1)?.all('Via')).toHaveLength(1);
  world.pass(2000);
  bob.answer(200);
  expect(oks(alice, invite)).toBe(3);
  expect(world.transactions.counters.strayResponses).toBe(1);
});

test('only 2xx are passed on after a 200', () => {
  const { alice, bob } = answered();
  bob.answer(180);
  bob.answer(486);
  expect(alice.statuses).toEqual([180, 200]);
});

test('a 200 from elsewhere than the call was answered goes nowhere', () => {
  const { world, alice, bob, invite } = answered();
  const mallory = world.phone('10.0.0.66');
  const [received] = bob.requests as [SipRequest];
  mallory.pretend(received);
  mallory.answer(200);
  expect(oks(alice, invite)).toBe(1);
  expect(world.transactions.counters.foreignResponses).toBe(1);
});

test('RFC 6026 7.1: a copy of the INVITE is absorbed, and rings nowhere a second time', () => {
  const { world, alice, bob, invite } = answered();
  alice.write(invite);
  expect(bob.methods).toEqual(['INVITE']);
  expect(alice.statuses).toEqual([180, 200]);
  expect(world.transactions.counters.absorbed).toBe(1);
});

test('RFC 3261 9.2: a CANCEL that comes too late gets its 200, twice the same, and cancels nothing', () => {
  const { alice, bob, invite } = answered();
  alice.cancel(invite);
  alice.cancel(invite);
  const [first, second] = alice.responses.filter((response) => response.cseq.method === 'CANCEL');
  expect([first?.status, second?.status]).toEqual([200, 200]);
  expect(first?.to.tag).toBe(second?.to.tag);
  expect(bob.methods).toEqual(['INVITE']);
});

test('a CANCEL of somebody else is no business of the call', () => {
  const { world, invite } = answered();
  const mallory = world.phone('10.0.0.66');
  mallory.cancel(invite);
  expect(mallory.statuses).toEqual([481]);
});

test('while another phone may still answer the call is kept; then each phone can answer once more', () => {
  const { world, alice, bobs, invite } = answered(['10.0.0.21', '10.0.0.22', '10.0.0.23']);
  expect(world.transactions.size.answeredCalls).toBe(0);
  bobs[1]?.answer(200, 'INVITE');
  bobs[2]?.answer(487, 'INVITE');
  expect(world.transactions.size.answeredCalls).toBe(1);
  bobs[0]?.answer(200, 'INVITE');
  bobs[1]?.answer(200, 'INVITE');
  expect(oks(alice, invite)).toBe(4);
});
