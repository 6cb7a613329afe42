/** Registration of Communicator and Lync clients, from what a real one sends. [MS-SIPREGE], [MS-CONMGMT] */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SipResponse } from '@parley/sdk';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import type { Endpoint, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import type { RegistrarConfig } from '../src/config.ts';
import { Bystander, reachable, serving, size } from './serving.ts';

const AOR = 'alice@example.test';
const ADDRESS = { user: 'alice', address: '192.0.2.50' };

/** The server of the captured client. */
function home(config: Partial<RegistrarConfig> = {}, more: Partial<TestServerOptions> = {}): Promise<TestServer> {
  return serving(config, { domain: 'example.test', ...more });
}

/** A REGISTER of pidgin-sipe 1.25 as it was captured, with other texts where they are given. */
function captured(replaced: Readonly<Record<string, string>> = {}, name: 'register-tls' | 'register-tcp' = 'register-tls'): string {
  const text = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1');
  return Object.entries(replaced).reduce((changed, [old, other]) => changed.replace(old, other), text);
}

/** Another number of the same client's REGISTER. */
const numbered = (cseq: number): Readonly<Record<string, string>> => ({ 'CSeq: 1 ': `CSeq: ${cseq} ` });

/** What a client hears that sends this. */
async function signIn(client: Endpoint, text = captured(), status = 200): Promise<SipResponse> {
  await client.write(text);
  return client.expect(status);
}

test.each(['tls', 'tcp'] as const)(
  'MS-SIPREGE R4: the 200 to a client on %s has every header in the form that it reads',
  async (transport) => {
    const bystander = new Bystander(['vnd-microsoft-provisioning-v2', 'presence']);
    await using server = await home({}, { plugins: [bystander.plugin] });
    const alice = server.endpoint('alice', { ...ADDRESS, transport });
    const answer = await signIn(alice, captured({}, `register-${transport}`));
    expect(answer.all('Contact')).toHaveLength(1);
    const [, cid, rest] =
      /^<sip:192\.0\.2\.50:(?:\d+);transport=t..;ms-opaque=d3470f2e1d;ms-received-cid=(\w+)>(.*)$/.exec(answer.first('Contact') ?? '') ??
      [];
    expect(cid?.toLowerCase()).toBe(reachable(server, AOR)[0]?.flowId.toString(16));
    expect(rest).toBe(
      ';expires=7200;+sip.instance="<urn:uuid:085e0bd8-031c-5a0d-8d9a-f149aae6954a>";' +
        'gruu="sip:alice@example.test;opaque=user:epid:2AteCBwDDVqNmvFJquaVSgAA;gruu"',
    );
    const found = (name: string): readonly string[] => answer.all(name);
    expect(found('ms-keep-alive')).toEqual(['UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300']);
    expect(found('Expires')).toEqual(['7200']);
    expect(found('presence-state')).toEqual(['register-action="added"']);
    expect(found('Allow-Events')).toEqual(['reg,vnd-microsoft-provisioning-v2,presence']);
    expect(found('Supported')).toEqual(['adhoclist', 'msrtc-event-categories']);
    expect(found('Server')).toEqual(['RTC/5.0']);
    expect(found('ms-user-logon-data')).toEqual([]);
    expect(reachable(server, AOR)[0]).toMatchObject({ epid: 'b34afb6ebb23', instance: '085e0bd8-031c-5a0d-8d9a-f149aae6954a' });
  },
);

test('MS-SIPREGE R4: a plain SIP phone is told nothing of all that', async () => {
  await using server = await serving();
  const headers = { 'Allow-Events': null, Server: null, Supported: null, 'presence-state': null, 'ms-keep-alive': null };
  await server
    .endpoint('alice')
    .registering({ headers: { Supported: 'adhoclist' } })
    .expect(200, { headers });
});

test('MS-SIPREGE R5: without gruu-10 there is no GRUU', async () => {
  await using server = await home();
  const text = captured().replace(/^Supported: .*$/m, 'Supported: com.microsoft.msrtc.presence');
  const answer = await signIn(server.endpoint('alice'), text);
  expect(answer.first('Contact')).not.toContain('gruu');
  expect(answer.has('Supported')).toBe(false);
});

test('MS-SIPREGE R3, R8: a refresh is refreshed and keeps the tag of its implicit dialog, on another connection it is added anew', async () => {
  await using server = await home();
  const alice = server.endpoint('alice');
  const first = await signIn(alice);
  expect(first.first('presence-state')).toBe('register-action="added"');
  const second = await signIn(alice, captured(numbered(2)));
  expect(second.first('presence-state')).toBe('register-action="refreshed"');
  expect(second.to.tag).toBe(first.to.tag);
  const anew = await signIn(server.endpoint('elsewhere', { user: 'alice' }), captured(numbered(3)));
  expect(anew.first('presence-state')).toBe('register-action="added"');
  expect(size(server)).toBe(1);
});

test('MS-SIPREGE R1: a REGISTER that no security association vouches for is refused', async () => {
  await using server = await home();
  await signIn(server.endpoint('alice', { trusted: false }), captured(), 403);
});

test('MS-SIPREGE R15: a user who is at home elsewhere is sent there', async () => {
  const bystander = new Bystander();
  await using server = await home({}, { plugins: [bystander.plugin] });
  await bystander.moves(server, AOR, 'fe2.example.test');
  const answer = await signIn(server.endpoint('alice'), captured(), 301);
  expect([answer.reason, answer.first('Contact'), answer.first('Expires')]).toEqual([
    'Redirect request to Home Server',
    '<sip:fe2.example.test:5061;transport=tls>',
    '2592000',
  ]);
  const onTcp = server.endpoint('on tcp', { user: 'alice', transport: 'tcp' });
  expect((await signIn(onTcp, captured({}, 'register-tcp'), 301)).first('Contact')).toBe('<sip:fe2.example.test:5060;transport=tcp>');
  expect(size(server)).toBe(0);
});

test.each([
  ['outside', ['10.0.0.0/8', '2001:db8::/32'], ['RemoteUser']],
  ['inside', ['192.0.2.0/24'], []],
] as const)(
  'MS-SIPRE R17: clients outside of the networks of the organisation are told to use external addresses: %s',
  async (_, networks, told) => {
    await using server = await home({ internalNetworks: [...networks] });
    expect((await signIn(server.endpoint('alice', ADDRESS))).all('ms-user-logon-data')).toEqual(told);
  },
);

test.each([
  ['MS-CONMGMT R1', 'UAC; tcp=no; hop-hop = yes', 'tls', /timeout=300$/],
  ['MS-CONMGMT R2', 'UAC;hop-hop=no', 'tls', null],
  ['MS-SIPREGE R6', 'what;hop-hop=yes', 'tls', null],
  ['MS-CONMGMT R11', 'UAC;hop-hop=yes', 'udp', null],
] as const)(
  '%s: the keep-alive %s over %s is answered when it was asked for in a way that makes sense',
  async (_, asked, transport, told) => {
    await using server = await serving();
    const alice = server.endpoint('alice', { transport });
    await alice.registering({ headers: { 'ms-keep-alive': asked } }).expect(200, { headers: { 'ms-keep-alive': told } });
  },
);

test('MS-CONMGMT R3: the timeout is the configured one', async () => {
  await using server = await serving({ keepAliveSeconds: 45 });
  const headers = { 'ms-keep-alive': 'UAC;hop-hop=yes' };
  await server
    .endpoint('alice')
    .registering({ headers })
    .expect(200, { headers: { 'ms-keep-alive': /timeout=45$/ } });
});

test('MS-SIPREGE R8: an endpoint that the server signs out is told in the dialog of its REGISTER, down its connection', async () => {
  await using server = await home();
  const alice = server.endpoint('alice', ADDRESS);
  const { to } = await signIn(alice);
  const subscription = alice.subscribe('alice', 'reg', { headers: { Accept: 'application/reginfo+xml' } });
  await subscription.expect(200);
  await server.find(DirectoryAdmin).setEnabled(AOR, false);
  const { request } = await alice.expect('NOTIFY', { headers: { Event: 'registration-notify' } }).answer(200);
  expect(request.uri).toMatch(/^sip:192\.0\.2\.50:\d+;transport=tls;ms-opaque=d3470f2e1d;ms-received-cid=\w+$/);
  expect(request.first('From')).toBe(`<sip:alice@example.test>;tag=${to.tag}`);
  expect(request.first('To')).toBe('<sip:alice@example.test>;tag=287804825;epid=b34afb6ebb23');
  expect([request.callId, request.cseq.number]).toEqual(['FC37g2C72aA727iB330m7F28tE720b394Cx80CDx', 1]);
  expect(request.first('Subscription-State')).toBe('terminated;expires=0');
  expect(request.first('ms-diagnostics-public')).toBe('4141;reason="User disabled"');
  expect(request.first('Content-Type')).toBe('text/registration-event');
  expect(request.body.toString()).toBe('deregistered;event=rejected');
});

test('MS-SIPREGE R17: the subscriptions of an endpoint end with its registration', async () => {
  await using server = await home();
  const alice = server.endpoint('alice');
  await signIn(alice);
  const subscription = alice.subscribe('alice', 'reg');
  await subscription.expect(200);
  await server.command('registrations drop', { address: AOR });
  await subscription.expect('NOTIFY', { headers: { 'Subscription-State': /^terminated;reason=rejected/ }, within: '1s' });
});

test.each([
  ['another endpoint', 'unregistered', '4140;reason="You have signed in at too many other places"'],
  ['an administrator', 'unregistered', '4140;reason="An administrator has signed you out"'],
  ['a new password', 'deactivated', '61001;reason="The password has been changed, sign in with the new one"'],
  ['a move', 'deactivated', '4142;reason="User moved to another server"'],
] as const)('MS-SIPREGE R8: the end by %s is told as %s', async (cause, event, diagnostics) => {
  const bystander = new Bystander();
  await using server = await home({ maxContacts: 1 }, { plugins: [bystander.plugin] });
  const alice = server.endpoint('alice');
  await signIn(alice);
  if (cause === 'another endpoint') await server.endpoint('other', { user: 'alice' }).register();
  else if (cause === 'an administrator') await server.command('registrations drop', { address: AOR });
  else if (cause === 'a new password') await server.find(DirectoryAdmin).setPassword(AOR, 'correct horse battery staple');
  else await bystander.moves(server, AOR, 'fe2.example.test');
  const body = `deregistered;event=${event}`;
  await alice.expect('NOTIFY', { headers: { 'ms-diagnostics-public': diagnostics }, body }).answer(200);
});

test('MS-SIPREGE R7: the endpoint that is one too many signs the oldest out', async () => {
  await using server = await home({ maxContacts: 2 });
  const clients: Endpoint[] = [];
  for (const epid of ['0a', '0b', '0c']) {
    await server.advance('1s');
    const client = server.endpoint(epid, { user: 'alice' });
    clients.push(client);
    const text = captured({ 'epid=b34afb6ebb23': `epid=${epid}`, FC37g2C72aA727iB330m7F28tE720b394Cx80CDx: epid });
    await signIn(client, text.replace(/;\+sip\.instance="[^"]*"/, ''));
  }
  await clients[0]?.expect('NOTIFY', { headers: { 'Call-ID': '0a' }, body: 'deregistered;event=unregistered' }).answer(200);
  for (const client of clients.slice(1)) await client.expectNothing();
  expect(reachable(server, AOR).map(({ epid }) => epid)).toEqual(['0b', '0c']);
});

test('MS-SIPREGE R8: nobody is told who signs out, expires or did not ask for it', async () => {
  await using server = await home();
  const alice = server.endpoint('alice');
  await signIn(alice);
  const bye = await signIn(alice, captured({ 'CSeq: 1 ': 'Expires: 0\r\nCSeq: 2 ' }));
  expect(bye.first('Expires')).toBe('0');
  await signIn(alice, captured({ 'CSeq: 1 ': 'Expires: 60\r\nCSeq: 3 ' }));
  await server.advance('61s');
  expect(size(server)).toBe(0);
  await signIn(alice, captured({ ...numbered(4), 'Event: registration\r\n': '' }));
  await server.command('registrations drop', { address: AOR });
  await alice.expectNothing();
});

test('the connection of a disabled user is closed when the client knows, unless others use it', async () => {
  await using server = await home({}, { users: ['alice', 'bob'] });
  const alice = server.endpoint('alice');
  const bob = `<sip:bob@${server.domain}>`;
  const connections = (): number => server.figure('parley_connections');
  const endsWith = async (open: number): Promise<void> => {
    await server.find(DirectoryAdmin).setEnabled(AOR, false);
    const notify = await alice.expect('NOTIFY');
    expect(connections()).toBe(1);
    notify.answer(200);
    await server.settle();
    expect(connections()).toBe(open);
    await server.find(DirectoryAdmin).setEnabled(AOR, true);
  };
  await signIn(alice);
  await alice.send('REGISTER', `sip:${server.domain}`, { from: bob, to: bob }).expect(200);
  await endsWith(1);
  await server.command('registrations drop', { address: `bob@${server.domain}` });
  await signIn(alice, captured(numbered(2)));
  await endsWith(0);
});
