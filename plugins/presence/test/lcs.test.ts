/** Clients of LCS 2005: setPresence, getPresence, lists of their own form, those who wait to be let see, access control entries; delegates. */
import { PresenceAccess } from '@parley/sdk';
import type { Endpoint, Sent, Subscription, TestHeaders } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { Presence } from '../src/api.ts';
import { client, serving, signedIn } from './serving.ts';
import {
  DOMAIN,
  OCS,
  availabilityIn,
  batch,
  conflictsIn,
  member,
  ownData,
  partOf,
  publish,
  setDelegates,
  setMembers,
  state,
  xmlOf,
} from './words.ts';

const BOB = `bob@${DOMAIN}`;
const MSRTC = 'text/xml+msrtc.pidf';

/** As [MS-SIP] section 3.2.4.2 has it, with its attributes in the namespace of the operation. */
function setPresence(aor: string, availability: number, activity: number, more = ''): string {
  return `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><m:setPresence xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><m:presentity m:uri="sip:${aor}"><m:availability m:aggregate="${availability}" m:description="online"/><m:activity m:aggregate="${activity}" m:description="Active"/><deviceName xmlns="http://schemas.microsoft.com/2002/09/sip/client/presence" name="USER-DESKTOP"/>${more}</m:presentity></m:setPresence></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

/** Section 3.2.4.4. */
function getPresence(aor: string): string {
  return `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><m:getPresence xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><presentity uri="sip:${aor}"/></m:getPresence></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

const soap = (by: Endpoint, to: string, body: string): Sent => by.send('SERVICE', to, { contentType: 'application/SOAP+xml', body });

const LIST: TestHeaders = {
  ...OCS,
  Event: 'presence',
  Require: 'adhoclist',
  Accept: `application/rlmi+xml, ${MSRTC}, multipart/related`,
  'Content-Type': 'application/adrl+xml',
};

function adhocList(aor: string, action: string, contacts: readonly string[]): string {
  const resources = contacts.map((name) => `<resource uri="sip:${name}@${DOMAIN}"/>`);
  return `<adhoclist xmlns="urn:ietf:params:xml:ns:adrl" uri="sip:${aor}" name="sip:${aor}">\n<${action} xmlns="">\n${resources.join('')}</${action}>\n</adhoclist>`;
}

const watchList = (by: Endpoint, contacts: readonly string[]): Subscription =>
  by.subscribe(by.aor, 'presence', { headers: LIST, body: adhocList(by.aor, 'create', contacts) });

/** Availability and activity of a document of theirs. */
const pairIn = (document: string): readonly (string | undefined)[] => [
  /<availability aggregate="(\d+)"/.exec(document)?.[1],
  /<activity aggregate="(\d+)"/.exec(document)?.[1],
];

test('MS-SIP 3.2.4.2: what setPresence says reaches clients of both kinds, and ends with the endpoint', async () => {
  await using server = await serving();
  const presence = server.find(Presence);
  const [alice, carol, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'carol'), await signedIn(server, 'bob')];
  await batch(alice, ['bob']).expect(200);
  expect(pairIn(partOf(await watchList(carol, ['bob']).expect(200), BOB))).toEqual(['0', '100']);
  await soap(bob, 'bob', setPresence(BOB, 300, 600, '<m:userInfo><m:note>on a train</m:note></m:userInfo>')).expect(200);
  const told = (await alice.expect('BENOTIFY')).body;
  expect(availabilityIn(told)).toBe(6500);
  expect(told).toContain('on a train');
  const older = await carol.expect('BENOTIFY', { headers: { 'Content-Type': MSRTC, Require: 'eventlist' } });
  expect(pairIn(older.body)).toEqual(['300', '600']);
  await server.advance('1.1s');
  await soap(bob, 'bob', setPresence(BOB, 300, 400)).expect(200); // in the place of the first
  expect(presence.stateOf(BOB)).toEqual({ availability: 3500, activity: undefined, note: undefined });
  bob.disconnect();
  await server.settle();
  expect(presence.stateOf(BOB)?.availability).toBe(18_500);
});

