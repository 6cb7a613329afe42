/** Captured messages of an OCS client against a whole server. */
import type { Endpoint } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { FROM_BOB, bodyOf, captured, client, heard, say, service, serving, subscribed } from './serving.ts';

const FIRST = '<contactList deltaNum="1"><group id="1" name="~" externalURI=""/></contactList>';

test('MS-PRES R3, R28, R32, MS-SIPREGE R12: the whole list is in the answer to the SUBSCRIBE', async () => {
  await using server = await serving();
  const answer = await subscribed(client(server));
  const head = answer.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
  for (const line of [
    'SIP/2.0 200 OK',
    'Expires: 28800',
    'Supported: ms-benotify, ms-piggyback-first-notify',
    'Event: vnd-microsoft-roaming-contacts',
    'Subscription-State: active;expires=28800',
    'ms-piggyback-cseq: 1',
    'Content-Type: application/vnd-microsoft-roaming-contacts+xml',
  ]) {
    expect(head).toContain(line);
  }
  expect(bodyOf(answer)).toBe(FIRST);
});

test('MS-SIPREGE R13, R14, MS-PRES R4, R27: what a client does is answered, then told to it and to every other endpoint of the user', async () => {
  await using server = await serving({ bareChanges: ['UCCAPI/'] });
  const [first, second, bob] = [client(server), client(server), client(server)];
  await subscribed(first);
  await subscribed(second, {
    'User-Agent: Purple/2.14.12 Sipe/1.25.0 (linux-x86_64)': 'User-Agent: UCCAPI/15.0.4420.1017 OC/15.0.4420.1017',
  });
  await subscribed(bob, { alice: 'bob' });
  // Two at once, the second by a number that the client has counted on to.
  await say(
    first,
    captured('service-add-group', { '<m:deltaNum>2<': '<m:deltaNum>1<' }),
    captured('service-set-contact', { '<m:deltaNum>3<': '<m:deltaNum>2<' }),
  );
  const [added, addedNotice, set, setNotice] = [await heard(first), await heard(first), await heard(first), await heard(first)];
  expect(added).toMatch(/^SIP\/2\.0 200 OK\r\n/);
  expect(added).toContain('\r\nContent-Type: application/SOAP+xml\r\n');
  expect(bodyOf(added)).toContain('<m:addGroup><m:groupID>2</m:groupID></m:addGroup>');
  expect(addedNotice).toMatch(/^BENOTIFY sip:alice@example\.test:\d+;maddr=192\.0\.2\.\d+;transport=tcp/);
  expect(addedNotice).toContain('\r\nCSeq: 2 BENOTIFY\r\n');
  expect(bodyOf(addedNotice)).toBe(
    '<contactDelta deltaNum="2" prevDeltaNum="1"><addedGroup id="2" name="Work" externalURI=""/></contactDelta>',
  );
  expect(set).toMatch(/^SIP\/2\.0 200 OK\r\n/);
  expect(bodyOf(set)).toBe('');
  const attributes = 'name="Robert B." groups="1" subscribed="true" externalURI=""';
  expect(setNotice).toContain('\r\nCSeq: 3 BENOTIFY\r\n');
  expect(bodyOf(setNotice)).toBe(
    `<contactDelta deltaNum="3" prevDeltaNum="2"><addedContact uri="sip:bob@example.test" ${attributes}/></contactDelta>`,
  );
  expect(bodyOf(await heard(second))).toBe(bodyOf(addedNotice));
  expect(bodyOf(await heard(second)), 'without sip: for clients that want it so').toBe(bodyOf(setNotice).replace('sip:', ''));
  await say(bob, service('<m:deleteContact><m:URI>sip:x@example.test</m:URI></m:deleteContact>', { alice: 'bob' }));
  expect(await heard(bob), 'the next that bob hears is about his own list').toMatch(/^SIP\/2\.0 200/);
});

