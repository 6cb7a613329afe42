/** Clients of LCS 2005: setPresence, getPresence, lists of their own form, those who wait to be let see, access control entries. */
import type { SipResponse } from '@parley/sdk';
import { PresenceAccess } from '@parley/sdk';
import { expect, test } from 'vitest';
import { DOMAIN, OCS, availabilityIn, captured, dialogOf, partOf, serving, statePublication, xmlOf } from './server.ts';
import type { Client } from './server.ts';

const MSRTC = 'text/xml+msrtc.pidf';
const SOAP = { 'Content-Type': 'application/SOAP+xml' };

/** As [MS-SIP] section 3.2.4.2 has it, with its attributes in the namespace of the operation. */
function setPresence(aor: string, availability: number, activity: number, more = ''): string {
  return `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><m:setPresence xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><m:presentity m:uri="sip:${aor}"><m:availability m:aggregate="${availability}" m:description="online"/><m:activity m:aggregate="${activity}" m:description="Active"/><deviceName xmlns="http://schemas.microsoft.com/2002/09/sip/client/presence" name="USER-DESKTOP"/>${more}</m:presentity></m:setPresence></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

/** Section 3.2.4.4. */
function getPresence(aor: string): string {
  return `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><m:getPresence xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><presentity uri="sip:${aor}"/></m:getPresence></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

function adhocList(aor: string, action: string, contacts: readonly string[]): string {
  const resources = contacts.map((name) => `<resource uri="sip:${name}@${DOMAIN}"/>`);
  return `<adhoclist xmlns="urn:ietf:params:xml:ns:adrl" uri="sip:${aor}" name="sip:${aor}">\n<${action} xmlns="">\n${resources.join('')}</${action}>\n</adhoclist>`;
}

const LIST = {
  ...OCS,
  Event: 'presence',
  Require: 'adhoclist',
  Accept: `application/rlmi+xml, ${MSRTC}, multipart/related`,
  'Content-Type': 'application/adrl+xml',
};

const list = (client: Client, action: string, contacts: readonly string[], dialog?: Parameters<Client['ask']>[4]): Promise<SipResponse> =>
  client.ask('SUBSCRIBE', client.aor, LIST, adhocList(client.aor, action, contacts), dialog);

/** Availability and activity of a document of theirs. */
const pairIn = (document: string): readonly (string | undefined)[] => [
  /<availability aggregate="(\d+)"/.exec(document)?.[1],
  /<activity aggregate="(\d+)"/.exec(document)?.[1],
];

test('MS-SIP 3.2.4.2: what setPresence says reaches clients of both kinds, and ends with the endpoint', async () => {
  const { endpoint, clock, presence } = await serving();
  const [alice, carol, bob] = [await endpoint('alice'), await endpoint('carol'), await endpoint('bob')];
  await alice.batch(['bob']);
  expect(pairIn(partOf(await list(carol, 'create', ['bob']), `bob@${DOMAIN}`))).toEqual(['0', '100']);
  const note = '<m:userInfo><m:note>on a train</m:note></m:userInfo>';
  expect((await bob.ask('SERVICE', bob.aor, SOAP, setPresence(bob.aor, 300, 600, note))).status).toBe(200);
  const told = (await alice.request()).body.toString();
  expect(availabilityIn(told)).toBe(6500);
  expect(told).toContain('on a train');
  const older = await carol.request();
  expect([older.first('Content-Type'), older.first('Require')]).toEqual([MSRTC, 'eventlist']);
  expect(pairIn(older.body.toString())).toEqual(['300', '600']);
  clock.advance(1100);
  expect((await bob.ask('SERVICE', bob.aor, SOAP, setPresence(bob.aor, 300, 400))).status, 'in the place of the first').toBe(200);
  expect(presence.stateOf(bob.aor)).toEqual({ availability: 3500, activity: undefined, note: undefined });
  const offline = new Promise((resolve) => presence.onChange((_aor, state) => resolve(state.availability)));
  bob.socket.destroy();
  expect(await offline).toBe(18_500);
});

test('MS-SIP 3.2.4.2: nobody sets the presence of somebody else, or without being registered', async () => {
  const { endpoint, client } = await serving();
  const [alice, stranger] = [await endpoint('alice'), await client('bob')];
  expect((await alice.ask('SERVICE', `bob@${DOMAIN}`, SOAP, setPresence(`bob@${DOMAIN}`, 300, 400))).status).toBe(403);
  expect((await alice.ask('SERVICE', alice.aor, SOAP, setPresence(`bob@${DOMAIN}`, 300, 400))).status).toBe(400);
  const unregistered = await stranger.ask('SERVICE', stranger.aor, SOAP, setPresence(stranger.aor, 300, 400));
  expect([unregistered.status, unregistered.first('ms-diagnostics')]).toEqual([403, expect.stringMatching(/^61033;/)]);
});

test('MS-SIP 3.2.4.4: getPresence asks once, and is refused to the blocked', async () => {
  const { endpoint } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.publish(statePublication('machineState', 6500));
  const ask = (about: string): Promise<SipResponse> => alice.ask('SERVICE', about, SOAP, getPresence(about));
  const answer = await ask(bob.aor);
  expect([answer.status, answer.first('Content-Type'), ...pairIn(answer.body.toString())]).toEqual([200, MSRTC, '300', '600']);
  expect((await ask(`nobody@${DOMAIN}`)).status).toBe(404);
  await bob.setMembers(`<container id="32000" version="0"><member action="add" type="user" value="${alice.aor}"/></container>`);
  expect((await ask(bob.aor)).status).toBe(403);
});

test('operations that are for others pass on, and what is no SOAP is refused', async () => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  const other = getPresence(alice.aor).replaceAll('getPresence', 'beamUp');
  expect((await alice.ask('SERVICE', alice.aor, SOAP, other)).status, 'nobody is there who takes it').toBe(415);
  expect((await alice.ask('SERVICE', alice.aor, SOAP, '<not soap')).status).toBe(400);
  expect((await alice.ask('SERVICE', alice.aor, SOAP, getPresence(alice.aor).replace(/<presentity.*?\/>/, ''))).status).toBe(400);
});

