/** How much there may be: what a user may have works, and one more is refused with a reason. */
import type { SipResponse } from '@parley/sdk';
import type { Endpoint, Sent, TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { serving, signedIn } from './serving.ts';
import { DOMAIN, LIST, SINGLE, batch, batchBody, note, ownData, partOf, publication, publish, state, xmlOf } from './words.ts';

/** As Lync sends it with each contact. */
const LYNC_CONTEXT =
  '<context><subscriptionContext xmlns="http://schemas.microsoft.com/2008/09/sip/SubscriptionContext" majorVersion="1" minorVersion="0"><watcher><contactList/></watcher></subscriptionContext></context>';

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `contact${i}@${DOMAIN}`);
const addPeople = (server: TestServer, people: readonly string[]): Promise<unknown> =>
  server.find(DirectoryAdmin).addUsers(people.map((aor) => ({ uri: `sip:${aor}`, displayName: aor })));
const listed = (answer: SipResponse, is: string): number =>
  partOf(answer, 'resourceList').match(new RegExp(` state="${is}"`, 'g'))?.length ?? 0;

test('a thousand contacts, with the context that Lync sends, come in one subscription; one more is refused', async () => {
  await using server = await serving();
  const people = named(1000);
  await addPeople(server, people);
  const alice = await signedIn(server, 'alice');
  const body = batchBody(alice.aor, people).replaceAll(/<resource ([^>]*)\/>/g, `<resource $1>${LYNC_CONTEXT}</resource>`);
  expect(body.length).toBeGreaterThan(200_000);
  const answer = await alice.subscribe('alice', 'presence', { headers: LIST, body }).expect(200);
  expect(listed(answer, 'active')).toBe(1000);
  await batch(alice, named(1001)).expect(413, { headers: { 'ms-diagnostics': /^4008;.*1001 resources; 1000 are the most/ } });
});

test('a user has ten endpoints that each publish and watch a thousand contacts; all ten are told of each other', async () => {
  await using server = await serving();
  const people = named(1000);
  await addPeople(server, people);
  const endpoints: Endpoint[] = [];
  for (let i = 0; i < 10; i++) endpoints.push(await signedIn(server, 'alice', `e${i}`));
  for (const one of endpoints) await ownData(one).expect(200);
  for (const [i, one] of endpoints.entries()) {
    await publish(one, state('machineState', 3500, 0, { instance: 0x3000_0000 + i })).expect(200);
    await batch(one, people).expect(200);
  }
  const [first, ...others] = endpoints as [Endpoint, ...Endpoint[]];
  await publish(first, note('to all of mine')).expect(200);
  for (const other of others) await other.expect('BENOTIFY', { headers: { Event: 'vnd-microsoft-roaming-self' }, body: /to all of mine/ });
  const machines = (await ownData(first).expect(200)).body.toString().match(/type="machineState"/g);
  expect(machines, 'ten in each of two containers').toHaveLength(20);
});

test('fifty categories are published, subscribed to and shown; more than a list may name are refused', async () => {
  const own = Array.from({ length: 50 }, (_, i) => `own${i}`);
  await using server = await serving({ categories: own });
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const all = own.map((name) => publication(name, { content: `<v xmlns="urn:own">${name}</v>` }));
  await publish(bob, all.join('')).expect(200);
  const ask = (categories: string[]): Sent =>
    alice.subscribe('alice', 'presence', { headers: LIST, body: batchBody(alice.aor, ['bob'], 'subscribe', categories) });
  const part = partOf(await ask(own).expect(200), bob.aor);
  for (const name of own) expect(part).toContain(`>${name}</v>`);
  const many = Array.from({ length: 257 }, (_, i) => `c${i}`);
  await ask(many).expect(413, { headers: { 'ms-diagnostics': /^4008;.*257 categories; 256 are the most/ } });
});

