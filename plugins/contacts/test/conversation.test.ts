/** Captured messages of an OCS client against a whole server. */
import { ParleyError } from '@parley/sdk';
import type { PresenceAccess } from '@parley/sdk';
import { expect, test } from 'vitest';
import { bodyOf, captured, service, serving } from './server.ts';
import type { RawClient } from './server.ts';

const FIRST = '<contactList deltaNum="1"><group id="1" name="~" externalURI=""/></contactList>';

/** Subscribes to the list and gives the answer. */
async function subscribed(client: RawClient, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  client.send(captured('subscribe-roaming-contacts', changes));
  return client.next();
}

test('MS-PRES R3, R28, R32, MS-SIPREGE R12: the whole list is in the answer to the SUBSCRIBE', async () => {
  const { client } = await serving();
  const answer = await subscribed(await client());
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
  const { client } = await serving({ bareChanges: ['UCCAPI/'] });
  const [first, second, bob] = [await client(), await client(), await client()];
  await subscribed(first);
  await subscribed(second, {
    'User-Agent: Purple/2.14.12 Sipe/1.25.0 (linux-x86_64)': 'User-Agent: UCCAPI/15.0.4420.1017 OC/15.0.4420.1017',
  });
  await subscribed(bob, { alice: 'bob' });
  // Two at once, the second by a number that the client has counted on to.
  first.send(
    captured('service-add-group', { '<m:deltaNum>2<': '<m:deltaNum>1<' }),
    captured('service-set-contact', { '<m:deltaNum>3<': '<m:deltaNum>2<' }),
  );
  const [added, addedNotice, set, setNotice] = [await first.next(), await first.next(), await first.next(), await first.next()];
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
  expect(bodyOf(await second.next())).toBe(bodyOf(addedNotice));
  expect(bodyOf(await second.next()), 'without sip: for clients that want it so').toBe(bodyOf(setNotice).replace('sip:', ''));
  bob.send(service('<m:deleteContact><m:URI>sip:x@example.test</m:URI></m:deleteContact>', { alice: 'bob' }));
  expect(await bob.next(), 'the next that bob hears is about his own list').toMatch(/^SIP\/2\.0 200/);
});

test('two endpoints edit at the same time: both are heard, and both end with the same list', async () => {
  const { client } = await serving();
  const [first, second] = [await client(), await client()];
  await subscribed(first);
  await subscribed(second);
  const contact = (name: string): string =>
    service(
      `<m:setContact><m:displayName>${name}</m:displayName><m:groups>1</m:groups><m:URI>sip:dave@example.test</m:URI><m:deltaNum>1</m:deltaNum></m:setContact>`,
    );
  first.send(contact('by the first'));
  second.send(contact('by the second'));
  const deltas = async (from: RawClient): Promise<string[]> => {
    const messages = [await from.next(), await from.next(), await from.next()];
    expect(messages.filter((message) => message.startsWith('SIP/2.0 200'))).toHaveLength(1);
    return messages.filter((message) => message.startsWith('BENOTIFY')).map(bodyOf);
  };
  const told = await deltas(first);
  expect(await deltas(second)).toEqual(told);
  expect(told.map((delta) => /deltaNum="\d+" prevDeltaNum="\d+"><\w+/.exec(delta)?.[0])).toEqual([
    'deltaNum="2" prevDeltaNum="1"><addedContact',
    'deltaNum="3" prevDeltaNum="2"><modifiedContact',
  ]);
  const again = bodyOf(await subscribed(await client()));
  expect(again).toContain(/name="by the (?:first|second)"/.exec(told[1] ?? '')?.[0] ?? 'nothing');
});

test('MS-PRES R2, MS-SIPREGE R10: nobody sees or changes the list of another', async () => {
  const { client } = await serving();
  const bob = await client();
  for (const request of [
    captured('subscribe-roaming-contacts', { 'From: <sip:alice@': 'From: <sip:bob@' }),
    captured('service-set-contact', { 'From: <sip:alice@': 'From: <sip:bob@' }),
  ]) {
    bob.send(request);
    const answer = await bob.next();
    expect(answer).toMatch(/^SIP\/2\.0 403/);
    expect(answer).toMatch(/\r\nms-diagnostics: 4004;reason="bob@example.test may not see or change the contacts of alice@example.test"/);
  }
});

