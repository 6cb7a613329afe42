/** Watchers: lists, single contacts, polls, who sees what, and how often they are told. */
import { expect, test } from 'vitest';
import { Buffer } from 'node:buffer';
import {
  DOMAIN,
  OCS,
  availabilityIn,
  batchBody,
  captured,
  dialogOf,
  notePublication,
  partOf,
  serving,
  statePublication,
  xmlOf,
} from './server.ts';
import type { Client } from './server.ts';

const BATCH = 'application/msrtc-adrl-categorylist+xml';

/** Two rounds of the event loop: what was to be sent without waiting for a clock has been. */
async function quiet(client: Client): Promise<void> {
  await client.ask('OPTIONS', DOMAIN);
}

test('MS-PRES R21, R3, R24: a captured batch is answered by a list with a part for each contact', async () => {
  const { client, endpoint } = await serving();
  const bob = await endpoint('bob');
  await bob.publish(statePublication('machineState', 3500) + notePublication('at my desk', 200));
  const alice = await client('alice');
  alice.raw(captured('register'));
  await alice.response();
  alice.raw(captured('subscribe-batch'));
  const answer = await alice.response();
  expect(answer.status).toBe(200);
  expect(answer.first('Content-Type')).toMatch(/^multipart\/related;\s*type="application\/rlmi\+xml";\s*start=resourceList;\s*boundary=/);
  for (const [name, value] of [
    ['Require', 'eventlist'],
    ['ms-piggyback-cseq', '1'],
    ['Event', 'presence'],
  ] as const)
    expect(answer.first(name)).toBe(value);
  expect(partOf(answer, 'resourceList')).toContain('uri="sip:bob@example.test"');
  const part = partOf(answer, 'bob@example.test');
  expect(availabilityIn(part)).toBe(3500);
  expect(part).toContain('at my desk');
  expect(part).toContain('<category name="calendarData"/>');
  expect(part).toContain('contactCard');
});

test('MS-PRES R22, R21: who does not exist ends the entry and not the list; who is at home elsewhere is to be asked there', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  const answer = await alice.batch(['bob', 'nobody', 'zoe@partner.example']);
  expect(answer.status).toBe(200);
  const list = partOf(answer, 'resourceList');
  expect(list).toMatch(/uri="sip:bob@example\.test"[^>]*><instance [^>]*state="active"/);
  expect(list).toMatch(/uri="sip:nobody@example\.test"[^>]*><instance [^>]*state="terminated"/);
  expect(list).toMatch(/uri="sip:zoe@partner\.example"[^>]*><instance [^>]*state="resubscribe"/);
});

test('MS-PRES R25, 3.10.3: a change reaches the watcher by BENOTIFY, with whole categories and no others; CSeq counts on', async () => {
  const { endpoint, clock } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const dialog = dialogOf(await alice.batch(['bob']));
  await bob.publish(statePublication('machineState', 6500));
  const first = await alice.request();
  expect([first.method, first.callId, first.cseq.number]).toEqual(['BENOTIFY', dialog.callId, 2]);
  expect(first.first('Require')).toBe('eventlist');
  expect(first.first('Content-Type')).toBe('application/msrtc-event-categories+xml');
  expect(xmlOf(first).attribute('uri')).toBe('sip:bob@example.test');
  expect(availabilityIn(first.body.toString())).toBe(6500);
  expect(first.body.toString()).not.toContain('contactCard');
  clock.advance(1100);
  await bob.publish(notePublication('gone fishing', 200));
  const second = await alice.request();
  expect(second.cseq.number).toBe(3);
  expect(xmlOf(second).elements.map((one) => one.attribute('name'))).toEqual(['note']);
});

test('MS-PRES R25: a contact that changes again and again is told once a second, and then as it is', async () => {
  const { endpoint, clock } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await alice.batch(['bob']);
  await bob.publish(statePublication('machineState', 3500));
  expect(availabilityIn((await alice.request()).body.toString())).toBe(3500);
  for (const [version, availability] of [5000, 6500, 15_500, 9500].entries())
    await bob.publish(statePublication('machineState', availability, version + 1));
  await quiet(alice);
  expect(alice.requests).toEqual([]);
  clock.advance(1000);
  expect(availabilityIn((await alice.request()).body.toString())).toBe(9500);
  clock.advance(1000);
  await quiet(alice);
  expect(alice.requests, 'what came between is not told').toEqual([]);
});

