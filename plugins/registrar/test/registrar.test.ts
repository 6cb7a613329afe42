import { expect, test } from 'vitest';
import { SipUri, endpointGruu, instanceOfEpid } from '@parley/sdk';
import type { RegistrarConfig } from '../src/config.ts';
import { RegistrarRig, aFlow, aRegister, contacts } from './fixtures.ts';

const CONTACT = 'Contact: <sip:alice@192.0.2.50:50123>';

test('RFC 3261 10.3: a REGISTER binds its contact and is told every binding with its seconds', () => {
  const rig = new RegistrarRig();
  const answer = rig.ask(aRegister([CONTACT, 'Expires: 600']));
  expect(answer.status).toBe(200);
  expect(contacts(answer)).toEqual(['<sip:alice@192.0.2.50:50123>;expires=600']);
  expect(answer.headers['Expires']).toBe('600');
  expect(answer.headers['Date']).toBe(new Date(rig.clock.now()).toUTCString());
  rig.clock.advance(100_000);
  const both = rig.ask(aRegister(['Contact: <sip:alice@192.0.2.51>;q=0.5'], { callId: 'call-2' }));
  expect(contacts(both)).toEqual(['<sip:alice@192.0.2.50:50123>;expires=500', '<sip:alice@192.0.2.51>;expires=7200;q=0.5']);
});

test('a REGISTER without Contact asks what there is', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister([CONTACT]));
  const answer = rig.ask(aRegister([], { callId: 'call-2' }));
  expect(contacts(answer)).toHaveLength(1);
  expect(answer.headers['Expires']).toBeUndefined();
});

test('signing out answers Expires: 0 and no contact', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister([CONTACT]));
  const answer = rig.ask(aRegister([CONTACT, 'Expires: 0'], { cseq: 2 }));
  expect([answer.status, answer.headers['Expires'], answer.headers['Contact']]).toEqual([200, '0', undefined]);
  expect(rig.bindings.size).toBe(0);
});

test('who may register what: domain, identity, user', () => {
  const rig = new RegistrarRig({ requireAuthentication: true }, undefined, { 'alice@example.com': true, 'dora@example.com': false });
  const alice = { aor: 'alice@example.com', mechanism: 'test' };
  expect(rig.ask(aRegister([CONTACT]), aFlow(), alice).status).toBe(200);
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:Alice@EXAMPLE.com>', callId: 'x' }), aFlow(), alice).status).toBe(200);
  expect(rig.ask(aRegister([CONTACT])).status).toBe(403);
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:bob@example.com>' }), aFlow(), alice).status).toBe(403);
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:alice@elsewhere.org>' }), aFlow(), alice).status).toBe(404);
  expect(rig.ask(aRegister([CONTACT], { to: '<tel:+15551234>' }), aFlow(), alice).status).toBe(400);
  const dora = { aor: 'dora@example.com', mechanism: 'test' };
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:dora@example.com>' }), aFlow(), dora).status).toBe(403);
  const ghost = { aor: 'ghost@example.com', mechanism: 'test' };
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:ghost@example.com>' }), aFlow(), ghost).status).toBe(404);
});

test('for load tests anybody of the domain may register', () => {
  const rig = new RegistrarRig({ users: 'any' });
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:user4711@example.com>' })).status).toBe(200);
  expect(rig.ask(aRegister([CONTACT], { to: '<sip:user4711@elsewhere.org>' })).status).toBe(404);
});

test('MS-OCER R1: a refusal says why, for people and for clients', () => {
  const rig = new RegistrarRig({}, undefined, { 'alice@example.com': false });
  const { status, headers } = rig.ask(aRegister([CONTACT]));
  expect(status).toBe(403);
  expect(headers['ms-diagnostics']).toBe('4141;reason="alice@example.com is disabled";source="uc.example.com"');
  expect(headers['ms-diagnostics-public']).toBe('4141;reason="alice@example.com is disabled"');
  expect(headers['Warning']).toBe('399 uc.example.com "alice@example.com is disabled"');
});

test.each([
  [['Contact: <sip:alice@192.0.2.50>;expires=30'], 423, 'Min-Expires', '60'],
  [[CONTACT, 'Require: outbound, foo', 'Require: bar'], 420, 'Unsupported', 'foo, bar'],
  [[CONTACT, 'Event: presence'], 489, 'Allow-Events', 'registration'],
  [[CONTACT, 'Supported: msrtc-event-categories'], 421, 'Require', 'gruu-10'],
])('%j is answered %i with %s: %s', (lines, status, header, value) => {
  const answer = new RegistrarRig().ask(aRegister(lines));
  expect([answer.status, answer.headers[header]]).toEqual([status, value]);
});