test('MS-SIP 3.3.4.1: a list of LCS 2005 is made, added to and taken from in its dialog', async () => {
  const { endpoint, clock } = await serving();
  const [alice, bob, carol] = [await endpoint('alice'), await endpoint('bob'), await endpoint('carol')];
  const first = await list(alice, 'create', ['bob', 'nobody']);
  expect([first.status, first.first('Require')]).toEqual([200, 'eventlist']);
  expect(partOf(first, 'resourceList')).toMatch(/nobody@[^>]*><instance [^>]*state="terminated"/);
  expect(xmlOf({ body: Buffer.from(partOf(first, `bob@${DOMAIN}`)) } as never).attribute('uri')).toBe(`bob@${DOMAIN}`);
  const dialog = dialogOf(first);
  const added = await list(alice, 'add', ['carol'], dialog);
  expect(partOf(added, `carol@${DOMAIN}`)).toContain('<presentity');
  await carol.publish(statePublication('machineState', 3500));
  expect(pairIn((await alice.request()).body.toString())).toEqual(['300', '400']);
  expect((await list(alice, 'delete', ['carol'], dialog)).status).toBe(200);
  clock.advance(1100);
  await carol.publish(statePublication('machineState', 6500, 1));
  await bob.publish(statePublication('machineState', 6500));
  expect((await alice.request()).body.toString()).toContain(`uri="bob@${DOMAIN}"`);
  expect(alice.requests).toEqual([]);
});

test.each([
  ['what is no list', '<list/>'],
  ['two operations', '<adhoclist uri="sip:a@b"><create/><add/></adhoclist>'],
  ['an operation that nobody knows', '<adhoclist uri="sip:a@b"><replace/></adhoclist>'],
  ['an address that is none', '<adhoclist uri="sip:a@b"><create><resource uri="bob"/></create></adhoclist>'],
  ['another namespace', '<adhoclist xmlns="urn:other" uri="sip:a@b"><create/></adhoclist>'],
])('MS-SIP 3.3.4.1: %s is refused', async (_what, body) => {
  const { endpoint } = await serving();
  const alice = await endpoint('alice');
  expect((await alice.ask('SUBSCRIBE', alice.aor, LIST, body)).status).toBe(400);
});

test('presence.wpending tells who waits to be let see, until they are let or not', async () => {
  const { endpoint, host } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  const watch = { ...OCS, Event: 'presence.wpending', Accept: 'text/xml+msrtc.wpending' };
  const answer = await bob.ask('SUBSCRIBE', bob.aor, watch);
  expect([answer.status, answer.first('Content-Type'), answer.first('Event')]).toEqual([
    200,
    'text/xml+msrtc.wpending',
    'presence.wpending',
  ]);
  expect(xmlOf(answer).elements).toEqual([]);
  await alice.batch(['+bob']);
  const [waiting] = xmlOf(await bob.request()).elements;
  expect([waiting?.local, waiting?.attribute('uri'), waiting?.attribute('displayName')]).toEqual([
    'watcher',
    `sip:${alice.aor}`,
    `alice of ${DOMAIN}`,
  ]);
  await host.find(PresenceAccess)?.apply(bob.aor, { type: 'USER', mask: alice.aor, rights: 'AA' });
  expect(xmlOf(await bob.request()).elements).toEqual([]);
  expect((await alice.ask('SUBSCRIBE', bob.aor, watch)).status, "nobody else's business").toBe(403);
});

