/** Plain SIP clients: PUBLISH (RFC 3903), SUBSCRIBE presence (RFC 3856), phones that do neither. */
import type { Endpoint, Sent, TestHeaders } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { Presence } from '../src/api.ts';
import { serving, signedIn } from './serving.ts';
import { availabilityIn, batch, note, partOf, publish, state, xmlOf } from './words.ts';

const BOB = 'bob@example.test';
const PIDF = 'application/pidf+xml';

function pidf(basic: string, more = '', text = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:bob@example.test"><tuple id="t1"><status><basic>${basic}</basic></status>${text === '' ? '' : `<note>${text}</note>`}</tuple>${more === '' ? '' : `<dm:person id="p1"><rpid:activities>${more}</rpid:activities></dm:person>`}</presence>`;
}

/** What a phone says of itself. */
const say = (phone: Endpoint, body: string, headers: TestHeaders = {}): Sent =>
  phone.send('PUBLISH', phone.aor, { headers: { Event: 'presence', ...headers }, contentType: PIDF, body });

test('RFC 3903 4.1: what a phone publishes reaches clients of this family, and ends with its time', async () => {
  await using server = await serving();
  const [alice, phone] = [await signedIn(server, 'alice'), await server.endpoint('bob').register()];
  await batch(alice, ['bob']).expect(200);
  await say(phone, pidf('open', '<rpid:on-the-phone/>', 'call me later'), { Expires: '60' }).expect(200, {
    headers: { Expires: '60', 'SIP-ETag': /^[0-9a-f]+-1$/ },
  });
  const told = (await alice.expect('BENOTIFY')).body;
  expect(availabilityIn(told)).toBe(6500);
  expect(told).toContain('token="on-the-phone"');
  expect(told).toContain('call me later');
  await server.advance('61s');
  expect(availabilityIn((await alice.expect('BENOTIFY')).body), 'it is registered still: it can be called').toBe(3500);
});

test('RFC 3903 4.1: refreshed, modified and removed by its entity-tag, of which each is good once', async () => {
  await using server = await serving();
  const phone = await server.endpoint('bob').register();
  const availability = (): number | undefined => server.find(Presence).stateOf(BOB)?.availability;
  const tagOf = async (sent: Sent): Promise<string> => (await sent.expect(200)).first('SIP-ETag') ?? '';
  const first = await tagOf(say(phone, pidf('open', '<rpid:away/>'), { Expires: '100' }));
  const away = availability();
  expect(away).toBeGreaterThanOrEqual(12_000);
  await server.advance('90s');
  const second = await tagOf(say(phone, '', { 'SIP-If-Match': first, Expires: '100' }));
  expect(second).not.toBe(first);
  await server.advance('90s');
  expect(availability()).toBe(away);
  await say(phone, '', { 'SIP-If-Match': first }).expect(412); // an old one
  const third = await tagOf(say(phone, pidf('open', '<rpid:busy/>'), { 'SIP-If-Match': second }));
  expect(availability()).toBe(6500);
  await say(phone, '', { 'SIP-If-Match': third, Expires: '0' }).expect(200, { headers: { Expires: '0' } });
  expect(availability()).toBe(3500);
  await say(phone, '', { 'SIP-If-Match': third }).expect(412);
});

test.each([
  ['another event', { Event: 'dialog' }, pidf('open'), 489, { 'Allow-Events': 'presence' }],
  ['another document', { 'Content-Type': 'text/plain' }, 'open', 415, { Accept: PIDF }],
  ['no document', {}, '', 400, {}],
  ['what is no XML', {}, '<presence', 400, {}],
  ['too short a time', { Expires: '5' }, pidf('open'), 423, { 'Min-Expires': '60' }],
  ['an entity-tag that nobody gave', { 'SIP-If-Match': 'made-up' }, pidf('open'), 412, {}],
] as const)('RFC 3903 6: %s is refused', async (_what, headers, body, status, answer) => {
  await using server = await serving();
  const phone = await server.endpoint('bob').register();
  await say(phone, body, headers).expect(status, { headers: answer });
});

test('RFC 3903 6: nobody publishes for somebody else', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  await alice.send('PUBLISH', 'bob', { headers: { Event: 'presence' }, contentType: PIDF, body: pidf('open') }).expect(403);
});

