import { expect, test } from 'vitest';
import { H } from '../../src/sip/index.ts';
import { ProxyWorld } from './world.ts';
import type { Phone } from './world.ts';

const BOB = 'sip:bob@example.com';

/** Alice calls Bob, who has these phones: groups in the order of their q. */
function call(groups: (world: ProxyWorld) => Phone[][]): {
  world: ProxyWorld;
  alice: Phone;
  bobs: Phone[];
  invite: ReturnType<Phone['send']>;
} {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const phones = groups(world);
  world.route = () => phones.map((group) => group.map((phone) => ({ uri: phone.contact, flow: world.flowTo(phone) })));
  const invite = alice.send('INVITE', BOB);
  return { world, alice, bobs: phones.flat(), invite };
}

const three = (world: ProxyWorld): Phone[][] => [[world.phone('10.0.0.21'), world.phone('10.0.0.22', 'TCP'), world.phone('10.0.0.23')]];
const oneByOne = (world: ProxyWorld): Phone[][] => [[world.phone('10.0.0.21')], [world.phone('10.0.0.22')]];

test('all phones of a user ring at once, and each ringing reaches the caller with its own tag', () => {
  const { alice, bobs } = call(three);
  for (const bob of bobs) bob.answer(180);
  expect(bobs.map((bob) => bob.methods)).toEqual([['INVITE'], ['INVITE'], ['INVITE']]);
  expect(alice.statuses).toEqual([180, 180, 180]);
  expect(new Set(alice.responses.map((response) => response.to.tag)).size).toBe(3);
});

test('[MS-SIPRE] 4.3: the first to answer gets the call, the others are cancelled and told why', () => {
  const { alice, bobs } = call(three);
  for (const bob of bobs) bob.answer(180);
  bobs[1]?.answer(200);
  expect(alice.statuses.at(-1)).toBe(200);
  expect(bobs[0]?.methods).toEqual(['INVITE', 'CANCEL']);
  expect(bobs[2]?.methods).toEqual(['INVITE', 'CANCEL']);
  expect(bobs[0]?.requests.at(-1)?.first(H.Reason)).toContain('cause=200');
  bobs[0]?.answer(487, 'INVITE');
  bobs[2]?.answer(487, 'INVITE');
  expect(alice.statuses.filter((status) => status >= 200)).toEqual([200]);
});

test('RFC 3261 9.1: a phone that has not rung is cancelled as soon as it does', () => {
  const { bobs } = call(three);
  bobs[0]?.answer(200);
  expect(bobs[1]?.methods).toEqual(['INVITE']);
  bobs[1]?.answer(180);
  expect(bobs[1]?.methods).toEqual(['INVITE', 'CANCEL']);
});

test('RFC 3261 16.7 step 5: a second phone that answers at the same time reaches the caller too, who alone can end that dialog', () => {
  const { alice, bobs } = call(three);
  bobs[0]?.answer(200);
  bobs[1]?.answer(200);
  const tags = alice.responses.filter((response) => response.status === 200).map((response) => response.to.tag);
  expect(new Set(tags)).toEqual(new Set(['tag-10.0.0.21', 'tag-10.0.0.22']));
});

test('[MS-SIPRE] 5.2: an endpoint that answers an IM session ten seconds late still gets it', () => {
  const { world, alice, bobs } = call(three);
  world.pass(10_000);
  bobs[2]?.answer(200);
  expect(alice.statuses.at(-1)).toBe(200);
});

test('the caller hears the best refusal only when the last phone has refused', () => {
  const { alice, bobs } = call(three);
  bobs[0]?.answer(480);
  bobs[1]?.answer(486);
  expect(alice.statuses).toEqual([]);
  bobs[2]?.answer(408);
  expect(alice.statuses).toEqual([486]);
});

test('a 603 ends the ringing everywhere, and goes back when the others have stopped', () => {
  const { alice, bobs } = call(three);
  for (const bob of bobs) bob.answer(180);
  bobs[0]?.answer(603);
  expect(bobs[1]?.methods).toEqual(['INVITE', 'CANCEL']);
  bobs[1]?.answer(487, 'INVITE');
  bobs[2]?.answer(487, 'INVITE');
  expect(alice.statuses.at(-1)).toBe(603);
});

test('a phone with a lower q rings only when those before it have failed', () => {
  const { alice, bobs } = call(oneByOne);
  expect(bobs[1]?.methods).toEqual([]);
  bobs[0]?.answer(486);
  expect(bobs[1]?.methods).toEqual(['INVITE']);
  expect(alice.statuses).toEqual([]);
  bobs[1]?.answer(200);
  expect(alice.statuses).toEqual([200]);
});

test('a phone that declines for everybody stops the series', () => {
  const { alice, bobs } = call(oneByOne);
  bobs[0]?.answer(603);
  expect(bobs[1]?.methods).toEqual([]);
  expect(alice.statuses).toEqual([603]);
});