test('MS-PRES R4, R5: each BENOTIFY begins the time of its subscription anew; one that is not told runs out', async () => {
  const { endpoint, clock } = await serving({ subscriptionSeconds: 120 });
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const granted = Number((await alice.batch(['bob'])).first('Expires'));
  const carol = await endpoint('carol');
  await carol.batch(['bob'], { Supported: 'ms-piggyback-first-notify, ms-benotify' });
  for (const version of [0, 1, 2]) {
    clock.advance((granted - 20) * 1000);
    await bob.publish(statePublication('machineState', version === 1 ? 6500 : 3500, version));
    const told = await alice.request();
    expect([told.method, told.first('Subscription-State')]).toEqual(['BENOTIFY', `active;expires=${granted}`]);
  }
  expect((await carol.request()).first('Subscription-State')).toMatch(/^active;expires=\d\d?$/);
  const over = await carol.request();
  expect([over.method, over.first('Subscription-State')], 'without autoextend').toEqual(['BENOTIFY', 'terminated;reason=timeout']);
  await quiet(alice); // a connection that is idle for long is closed
  clock.advance((granted + 1) * 1000);
  expect((await alice.request()).first('Subscription-State')).toBe('terminated;reason=timeout');
});

test('MS-PRES 3.10.1: later SUBSCRIBEs of the dialog add and take away contacts, and say nothing of the others', async () => {
  const { endpoint, clock } = await serving();
  const [alice, bob, carol] = [await endpoint('alice'), await endpoint('bob'), await endpoint('carol')];
  const dialog = dialogOf(await alice.batch(['bob']));
  const more = await alice.batch(['carol'], {}, dialog);
  expect(more.status).toBe(200);
  expect(partOf(more, 'resourceList')).toContain('carol@example.test');
  expect(partOf(more, 'resourceList')).not.toContain('bob@example.test');
  await carol.publish(statePublication('machineState', 6500));
  expect(xmlOf(await alice.request()).attribute('uri')).toBe('sip:carol@example.test');
  clock.advance(1100);
  const headers = { ...OCS, Event: 'presence', Require: 'adhoclist, categoryList', 'Content-Type': BATCH };
  expect((await alice.ask('SUBSCRIBE', alice.aor, headers, batchBody(alice.aor, ['carol'], 'unsubscribe'), dialog)).status).toBe(200);
  await carol.publish(statePublication('machineState', 3500, 1));
  await bob.publish(statePublication('machineState', 3500));
  expect(xmlOf(await alice.request()).attribute('uri')).toBe('sip:bob@example.test');
  const refresh = await alice.ask('SUBSCRIBE', alice.aor, { ...OCS, Event: 'presence' }, '', dialog);
  expect(partOf(refresh, 'resourceList'), 'a mere refresh tells everything').toContain('bob@example.test');
  expect(partOf(refresh, 'resourceList')).not.toContain('carol@example.test');
});

test('MS-PRES R34: a poll gets everything once; it makes no dialog and no entry', async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.roamingSelf();
  const answer = await alice.batch(['+bob'], { Expires: '0' });
  expect(answer.first('Subscription-State')).toBe('terminated;expires=0');
  expect(partOf(answer, 'bob@example.test')).toContain('contactCard');
  await bob.publish(statePublication('machineState', 3500));
  await quiet(alice);
  await quiet(bob);
  expect([alice.requests, bob.requests]).toEqual([[], []]);
});

test('MS-PRES 3.10.5: a single contact is subscribed to at its own address, and told without a list', async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const headers = { ...OCS, Event: 'presence', 'Content-Type': BATCH };
  const answer = await alice.ask('SUBSCRIBE', bob.aor, headers, batchBody(alice.aor, ['bob']));
  expect([answer.status, answer.first('Content-Type'), answer.first('Require')]).toEqual([
    200,
    'application/msrtc-event-categories+xml',
    undefined,
  ]);
  await bob.publish(statePublication('machineState', 3500));
  const told = await alice.request();
  expect([availabilityIn(told.body.toString()), told.first('Require')]).toEqual([3500, undefined]);
  const wrong = await alice.ask('SUBSCRIBE', bob.aor, headers, batchBody(alice.aor, ['carol']));
  expect(wrong.status).toBe(400);
});