test('RFC 3856 6: a plain watcher gets PIDF by NOTIFY, at once and after each change, until it unsubscribes', async () => {
  await using server = await serving();
  const [alice, bob] = [await server.endpoint('alice').register(), await signedIn(server, 'bob')];
  const watching = alice.subscribe('bob', 'presence', { headers: { Accept: PIDF }, expires: 3600 });
  await watching.expect(200, { headers: { Expires: '3600' } });
  const first = await watching.expect('NOTIFY', { headers: { 'Content-Type': PIDF, 'Subscription-State': 'active;expires=3600' } });
  expect(first.body).toContain('closed');
  await publish(bob, state('machineState', 3500) + note('hello')).expect(200);
  const second = await watching.expect('NOTIFY', { body: /open[\s\S]*hello/ });
  expect(xmlOf(second).attribute('entity')).toBe('sip:bob@example.test');
  expect(second.request.cseq.number).toBeGreaterThan(first.request.cseq.number);
  await server.advance('1.1s');
  await watching.unsubscribe().expect(200);
  await watching.expect('NOTIFY', { headers: { 'Subscription-State': /^terminated/ } });
  await publish(bob, state('machineState', 6500, 1)).expect(200);
  await server.advance('1.1s');
  await alice.expectNothing();
});

test('RFC 3856 6.7: the first form that the watcher accepts and there is, or none', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const typeFor = async (headers: TestHeaders): Promise<string | undefined> => {
    const asked = alice.subscribe('bob', 'presence', { headers, expires: 0 });
    await asked.expect(200);
    return (await asked.expect('NOTIFY')).header('Content-Type');
  };
  expect(await typeFor({})).toBe(PIDF);
  expect(await typeFor({ Accept: 'application/xpidf+xml, text/xml+msrtc.pidf' })).toBe('text/xml+msrtc.pidf');
  await alice.subscribe('bob', 'presence', { headers: { Accept: 'application/cpim-pidf+xml' } }).expect(406);
  await alice.subscribe('nobody', 'presence').expect(404);
});

test('a phone that is registered and publishes nothing can be called, and says so', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  await batch(alice, ['bob']).expect(200);
  const phone = await server.endpoint('bob').register();
  expect(availabilityIn((await alice.expect('BENOTIFY')).body)).toBe(3500);
  phone.disconnect();
  await server.settle();
  expect(server.find(Presence).stateOf(BOB)?.availability).toBe(18_500);
});

test('an operator may have it that phones say nothing of their users', async () => {
  await using server = await serving({ phones: 'ignored' });
  await server.endpoint('bob').register();
  expect(server.find(Presence).stateOf(BOB)?.availability).toBe(18_500);
  expect(availabilityIn(partOf(await batch(await signedIn(server, 'alice'), ['bob']).expect(200), BOB))).toBe(18_500);
});

test('a phone that is only there does not hide that its user is away, nor that he appears offline; alone it counts again', async () => {
  await using server = await serving();
  const availability = (): number | undefined => server.find(Presence).stateOf(BOB)?.availability;
  await server.endpoint('desk', { user: 'bob' }).register();
  expect(availability()).toBe(3500);
  const computer = await signedIn(server, 'bob');
  expect(availability(), 'it has not said anything yet').toBe(3500);
  for (const [version, said] of [15_500, 5000, 18_500, 3500, 15_500].entries()) {
    await publish(computer, state('machineState', said, version)).expect(200);
    expect(availability()).toBe(said);
  }
  computer.disconnect();
  await server.settle();
  expect(availability()).toBe(3500);
  // What another phone publishes counts for its time.
  const other = await server.endpoint('mobile', { user: 'bob' }).register();
  await say(other, pidf('open', '<rpid:away/>'), { Expires: '60' }).expect(200);
  expect(availability()).toBe(15_500);
  await server.advance('61s');
  expect(availability()).toBe(3500);
});

test('a phone that goes takes with it what it has published', async () => {
  await using server = await serving();
  const availability = (): number | undefined => server.find(Presence).stateOf(BOB)?.availability;
  const phone = await server.endpoint('bob').register();
  await say(phone, pidf('open', '<rpid:busy/>')).expect(200);
  expect(availability()).toBe(6500);
  phone.disconnect();
  await server.settle();
  expect(availability()).toBe(18_500);
});
