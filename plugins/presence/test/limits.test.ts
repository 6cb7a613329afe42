/** How much there may be: what a user may have works, and one more is refused with a reason. */
import { H } from '@parley/sdk';
import type { SipResponse } from '@parley/sdk';
import { expect, test } from 'vitest';
import { DOMAIN, OCS, batchBody, dialogOf, notePublication, partOf, serving, statePublication, xmlOf } from './server.ts';
import type { Client, Served } from './server.ts';

const BATCH = 'application/msrtc-adrl-categorylist+xml';
const LIST = { ...OCS, Event: 'presence', Require: 'adhoclist, categoryList', 'Content-Type': BATCH };
/** As Lync sends it with each contact. */
const LYNC_CONTEXT =
  '<context><subscriptionContext xmlns="http://schemas.microsoft.com/2008/09/sip/SubscriptionContext" majorVersion="1" minorVersion="0"><watcher><contactList/></watcher></subscriptionContext></context>';

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `contact${i}@${DOMAIN}`);

async function addPeople({ admin }: Served, people: readonly string[]): Promise<void> {
  for (const aor of people) await admin.addUser({ uri: `sip:${aor}`, displayName: aor });
}

function listed(answer: SipResponse, state: string): number {
  return partOf(answer, 'resourceList').match(new RegExp(` state="${state}"`, 'g'))?.length ?? 0;
}

function withContext(body: string): string {
  return body.replaceAll(/<resource ([^>]*)\/>/g, `<resource $1>${LYNC_CONTEXT}</resource>`);
}

test('a thousand contacts, with the context that Lync sends, come in one subscription; one more is refused', async () => {
  const served = await serving();
  const people = named(1000);
  await addPeople(served, people);
  const alice = await served.endpoint('alice');
  const body = withContext(batchBody(alice.aor, people));
  expect(body.length).toBeGreaterThan(200_000);
  const answer = await alice.ask('SUBSCRIBE', alice.aor, LIST, body);
  expect(answer.status, answer.first('ms-diagnostics')).toBe(200);
  expect(listed(answer, 'active')).toBe(1000);
  const beyond = await alice.ask('SUBSCRIBE', alice.aor, LIST, batchBody(alice.aor, named(1001)));
  expect([beyond.status, beyond.first('ms-diagnostics')]).toEqual([
    413,
    expect.stringMatching(/^4008;.*1001 resources; 1000 are the most/),
  ]);
});

test('a user has ten endpoints that each publish and watch a thousand contacts; all ten are told of each other', async () => {
  const served = await serving();
  const people = named(1000);
  await addPeople(served, people);
  const endpoints: Client[] = [];
  for (let i = 0; i < 10; i++) endpoints.push(await served.endpoint('alice', `e${i}`));
  for (const one of endpoints) expect((await one.roamingSelf()).status).toBe(200);
  for (const [i, one] of endpoints.entries()) {
    const state = statePublication('machineState', 3500).replaceAll('806102309', String(0x3000_0000 + i));
    expect((await one.publish(state)).status).toBe(200);
    expect((await one.ask('SUBSCRIBE', one.aor, LIST, batchBody(one.aor, people))).status).toBe(200);
  }
  const [first] = endpoints as [Client];
  await first.publish(notePublication('to all of mine', 200));
  for (const other of endpoints.slice(1))
    await other.request((request) => request.body.includes('to all of mine') && request.first(H.Event) === 'vnd-microsoft-roaming-self');
  const machines = (await first.roamingSelf()).body.toString().match(/type="machineState"/g);
  expect(machines, 'ten in each of two containers').toHaveLength(20);
});

test('fifty categories are published, subscribed to and shown; more than a list may name are refused', async () => {
  const own = Array.from({ length: 50 }, (_, i) => `own${i}`);
  const { endpoint } = await serving({ categories: own });
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const all = own.map(
    (name) =>
      `<publication categoryName="${name}" instance="0" container="200" version="0" expireType="static"><v xmlns="urn:own">${name}</v></publication>`,
  );
  expect((await bob.publish(all.join(''))).status).toBe(200);
  const answer = await alice.ask('SUBSCRIBE', alice.aor, LIST, batchBody(alice.aor, ['bob'], 'subscribe', own));
  const part = partOf(answer, `bob@${DOMAIN}`);
  for (const name of own) expect(part).toContain(`>${name}</v>`);
  const many = Array.from({ length: 257 }, (_, i) => `c${i}`);
  const beyond = await alice.ask('SUBSCRIBE', alice.aor, LIST, batchBody(alice.aor, ['bob'], 'subscribe', many));
  expect([beyond.status, beyond.first('ms-diagnostics')]).toEqual([413, expect.stringMatching(/^4008;.*257 categories; 256 are the most/)]);
});

