/** Watchers: lists, single contacts, polls, who sees what, and how often they are told. */
import { expect, test } from 'vitest';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { client, serving, signedIn } from './serving.ts';
import {
  LIST,
  OCS,
  SINGLE,
  acknowledge,
  availabilityIn,
  batch,
  batchBody,
  captured,
  member,
  note,
  ownData,
  partOf,
  publication,
  publish,
  setMembers,
  state,
  xmlOf,
} from './words.ts';

const BOB = 'bob@example.test';
const CATEGORIES = 'application/msrtc-event-categories+xml';

test('MS-PRES R21, R3, R24: a captured batch is answered by a list with a part for each contact', async () => {
  await using server = await serving();
  const bob = await signedIn(server, 'bob');
  await publish(bob, state('machineState', 3500) + note('at my desk')).expect(200);
  const alice = client(server, 'alice');
  await alice.write(captured('register'));
  await alice.expect(200);
  await alice.write(captured('subscribe-batch'));
  const answer = await alice.expect(200, {
    headers: {
      'Content-Type': /^multipart\/related;\s*type="application\/rlmi\+xml";\s*start=resourceList;\s*boundary=/,
      Require: 'eventlist',
      'ms-piggyback-cseq': '1',
      Event: 'presence',
    },
  });
  expect(partOf(answer, 'resourceList')).toContain('uri="sip:bob@example.test"');
  const part = partOf(answer, BOB);
  expect(availabilityIn(part)).toBe(3500);
  expect(part).toContain('at my desk');
  expect(part).toContain('<category name="calendarData"/>');
  expect(part).toContain('contactCard');
});

test('MS-PRES R22, R21: who does not exist ends the entry and not the list; who is at home elsewhere is to be asked there', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  const list = partOf(await batch(alice, ['bob', 'nobody', 'zoe@partner.example']).expect(200), 'resourceList');
  expect(list).toMatch(/uri="sip:bob@example\.test"[^>]*><instance [^>]*state="active"/);
  expect(list).toMatch(/uri="sip:nobody@example\.test"[^>]*><instance [^>]*state="terminated"/);
  expect(list).toMatch(/uri="sip:zoe@partner\.example"[^>]*><instance [^>]*state="resubscribe"/);
});

test('MS-PRES R25, 3.10.3: a change reaches the watcher by BENOTIFY, with whole categories and no others; CSeq counts on', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const watching = batch(alice, ['bob']);
  await watching.expect(200);
  await publish(bob, state('machineState', 6500)).expect(200);
  const first = await watching.expect('BENOTIFY', { headers: { CSeq: '2 BENOTIFY', Require: 'eventlist', 'Content-Type': CATEGORIES } });
  expect(xmlOf(first).attribute('uri')).toBe(`sip:${BOB}`);
  expect(availabilityIn(first.body)).toBe(6500);
  expect(first.body).not.toContain('contactCard');
  await server.advance('1.1s');
  await publish(bob, note('gone fishing')).expect(200);
  const second = await watching.expect('BENOTIFY', { headers: { CSeq: '3 BENOTIFY' } });
  expect(xmlOf(second).elements.map((one) => one.attribute('name'))).toEqual(['note']);
});

test('MS-PRES R25: a contact that changes again and again is told once a second, and then as it is', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await batch(alice, ['bob']).expect(200);
  await publish(bob, state('machineState', 3500)).expect(200);
  expect(availabilityIn((await alice.expect('BENOTIFY')).body)).toBe(3500);
  for (const [version, availability] of [5000, 6500, 15_500, 9500].entries())
    await publish(bob, state('machineState', availability, version + 1)).expect(200);
  await alice.expectNothing();
  await server.advance('1s');
  expect(availabilityIn((await alice.expect('BENOTIFY')).body)).toBe(9500);
  await server.advance('1s');
  await alice.expectNothing(); // what came between is not told
});

test('MS-PRES R4, R5: each BENOTIFY begins the time of its subscription anew; one that is not told runs out', async () => {
  await using server = await serving({ subscriptionSeconds: 120 });
  const [alice, bob, carol] = [await signedIn(server, 'alice'), await signedIn(server, 'bob'), await signedIn(server, 'carol')];
  const granted = Number((await batch(alice, ['bob']).expect(200)).first('Expires'));
  await batch(carol, ['bob'], { Supported: 'ms-piggyback-first-notify, ms-benotify' }).expect(200);
  for (const version of [0, 1, 2]) {
    await server.advance((granted - 20) * 1000);
    await publish(bob, state('machineState', version === 1 ? 6500 : 3500, version)).expect(200);
    await alice.expect('BENOTIFY', { headers: { 'Subscription-State': `active;expires=${granted}` } });
  }
  // Without autoextend: told once, and over.
  await carol.expect('BENOTIFY', { headers: { 'Subscription-State': /^active;expires=\d\d?$/ } });
  await carol.expect('BENOTIFY', { headers: { 'Subscription-State': 'terminated;reason=timeout' } });
  await carol.expectNothing();
  await alice.register(); // a connection that is idle for long is closed
  await server.advance((granted + 1) * 1000);
  await alice.expect('BENOTIFY', { headers: { 'Subscription-State': 'terminated;reason=timeout' } });
});