test('MS-SIP 3.2.4.2: nobody sets the presence of somebody else, or without being registered', async () => {
  await using server = await serving();
  const [alice, stranger] = [await signedIn(server, 'alice'), client(server, 'bob')];
  await soap(alice, 'bob', setPresence(BOB, 300, 400)).expect(403);
  await soap(alice, 'alice', setPresence(BOB, 300, 400)).expect(400);
  await soap(stranger, 'bob', setPresence(BOB, 300, 400)).expect(403, { headers: { 'ms-diagnostics': /^61033;/ } });
});

test('MS-SIP 3.2.4.4: getPresence asks once, and is refused to the blocked', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await publish(bob, state('machineState', 6500)).expect(200);
  const answer = await soap(alice, 'bob', getPresence(BOB)).expect(200, { headers: { 'Content-Type': MSRTC } });
  expect(pairIn(answer.body.toString())).toEqual(['300', '600']);
  await soap(alice, 'nobody', getPresence(`nobody@${DOMAIN}`)).expect(404);
  await setMembers(bob, member('add', alice.aor, 32_000)).expect(200);
  await soap(alice, 'bob', getPresence(BOB)).expect(403);
});

test('operations that are for others pass on, and what is no SOAP is refused', async () => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  // Nobody is there who takes it.
  await soap(alice, 'alice', getPresence(alice.aor).replaceAll('getPresence', 'beamUp')).expect(415);
  await soap(alice, 'alice', '<not soap').expect(400);
  await soap(alice, 'alice', getPresence(alice.aor).replace(/<presentity.*?\/>/, '')).expect(400);
});

test('MS-SIP 3.3.4.1: a list of LCS 2005 is made, added to and taken from in its dialog', async () => {
  await using server = await serving();
  const [alice, bob, carol] = [await signedIn(server, 'alice'), await signedIn(server, 'bob'), await signedIn(server, 'carol')];
  const watching = watchList(alice, ['bob', 'nobody']);
  const first = await watching.expect(200, { headers: { Require: 'eventlist' } });
  expect(partOf(first, 'resourceList')).toMatch(/nobody@[^>]*><instance [^>]*state="terminated"/);
  expect(xmlOf({ body: partOf(first, BOB) }).attribute('uri')).toBe(BOB);
  const change = (action: string): Sent => watching.send('SUBSCRIBE', { headers: LIST, body: adhocList(alice.aor, action, ['carol']) });
  expect(partOf(await change('add').expect(200), carol.aor)).toContain('<presentity');
  await publish(carol, state('machineState', 3500)).expect(200);
  expect(pairIn((await watching.expect('BENOTIFY')).body)).toEqual(['300', '400']);
  await change('delete').expect(200);
  await server.advance('1.1s');
  await publish(carol, state('machineState', 6500, 1)).expect(200);
  await publish(bob, state('machineState', 6500)).expect(200);
  expect((await watching.expect('BENOTIFY')).body).toContain(`uri="${BOB}"`);
  await alice.expectNothing();
});

test.each([
  ['what is no list', '<list/>'],
  ['two operations', '<adhoclist uri="sip:a@b"><create/><add/></adhoclist>'],
  ['an operation that nobody knows', '<adhoclist uri="sip:a@b"><replace/></adhoclist>'],
  ['an address that is none', '<adhoclist uri="sip:a@b"><create><resource uri="bob"/></create></adhoclist>'],
  ['another namespace', '<adhoclist xmlns="urn:other" uri="sip:a@b"><create/></adhoclist>'],
])('MS-SIP 3.3.4.1: %s is refused', async (_what, body) => {
  await using server = await serving();
  const alice = await signedIn(server, 'alice');
  await alice.subscribe('alice', 'presence', { headers: LIST, body }).expect(400);
});

