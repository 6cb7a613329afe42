/** Plain SIP clients: PUBLISH (RFC 3903), SUBSCRIBE presence (RFC 3856), phones that do neither. */
import { expect, test } from 'vitest';
import { availabilityIn, dialogOf, notePublication, partOf, serving, statePublication, xmlOf } from './server.ts';
import type { Client } from './server.ts';

const PIDF = 'application/pidf+xml';

function pidf(basic: string, more = '', note = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:bob@example.test"><tuple id="t1"><status><basic>${basic}</basic></status>${note === '' ? '' : `<note>${note}</note>`}</tuple>${more === '' ? '' : `<dm:person id="p1"><rpid:activities>${more}</rpid:activities></dm:person>`}</presence>`;
}

const publish = (client: Client, body: string, headers: Readonly<Record<string, string>> = {}): ReturnType<Client['ask']> =>
  client.ask('PUBLISH', client.aor, { Event: 'presence', ...(body === '' ? {} : { 'Content-Type': PIDF }), ...headers }, body);

test('RFC 3903 4.1: what a phone publishes reaches clients of this family, and ends with its time', async () => {
  const { endpoint, clock } = await serving();
  const [alice, phone] = [await endpoint('alice'), await endpoint('bob', '')];
  await alice.batch(['bob']);
  const answer = await publish(phone, pidf('open', '<rpid:on-the-phone/>', 'call me later'), { Expires: '60' });
  expect([answer.status, answer.first('Expires')]).toEqual([200, '60']);
  expect(answer.first('SIP-ETag')).toMatch(/^[0-9a-f]+-1$/);
  const told = (await alice.request()).body.toString();
  expect(availabilityIn(told)).toBe(6500);
  expect(told).toContain('token="on-the-phone"');
  expect(told).toContain('call me later');
  clock.advance(61_000);
  expect(availabilityIn((await alice.request()).body.toString()), 'it is registered still: it can be called').toBe(3500);
});

test('RFC 3903 4.1: refreshed, modified and removed by its entity-tag, of which each is good once', async () => {
  const { endpoint, clock, presence } = await serving();
  const phone = await endpoint('bob', '');
  const availability = (): number | undefined => presence.stateOf('bob@example.test')?.availability;
  const first = (await publish(phone, pidf('open', '<rpid:away/>'), { Expires: '100' })).first('SIP-ETag') ?? '';
  const away = availability();
  expect(away).toBeGreaterThanOrEqual(12_000);
  clock.advance(90_000);
  const refreshed = await publish(phone, '', { 'SIP-If-Match': first, Expires: '100' });
  expect(refreshed.status).toBe(200);
  const second = refreshed.first('SIP-ETag') ?? '';
  expect(second).not.toBe(first);
  clock.advance(90_000);
  expect(availability()).toBe(away);
  expect((await publish(phone, '', { 'SIP-If-Match': first })).status, 'an old one').toBe(412);
  const modified = await publish(phone, pidf('open', '<rpid:busy/>'), { 'SIP-If-Match': second });
  expect(modified.status).toBe(200);
  expect(availability()).toBe(6500);
  const removed = await publish(phone, '', { 'SIP-If-Match': modified.first('SIP-ETag') ?? '', Expires: '0' });
  expect([removed.status, removed.first('Expires')]).toEqual([200, '0']);
  expect(availability()).toBe(3500);
  expect((await publish(phone, '', { 'SIP-If-Match': modified.first('SIP-ETag') ?? '' })).status).toBe(412);
});

test.each([
  ['another event', { Event: 'dialog' }, pidf('open'), 489],
  ['another document', { 'Content-Type': 'text/plain' }, 'open', 415],
  ['no document', {}, '', 400],
  ['what is no XML', {}, '<presence', 400],
  ['too short a time', { Expires: '5' }, pidf('open'), 423],
  ['an entity-tag that nobody gave', { 'SIP-If-Match': 'made-up' }, pidf('open'), 412],
] as const)('RFC 3903 6: %s is refused', async (_what, headers, body, status) => {
  const { endpoint } = await serving();
  const answer = await publish(await endpoint('bob', ''), body, headers);
  expect(answer.status).toBe(status);
  if (status === 423) expect(answer.first('Min-Expires')).toBe('60');
  if (status === 489) expect(answer.first('Allow-Events')).toBe('presence');
  if (status === 415) expect(answer.first('Accept')).toBe(PIDF);
});

test('RFC 3903 6: nobody publishes for somebody else', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice', '');
  expect((await alice.ask('PUBLISH', 'bob@example.test', { Event: 'presence', 'Content-Type': PIDF }, pidf('open'))).status).toBe(403);
});