test('MS-PRES 3.10.1: later SUBSCRIBEs of the dialog add and take away contacts, and say nothing of the others', async () => {
  await using server = await serving();
  const [alice, bob, carol] = [await signedIn(server, 'alice'), await signedIn(server, 'bob'), await signedIn(server, 'carol')];
  const watching = batch(alice, ['bob']);
  await watching.expect(200);
  const headers = { ...LIST, Event: 'presence' };
  const more = await watching.send('SUBSCRIBE', { headers, body: batchBody(alice.aor, ['carol']) }).expect(200);
  expect(partOf(more, 'resourceList')).toContain('carol@example.test');
  expect(partOf(more, 'resourceList')).not.toContain(BOB);
  await publish(carol, state('machineState', 6500)).expect(200);
  expect(xmlOf(await alice.expect('BENOTIFY')).attribute('uri')).toBe('sip:carol@example.test');
  await server.advance('1.1s');
  await watching.send('SUBSCRIBE', { headers, body: batchBody(alice.aor, ['carol'], 'unsubscribe') }).expect(200);
  await publish(carol, state('machineState', 3500, 1)).expect(200);
  await publish(bob, state('machineState', 3500)).expect(200);
  expect(xmlOf(await alice.expect('BENOTIFY')).attribute('uri')).toBe(`sip:${BOB}`);
  const refresh = await watching.send('SUBSCRIBE', { headers: { ...OCS, Event: 'presence' } }).expect(200);
  expect(partOf(refresh, 'resourceList'), 'a mere refresh tells everything').toContain(BOB);
  expect(partOf(refresh, 'resourceList')).not.toContain('carol@example.test');
});

test('MS-PRES R34: a poll gets everything once; it makes no dialog and no entry', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await ownData(bob).expect(200);
  const answer = await batch(alice, ['+bob'], { Expires: '0' }).expect(200, {
    headers: { 'Subscription-State': 'terminated;expires=0' },
  });
  expect(partOf(answer, BOB)).toContain('contactCard');
  await publish(bob, state('machineState', 3500)).expect(200);
  await alice.expectNothing();
  await bob.expectNothing();
});

test('MS-PRES 3.10.5: a single contact is subscribed to at its own address, and told without a list', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const watching = alice.subscribe('bob', 'presence', { headers: SINGLE, body: batchBody(alice.aor, ['bob']) });
  await watching.expect(200, { headers: { 'Content-Type': CATEGORIES, Require: null } });
  await publish(bob, state('machineState', 3500)).expect(200);
  const told = await watching.expect('BENOTIFY', { headers: { Require: null } });
  expect(availabilityIn(told.body)).toBe(3500);
  await alice.subscribe('bob', 'presence', { headers: SINGLE, body: batchBody(alice.aor, ['carol']) }).expect(400);
});

test('MS-PRES 3.10.2: a contact that was said to be elsewhere is asked there, and not answered for here', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  const zoe = 'zoe@partner.invalid';
  expect(partOf(await batch(alice, [zoe]).expect(200), 'resourceList')).toContain('state="resubscribe"');
  for (const asked of [
    alice.subscribe(zoe, 'presence', { headers: SINGLE, body: batchBody(alice.aor, [zoe]) }),
    alice.subscribe(zoe, 'presence', { headers: { Accept: 'application/pidf+xml' } }),
  ]) {
    const answer = await asked.expect('4xx');
    expect(answer.first('ms-diagnostics') ?? '', 'presence has not looked for it').not.toContain('does not exist');
  }
});

test('MS-PRES R2: nobody subscribes to a list in the name of somebody else', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  await alice.subscribe('bob', 'presence', { headers: LIST, body: batchBody(BOB, ['carol']) }).expect(403);
});

test('MS-PRES R23, S9, S11: who is blocked sees somebody who is offline, and after that sees again', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await publish(bob, state('machineState', 3500) + note('for colleagues')).expect(200);
  expect(availabilityIn(partOf(await batch(alice, ['bob']).expect(200), BOB))).toBe(3500);
  const containers = xmlOf(await ownData(bob).expect(200)).need('containers');
  const blocked = [...containers.all('container')].find((one) => one.attribute('id') === '32000');
  const version = Number(blocked?.attribute('version') ?? 0);
  await setMembers(bob, member('add', alice.aor, 32_000, version)).expect(200);
  const told = (await alice.expect('BENOTIFY')).body;
  expect(availabilityIn(told)).toBe(18_500);
  expect(told).toContain('<category name="note"/>');
  expect(told).not.toContain('bob of example.test');
  await publish(bob, note('about alice', 200, 1)).expect(200);
  await server.advance('1.1s');
  await alice.expectNothing(); // of what happens elsewhere
  await setMembers(bob, member('remove', alice.aor, 32_000, version + 1)).expect(200);
  const again = (await alice.expect('BENOTIFY')).body;
  expect(availabilityIn(again)).toBe(3500);
  expect(again).toContain('about alice');
});

