/** A user's own endpoints: publish, containers, acknowledgement, and what they are told. */
import { expect, test } from 'vitest';
import { captured, notePublication, serving, statePublication, xmlOf } from './server.ts';

const OWN_CONTACT = '<sip:alice@example.test:53026;maddr=127.0.0.1;transport=tcp>;proxy=replace';
const GRUU = 'sip:alice@example.test;opaque=user:epid:2AteCBwDDVqNmvFJquaVSgAA;gruu';

test('MS-PRES R1, R3, R6, R7: a captured sign-in finds the event package, and gets everything in the answer', async () => {
  const { client } = await serving();
  const alice = await client('alice');
  alice.raw(captured('register'));
  const registered = await alice.response();
  expect(registered.first('Allow-Events')?.split(',')).toEqual(
    expect.arrayContaining(['vnd-microsoft-roaming-self', 'presence']) as unknown,
  );
  alice.raw(captured('subscribe-roaming-self', { [OWN_CONTACT]: `<${GRUU}>` }));
  const answer = await alice.response();
  expect(answer.status).toBe(200);
  expect(answer.first('ms-piggyback-cseq')).toBe('1');
  expect(answer.first('Event')).toBe('vnd-microsoft-roaming-self');
  expect(answer.first('Subscription-State')).toMatch(/^active;expires=\d+$/);
  expect(answer.first('Content-Type')).toBe('application/vnd-microsoft-roaming-self+xml');
  const root = xmlOf(answer);
  expect(root.elements.map(({ local }) => local)).toEqual(['categories', 'containers', 'subscribers']);
  const categories = root
    .need('categories')
    .all('category')
    .map((one) => `${one.attribute('name')} ${one.attribute('container')} ${one.attribute('instance')}`);
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
  const { client } = await serving();
  const alice = await client('alice');
  alice.raw(captured('register'));
  await alice.response();
  alice.raw(captured('publish-state-and-note'));
  const answer = await alice.response();
  expect([answer.status, answer.first('Content-Type')]).toEqual([200, 'application/vnd-microsoft-roaming-self+xml']);
  const categories = xmlOf(answer).need('categories').all('category');
  const versions = new Map(
    categories.map((one) => [
      `${one.attribute('name')} ${one.attribute('container')} ${one.attribute('instance')}`,
      one.attribute('version'),
    ]),
  );
  for (const key of ['state 2 993308598', 'state 3 993308598', 'note 200 0', 'note 300 0', 'note 400 0'])
    expect(versions.get(key), key).toBe('1');
  const state = categories.find(
    (one) => one.attribute('name') === 'state' && one.attribute('container') === '2' && one.attribute('instance') === '1',
  );
  expect(state?.find('state', 'availability')?.text).toBe('6500');
  expect(answer.body.toString()).toContain(
    '<note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">A new note</body></note>',
  );
});

test('MS-PRES R13: a captured deletion of what was never published is answered as done', async () => {
  const { client } = await serving();
  const alice = await client('alice');
  alice.raw(captured('register'));
  await alice.response();
  alice.raw(captured('publish-deletion'));
  expect((await alice.response()).status).toBe(200);
});

test('MS-PRES R9: a stale version gets 409 with the fault that clients read', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  await alice.publish(statePublication('machineState', 3500));
  const answer = await alice.publish(statePublication('machineState', 6500, 0));
  expect([answer.status, answer.first('Content-Type')]).toEqual([409, 'application/msrtc-fault+xml']);
  expect(answer.first('ms-diagnostics')).toMatch(/^2044;/);
  const operations = [...xmlOf(answer).descendants('operation')].map((one) => [
    one.attribute('index'),
    one.attribute('version'),
    one.attribute('curVersion'),
  ]);
  expect(operations).toEqual([
    ['1', '0', '1'],
    ['2', '0', '1'],
  ]);
});

test('MS-PRES R14, R15: the other endpoints are told what one publishes, whole categories, and the one itself is not', async () => {
  const { endpoint } = await serving();
  const [first, second] = [await endpoint('alice', 'e1'), await endpoint('alice', 'e2')];
  await first.roamingSelf();
  await second.roamingSelf();
  await first.publish(statePublication('machineState', 3500) + notePublication('here', 200));
  const told = await second.request();
  expect(told.method).toBe('BENOTIFY');
  expect(told.cseq.number).toBe(2);
  const names = xmlOf(told)
    .need('categories')
    .all('category')
    .map((one) => one.attribute('name'));
  expect(new Set(names)).toEqual(new Set(['state', 'note', 'legacyInterop', 'services']));
  await second.publish(notePublication('there', 300));
  const back = await first.request();
  expect(back.cseq.number, 'nothing of its own came before').toBe(2);
  const notes = xmlOf(back)
    .need('categories')
    .all('category')
    .map((one) => one.attribute('container'));
  expect(notes, 'every instance of the category, of all containers').toEqual(['200', '300']);
});