test('two endpoints edit at the same time: both are heard, and both end with the same list', async () => {
  await using server = await serving();
  const [first, second] = [client(server), client(server)];
  await subscribed(first);
  await subscribed(second);
  const contact = (name: string): string =>
    service(
      `<m:setContact><m:displayName>${name}</m:displayName><m:groups>1</m:groups><m:URI>sip:dave@example.test</m:URI><m:deltaNum>1</m:deltaNum></m:setContact>`,
    );
  await say(first, contact('by the first'));
  await say(second, contact('by the second'));
  const deltas = async (from: Endpoint): Promise<string[]> => {
    const messages = [await heard(from), await heard(from), await heard(from)];
    expect(messages.filter((message) => message.startsWith('SIP/2.0 200'))).toHaveLength(1);
    return messages.filter((message) => message.startsWith('BENOTIFY')).map(bodyOf);
  };
  const told = await deltas(first);
  expect(await deltas(second)).toEqual(told);
  expect(told.map((delta) => /deltaNum="\d+" prevDeltaNum="\d+"><\w+/.exec(delta)?.[0])).toEqual([
    'deltaNum="2" prevDeltaNum="1"><addedContact',
    'deltaNum="3" prevDeltaNum="2"><modifiedContact',
  ]);
  const again = bodyOf(await subscribed(client(server)));
  expect(again).toContain(/name="by the (?:first|second)"/.exec(told[1] ?? '')?.[0] ?? 'nothing');
});

test('MS-PRES R2, MS-SIPREGE R10: nobody sees or changes the list of another', async () => {
  await using server = await serving();
  const bob = client(server);
  for (const request of [captured('subscribe-roaming-contacts', FROM_BOB), captured('service-set-contact', FROM_BOB)]) {
    await say(bob, request);
    const answer = await heard(bob);
    expect(answer).toMatch(/^SIP\/2\.0 403/);
    expect(answer).toMatch(/\r\nms-diagnostics: 4004;reason="bob@example.test may not see or change the contacts of alice@example.test"/);
  }
});

test('MS-PRES R26, R29, R30: what is refused says why in ms-diagnostics and in a fault, changes nothing and tells nobody', async () => {
  await using server = await serving({ maxContacts: 1 });
  const alice = client(server);
  await subscribed(alice);
  await say(alice, service('<m:setContact><m:URI>sip:bob@example.test</m:URI><m:deltaNum>1</m:deltaNum></m:setContact>'));
  await heard(alice);
  await heard(alice);
  const refused: readonly (readonly [string, number, string])[] = [
    [
      '<m:setContact><m:URI>sip:dave@example.test</m:URI></m:setContact>',
      403,
      '61001;reason="limit reached: a contact list has at most 1 contacts"',
    ],
    ['<m:setContact><m:URI>sip:bob@example.test</m:URI><m:groups>9</m:groups></m:setContact>', 400, '61001;reason="there is no group 9"'],
    ['<m:deleteGroup><m:groupID>1</m:groupID></m:deleteGroup>', 403, '61001;reason="group 1 belongs to every list and stays as it is"'],
    ['<m:deleteContact/>', 400, '4001;reason="the request cannot be read: deleteContact has no URI"'],
  ];
  for (const [operation, status, diagnostics] of refused) {
    await say(alice, service(operation));
    const answer = await heard(alice);
    expect(answer).toMatch(new RegExp(`^SIP/2\\.0 ${status}`));
    expect(answer).toContain(`\r\nms-diagnostics: ${diagnostics}`);
    expect(answer).toContain('\r\nContent-Type: application/SOAP+xml\r\n');
    expect(bodyOf(answer)).toContain('<soap:Fault><faultcode>soap:Client</faultcode>');
  }
  await say(alice, captured('service-delete-contact'));
  expect(await heard(alice)).toMatch(/^SIP\/2\.0 200/);
  expect(bodyOf(await heard(alice))).toContain('deltaNum="3" prevDeltaNum="2"');
});

test('one who asks once, and one who has signed out, are told nothing more', async () => {
  await using server = await serving();
  const alice = client(server);
  const once = await subscribed(alice, { 'Content-Length: 0': 'Expires: 0\r\nContent-Length: 0' });
  expect(once).toContain('\r\nSubscription-State: terminated;expires=0\r\n');
  expect(bodyOf(once)).toBe(FIRST);
  const answer = await subscribed(alice);
  const part = (pattern: RegExp): string => pattern.exec(answer)?.[1] ?? '';
  const signOff = { 'tag=2x': `tag=${part(/\r\nTo: [^\r]*;tag=(\w+)/)}` };
  await say(alice, captured('unsubscribe-roaming-contacts', signOff, part(/\r\nCall-ID: (\w+)/)));
  expect(await heard(alice)).toMatch(/^SIP\/2\.0 200[\s\S]*\r\nExpires: 0\r\n/);
  await heard(alice); // the last notification: the client did not ask for it inside the answer
  await say(alice, captured('service-add-group'), captured('service-delete-contact'));
  expect([await heard(alice), await heard(alice)].map((message) => message.slice(0, 11))).toEqual(['SIP/2.0 200', 'SIP/2.0 200']);
});

