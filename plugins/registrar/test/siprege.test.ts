/** Registration of Communicator and Lync clients, from what a real one sends. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, Inbound, PASS, parseMessage } from '@parley/sdk';
import type { Dialogs, Flow, NewRequest, SipRequest } from '@parley/sdk';
import { contactRepair } from '../src/contact-repair.ts';
import { SigningOut } from '../src/signing-out.ts';
import { RegistrarRig, aFlow, aRegister, contacts } from './fixtures.ts';
import type { Answer } from './fixtures.ts';

const USERS = { 'alice@example.test': true };

/** A REGISTER of pidgin-sipe 1.25 as it was captured, with other numbers where they are given. */
function captured(name: 'register-tls' | 'register-tcp', cseq = 1): SipRequest {
  const bytes = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'latin1').replace('CSeq: 1 ', `CSeq: ${cseq} `);
  const result = parseMessage(Buffer.from(bytes, 'latin1'), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
}

/** Through the gate that repairs its Contact, to the registrar. */
function signIn(rig: RegistrarRig, request: SipRequest, flow: Flow): Answer {
  expect(contactRepair.check(new Inbound(request, flow))).toBe(PASS);
  return rig.ask(request, flow);
}

function aRig(config: ConstructorParameters<typeof RegistrarRig>[0] = {}): RegistrarRig {
  return new RegistrarRig(config, undefined, USERS, 'example.test');
}

test.each([
  ['register-tls', 'TLS'],
  ['register-tcp', 'TCP'],
] as const)('MS-SIPREGE R4: the 200 to %s has every header in the form that the client reads', (name, transport) => {
  const rig = aRig();
  rig.events.add('vnd-microsoft-provisioning-v2');
  rig.events.add('presence');
  const { status, headers } = signIn(rig, captured(name), aFlow(transport));
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'ms-keep-alive': 'UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300',
    Expires: '7200',
    'presence-state': 'register-action="added"',
    'Allow-Events': 'vnd-microsoft-provisioning-v2,presence',
    Supported: ['adhoclist', 'msrtc-event-categories'],
    Server: 'RTC/5.0',
  });
  expect(headers['ms-user-logon-data']).toBeUndefined();
  expect(headers['Contact']).toEqual([
    `<sip:192.0.2.50:50123;transport=${transport.toLowerCase()};ms-opaque=d3470f2e1d;ms-received-cid=2600>;expires=7200;` +
      '+sip.instance="<urn:uuid:085e0bd8-031c-5a0d-8d9a-f149aae6954a>";' +
      'gruu="sip:alice@example.test;opaque=user:epid:2AteCBwDDVqNmvFJquaVSgAA;gruu"',
  ]);
});

test('MS-SIPREGE R4: a plain SIP phone is told nothing of all that', () => {
  const rig = new RegistrarRig();
  rig.events.add('presence');
  const { headers } = rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50:50123>', 'Supported: adhoclist']));
  for (const name of ['Allow-Events', 'Server', 'Supported', 'presence-state', 'ms-keep-alive'])
    expect(headers[name], name).toBeUndefined();
});

test('MS-SIPREGE R5: without gruu-10 there is no GRUU', () => {
  const request = captured('register-tls');
  request.set('Supported', 'com.microsoft.msrtc.presence');
  const { headers } = signIn(aRig(), request, aFlow('TLS'));
  expect(contacts({ status: 200, headers })[0]).not.toContain('gruu');
  expect(headers['Supported']).toBeUndefined();
});

test('MS-SIPREGE R3, R8: a refresh of the same endpoint is refreshed and keeps the tag of its implicit dialog', () => {
  const rig = aRig();
  const first = signIn(rig, captured('register-tls'), aFlow('TLS'));
  const second = signIn(rig, captured('register-tls', 2), aFlow('TLS'));
  expect(second.headers['presence-state']).toBe('register-action="refreshed"');
  expect(first.toTag).toBeDefined();
  expect(second.toTag).toBe(first.toTag);
  const anew = signIn(rig, captured('register-tls', 3), aFlow('TLS', { id: 0x2601 }));
  expect(anew.headers['presence-state']).toBe('register-action="added"');
});

