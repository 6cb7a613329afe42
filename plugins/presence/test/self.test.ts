/** A user's own endpoints: publish, containers, acknowledgement, and what they are told. */
import type { SipMessage, XmlElement } from '@parley/sdk';
import type { Received } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { Presence } from '../src/api.ts';
import { client, serving, signedIn } from './serving.ts';
import { MACHINE, captured, conflictsIn, note, ownData, publication, publish, setMembers, state, xmlOf } from './words.ts';

const OWN_CONTACT = '<sip:alice@example.test:53026;maddr=127.0.0.1;transport=tcp>;proxy=replace';
const GRUU = 'sip:alice@example.test;opaque=user:epid:2AteCBwDDVqNmvFJquaVSgAA;gruu';

const categoriesIn = (message: SipMessage | Received): XmlElement[] => [...xmlOf(message).need('categories').all('category')];
const calendar = (container: number, more: Parameters<typeof publication>[1] = {}): string =>
  publication('calendarData', {
    container,
    content: '<calendarData xmlns="http://schemas.microsoft.com/2006/09/sip/calendarData"/>',
    ...more,
  });

test('MS-PRES R1, R3, R6, R7: a captured sign-in finds the event package, and gets everything in the answer', async () => {
  await using server = await serving();
  const alice = client(server, 'alice');
  await alice.write(captured('register'));
  const registered = await alice.expect(200);
  expect(registered.first('Allow-Events')?.split(',')).toEqual(
    expect.arrayContaining(['vnd-microsoft-roaming-self', 'presence', 'presence.wpending']) as unknown,
  );
  await alice.write(captured('subscribe-roaming-self', { [OWN_CONTACT]: `<${GRUU}>` }));
  const answer = await alice.expect(200, {
    headers: {
      'ms-piggyback-cseq': '1',
      Event: 'vnd-microsoft-roaming-self',
      'Subscription-State': /^active;expires=\d+$/,
      'Content-Type': 'application/vnd-microsoft-roaming-self+xml',
    },
  });
  const root = xmlOf(answer);
  expect(root.elements.map(({ local }) => local)).toEqual(['categories', 'containers', 'subscribers']);
  const categories = categoriesIn(answer).map(
    (one) => `${one.attribute('name')} ${one.attribute('container')} ${one.attribute('instance')}`,
  );
  expect(categories).toEqual(expect.arrayContaining(['userProperties 1 0', 'contactCard 0 0', 'state 2 1', 'state 32000 0']));
  const members = root
    .need('containers')
    .all('container')
    .map((one) => [one.attribute('id'), one.child('member')?.attribute('type')]);
  expect(members).toEqual(
    expect.arrayContaining([
      ['200', 'sameEnterprise'],
      ['100', 'federated'],
    ]),
  );
});

test('MS-PRES R8, R14, S4: a captured publish is answered with its new versions and what aggregation made of it', async () => {
  await using server = await serving();
  const alice = client(server, 'alice');
  await alice.write(captured('register'));
  await alice.expect(200);
  await alice.write(captured('publish-state-and-note'));
  const answer = await alice.expect(200, { headers: { 'Content-Type': 'application/vnd-microsoft-roaming-self+xml' } });
  const categories = categoriesIn(answer);
  const versions = new Map(
    categories.map((one) => [
      `${one.attribute('name')} ${one.attribute('container')} ${one.attribute('instance')}`,
      one.attribute('version'),
    ]),
  );
  for (const key of ['state 2 993308598', 'state 3 993308598', 'note 200 0', 'note 300 0', 'note 400 0'])
    expect(versions.get(key), key).toBe('1');
  const aggregate = categories.find(
    (one) => one.attribute('name') === 'state' && one.attribute('container') === '2' && one.attribute('instance') === '1',
  );
  expect(aggregate?.find('state', 'availability')?.text).toBe('6500');
  expect(answer.body.toString()).toContain(
    '<note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">A new note</body></note>',
  );
});

test('MS-PRES R13: a captured deletion of what was never published is answered as done', async () => {
  await using server = await serving();
  const alice = client(server, 'alice');
  await alice.write(captured('register'));
  await alice.expect(200);
  await alice.write(captured('publish-deletion'));
  await alice.expect(200);
});

test('MS-PRES R9: a stale version gets 409 with the fault that clients read', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  await publish(alice, state('machineState', 3500)).expect(200);
  const answer = await publish(alice, state('machineState', 6500, 0)).expect(409, {
    headers: { 'Content-Type': 'application/msrtc-fault+xml', 'ms-diagnostics': /^2044;/ },
  });
  expect(conflictsIn(answer)).toEqual([
    ['1', '0', '1'],
    ['2', '0', '1'],
  ]);
});