test('MS-PRES S2: colleagues, workgroup and strangers each see their container', async () => {
  await using server = await serving();
  const [alice, bob, carol] = [await signedIn(server, 'alice'), await signedIn(server, 'bob'), await signedIn(server, 'carol')];
  await publish(bob, state('machineState', 3500) + note('colleagues') + note('team', 300) + note('outside', 100)).expect(200);
  await setMembers(bob, member('add', carol.aor, 300)).expect(200);
  expect(partOf(await batch(alice, ['bob']).expect(200), BOB)).toContain('>colleagues<');
  expect(partOf(await batch(carol, ['bob']).expect(200), BOB)).toContain('>team<');
});

test('MS-PRES R19, R20: the added person is told once, by name, until she takes note', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await ownData(bob).expect(200);
  await batch(alice, ['bob']).expect(200);
  await bob.expectNothing(); // without context nobody is told
  await batch(alice, ['+bob']).expect(200);
  const [entry, ...others] = xmlOf(await bob.expect('BENOTIFY'))
    .need('subscribers')
    .all('subscriber');
  expect(others).toEqual([]);
  expect(['user', 'displayName', 'acknowledged', 'type'].map((name) => entry?.attribute(name))).toEqual([
    'alice@example.test',
    'alice of example.test',
    'false',
    'sameEnterprise',
  ]);
  await acknowledge(bob, alice.aor).expect(200);
  expect(xmlOf(await bob.expect('BENOTIFY')).need('subscribers').elements).toEqual([]);
  await acknowledge(bob, alice.aor).expect(200); // again is no fault
  await batch(alice, ['+bob']).expect(200);
  await bob.expectNothing();
});

test("private categories are nobody's business", async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const content = '<routing xmlns="http://schemas.microsoft.com/02/2006/sip/routing" name="rtcdefault" version="1"/>';
  await publish(bob, publication('routing', { content })).expect(200);
  const body = batchBody(alice.aor, ['bob'], 'subscribe', ['routing', 'dndState', 'state', 'unheardOf']);
  const answer = await alice.subscribe('alice', 'presence', { headers: LIST, body }).expect(200);
  expect(partOf(answer, BOB)).not.toMatch(/routing|dndState|unheardOf/);
});

test('what is published reaches watchers byte for byte', async () => {
  await using server = await serving({ categories: ['odd'] });
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const content = `<o:odd xmlns:o="urn:odd" a='1' b="2"><!-- kept --><o:x/><![CDATA[<&>]]><y xmlns="">é ☎ &amp;</y></o:odd>`;
  await publish(bob, publication('odd', { instance: 7, content })).expect(200);
  const body = batchBody(alice.aor, ['bob'], 'subscribe', ['odd']);
  const answer = await alice.subscribe('alice', 'presence', { headers: LIST, body }).expect(200);
  expect(answer.body.includes(Buffer.from(content))).toBe(true);
});

test('MS-PRES 3.10.3: a contact who is removed is offline, and one who comes back is there again', async () => {
  await using server = await serving();
  const admin = server.find(DirectoryAdmin);
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await publish(bob, state('machineState', 3500)).expect(200);
  await batch(alice, ['bob']).expect(200);
  await admin.removeUser(BOB);
  await server.advance('1.1s');
  expect(availabilityIn((await alice.expect('BENOTIFY', { body: /^(?![\s\S]*<contactCard)/ })).body)).toBe(18_500);
  await server.advance('1.1s');
  await admin.addUser({ uri: `sip:${BOB}`, displayName: 'Another Bob' });
  await alice.expect('BENOTIFY', { body: /Another Bob/, within: '2s' });
});

test('RFC 3261 section 8.2: a client without ms-benotify is told by NOTIFY, and one without piggyback gets its first document by it', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const watching = batch(alice, ['bob'], { Supported: 'eventlist' });
  await watching.expect(200, { body: '' });
  await watching.expect('NOTIFY', { headers: { CSeq: '1 NOTIFY', 'Content-Type': /^multipart\/related/ } });
  await publish(bob, state('machineState', 3500)).expect(200);
  await watching.expect('NOTIFY', { headers: { CSeq: '2 NOTIFY' } });
});

test('MS-PRES 6: an interval that is too short is refused with the least; contacts and subscriptions have a bound', async () => {
  await using server = await serving({ limits: { watched: 10, subscriptions: 10 } });
  const alice = await signedIn(server, 'alice');
  await batch(alice, ['bob'], { Expires: '30' }).expect(423, { headers: { 'Min-Expires': '60' } });
  const many = Array.from({ length: 11 }, (_, i) => `u${i}`);
  await batch(alice, many).expect(403, { headers: { 'ms-diagnostics': /^61030;.*10 contacts in a subscription/ } });
  for (let i = 0; i < 10; i++) await batch(alice, ['bob']).expect(200);
  await batch(alice, ['bob']).expect(403, { headers: { 'ms-diagnostics': /^61030;.*10 subscriptions/ } });
});