test('MS-PRES 3.10.2: a contact that was said to be elsewhere is asked there, and not answered for here', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  const zoe = 'zoe@partner.invalid';
  expect(partOf(await alice.batch([zoe]), 'resourceList')).toContain('state="resubscribe"');
  const headers = { ...OCS, Event: 'presence', 'Content-Type': BATCH };
  for (const answer of [
    await alice.ask('SUBSCRIBE', zoe, headers, batchBody(alice.aor, [zoe])),
    await alice.ask('SUBSCRIBE', zoe, { Event: 'presence', Accept: 'application/pidf+xml' }),
  ]) {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.first('ms-diagnostics') ?? '', 'presence has not looked for it').not.toContain('does not exist');
  }
});

test('MS-PRES R2: nobody subscribes to a list in the name of somebody else', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  const headers = { ...OCS, Event: 'presence', Require: 'adhoclist', 'Content-Type': BATCH };
  expect((await alice.ask('SUBSCRIBE', `bob@${DOMAIN}`, headers, batchBody(`bob@${DOMAIN}`, ['carol']))).status).toBe(403);
});

test('MS-PRES R23, S9, S11: who is blocked sees somebody who is offline, and after that sees again', async () => {
  const { endpoint, clock } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.publish(statePublication('machineState', 3500) + notePublication('for colleagues', 200));
  expect(availabilityIn(partOf(await alice.batch(['bob']), 'bob@example.test'))).toBe(3500);
  const version =
    xmlOf(await bob.roamingSelf())
      .need('containers')
      .all('container')
      .find((one) => one.attribute('id') === '32000')
      ?.attribute('version') ?? '0';
  const member = (action: string): string => `<member action="${action}" type="user" value="alice@example.test"/>`;
  await bob.setMembers(`<container id="32000" version="${version}">${member('add')}</container>`);
  const told = (await alice.request()).body.toString();
  expect(availabilityIn(told)).toBe(18_500);
  expect(told).toContain('<category name="note"/>');
  expect(told).not.toContain('bob of example.test');
  await bob.publish(notePublication('about alice', 200, 1));
  clock.advance(1100);
  await quiet(alice);
  expect(alice.requests, 'nothing that happens elsewhere').toEqual([]);
  await bob.setMembers(`<container id="32000" version="${Number(version) + 1}">${member('remove')}</container>`);
  const again = (await alice.request()).body.toString();
  expect(availabilityIn(again)).toBe(3500);
  expect(again).toContain('about alice');
});

test('MS-PRES S2: colleagues, workgroup and strangers each see their container', async () => {
  const { endpoint } = await serving();
  const [alice, bob, carol] = [await endpoint('alice'), await endpoint('bob'), await endpoint('carol')];
  await bob.publish(
    statePublication('machineState', 3500) +
      notePublication('colleagues', 200) +
      notePublication('team', 300) +
      notePublication('outside', 100),
  );
  await bob.setMembers('<container id="300" version="0"><member action="add" type="user" value="carol@example.test"/></container>');
  expect(partOf(await alice.batch(['bob']), 'bob@example.test')).toContain('>colleagues<');
  expect(partOf(await carol.batch(['bob']), 'bob@example.test')).toContain('>team<');
});

test('MS-PRES R19, R20: the added person is told once, by name, until she takes note', async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.roamingSelf();
  await alice.batch(['bob']);
  await quiet(bob);
  expect(bob.requests, 'without context nobody is told').toEqual([]);
  await alice.batch(['+bob']);
  const [entry, ...others] = xmlOf(await bob.request())
    .need('subscribers')
    .all('subscriber');
  expect(others).toEqual([]);
  expect(['user', 'displayName', 'acknowledged', 'type'].map((name) => entry?.attribute(name))).toEqual([
    'alice@example.test',
    'alice of example.test',
    'false',
    'sameEnterprise',
  ]);
  const body =
    '<setSubscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers"><subscriber user="alice@example.test" acknowledged="true"/></setSubscribers>';
  const type = { 'Content-Type': 'application/msrtc-presence-setsubscriber+xml' };
  expect((await bob.ask('SERVICE', bob.aor, type, body)).status).toBe(200);
  expect(xmlOf(await bob.request()).need('subscribers').elements).toEqual([]);
  expect((await bob.ask('SERVICE', bob.aor, type, body)).status, 'again is no fault').toBe(200);
  await alice.batch(['+bob']);
  await quiet(bob);
  expect(bob.requests).toEqual([]);
});