test.each([
  [['Contact: *']],
  [['Contact: *', 'Expires: 5']],
  [['Contact: *', CONTACT, 'Expires: 0']],
  [['Contact: <tel:+15551234>']],
  [['Contact: <sip:alice@>']],
  [['Contact: <sip:alice@192.0.2.50']],
  [[`Contact: <sip:${'a'.repeat(1100)}@192.0.2.50>`]],
  [[`Contact: ${Array.from({ length: 11 }, (_, i) => `<sip:a@192.0.2.${i}>`).join(', ')}`]],
  [[CONTACT, `Path: ${Array.from({ length: 11 }, (_, i) => `<sip:p${i};lr>`).join(', ')}`]],
  [['Contact: <sip:alice@192.0.2.50>;+sip.instance="<urn:uuid:1>"']],
  [['Contact: <sip:alice@192.0.2.50>;+sip.instance']],
  [[CONTACT, 'Supported: gruu-10']],
])('%j is malformed: 400', (lines) => {
  const rig = new RegistrarRig();
  expect(rig.ask(aRegister(lines)).status).toBe(400);
  expect(rig.bindings.size).toBe(0);
});

test('MS-SIPRE R2: +sip.instance has to follow from the epid in the same message', () => {
  const epid = { from: '<sip:alice@example.com>;tag=1;epid=01010101' };
  const instance = (uuid: string): string => `Contact: <sip:192.0.2.50>;+sip.instance="<urn:uuid:${uuid}>"`;
  expect(new RegistrarRig().ask(aRegister([instance('4b1682a8-f968-5701-83fc-7c6741dc6697')], epid)).status).toBe(200);
  expect(new RegistrarRig().ask(aRegister([instance('2f7e7723-96e4-544e-8b98-cf482b8cefb8')], epid)).status).toBe(400);
  expect(new RegistrarRig().ask(aRegister([instance('2f7e7723-96e4-544e-8b98-cf482b8cefb8')])).status).toBe(200);
  expect(new RegistrarRig().ask(aRegister([CONTACT], { from: '<sip:a@example.com>;tag=1;epid=12345678901234567' })).status).toBe(400);
});

/** [MS-SIPRE] 11 and [MS-SIPREGE] 3.1, after contact repair. */
const OCS = aRegister(
  [
    'User-Agent: Purple/2.13.0 Sipe/1.24.0 (linux-x86_64)',
    'Contact: <sip:192.0.2.50:50123;transport=tls;ms-opaque=d3470f2e1d;ms-received-cid=2600>;methods="INVITE, MESSAGE, BYE";+sip.instance="<urn:uuid:2f7e7723-96e4-544e-8b98-cf482b8cefb8>"',
    'Supported: gruu-10, adhoclist, msrtc-event-categories, com.microsoft.msrtc.presence',
    'Event: registration',
    'ms-keep-alive: UAC;hop-hop=yes',
  ],
  { from: '<sip:alice@example.com>;tag=11112222;epid=a1b2c3d4e5f6' },
);

test('MS-SIPRE R3, MS-CONMGMT R1, MS-SIPREGE R3: an OCS client gets its GRUU, its keep-alive and the action', () => {
  const rig = new RegistrarRig();
  const { status, headers } = rig.ask(OCS, aFlow('TLS'));
  expect(status).toBe(200);
  expect(headers['Contact']).toEqual([
    '<sip:192.0.2.50:50123;transport=tls;ms-opaque=d3470f2e1d;ms-received-cid=2600>;expires=7200;+sip.instance="<urn:uuid:2f7e7723-96e4-544e-8b98-cf482b8cefb8>";gruu="sip:alice@example.com;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu"',
  ]);
  expect(headers['ms-keep-alive']).toBe('UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300');
  expect(headers['presence-state']).toBe('register-action="added"');
  expect(headers['Expires']).toBe('7200');
  expect(rig.bindings.bindings('alice@example.com')[0]).toMatchObject({
    epid: 'a1b2c3d4e5f6',
    instance: '2f7e7723-96e4-544e-8b98-cf482b8cefb8',
    flowId: 0x2600,
  });
});