test('MS-PRES R22, R26: a contact whom too many watch is refused in the list, and the others are served', async () => {
  const { endpoint } = await serving({ limits: { watchers: 10 } });
  const [alice, bob, carol] = [await endpoint('alice'), await endpoint('bob'), await endpoint('carol')];
  for (let i = 0; i < 10; i++) expect((await bob.batch(['carol'])).status).toBe(200);
  const answer = await alice.batch(['carol', 'bob']);
  expect(answer.status).toBe(200);
  expect(partOf(answer, 'resourceList')).toMatch(
    /uri="sip:carol@[^>]*><instance id="0" state="terminated" reason="rejected" statusCode="403"/,
  );
  expect(partOf(answer, `bob@${DOMAIN}`)).toContain('contactCard');
  await bob.publish(statePublication('machineState', 3500));
  expect(xmlOf(await alice.request()).attribute('uri')).toBe(bob.aor.replace(/^/, 'sip:'));
  // Alone there is no list to say it in.
  const single = await alice.ask(
    'SUBSCRIBE',
    carol.aor,
    { ...OCS, Event: 'presence', 'Content-Type': BATCH },
    batchBody(alice.aor, ['carol']),
  );
  expect([single.status, single.first('ms-diagnostics')]).toEqual([403, expect.stringMatching(/^61030;.*10 watchers/)]);
  expect((await alice.batch(['carol'], { Expires: '0' })).status).toBe(200);
  expect(listed(await alice.batch(['carol'], { Expires: '0' }), 'active'), 'who asks once watches nobody').toBe(1);
});

test('a change of a list that is too large changes nothing of it', async () => {
  const { endpoint } = await serving({ limits: { watched: 10 } });
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const dialog = dialogOf(await alice.batch(['bob', 'carol']));
  const action = (name: string, contacts: readonly string[]): string =>
    /<action[\s\S]*<\/action>/.exec(batchBody(alice.aor, contacts, name))?.[0] ?? '';
  const both = batchBody(alice.aor, ['bob']).replace(
    /<action[\s\S]*<\/action>/,
    action('unsubscribe', ['bob']) + action('subscribe', named(10)),
  );
  const answer = await alice.ask('SUBSCRIBE', alice.aor, LIST, both, dialog);
  expect(answer.status).toBe(403);
  await bob.publish(statePublication('machineState', 3500));
  expect(xmlOf(await alice.request()).attribute('uri'), 'bob is watched as before').toBe(`sip:${bob.aor}`);
  const fits = batchBody(alice.aor, ['bob']).replace(
    /<action[\s\S]*<\/action>/,
    action('unsubscribe', ['bob']) + action('subscribe', named(9)),
  );
  expect((await alice.ask('SUBSCRIBE', alice.aor, LIST, fits, dialog)).status).toBe(200);
});

test('MS-PRES 3.10.5: a subscription to one contact stays one to that contact', async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const headers = { ...OCS, Event: 'presence', 'Content-Type': BATCH };
  const dialog = dialogOf(await alice.ask('SUBSCRIBE', bob.aor, headers, batchBody(alice.aor, ['bob'])));
  expect((await alice.ask('SUBSCRIBE', bob.aor, headers, batchBody(alice.aor, ['carol']), dialog)).status).toBe(400);
  expect((await alice.ask('SUBSCRIBE', bob.aor, headers, batchBody(alice.aor, ['bob', 'carol']), dialog)).status).toBe(400);
  const again = await alice.ask('SUBSCRIBE', bob.aor, headers, batchBody(alice.aor, ['bob'], 'subscribe', ['note']), dialog);
  expect([again.status, xmlOf(again).elements.map((one) => one.attribute('name'))]).toEqual([200, ['note']]);
});

test('MS-PRES R34: who has as many subscriptions as there may be can still ask once', async () => {
  const { endpoint } = await serving({ limits: { subscriptions: 10 } });
  const alice = await endpoint('alice');
  for (let i = 0; i < 10; i++) expect((await alice.batch(['bob'])).status).toBe(200);
  expect((await alice.batch(['bob'])).status).toBe(403);
  for (let i = 0; i < 20; i++) expect((await alice.batch(['bob'], { Expires: '0' })).status).toBe(200);
  expect((await alice.roamingSelf({ Expires: '0' })).status).toBe(200);
});

test.each([
  ['SUBSCRIBE', { Event: 'presence' }],
  ['SUBSCRIBE', { Event: 'vnd-microsoft-roaming-self' }],
  ['SERVICE', { 'Content-Type': 'application/msrtc-category-publish+xml' }],
  ['PUBLISH', { Event: 'presence' }],
])('RFC 3261 section 8.2.2.3: %s %j that requires what nobody knows is refused by name', async (method, headers) => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  const answer = await alice.ask(method, alice.aor, { ...headers, Require: 'eventlist, x-telepathy' });
  expect([answer.status, answer.first('Unsupported')]).toEqual([420, 'x-telepathy']);
});

test('a batch that is larger than the operator allows says which limit it is', async () => {
  const { endpoint } = await serving({ limits: { subscribeBytes: 4096 } });
  const alice = await endpoint('alice');
  const answer = await alice.batch(named(100));
  expect([answer.status, answer.first('ms-diagnostics')]).toEqual([413, expect.stringMatching(/^4008;.*4096 are the most/)]);
});