test('MS-SIPREGE R1: a REGISTER that no security association vouches for is refused', () => {
  expect(signIn(aRig({ requireAuthentication: true }), captured('register-tls'), aFlow('TLS')).status).toBe(403);
});

test.each([
  ['neither epid nor +sip.instance', ['Supported: gruu-10'], 400, '4010;'],
  ['another Event than registration', ['Event: presence'], 489, '4055;'],
  ['msrtc-event-categories without gruu-10', ['Supported: msrtc-event-categories'], 421, '2057;'],
] as const)('MS-SIPREGE R2, MS-OCER R7: %s', (_title, lines, status, id) => {
  const answer = new RegistrarRig().ask(aRegister(['Contact: <sip:alice@192.0.2.50>', ...lines]));
  expect(answer.status).toBe(status);
  expect(answer.headers['ms-diagnostics']).toMatch(new RegExp(`^${id}`));
});

test('MS-SIPREGE R15: a user who is at home elsewhere is sent there', () => {
  const rig = new RegistrarRig({}, undefined, USERS, 'example.test', { 'alice@example.test': 'fe2.example.test' });
  const answer = signIn(rig, captured('register-tls'), aFlow('TLS'));
  expect([answer.status, answer.reason]).toEqual([301, 'Redirect request to Home Server']);
  expect(answer.headers).toEqual({ Contact: '<sip:fe2.example.test:5061;transport=tls>', Expires: '2592000' });
  expect(rig.bindings.size).toBe(0);
  expect(signIn(rig, captured('register-tcp'), aFlow('TCP')).headers['Contact']).toBe('<sip:fe2.example.test:5060;transport=tcp>');
});

test('MS-SIPRE R17: clients outside of the networks of the organisation are told to use external addresses', () => {
  const outside = signIn(aRig({ internalNetworks: ['10.0.0.0/8', '2001:db8::/32'] }), captured('register-tls'), aFlow('TLS'));
  expect(outside.headers['ms-user-logon-data']).toBe('RemoteUser');
  const inside = signIn(aRig({ internalNetworks: ['192.0.2.0/24'] }), captured('register-tls'), aFlow('TLS'));
  expect(inside.headers['ms-user-logon-data']).toBeUndefined();
});

interface Sent extends NewRequest {
  readonly method: string;
  readonly answer: (status: number) => void;
}

/** The registrar with the part that tells endpoints of their end. */
function telling(config: ConstructorParameters<typeof RegistrarRig>[0] = {}): {
  rig: RegistrarRig;
  sent: Sent[];
  ended: string[];
  signingOut: SigningOut;
} {
  const rig = aRig(config);
  const sent: Sent[] = [];
  const ended: string[] = [];
  const dialogs: Pick<Dialogs, 'request' | 'endSubscriptions'> = {
    request: (method, parts, onAnswer) => void sent.push({ ...parts, method, answer: (status) => onAnswer({ status } as never) }),
    endSubscriptions: (flow, aor, reason) => void ended.push(`${flow.id} ${aor} ${reason}`),
  };
  const signingOut = new SigningOut(dialogs);
  rig.bindings.onEnded = (record, reason, others) => signingOut.ended(record, reason, others);
  return { rig, sent, ended, signingOut };
}