test('MS-SIPREGE R3: on the same connection and Call-ID it is refreshed, on another one added, and one binding all the time', () => {
  const rig = new RegistrarRig();
  const again = (cseq: number): ReturnType<typeof aRegister> => {
    const copy = OCS.clone();
    copy.set('CSeq', `${cseq} REGISTER`);
    return copy;
  };
  rig.ask(OCS, aFlow('TLS'));
  expect(rig.ask(again(2), aFlow('TLS')).headers['presence-state']).toBe('register-action="refreshed"');
  expect(rig.ask(again(3), aFlow('TLS', { id: 0x2601 })).headers['presence-state']).toBe('register-action="added"');
  expect(rig.bindings.size).toBe(1);
});

test('MS-CONMGMT R3: the timeout is the configured one', () => {
  const asked = (config: Partial<RegistrarConfig>): unknown =>
    new RegistrarRig(config).ask(aRegister([CONTACT, 'ms-keep-alive: UAC;hop-hop=yes']), aFlow('TLS')).headers['ms-keep-alive'];
  expect(asked({})).toContain('timeout=300');
  expect(asked({ keepAliveSeconds: 45 })).toContain('timeout=45');
});

test('MS-SIPRE R1: an endpoint is found by its address and UUID, and by its address and epid when it comes back', () => {
  const rig = new RegistrarRig({}, undefined, { 'alice@example.com': true, 'bob@example.com': true });
  const register = (user: string, epid: string, host: string, callId: string, named = true): number => {
    const address = `<sip:${user}@example.com>`;
    const instance = named ? `;+sip.instance="<urn:uuid:${instanceOfEpid(epid)}>"` : '';
    const contact = `Contact: <sip:${host}:5061;transport=tls>${instance}`;
    return rig.ask(aRegister([contact], { from: `${address};tag=1;epid=${epid}`, to: address, callId }), aFlow('TLS')).status;
  };
  expect(register('alice', 'a1b2c3d4e5f6', '192.0.2.1', 'a')).toBe(200);
  expect(register('alice', '0f0e0d0c0b0a', '192.0.2.2', 'b')).toBe(200);
  expect(register('bob', 'a1b2c3d4e5f6', '192.0.2.3', 'c')).toBe(200);
  const found = (user: string, epid: string): string | undefined =>
    rig.bindings.byGruu(SipUri.parse(endpointGruu(`${user}@example.com`, instanceOfEpid(epid))))?.binding?.contact;
  expect(found('alice', 'a1b2c3d4e5f6')).toContain('192.0.2.1');
  expect(found('alice', '0f0e0d0c0b0a')).toContain('192.0.2.2');
  expect(found('bob', 'a1b2c3d4e5f6')).toContain('192.0.2.3');
  expect(found('bob', '0f0e0d0c0b0a')).toBeUndefined();
  expect(register('alice', 'A1B2C3D4E5F6', '192.0.2.9', 'd', false)).toBe(200);
  expect(rig.bindings.bindings('alice@example.com').map(({ contact }) => contact.includes('192.0.2.9'))).toEqual([true, false]);
});

test('MS-SIPREGE R6, MS-CONMGMT R1, R2, R11: the keep-alive is answered when it was asked for in a way that makes sense', () => {
  const asked = (line: string, transport: 'TLS' | 'UDP' = 'TLS'): unknown =>
    new RegistrarRig().ask(aRegister([CONTACT, line]), aFlow(transport)).headers['ms-keep-alive'];
  expect(asked('ms-keep-alive: UAC; tcp=no; hop-hop = yes')).toContain('timeout=300');
  expect(asked('ms-keep-alive: UAC;hop-hop=no')).toBeUndefined();
  expect(asked('ms-keep-alive: what;hop-hop=yes')).toBeUndefined();
  expect(asked('ms-keep-alive: UAC;hop-hop=yes', 'UDP')).toBeUndefined();
  expect(asked('X-Other: 1')).toBeUndefined();
});

test('RFC 5627: a client that offers gruu gets its public GRUU, one that does not gets none', () => {
  const line = 'Contact: <sip:alice@192.0.2.50>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
  expect(contacts(new RegistrarRig().ask(aRegister([line, 'Supported: path, GRUU'])))[0]).toContain(
    ';pub-gruu="sip:alice@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"',
  );
  expect(contacts(new RegistrarRig().ask(aRegister([line])))[0]).not.toContain('gruu');
});