test('MS-PRES R26, R29, R30: what is refused says why in ms-diagnostics and in a fault, changes nothing and tells nobody', async () => {
  const { client } = await serving({ maxContacts: 1 });
  const alice = await client();
  await subscribed(alice);
  alice.send(service('<m:setContact><m:URI>sip:bob@example.test</m:URI><m:deltaNum>1</m:deltaNum></m:setContact>'));
  await alice.next();
  await alice.next();
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
    alice.send(service(operation));
    const answer = await alice.next();
    expect(answer).toMatch(new RegExp(`^SIP/2\\.0 ${status}`));
    expect(answer).toContain(`\r\nms-diagnostics: ${diagnostics}`);
    expect(answer).toContain('\r\nContent-Type: application/SOAP+xml\r\n');
    expect(bodyOf(answer)).toContain('<soap:Fault><faultcode>soap:Client</faultcode>');
  }
  alice.send(captured('service-delete-contact'));
  expect(await alice.next()).toMatch(/^SIP\/2\.0 200/);
  expect(bodyOf(await alice.next())).toContain('deltaNum="3" prevDeltaNum="2"');
});

test('one who asks once, and one who has signed out, are told nothing more', async () => {
  const { client } = await serving();
  const alice = await client();
  const once = await subscribed(alice, { 'Content-Length: 0': 'Expires: 0\r\nContent-Length: 0' });
  expect(once).toContain('\r\nSubscription-State: terminated;expires=0\r\n');
  expect(bodyOf(once)).toBe(FIRST);
  const answer = await subscribed(alice);
  const part = (pattern: RegExp): string => pattern.exec(answer)?.[1] ?? '';
  const signOff = { 'tag=2x': `tag=${part(/\r\nTo: [^\r]*;tag=(\w+)/)}` };
  alice.send(captured('unsubscribe-roaming-contacts', signOff, part(/\r\nCall-ID: (\w+)/)));
  expect(await alice.next()).toMatch(/^SIP\/2\.0 200[\s\S]*\r\nExpires: 0\r\n/);
  await alice.next(); // the last notification: the client did not ask for it inside the answer
  alice.send(captured('service-add-group'), captured('service-delete-contact'));
  expect([await alice.next(), await alice.next()].map((message) => message.slice(0, 11))).toEqual(['SIP/2.0 200', 'SIP/2.0 200']);
});

test('LCS 2005: access control entries are kept, and told to all endpoints as a whole', async () => {
  const { client } = await serving();
  const [first, second] = [await client(), await client()];
  const acl = { 'vnd-microsoft-roaming-contacts\r': 'vnd-microsoft-roaming-ACL\r', 'roaming-contacts+xml': 'roaming-acls+xml' };
  const answer = await subscribed(first, acl);
  expect(answer).toContain('\r\nContent-Type: application/vnd-microsoft-roaming-acls+xml\r\n');
  expect(bodyOf(answer)).toBe('<ACLlist deltaNum="1"><userACL/></ACLlist>');
  await subscribed(second);
  const setAce =
    '<m:setACE><m:type>USER</m:type><m:mask>sip:bob@example.test</m:mask><m:rights>BD</m:rights><m:deltaNum>1</m:deltaNum></m:setACE>';
  second.send(service(setAce), captured('service-add-group'));
  const told = await first.next();
  expect(told).toContain('\r\nEvent: vnd-microsoft-roaming-ACL\r\n');
  expect(bodyOf(told)).toBe(
    '<ACLlist deltaNum="2"><userACL><ace type="USER" mask="sip:bob@example.test" rights="BD"/></userACL></ACLlist>',
  );
  const heard = [await second.next(), await second.next(), await second.next()];
  expect(
    heard.map((message) => message.split(' ', 1)[0]),
    'two answers, and one notice about the group',
  ).toEqual(['SIP/2.0', 'SIP/2.0', 'BENOTIFY']);
});