test("private categories are nobody's business", async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.publish(
    '<publication categoryName="routing" instance="0" container="200" version="0" expireType="static"><routing xmlns="http://schemas.microsoft.com/02/2006/sip/routing" name="rtcdefault" version="1"/></publication>',
  );
  const headers = { ...OCS, Event: 'presence', Require: 'adhoclist', 'Content-Type': BATCH };
  const answer = await alice.ask(
    'SUBSCRIBE',
    alice.aor,
    headers,
    batchBody(alice.aor, ['bob'], 'subscribe', ['routing', 'dndState', 'state', 'unheardOf']),
  );
  expect(partOf(answer, 'bob@example.test')).not.toMatch(/routing|dndState|unheardOf/);
});

test('what is published reaches watchers byte for byte', async () => {
  const { endpoint } = await serving({ categories: ['odd'] });
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const content = `<o:odd xmlns:o="urn:odd" a='1' b="2"><!-- kept --><o:x/><![CDATA[<&>]]><y xmlns="">é ☎ &amp;</y></o:odd>`;
  await bob.publish(
    `<publication categoryName="odd" instance="7" container="200" version="0" expireType="static">${content}</publication>`,
  );
  const headers = { ...OCS, Event: 'presence', Require: 'adhoclist', 'Content-Type': BATCH };
  const answer = await alice.ask('SUBSCRIBE', alice.aor, headers, batchBody(alice.aor, ['bob'], 'subscribe', ['odd']));
  expect(answer.body.includes(Buffer.from(content))).toBe(true);
});

test('MS-PRES 3.10.3: a contact who is removed is offline, and one who comes back is there again', async () => {
  const { endpoint, admin, clock } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.publish(statePublication('machineState', 3500));
  await alice.batch(['bob']);
  await admin.removeUser('bob@example.test');
  let told = (await alice.request()).body.toString();
  if (told.includes('<contactCard')) {
    clock.advance(1100);
    told = (await alice.request()).body.toString();
  }
  expect(availabilityIn(told)).toBe(18_500);
  clock.advance(1100);
  await admin.addUser({ uri: 'sip:bob@example.test', displayName: 'Another Bob' });
  expect((await alice.request()).body.toString()).toContain('Another Bob');
});

test('RFC 3261 section 8.2: a client without ms-benotify is told by NOTIFY, and one without piggyback gets its first document by it', async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const answer = await alice.batch(['bob'], { Supported: 'eventlist' });
  expect(answer.body.length).toBe(0);
  const first = await alice.request();
  expect([first.method, first.cseq.number]).toEqual(['NOTIFY', 1]);
  expect(first.first('Content-Type')).toMatch(/^multipart\/related/);
  await bob.publish(statePublication('machineState', 3500));
  const second = await alice.request();
  expect([second.method, second.cseq.number]).toEqual(['NOTIFY', 2]);
});

test('MS-PRES 6: an interval that is too short is refused with the least; contacts and subscriptions have a bound', async () => {
  const { endpoint } = await serving({ limits: { watched: 10, subscriptions: 10 } });
  const alice = await endpoint('alice');
  const short = await alice.batch(['bob'], { Expires: '30' });
  expect([short.status, short.first('Min-Expires')]).toEqual([423, '60']);
  const many = await alice.batch(Array.from({ length: 11 }, (_, i) => `u${i}`));
  expect([many.status, many.first('ms-diagnostics')]).toEqual([403, expect.stringMatching(/^61030;.*10 contacts in a subscription/)]);
  for (let i = 0; i < 10; i++) expect((await alice.batch(['bob'])).status).toBe(200);
  const eleventh = await alice.batch(['bob']);
  expect([eleventh.status, eleventh.first('ms-diagnostics')]).toEqual([403, expect.stringMatching(/^61030;.*10 subscriptions/)]);
});