test('RFC 3261 16.10: the caller cancels, every phone is cancelled, and the caller gets 487', () => {
  const { alice, bobs, invite } = call(three);
  for (const bob of bobs) bob.answer(180);
  alice.cancel(invite);
  expect(alice.responses.find((response) => response.cseq.method === 'CANCEL')?.status).toBe(200);
  for (const bob of bobs) bob.answer(487, 'INVITE');
  expect(bobs.map((bob) => bob.methods)).toEqual([
    ['INVITE', 'CANCEL', 'ACK'],
    ['INVITE', 'CANCEL', 'ACK'],
    ['INVITE', 'CANCEL', 'ACK'],
  ]);
  expect(alice.statuses.at(-1)).toBe(487);
});

test('RFC 5407 section 3.1.2: a 200 that crosses the CANCEL makes the call all the same', () => {
  const { alice, bobs, invite } = call(three);
  bobs[0]?.answer(180);
  alice.cancel(invite);
  bobs[0]?.answer(200, 'INVITE');
  expect(alice.responses.findLast((response) => response.cseq.method === 'INVITE')?.status).toBe(200);
});

test('a caller that cancels stops a series before its next phone', () => {
  const { alice, bobs, invite } = call(oneByOne);
  bobs[0]?.answer(180);
  alice.cancel(invite);
  bobs[0]?.answer(487, 'INVITE');
  expect(bobs[1]?.methods).toEqual([]);
  expect(alice.statuses.at(-1)).toBe(487);
});

test('RFC 3261 16.8: a phone that rings longer than timer C is cancelled, and the caller gets 408', () => {
  const { world, alice, bobs } = call((w) => [[w.phone('10.0.0.21')]]);
  bobs[0]?.answer(180);
  world.pass(179_000);
  bobs[0]?.answer(180);
  world.pass(179_000);
  expect(alice.statuses).toEqual([180, 180]);
  world.pass(2_000);
  expect(bobs[0]?.methods).toContain('CANCEL');
  expect(alice.statuses.at(-1)).toBe(408);
});

test('RFC 3262: a 183 and a 199 of forked phones pass, a 100 does not', () => {
  const { alice, bobs } = call(three);
  bobs[0]?.answer(100);
  bobs[0]?.answer(183);
  bobs[1]?.answer(199);
  expect(alice.statuses).toEqual([183, 199]);
});

test('RFC 3261 16.7 step 7: the caller gets the challenges of all phones', () => {
  const { alice, bobs } = call(three);
  bobs[0]?.answer(401, undefined, { 'WWW-Authenticate': 'Digest realm="a"' });
  bobs[1]?.answer(407, undefined, { 'Proxy-Authenticate': 'Digest realm="b"' });
  bobs[2]?.answer(404);
  const response = alice.responses.at(-1);
  expect(response?.status).toBe(401);
  expect(response?.all(H.WWWAuthenticate)).toEqual(['Digest realm="a"']);
  expect(response?.all(H.ProxyAuthenticate)).toEqual(['Digest realm="b"']);
});

test('a message to three phones is answered once, by the first 200', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const bobs = [world.phone('10.0.0.21'), world.phone('10.0.0.22')];
  world.route = () => [bobs.map((phone) => ({ uri: phone.contact, flow: world.flowTo(phone) }))];
  alice.send('MESSAGE', BOB);
  bobs[0]?.answer(200);
  bobs[1]?.answer(200);
  expect(alice.statuses).toEqual([200]);
});

test('RFC 4320: a message that nobody answers ends in silence, for the sender knows by itself when to stop', () => {
  const world = new ProxyWorld();
  const alice = world.phone('10.0.0.10');
  const bob = world.phone('10.0.0.21');
  world.route = () => [[{ uri: bob.contact, flow: world.flowTo(bob) }]];
  alice.send('MESSAGE', BOB);
  world.pass(40_000);
  expect(alice.statuses.filter((status) => status >= 200)).toEqual([]);
  expect(world.transactions.size).toEqual({ server: { invite: 0, nonInvite: 0 }, client: { invite: 0, nonInvite: 0 }, answeredCalls: 0 });
});

test('when all is over no transaction and no timer is left', () => {
  const { world, alice, bobs, invite } = call(three);
  for (const bob of bobs) bob.answer(180);
  bobs[0]?.answer(486);
  bobs[1]?.answer(486);
  bobs[2]?.answer(486);
  alice.acknowledge(invite);
  world.pass(200_000);
  expect(world.transactions.size).toEqual({ server: { invite: 0, nonInvite: 0 }, client: { invite: 0, nonInvite: 0 }, answeredCalls: 0 });
  expect(world.clock.timers.size).toBe(0);
});