test('RFC 3856 6: a plain watcher gets PIDF by NOTIFY, at once and after each change, until it unsubscribes', async () => {
  const { endpoint, clock } = await serving();
  const [alice, bob] = [await endpoint('alice', ''), await endpoint('bob')];
  const answer = await alice.ask('SUBSCRIBE', bob.aor, { Event: 'presence', Accept: PIDF, Expires: '3600' });
  expect([answer.status, answer.first('Expires')]).toEqual([200, '3600']);
  const first = await alice.request();
  expect([first.method, first.first('Content-Type'), first.first('Subscription-State')]).toEqual(['NOTIFY', PIDF, 'active;expires=3600']);
  expect(first.body.toString()).toContain('closed');
  await bob.publish(statePublication('machineState', 3500) + notePublication('hello', 200));
  const second = await alice.request();
  expect(xmlOf(second).attribute('entity')).toBe('sip:bob@example.test');
  expect(second.body.toString()).toMatch(/open[\s\S]*hello/);
  expect(second.cseq.number).toBeGreaterThan(first.cseq.number);
  clock.advance(1100);
  const end = await alice.ask('SUBSCRIBE', bob.aor, { Event: 'presence', Accept: PIDF, Expires: '0' }, '', dialogOf(answer));
  expect(end.status).toBe(200);
  expect((await alice.request()).first('Subscription-State')).toMatch(/^terminated/);
  await bob.publish(statePublication('machineState', 6500, 1));
  await alice.ask('OPTIONS', 'example.test');
  expect(alice.requests).toEqual([]);
});

test('RFC 3856 6.7: the first form that the watcher accepts and there is, or none', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice', '');
  const typeFor = async (accept: string): Promise<string | number | undefined> => {
    const answer = await alice.ask('SUBSCRIBE', 'bob@example.test', {
      Event: 'presence',
      ...(accept === '' ? {} : { Accept: accept }),
      Expires: '0',
    });
    return answer.status === 200 ? (await alice.request()).first('Content-Type') : answer.status;
  };
  expect(await typeFor('')).toBe(PIDF);
  expect(await typeFor('application/xpidf+xml, text/xml+msrtc.pidf')).toBe('text/xml+msrtc.pidf');
  expect(await typeFor('application/cpim-pidf+xml')).toBe(406);
  expect((await alice.ask('SUBSCRIBE', 'nobody@example.test', { Event: 'presence' })).status).toBe(404);
});

test('a phone that is registered and publishes nothing can be called, and says so; an operator may have it otherwise', async () => {
  const { endpoint, presence } = await serving();
  const alice = await endpoint('alice');
  await alice.batch(['bob']);
  const phone = await endpoint('bob', '');
  expect(availabilityIn((await alice.request()).body.toString())).toBe(3500);
  phone.socket.destroy();
  for (;;) {
    if (presence.stateOf('bob@example.test')?.availability === 18_500) break;
    await alice.ask('OPTIONS', 'example.test');
  }
  const other = await serving({ phones: 'ignored' });
  await other.endpoint('bob', '');
  expect(other.presence.stateOf('bob@example.test')?.availability).toBe(18_500);
  const watcher = await other.endpoint('alice');
  expect(availabilityIn(partOf(await watcher.batch(['bob']), 'bob@example.test'))).toBe(18_500);
});

test('a phone that is only there does not hide that its user is away, nor that he appears offline; alone it counts again', async () => {
  const { endpoint, presence, clock } = await serving();
  const availability = (): number | undefined => presence.stateOf('bob@example.test')?.availability;
  await endpoint('bob', '');
  expect(availability()).toBe(3500);
  const client = await endpoint('bob', 'e1');
  expect(availability(), 'it has not said anything yet').toBe(3500);
  for (const [version, said] of [15_500, 5000, 18_500, 3500].entries()) {
    await client.publish(statePublication('machineState', said, version));
    expect(availability()).toBe(said);
  }
  await client.publish(statePublication('machineState', 15_500, 4));
  const heard = new Promise((resolve) => presence.onChange((_aor, state) => resolve(state.availability)));
  client.socket.destroy();
  expect(await heard).toBe(3500);
  // What another phone publishes counts for its time.
  const other = await endpoint('bob', '');
  await publish(other, pidf('open', '<rpid:away/>'), { Expires: '60' });
  expect(availability()).toBe(15_500);
  const over = new Promise((resolve) => presence.onChange((_aor, state) => resolve(state.availability)));
  clock.advance(61_000);
  expect(await over).toBe(3500);
});

test('a phone that goes takes with it what it has published', async () => {
  const { endpoint, presence } = await serving();
  const phone = await endpoint('bob', '');
  await publish(phone, pidf('open', '<rpid:busy/>'));
  expect(presence.stateOf('bob@example.test')?.availability).toBe(6500);
  const heard = new Promise((resolve) => presence.onChange((_aor, { availability }) => resolve(availability)));
  phone.socket.destroy();
  expect(await heard).toBe(18_500);
});