test('MS-PRES R14, R15: the other endpoints are told what one publishes, whole categories, and the one itself is not', async () => {
  await using server = await serving();
  const [first, second] = [await signedIn(server, 'alice', 'e1'), await signedIn(server, 'alice', 'e2')];
  for (const one of [first, second]) await ownData(one).expect(200);
  await publish(first, state('machineState', 3500) + note('here')).expect(200);
  const told = await second.expect('BENOTIFY', { headers: { CSeq: '2 BENOTIFY' } });
  const names = categoriesIn(told).map((one) => one.attribute('name'));
  expect(new Set(names)).toEqual(new Set(['state', 'note', 'legacyInterop', 'services']));
  await publish(second, note('there', 300)).expect(200);
  // The number says that nothing of its own came before.
  const back = await first.expect('BENOTIFY', { headers: { CSeq: '2 BENOTIFY' } });
  expect(
    categoriesIn(back).map((one) => one.attribute('container')),
    'every instance of the category, of all containers',
  ).toEqual(['200', '300']);
});

test('MS-PRES 3.3: a category that is gone is said to be, but nothing that makes clients forget the note', async () => {
  await using server = await serving();
  const [first, second] = [await signedIn(server, 'alice', 'e1'), await signedIn(server, 'alice', 'e2')];
  await ownData(second).expect(200);
  await publish(first, note('a') + note('b', 300) + calendar(200) + calendar(300)).expect(200);
  await second.expect('BENOTIFY');
  const gone = { version: 1, expires: 0 };
  await publish(first, note('', 300, 1, gone) + calendar(200, gone) + calendar(300, gone)).expect(200);
  const empty = categoriesIn(await second.expect('BENOTIFY')).filter((one) => one.attribute('instance') === undefined);
  expect(empty.map((one) => [one.attribute('name'), one.attribute('container')])).toEqual([
    ['note', '300'],
    ['calendarData', '300'],
  ]);
  await publish(first, note('', 200, 1, gone)).expect(200);
  const last = categoriesIn(await second.expect('BENOTIFY'));
  expect(last.map((one) => [one.attribute('name'), one.attribute('container')])).toEqual([['note', undefined]]);
});

test('MS-PRES R17: a captured change of membership is told to all endpoints, the one that asked among them', async () => {
  await using server = await serving();
  const other = await signedIn(server, 'alice', 'e2');
  await ownData(other).expect(200);
  const alice = client(server, 'alice', 'b34afb6ebb23');
  await alice.write(captured('register'));
  await alice.expect(200);
  const blocked = xmlOf(await ownData(alice).expect(200))
    .need('containers')
    .all('container')
    .find((one) => one.attribute('id') === '32000');
  const current = blocked?.attribute('version') ?? '0';
  await alice.write(captured('set-container-members', { 'id="32000" version="0"': `id="32000" version="${current}"` }));
  await alice.expect(200);
  for (const one of [alice, other]) {
    const [container, ...more] = xmlOf(await one.expect('BENOTIFY'))
      .need('containers')
      .all('container');
    expect(more).toEqual([]);
    expect([container?.attribute('id'), container?.attribute('version')]).toEqual(['32000', String(Number(current) + 1)]);
    expect(container?.child('member')?.attribute('value')).toBe('mallory@example.test');
  }
});

test.each([
  ['MS-PRES R18: container 0', '<container id="0" version="0"><member action="add" type="everyone"/></container>'],
  ['MS-PRES R18: a container beyond 32767', '<container id="32768" version="0"/>'],
  [
    'the same member added and removed',
    '<container id="500" version="0"><member action="add" type="user" value="bob@example.test"/><member action="remove" type="user" value="bob@example.test"/></container>',
  ],
])('%s is refused', async (_what, container) => {
  await using server = await serving();
  await setMembers(await signedIn(server, 'alice'), container).expect(400);
});

test('MS-PRES R2: nobody publishes, subscribes or changes containers for somebody else', async () => {
  await using server = await serving();
  const bob = await signedIn(server, 'bob');
  for (const sent of [
    bob.send('SERVICE', 'alice', { contentType: 'application/msrtc-category-publish+xml', body: '<publish/>' }),
    bob.send('SUBSCRIBE', 'alice', { headers: { Event: 'vnd-microsoft-roaming-self' } }),
    publish(bob, note('x'), 'alice@example.test'),
  ])
    await sent.expect(403, { headers: { 'ms-diagnostics': /^4004;reason="bob@example.test may not act for alice@example.test"/ } });
});