test('MS-PRES 3.9: an access control entry blocks and unblocks a person, a domain, or all but those who are named', async () => {
  const { endpoint, host, clock } = await serving();
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.publish(statePublication('machineState', 3500));
  const access = host.find(PresenceAccess) as PresenceAccess;
  const sees = async (): Promise<number | undefined> => {
    clock.advance(1100);
    return availabilityIn(partOf(await alice.batch(['bob'], { Expires: '0' }), bob.aor));
  };
  const entry = (type: 'ALL' | 'DOMAIN' | 'USER', mask: string, rights: string): Promise<void> =>
    access.apply(bob.aor, { type, mask, rights });
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
  const version = (await bob.roamingSelf()).body.toString().match(/<container id="32000" version="(\d+)"/)?.[1];
  expect(version, 'the second time nothing was different').toBe('6');
});

test('what an endpoint says is told to a registered client of the captured kind', async () => {
  const { client } = await serving();
  const alice = await client('alice');
  alice.raw(captured('register'));
  expect((await alice.response()).first('Allow-Events')?.split(',')).toContain('presence.wpending');
});

const DELEGATES = { 'Content-Type': 'application/msrtc-setdelegate+xml' };

function setDelegates(version: number, changes: readonly (readonly ['add' | 'remove', string])[]): string {
  const delegates = changes.map(([action, name]) => `<delegate uri="${name}@${DOMAIN}" action="${action}"/>`);
  return `<setDelegates xmlns="http://schemas.microsoft.com/2006/09/sip/delegate-management" version="${version}">${delegates.join('')}</setDelegates>`;
}

test('MS-PRES 3.7: delegates are kept with a version, and told to all endpoints of their user', async () => {
  const { endpoint } = await serving({ limits: { delegates: 2 } });
  const [first, second] = [await endpoint('alice', 'e1'), await endpoint('alice', 'e2')];
  const wanted = '<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self"><roaming type="delegates"/></roamingList>';
  const subscribed = await second.ask(
    'SUBSCRIBE',
    second.aor,
    { ...OCS, Event: 'vnd-microsoft-roaming-self', 'Content-Type': 'application/vnd-microsoft-roaming-self+xml' },
    wanted,
  );
  expect(xmlOf(subscribed).elements.map(({ local }) => local)).toEqual(['delegates']);
  expect(xmlOf(subscribed).need('delegates').elements).toEqual([]);
  const change = (body: string, type = DELEGATES): Promise<SipResponse> => first.ask('SERVICE', first.aor, type, body);
  expect(
    (
      await change(
        setDelegates(0, [
          ['add', 'bob'],
          ['add', 'carol'],
        ]),
      )
    ).status,
  ).toBe(200);
  const told = xmlOf(await second.request()).need('delegates');
  expect(told.elements.map((one) => one.attribute('uri'))).toEqual([`bob@${DOMAIN}`, `carol@${DOMAIN}`]);
  const stale = await change(setDelegates(0, [['add', 'dan']]));
  expect([stale.status, stale.first('Content-Type'), stale.first('ms-diagnostics')]).toEqual([
    409,
    'application/msrtc-fault+xml',
    expect.stringMatching(/^2141;/),
  ]);
  expect([...xmlOf(stale).descendants('operation')].map((one) => one.attribute('curVersion'))).toEqual(['1']);
  const full = await change(setDelegates(1, [['add', 'dan']]));
  expect([full.status, full.first('ms-diagnostics')]).toEqual([403, expect.stringMatching(/^61030;.*2 delegates/)]);
  // As a protocol model prints the type.
  expect((await change(setDelegates(1, [['remove', 'bob']]), { 'Content-Type': 'application/msrtc-setdelegate +xml' })).status).toBe(200);
  expect(
    xmlOf(await second.request())
      .need('delegates')
      .elements.map((one) => one.attribute('uri')),
  ).toEqual([`carol@${DOMAIN}`]);
  expect((await change(setDelegates(2, [['add', 'bad address']]))).status).toBe(400);
});