const FLOW_1 = 'Contact: <sip:alice@192.0.2.50;ob>;reg-id=1;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';

test('RFC 5626: outbound is done, and said, only for a client that offers it', () => {
  const rig = new RegistrarRig();
  const outbound = rig.ask(aRegister([FLOW_1, 'Supported: path, outbound']), aFlow('TCP'));
  expect(outbound.headers).toMatchObject({ Require: 'outbound', 'Flow-Timer': '300' });
  expect(contacts(outbound)[0]).toContain(';reg-id=1');
  const plain = new RegistrarRig().ask(aRegister([FLOW_1]));
  expect(plain.headers['Require']).toBeUndefined();
  expect(contacts(plain)[0]).not.toContain('reg-id');
});

test('RFC 5626 6: two flows of one instance are two bindings, and each refresh finds its own', () => {
  const rig = new RegistrarRig();
  const flow2 = FLOW_1.replace('reg-id=1', 'reg-id=2');
  rig.ask(aRegister([FLOW_1, 'Supported: outbound']), aFlow('TCP', { id: 1 }));
  rig.ask(aRegister([flow2, 'Supported: outbound'], { callId: 'call-2' }), aFlow('TCP', { id: 2 }));
  rig.ask(aRegister([FLOW_1, 'Supported: outbound'], { cseq: 2 }), aFlow('TCP', { id: 3 }));
  expect(rig.bindings.bindings('alice@example.com').map((b) => [b.regId, b.flowId])).toEqual([
    [1, 3],
    [2, 2],
  ]);
});

test('RFC 5626 6: 439 when a proxy on the way does not do outbound, 400 for a reg-id that is none or not alone', () => {
  const two = { via: 'SIP/2.0/UDP edge.example.com;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.50;branch=z9hG4bK2' };
  const ask = (lines: readonly string[], more = {}): number =>
    new RegistrarRig().ask(aRegister([...lines, 'Supported: outbound'], more)).status;
  expect(ask([FLOW_1], two)).toBe(439);
  expect(ask([FLOW_1, 'Path: <sip:edge.example.com;lr;ob>'], two)).toBe(200);
  expect(ask([FLOW_1.replace('reg-id=1', 'reg-id=0')])).toBe(400);
  expect(ask([FLOW_1.replace('reg-id=1', 'reg-id=x')])).toBe(400);
  expect(ask([FLOW_1, 'Contact: <sip:alice@192.0.2.77>'])).toBe(400);
});

test('RFC 3327: Path is kept, and told to a client that understands it', () => {
  const rig = new RegistrarRig();
  const paths = ['Path: <sip:p1.example.com;lr>', 'Path: <sip:p2.example.com;lr>'];
  const answer = rig.ask(aRegister([CONTACT, ...paths, 'Supported: path']));
  expect(answer.headers['Path']).toEqual(['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>']);
  expect(rig.bindings.bindings('alice@example.com')[0]?.path).toEqual(['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>']);
  expect(rig.ask(aRegister([CONTACT, ...paths], { cseq: 2 })).headers['Path']).toBeUndefined();
});

test('one address has only so many endpoints, and the server only so many in all', () => {
  const rig = new RegistrarRig({ maxContacts: 2, maxBindings: 3, users: 'any', whenFull: 'refuse' });
  const register = (user: string, host: number): number =>
    rig.ask(aRegister([`Contact: <sip:${user}@192.0.2.${host}>`], { to: `<sip:${user}@example.com>`, callId: `${user}${host}` })).status;
  expect([register('alice', 1), register('alice', 2), register('alice', 3)]).toEqual([200, 200, 403]);
  expect([register('bob', 1), register('carol', 1)]).toEqual([200, 503]);
  expect(rig.bindings.size).toBe(3);
});

test('a registrar that asks nobody to authenticate lifts the limits of unauthenticated connections itself', () => {
  const flow = aFlow('TCP');
  new RegistrarRig().ask(aRegister([CONTACT]), flow);
  expect(flow.authenticated).toBe(true);
});

test('RFC 4475 regescrt: a Contact URI may carry headers, which are given back but never sent', () => {
  const rig = new RegistrarRig();
  const answer = rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50:50123?Route=%3Csip:sip.example.com%3E>']));
  expect(contacts(answer)[0]).toContain('?Route=');
  const [binding] = rig.bindings.bindings('alice@example.com');
  expect(binding && rig.bindings.target(binding)?.uri).toBe('sip:alice@192.0.2.50:50123');
});