test('MS-PRES 3.9: an access control entry is answered when presence knows it, too; a client is told when presence cannot', async () => {
  const applied: unknown[] = [];
  const known = Promise.withResolvers<void>();
  const full = new ParleyError('PRESENCE_NOT_STORED', { sentence: 'the disk is full', fix: 'Try again.', status: 503 });
  const apply: PresenceAccess['apply'] = async (owner, entry) => {
    applied.push([owner, entry]);
    await known.promise;
    if (applied.length > 1) throw full;
  };
  const { client } = await serving({}, { apply });
  const alice = await client();
  const setAce = service('<m:setACE><m:type>USER</m:type><m:mask>sip:Bob@example.test</m:mask><m:rights>BD</m:rights></m:setACE>');
  alice.send(setAce, captured('service-delete-contact'));
  expect(await alice.next(), 'what comes behind it has no reason to wait').toMatch(/^SIP\/2\.0 200/);
  expect(applied).toEqual([['alice@example.test', { type: 'USER', mask: 'bob@example.test', rights: 'BD' }]]);
  known.resolve();
  expect(await alice.next()).toMatch(/^SIP\/2\.0 200/);
  alice.send(setAce);
  expect(await alice.next()).toMatch(/^SIP\/2\.0 503[\s\S]*\r\nRetry-After: /);
});

test('what is not about contacts passes on', async () => {
  const { client } = await serving();
  const alice = await client();
  alice.send(service('<m:setPresence/>'));
  const answer = await alice.next();
  expect(answer).not.toMatch(/^SIP\/2\.0 200/);
  expect(answer).not.toContain('CONTACTS');
  alice.send(captured('subscribe-roaming-contacts', { 'vnd-microsoft-roaming-contacts\r': 'vnd-microsoft-roaming-contacts-v9\r' }));
  expect(await alice.next()).toMatch(
    /^SIP\/2\.0 489[\s\S]*\r\nAllow-Events: [^\r]*vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-ACL\r\n/,
  );
});

test('MS-ABWQ R13: a search for people, and a look at one', async () => {
  const { client, admin } = await serving();
  await admin.addUser({ uri: 'sip:bobby@example.test', displayName: 'Bob Smithers', enabled: false });
  const alice = await client();
  alice.send(captured('service-search'));
  const found = await alice.next();
  expect(found).toMatch(/^SIP\/2\.0 200/);
  expect(found).toContain('\r\nContent-Type: application/SOAP+xml\r\n');
  expect(bodyOf(found)).toContain('<m:moreAvailable>false</m:moreAvailable><m:returned>1</m:returned>');
  expect(bodyOf(found)).toContain('<m:row m:uri="sip:bob@example.test" m:displayName="Bob Smith" m:phone="+14255550101"/>');
  alice.send(captured('service-info'));
  expect(bodyOf(await alice.next())).toContain('m:uri="sip:bob@example.test"');
});

test('one who searches too often is asked to wait; others are not', async () => {
  const { client, clock } = await serving({ search: { perMinute: 2 } });
  const alice = await client();
  const status = async (changes: Readonly<Record<string, string>> = {}): Promise<string> => {
    alice.send(captured('service-search', changes));
    return (await alice.next()).slice(8, 11);
  };
  expect([await status(), await status(), await status(), await status({ 'From: <sip:alice@': 'From: <sip:bob@' })]).toEqual([
    '200',
    '200',
    '503',
    '200',
  ]);
  clock.advance(60_000);
  expect(await status()).toBe('200');
});

test('a user who is removed, and added again, begins with an empty list', async () => {
  const { client, admin } = await serving();
  const alice = await client();
  alice.send(captured('service-add-group'));
  await alice.next();
  await admin.removeUser('alice@example.test');
  await admin.addUser({ uri: 'sip:alice@example.test' });
  expect(bodyOf(await subscribed(await client()))).toBe(FIRST);
});