test('presence.wpending tells who waits to be let see, until they are let or not', async () => {
  await using server = await serving();
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  const headers = { ...OCS, Accept: 'text/xml+msrtc.wpending' };
  const answer = await bob.subscribe('bob', 'presence.wpending', { headers }).expect(200, {
    headers: { 'Content-Type': 'text/xml+msrtc.wpending', Event: 'presence.wpending' },
  });
  expect(xmlOf(answer).elements).toEqual([]);
  await batch(alice, ['+bob']).expect(200);
  const [waiting] = xmlOf(await bob.expect('BENOTIFY')).elements;
  expect([waiting?.local, waiting?.attribute('uri'), waiting?.attribute('displayName')]).toEqual([
    'watcher',
    alice.uri,
    `alice of ${DOMAIN}`,
  ]);
  await server.find(PresenceAccess).apply(BOB, { type: 'USER', mask: alice.aor, rights: 'AA' });
  expect(xmlOf(await bob.expect('BENOTIFY')).elements).toEqual([]);
  await alice.subscribe('bob', 'presence.wpending', { headers }).expect(403); // nobody else's business
});

test('MS-PRES 3.9: an access control entry blocks and unblocks a person, a domain, or all but those who are named', async () => {
  await using server = await serving();
  const access = server.find(PresenceAccess);
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await publish(bob, state('machineState', 3500)).expect(200);
  const sees = async (): Promise<number | undefined> =>
    availabilityIn(partOf(await batch(alice, ['bob'], { Expires: '0' }).expect(200), BOB));
  const entry = (type: 'ALL' | 'DOMAIN' | 'USER', mask: string, rights: string): Promise<void> => access.apply(BOB, { type, mask, rights });
  expect(await sees()).toBe(3500);
  await entry('USER', alice.aor, 'BD');
  expect(await sees()).toBe(18_500);
  await entry('USER', alice.aor, 'BD');
  await entry('USER', alice.aor, 'AA');
  expect(await sees()).toBe(3500);
  await entry('DOMAIN', DOMAIN, 'BD');
  expect(await sees()).toBe(18_500);
  await entry('DOMAIN', DOMAIN, 'AA');
  expect(await sees()).toBe(3500);
  await entry('ALL', '', 'BD');
  expect(await sees()).toBe(18_500);
  await entry('USER', alice.aor, 'AA');
  expect(await sees(), 'who is named is not all').toBe(3500);
  await entry('ALL', '', 'AA');
  expect(await sees()).toBe(3500);
  // The second time nothing was different.
  await ownData(bob).expect(200, { body: /<container id="32000" version="6"/ });
});

test('MS-PRES 3.7: delegates are kept with a version, and told to all endpoints of their user', async () => {
  await using server = await serving({ limits: { delegates: 2 } });
  const [first, second] = [await signedIn(server, 'alice', 'e1'), await signedIn(server, 'alice', 'e2')];
  const subscribed = xmlOf(await ownData(second, {}, ['delegates']).expect(200));
  expect(subscribed.elements.map(({ local }) => local)).toEqual(['delegates']);
  expect(subscribed.need('delegates').elements).toEqual([]);
  const told = async (): Promise<(string | undefined)[]> =>
    xmlOf(await second.expect('BENOTIFY'))
      .need('delegates')
      .elements.map((one) => one.attribute('uri'));
  await setDelegates(first, 0, { bob: 'add', carol: 'add' }).expect(200);
  expect(await told()).toEqual([BOB, `carol@${DOMAIN}`]);
  const stale = await setDelegates(first, 0, { dan: 'add' }).expect(409, {
    headers: { 'Content-Type': 'application/msrtc-fault+xml', 'ms-diagnostics': /^2141;/ },
  });
  expect(conflictsIn(stale)).toEqual([['1', '0', '1']]);
  await setDelegates(first, 1, { dan: 'add' }).expect(403, { headers: { 'ms-diagnostics': /^61030;.*2 delegates/ } });
  // As a protocol model prints the type.
  await setDelegates(first, 1, { bob: 'remove' }, ' ').expect(200);
  expect(await told()).toEqual([`carol@${DOMAIN}`]);
  await setDelegates(first, 2, { 'bad address': 'add' }).expect(400);
});