test('MS-SIPREGE R8: an endpoint that the server signs out is told in the dialog of its REGISTER, down its connection', () => {
  const { rig, sent, ended, signingOut } = telling();
  const flow = aFlow('TLS');
  const { toTag } = signIn(rig, captured('register-tls'), flow);
  rig.bindings.removeAll('alice@example.test', 'disabled');
  expect(sent[0]).toMatchObject({
    method: 'NOTIFY',
    uri: 'sip:192.0.2.50:50123;transport=tls;ms-opaque=d3470f2e1d;ms-received-cid=2600',
    from: '<sip:alice@example.test>',
    to: '<sip:alice@example.test>;tag=287804825;epid=b34afb6ebb23',
    within: { callId: 'FC37g2C72aA727iB330m7F28tE720b394Cx80CDx', tag: toTag, sequence: 1 },
    contentType: 'text/registration-event',
    body: 'deregistered;event=rejected',
    flow,
  });
  expect(sent[0]?.headers).toEqual([
    ['Event', 'registration-notify'],
    ['Subscription-State', 'terminated;expires=0'],
    ['ms-diagnostics-public', '4141;reason="User disabled"'],
  ]);
  expect(ended, 'MS-SIPREGE R17').toEqual(['9728 alice@example.test rejected']);
  sent[0]?.answer(200);
  expect(signingOut.counts).toEqual({ told: 1, unheard: 0 });
});

test.each([
  ['quota', 'unregistered', '4140;reason="You have signed in at too many other places"'],
  ['administrator', 'unregistered', '4140;reason="An administrator has signed you out"'],
  ['password', 'deactivated', '61001;reason="The password has been changed, sign in with the new one"'],
  ['moved', 'deactivated', '4142;reason="User moved to another server"'],
] as const)('MS-SIPREGE R8: the end by %s is told as %s', (reason, event, diagnostics) => {
  const { rig, sent } = telling();
  signIn(rig, captured('register-tls'), aFlow('TLS'));
  rig.bindings.removeAll('alice@example.test', reason);
  expect(sent[0]?.body).toBe(`deregistered;event=${event}`);
  expect(sent[0]?.headers?.at(-1)).toEqual(['ms-diagnostics-public', diagnostics]);
});

test('MS-SIPREGE R7: the endpoint that is one too many signs the oldest out', () => {
  const { rig, sent } = telling({ maxContacts: 2 });
  for (const [id, epid] of [
    [1, '0a'],
    [2, '0b'],
    [3, '0c'],
  ] as const) {
    const request = captured('register-tls');
    request.set('From', `<sip:alice@example.test>;tag=1;epid=${epid}`);
    request.set('Contact', `<sip:192.0.2.50:${id};transport=tls>;proxy=replace`);
    request.set('Call-ID', epid);
    rig.clock.advance(1000);
    expect(signIn(rig, request, aFlow('TLS', { id, remote: { host: '192.0.2.50', port: id } })).status).toBe(200);
  }
  expect(sent.map((one) => [one.within?.callId, one.body])).toEqual([['0a', 'deregistered;event=unregistered']]);
  expect(rig.bindings.bindings('alice@example.test').map(({ epid }) => epid)).toEqual(['0b', '0c']);
});

test('MS-SIPREGE R8: nobody is told who signs out, expires, did not ask for it or is gone', () => {
  const { rig, sent, ended } = telling();
  signIn(rig, captured('register-tls'), aFlow('TLS'));
  const bye = captured('register-tls', 2);
  bye.set('Expires', '0');
  expect(signIn(rig, bye, aFlow('TLS')).headers['Expires']).toBe('0');
  signIn(rig, captured('register-tls', 3), aFlow('TLS'));
  rig.clock.advance(7_200_001);
  const quiet = captured('register-tls', 4);
  quiet.remove('Event');
  signIn(rig, quiet, aFlow('TLS'));
  rig.bindings.removeAll('alice@example.test', 'administrator');
  expect(ended, 'MS-SIPREGE R17: subscriptions end all the same').toHaveLength(3);
  signIn(rig, captured('register-tls', 5), aFlow('TLS', { open: false }));
  rig.bindings.removeAll('alice@example.test', 'administrator');
  expect(sent).toEqual([]);
});

test('the connection of a disabled user is closed when the client knows, unless others use it', () => {
  const closed: string[] = [];
  const { rig, sent } = telling();
  const flow = aFlow('TLS', { close: (reason) => void closed.push(reason) });
  signIn(rig, captured('register-tls'), flow);
  rig.bindings.removeAll('alice@example.test', 'disabled');
  expect(closed).toEqual([]);
  sent[0]?.answer(408);
  expect(closed).toEqual(['User disabled']);
});