test('MS-PRES R22, R26: a contact whom too many watch is refused in the list, and the others are served', async () => {
  await using server = await serving({ limits: { watchers: 10 } });
  const [alice, bob, carol] = [await signedIn(server, 'alice'), await signedIn(server, 'bob'), await signedIn(server, 'carol')];
  for (let i = 0; i < 10; i++) await batch(bob, ['carol']).expect(200);
  const answer = await batch(alice, ['carol', 'bob']).expect(200);
  expect(partOf(answer, 'resourceList')).toMatch(
    /uri="sip:carol@[^>]*><instance id="0" state="terminated" reason="rejected" statusCode="403"/,
  );
  expect(partOf(answer, bob.aor)).toContain('contactCard');
  await publish(bob, state('machineState', 3500)).expect(200);
  expect(xmlOf(await alice.expect('BENOTIFY')).attribute('uri')).toBe(bob.uri);
  // Alone there is no list to say it in.
  await alice
    .subscribe(carol.aor, 'presence', { headers: SINGLE, body: batchBody(alice.aor, ['carol']) })
    .expect(403, { headers: { 'ms-diagnostics': /^61030;.*10 watchers/ } });
  await batch(alice, ['carol'], { Expires: '0' }).expect(200);
  expect(listed(await batch(alice, ['carol'], { Expires: '0' }).expect(200), 'active'), 'who asks once watches nobody').toBe(1);
});

test('a change of a list that is too large changes nothing of it', async () => {
  await using server = await serving({ limits: { watched: 10 } });
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const watching = batch(alice, ['bob', 'carol']);
  await watching.expect(200);
  const action = (name: string, contacts: readonly string[]): string =>
    /<action[\s\S]*<\/action>/.exec(batchBody(alice.aor, contacts, name))?.[0] ?? '';
  const exchange = (count: number): Sent => {
    const both = action('unsubscribe', ['bob']) + action('subscribe', named(count));
    const body = batchBody(alice.aor, ['bob']).replace(action('subscribe', ['bob']), both);
    return watching.send('SUBSCRIBE', { headers: { ...LIST, Event: 'presence' }, body });
  };
  await exchange(10).expect(403);
  await publish(bob, state('machineState', 3500)).expect(200);
  expect(xmlOf(await alice.expect('BENOTIFY')).attribute('uri'), 'bob is watched as before').toBe(bob.uri);
  await exchange(9).expect(200);
});

test('MS-PRES 3.10.5: a subscription to one contact stays one to that contact', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const watching = alice.subscribe(bob.aor, 'presence', { headers: SINGLE, body: batchBody(alice.aor, ['bob']) });
  await watching.expect(200);
  const change = (contacts: string[], categories?: string[]): Sent =>
    watching.send('SUBSCRIBE', {
      headers: { ...SINGLE, Event: 'presence' },
      body: batchBody(alice.aor, contacts, 'subscribe', categories),
    });
  await change(['carol']).expect(400);
  await change(['bob', 'carol']).expect(400);
  const again = await change(['bob'], ['note']).expect(200);
  expect(xmlOf(again).elements.map((one) => one.attribute('name'))).toEqual(['note']);
});

test('MS-PRES R34: who has as many subscriptions as there may be can still ask once', async () => {
  await using server = await serving({ limits: { subscriptions: 10 } });
  const alice = await signedIn(server, 'alice');
  for (let i = 0; i < 10; i++) await batch(alice, ['bob']).expect(200);
  await batch(alice, ['bob']).expect(403);
  for (let i = 0; i < 20; i++) await batch(alice, ['bob'], { Expires: '0' }).expect(200);
  await ownData(alice, { Expires: '0' }).expect(200);
});

test.each([
  ['SUBSCRIBE', { Event: 'presence' }],
  ['SUBSCRIBE', { Event: 'vnd-microsoft-roaming-self' }],
  ['SERVICE', { 'Content-Type': 'application/msrtc-category-publish+xml' }],
  ['PUBLISH', { Event: 'presence' }],
])('RFC 3261 section 8.2.2.3: %s %j that requires what nobody knows is refused by name', async (method, headers) => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  await alice
    .send(method, 'alice', { headers: { ...headers, Require: 'eventlist, x-telepathy' } })
    .expect(420, { headers: { Unsupported: 'x-telepathy' } });
});

test('a batch that is larger than the operator allows says which limit it is', async () => {
  await using server = await serving({ limits: { subscribeBytes: 4096 } });
  const alice = await signedIn(server, 'alice');
  await batch(alice, named(100)).expect(413, { headers: { 'ms-diagnostics': /^4008;.*4096 are the most/ } });
});