test('MS-PRES 3.3: a category that is gone is said to be, but nothing that makes clients forget the note', async () => {
  const { endpoint } = await serving();
  const [first, second] = [await endpoint('alice', 'e1'), await endpoint('alice', 'e2')];
  await second.roamingSelf();
  const calendar = (container: number, version: number, more = ''): string =>
    `<publication categoryName="calendarData" instance="0" container="${container}" version="${version}" expireType="static"${more}${more === '' ? '><calendarData xmlns="http://schemas.microsoft.com/2006/09/sip/calendarData"/></publication>' : '/>'}`;
  await first.publish(notePublication('a', 200) + notePublication('b', 300) + calendar(200, 0) + calendar(300, 0));
  await second.request();
  const note = (container: number): string =>
    `<publication categoryName="note" instance="0" container="${container}" version="1" expireType="static" expires="0"/>`;
  await first.publish(note(300) + calendar(200, 1, ' expires="0"') + calendar(300, 1, ' expires="0"'));
  const empty = xmlOf(await second.request())
    .need('categories')
    .all('category')
    .filter((one) => one.attribute('instance') === undefined);
  expect(empty.map((one) => [one.attribute('name'), one.attribute('container')])).toEqual([
    ['note', '300'],
    ['calendarData', '300'],
  ]);
  await first.publish(note(200));
  const gone = xmlOf(await second.request())
    .need('categories')
    .all('category');
  expect(gone.map((one) => [one.attribute('name'), one.attribute('container')])).toEqual([['note', undefined]]);
});