test('what is not about contacts passes on', async () => {
  await using server = await serving();
  const alice = client(server);
  await say(alice, service('<m:setPresence/>'));
  const answer = await heard(alice);
  expect(answer).not.toMatch(/^SIP\/2\.0 200/);
  expect(answer).not.toContain('CONTACTS');
  await say(alice, captured('subscribe-roaming-contacts', { 'vnd-microsoft-roaming-contacts\r': 'vnd-microsoft-roaming-contacts-v9\r' }));
  expect(await heard(alice)).toMatch(
    /^SIP\/2\.0 489[\s\S]*\r\nAllow-Events: [^\r]*vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-ACL\r\n/,
  );
});

test('MS-ABWQ R13: a search for people, and a look at one', async () => {
  await using server = await serving();
  await server.find(DirectoryAdmin).addUser({ uri: 'sip:bobby@example.test', displayName: 'Bob Smithers', enabled: false });
  const alice = client(server);
  await say(alice, captured('service-search'));
  const found = await heard(alice);
  expect(found).toMatch(/^SIP\/2\.0 200/);
  expect(found).toContain('\r\nContent-Type: application/SOAP+xml\r\n');
  expect(bodyOf(found)).toContain('<m:moreAvailable>false</m:moreAvailable><m:returned>1</m:returned>');
  expect(bodyOf(found)).toContain('<m:row m:uri="sip:bob@example.test" m:displayName="Bob Smith" m:phone="+14255550101"/>');
  await say(alice, captured('service-info'));
  expect(bodyOf(await heard(alice))).toContain('m:uri="sip:bob@example.test"');
});

test('one who searches too often is asked to wait; others are not', async () => {
  await using server = await serving({ search: { perMinute: 2 } });
  const alice = client(server);
  const status = async (changes: Readonly<Record<string, string>> = {}): Promise<string> => {
    await say(alice, captured('service-search', changes));
    return (await heard(alice)).slice(8, 11);
  };
  expect([await status(), await status(), await status(), await status(FROM_BOB)]).toEqual(['200', '200', '503', '200']);
  await server.advance('1m');
  expect(await status()).toBe('200');
});

test('a user who is removed, and added again, begins with an empty list', async () => {
  await using server = await serving();
  const alice = client(server);
  await say(alice, captured('service-add-group'));
  await heard(alice);
  await server.find(DirectoryAdmin).removeUser('alice@example.test');
  await server.find(DirectoryAdmin).addUser({ uri: 'sip:alice@example.test' });
  expect(bodyOf(await subscribed(client(server)))).toBe(FIRST);
});

test('MS-SIPREGE R17: a list is in memory as long as somebody is subscribed to it', async () => {
  await using server = await serving();
  const figures = (): readonly number[] => [server.figure('parley_contacts_subscriptions'), server.figure('parley_contacts_lists')];
  const [first, second] = [client(server), client(server)];
  await subscribed(first);
  await subscribed(second, {
    'vnd-microsoft-roaming-contacts\r': 'vnd-microsoft-roaming-ACL\r',
    'roaming-contacts+xml': 'roaming-acls+xml',
  });
  expect(figures()).toEqual([2, 1]);
  first.disconnect();
  await server.settle();
  expect(figures()).toEqual([1, 1]);
  second.disconnect();
  await server.settle();
  expect(figures()).toEqual([0, 0]);
});

test('a client that has gone while its list was read, and one that was refused, leave nothing behind', async () => {
  await using server = await serving();
  const [gone, refused] = [client(server), client(server)];
  await say(gone, captured('subscribe-roaming-contacts'));
  gone.disconnect();
  await say(refused, captured('subscribe-roaming-contacts').replace(/Contact: .*\r\n/, ''));
  expect(await heard(refused)).toMatch(/^SIP\/2\.0 400/);
  expect(server.messages.filter(({ to }) => to === gone.name)).toEqual([]);
  expect([server.figure('parley_contacts_subscriptions'), server.figure('parley_contacts_lists')]).toEqual([0, 0]);
});