test('MS-PRES R10, R11, R12, S15, S16: what may not be published is refused, and says why', async () => {
  await using server = await serving({ categories: ['shoeSize'] });
  const alice = await signedIn(server, 'alice');
  const refused: readonly (readonly [string, number, RegExp])[] = [
    [note('a') + note('b'), 400, /^\d+;/],
    [publication('hatSize', { container: 2 }), 400, /^61031;.*hatSize/],
    [
      publication('state', { container: 2, instance: 1, content: '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state"/>' }),
      403,
      /^61032;/,
    ],
    [
      publication('userProperties', { content: '<userProperties xmlns="http://schemas.microsoft.com/2006/09/sip/categories"/>' }),
      403,
      /^61032;/,
    ],
    [publication('note', { content: '<note xmlns="urn:wrong"/>' }), 400, /^4001;/],
    [state('machineState', -1), 400, /^4001;/],
  ];
  for (const [publications, status, diagnostics] of refused)
    await publish(alice, publications).expect(status, { headers: { 'ms-diagnostics': diagnostics } });
  // An operator has added it.
  await publish(alice, publication('shoeSize', { content: '<eu xmlns="urn:x">43</eu>' })).expect(200);
});

test('limits beyond which clients are refused say which one it is', async () => {
  await using server = await serving({ limits: { instances: 50, containers: 10, members: 10, bodyBytes: 20_000 }, categories: ['k'] });
  const alice = await signedIn(server, 'alice');
  const many = (from: number, count: number, version = 0): string =>
    Array.from({ length: count }, (_, i) => publication('k', { instance: from + i, version })).join('');
  await publish(alice, many(0, 50)).expect(200);
  await publish(alice, many(50, 1)).expect(403, {
    headers: { 'ms-diagnostics': /^61030;reason="alice@example.test has reached the limit of 50 published instances"/ },
  });
  // What is there may still change.
  await publish(alice, many(0, 1, 1)).expect(200);
  const members = Array.from({ length: 11 }, (_, i) => `<member action="add" type="user" value="u${i}@example.test"/>`).join('');
  await setMembers(alice, `<container id="400" version="0">${members}</container>`).expect('4xx', {
    headers: { 'ms-diagnostics': /^(61030|2044);/ },
  });
  await publish(alice, many(0, 200)).expect(413, { headers: { 'ms-diagnostics': /^4008;/ } });
});

test('MS-PRES R16: what lives as long as its endpoint is published by endpoints that are registered', async () => {
  await using server = await serving();
  const stranger = client(server, 'alice', 'e9');
  await publish(stranger, state('machineState', 3500)).expect(403, { headers: { 'ms-diagnostics': /^61033;/ } });
});

test('MS-PRES R16, S13: an endpoint whose connection breaks takes all that was bound to it, and the others are told once', async () => {
  await using server = await serving();
  const [first, second] = [await signedIn(server, 'alice', 'e1'), await signedIn(server, 'alice', 'e2')];
  const bound = { instance: 1, expireType: 'endpoint' } as const;
  const all = state('machineState', 3500) + calendar(200, bound) + calendar(300, bound) + note('stays');
  await publish(first, all).expect(200);
  await ownData(second).expect(200);
  const presence = server.find(Presence);
  expect(presence.stateOf('alice@example.test')).toMatchObject({ availability: 3500 });
  first.disconnect();
  const told = await second.expect('BENOTIFY');
  const gone = categoriesIn(told).filter((one) => one.attribute('instance') === undefined && one.attribute('name') === 'calendarData');
  expect(
    gone.map((one) => one.attribute('container')),
    'nothing in 200: a client would forget its note',
  ).toEqual(['300']);
  expect(told.body).not.toContain(`instance="${MACHINE}"`);
  expect(presence.stateOf('alice@example.test')).toMatchObject({ availability: 18_500 });
  await second.expectNothing(); // all of it came in one
  await ownData(second).expect(200, { body: /stays/ });
});

test('a plugin publishes for a user, and hears of changes', async () => {
  await using server = await serving();
  const presence = server.find(Presence);
  const alice = await signedIn(server, 'alice');
  await ownData(alice).expect(200);
  const heard: unknown[] = [];
  presence.onChange((aor, { availability }) => void heard.push([aor, availability]));
  const content =
    '<mwi xmlns="http://schemas.microsoft.com/2006/09/sip/mwi" messageWaiting="true" unreadVoiceMailCount="2" readVoiceMailCount="0"/>';
  await presence.publishAs('alice@example.test', [{ category: 'mwi', instance: 0, container: 1, content }]);
  expect((await alice.expect('BENOTIFY')).body).toContain(content);
  await publish(alice, state('machineState', 3500)).expect(200);
  expect(heard).toEqual([['alice@example.test', 3500]]);
});

test('MS-PRES R35: a SERVICE to the own address that nobody serves says what is served; one to a service passes', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  await alice
    .send('SERVICE', 'alice', { contentType: 'application/x-unknown', body: 'x' })
    .expect(415, { headers: { Accept: /application\/msrtc-category-publish\+xml/ } });
  const conference = `${alice.uri};gruu;opaque=app:conf:focusfactory`;
  // Nobody is there who takes it.
  await alice.send('SERVICE', conference, { contentType: 'application/cccp+xml', body: '<request/>' }).expect(404);
});