test('MS-PRES R17: a captured change of membership is told to all endpoints, the one that asked among them', async () => {
  const { client, endpoint } = await serving();
  const other = await endpoint('alice', 'e2');
  await other.roamingSelf();
  const alice = await client('alice', 'b34afb6ebb23');
  alice.raw(captured('register'));
  await alice.response();
  const current =
    xmlOf(await alice.roamingSelf())
      .need('containers')
      .all('container')
      .find((one) => one.attribute('id') === '32000')
      ?.attribute('version') ?? '0';
  alice.raw(captured('set-container-members', { 'id="32000" version="0"': `id="32000" version="${current}"` }));
  expect((await alice.response()).status).toBe(200);
  for (const one of [alice, other]) {
    const [container, ...more] = xmlOf(await one.request())
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
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  expect((await alice.setMembers(container)).status).toBe(400);
});

test('MS-PRES R2: nobody publishes, subscribes or changes containers for somebody else', async () => {
  const { endpoint } = await serving();
  const bob = await endpoint('bob');
  const answers = [
    await bob.ask('SERVICE', 'alice@example.test', { 'Content-Type': 'application/msrtc-category-publish+xml' }, '<publish/>'),
    await bob.ask('SUBSCRIBE', 'alice@example.test', { Event: 'vnd-microsoft-roaming-self' }),
    await bob.ask(
      'SERVICE',
      'bob@example.test',
      { 'Content-Type': 'application/msrtc-category-publish+xml' },
      `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:alice@example.test">${notePublication('x', 200)}</publications></publish>`,
    ),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(403);
    expect(answer.first('ms-diagnostics')).toMatch(/^4004;reason="bob@example.test may not act for alice@example.test"/);
  }
});

test('MS-PRES R10, R11, R12, S15, S16: what may not be published is refused, and says why', async () => {
  const { endpoint } = await serving({ categories: ['shoeSize'] });
  const alice = await endpoint('alice');
  const one = (name: string, instance: number, content: string): string =>
    `<publication categoryName="${name}" instance="${instance}" container="2" version="0" expireType="static">${content}</publication>`;
  const refused: readonly (readonly [string, number, RegExp])[] = [
    [notePublication('a', 200) + notePublication('b', 200), 400, /^\d+;/],
    [one('hatSize', 0, '<hatSize xmlns="urn:x"/>'), 400, /^61031;.*hatSize/],
    [one('state', 1, '<state xmlns="http://schemas.microsoft.com/2006/09/sip/state"/>'), 403, /^61032;/],
    [one('userProperties', 0, '<userProperties xmlns="http://schemas.microsoft.com/2006/09/sip/categories"/>'), 403, /^61032;/],
    [one('note', 0, '<note xmlns="urn:wrong"/>'), 400, /^4001;/],
    [statePublication('machineState', -1), 400, /^4001;/],
  ];
  for (const [publications, status, diagnostic] of refused) {
    const answer = await alice.publish(publications);
    expect([answer.status, publications]).toEqual([status, publications]);
    expect(answer.first('ms-diagnostics')).toMatch(diagnostic);
  }
  expect((await alice.publish(one('shoeSize', 0, '<eu xmlns="urn:x">43</eu>'))).status, 'an operator has added it').toBe(200);
});

test('limits beyond which clients are refused say which one it is', async () => {
  const { endpoint } = await serving({ limits: { instances: 50, containers: 10, members: 10, bodyBytes: 20_000 }, categories: ['k'] });
  const alice = await endpoint('alice');
  const many = (from: number, count: number): string =>
    Array.from(
      { length: count },
      (_, i) =>
        `<publication categoryName="k" instance="${from + i}" container="2" version="0" expireType="static"><k xmlns="urn:k"/></publication>`,
    ).join('');
  expect((await alice.publish(many(0, 50))).status).toBe(200);
  const full = await alice.publish(many(50, 1));
  expect([full.status, full.first('ms-diagnostics')]).toEqual([
    403,
    expect.stringMatching(/^61030;reason="alice@example.test has reached the limit of 50 published instances"/),
  ]);
  expect((await alice.publish(many(0, 1).replace('version="0"', 'version="1"'))).status, 'what is there may still change').toBe(200);
  const members = Array.from({ length: 11 }, (_, i) => `<member action="add" type="user" value="u${i}@example.test"/>`).join('');
  expect((await alice.setMembers(`<container id="400" version="0">${members}</container>`)).first('ms-diagnostics')).toMatch(
    /^(61030|2044);/,
  );
  const large = await alice.publish(many(0, 200));
  expect([large.status, large.first('ms-diagnostics')]).toEqual([413, expect.stringMatching(/^4008;/)]);
});

test('MS-PRES R16: what lives as long as its endpoint is published by endpoints that are registered', async () => {
  const { client } = await serving();
  const alice = await client('alice', 'e9');
  const answer = await alice.publish(statePublication('machineState', 3500));
  expect([answer.status, answer.first('ms-diagnostics')]).toEqual([403, expect.stringMatching(/^61033;/)]);
});

test('MS-PRES R16, S13: an endpoint whose connection breaks takes all that was bound to it, and the others are told once', async () => {
  const { endpoint, presence } = await serving();
  const [first, second] = [await endpoint('alice', 'e1'), await endpoint('alice', 'e2')];
  const calendar = (container: number): string =>
    `<publication categoryName="calendarData" instance="1" container="${container}" version="0" expireType="endpoint"><calendarData xmlns="http://schemas.microsoft.com/2006/09/sip/calendarData"/></publication>`;
  await first.publish(statePublication('machineState', 3500) + calendar(200) + calendar(300) + notePublication('stays', 200));
  await second.roamingSelf();
  expect(presence.stateOf('alice@example.test')).toMatchObject({ availability: 3500 });
  first.socket.destroy();
  const told = await second.request();
  const gone = xmlOf(told)
    .need('categories')
    .all('category')
    .filter((one) => one.attribute('instance') === undefined && one.attribute('name') === 'calendarData');
  expect(
    gone.map((one) => one.attribute('container')),
    'nothing in 200: a client would forget its note',
  ).toEqual(['300']);
  expect(told.body.toString()).not.toContain('instance="806102309"');
  expect(presence.stateOf('alice@example.test')).toMatchObject({ availability: 18_500 });
  await second.ask('OPTIONS', 'example.test');
  expect(second.requests, 'all of it in one').toEqual([]);
  expect((await second.roamingSelf()).body.toString()).toContain('stays');
});

test('a plugin publishes for a user, and hears of changes', async () => {
  const { endpoint, presence } = await serving();
  const alice = await endpoint('alice');
  await alice.roamingSelf();
  const heard: unknown[] = [];
  presence.onChange((aor, { availability }) => void heard.push([aor, availability]));
  const content =
    '<mwi xmlns="http://schemas.microsoft.com/2006/09/sip/mwi" messageWaiting="true" unreadVoiceMailCount="2" readVoiceMailCount="0"/>';
  await presence.publishAs('alice@example.test', [{ category: 'mwi', instance: 0, container: 1, content }]);
  expect((await alice.request()).body.toString()).toContain(content);
  await alice.publish(statePublication('machineState', 3500));
  expect(heard).toEqual([['alice@example.test', 3500]]);
});

test('MS-PRES R35: a SERVICE to the own address that nobody serves says what is served; one to a service passes', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  const answer = await alice.ask('SERVICE', alice.aor, { 'Content-Type': 'application/x-unknown' }, 'x');
  expect([answer.status, answer.first('Accept')]).toEqual([415, expect.stringContaining('application/msrtc-category-publish+xml')]);
  const service = await alice.ask(
    'SERVICE',
    `${alice.aor};gruu;opaque=app:conf:focusfactory`,
    { 'Content-Type': 'application/cccp+xml' },
    'x',
  );
  expect(service.status).not.toBe(415);
});
