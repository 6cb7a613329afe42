import { expect, test } from 'vitest';
import { SipUri } from '@parley/sdk';
import { endpointSource } from '../src/endpoint-source.ts';
import { RegistrarRig, aFlow, aRegister } from './fixtures.ts';

const AOR = 'alice@example.com';
const CONTACT = 'Contact: <sip:alice@192.0.2.50:50123>';
const UUID = '2f7e7723-96e4-544e-8b98-cf482b8cefb8';
const ENDPOINT = `Contact: <sip:192.0.2.50:50123;transport=tls>;+sip.instance="<urn:uuid:${UUID}>"`;
const GRUU = `sip:${AOR};opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu`;

function told(rig: RegistrarRig): unknown[] {
  return rig.published.map(({ subject, message }) => [subject, 'reason' in message ? message.reason : undefined]);
}

test('a registration ends when its time is over, and says so', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister([CONTACT, 'Expires: 60']));
  rig.clock.advance(59_900);
  expect(rig.bindings.bindings(AOR)).toHaveLength(1);
  rig.clock.advance(200);
  expect(rig.bindings.bindings(AOR)).toHaveLength(0);
  expect(told(rig)).toEqual([
    ['registrar.bound', undefined],
    ['registrar.unbound', 'expired'],
  ]);
  expect(rig.clock.timers.size).toBe(0);
});

test('a refresh moves the end, later or earlier, and is not told', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister([CONTACT, 'Expires: 60']));
  rig.clock.advance(50_000);
  rig.ask(aRegister([CONTACT, 'Expires: 600'], { cseq: 2 }));
  rig.clock.advance(599_000);
  expect(rig.bindings.size).toBe(1);
  rig.ask(aRegister([CONTACT, 'Expires: 6000'], { cseq: 3 }));
  rig.ask(aRegister([CONTACT, 'Expires: 60'], { cseq: 4 }));
  rig.clock.advance(60_100);
  expect(rig.bindings.size).toBe(0);
  expect(told(rig)).toHaveLength(2);
});

test('MS-CONMGMT R7: the registrations of a connection end with it, and no others', () => {
  const rig = new RegistrarRig();
  const flow = aFlow('TLS');
  rig.ask(aRegister([CONTACT]), flow);
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.51>'], { callId: 'b' }), aFlow('TLS', { id: 7 }));
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.52>'], { callId: 'c' }));
  rig.closeFlow(flow);
  expect(rig.bindings.bindings(AOR).map((binding) => binding.flowId)).toEqual([7, 0]);
  expect(told(rig).at(-1)).toEqual(['registrar.unbound', 'disconnected']);
});

test('an endpoint that moved to a new connection outlives the old one', () => {
  const rig = new RegistrarRig();
  const flow = aFlow('TLS');
  rig.ask(aRegister([CONTACT]), flow);
  rig.ask(aRegister([CONTACT], { cseq: 2 }), aFlow('TLS', { id: 8 }));
  rig.closeFlow(flow);
  expect(rig.bindings.size).toBe(1);
  expect(told(rig)).toEqual([
    ['registrar.bound', undefined],
    ['registrar.bound', undefined],
  ]);
});

test('a connection that closes because the server does leaves its registrations for the next start', () => {
  const rig = new RegistrarRig();
  const flow = aFlow('TLS');
  rig.ask(aRegister([CONTACT]), flow);
  rig.bindings.drain();
  rig.closeFlow(flow);
  expect(rig.bindings.size).toBe(1);
});

test('a user who is removed or dropped loses all endpoints at once', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister([CONTACT]));
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.51>'], { callId: 'b' }));
  expect(rig.bindings.removeAll(AOR, 'disabled')).toBe(2);
  expect([rig.bindings.size, rig.bindings.addresses, rig.clock.timers.size]).toEqual([0, 0, 0]);
});

test('MS-SIPRE R4: a GRUU finds its one endpoint, or tells whose endpoint is not there', () => {
  const rig = new RegistrarRig();
  expect(rig.bindings.byGruu(SipUri.parse(GRUU))).toEqual({ aor: AOR, binding: undefined });
  rig.ask(aRegister([ENDPOINT]));
  rig.ask(aRegister([CONTACT], { callId: 'b' }));
  expect(rig.bindings.byGruu(SipUri.parse(GRUU))?.binding?.instance).toBe(UUID);
  expect(rig.bindings.byGruu(SipUri.parse(`sip:${AOR};gr=urn:uuid:${UUID}`))?.binding?.instance).toBe(UUID);
  expect(rig.bindings.byGruu(SipUri.parse(`sip:ALICE@EXAMPLE.COM;GRUU;Opaque=User:Epid:I3d-L-SWTlSLmM9IK4zvuAAA`))?.binding?.instance).toBe(
    UUID,
  );
});

test('what looks like a GRUU and names nobody reaches nobody; what does not is none', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister([CONTACT]));
  for (const parameters of ['opaque=user:epid:nonsense;gruu', 'opaque=user:epid:;gruu', 'gr=urn:other']) {
    expect(rig.bindings.byGruu(SipUri.parse(`sip:${AOR};${parameters}`))).toEqual({ aor: AOR, binding: undefined });
  }
  for (const parameters of ['', ';gruu', ';opaque=app:voicemail;gruu', `;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA`, ';gr']) {
    expect(rig.bindings.byGruu(SipUri.parse(`sip:${AOR}${parameters}`))).toBeUndefined();
  }
});

test('a Contact is found by its user, host and port', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50:50123;transport=tls>']), aFlow('TLS'));
  const by = (uri: string): unknown => rig.bindings.byContact(SipUri.parse(uri))?.aor;
  expect(by('sip:alice@192.0.2.50:50123')).toBe(AOR);
  expect(by('sip:alice@192.0.2.50:50123;ms-received-cid=2600')).toBe(AOR);
  expect(by('sip:alice@192.0.2.50:50123;ms-received-cid=2601')).toBeUndefined();
  expect(by('sip:alice@192.0.2.50:5060')).toBeUndefined();
  expect(by('sip:bob@192.0.2.50:50123')).toBeUndefined();
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.99:50123;transport=tls>'], { cseq: 2 }), aFlow('TLS', { id: 5 }));
  rig.bindings.removeAll(AOR, 'administrator');
  expect(by('sip:alice@192.0.2.50:50123')).toBeUndefined();
});

test('two users behind two NATs with one private address are not mistaken for each other', () => {
  const rig = new RegistrarRig({ users: 'any' });
  const phone = 'Contact: <sip:100@192.168.1.2>';
  rig.ask(aRegister([phone]), aFlow('TLS', { id: 1 }));
  rig.ask(aRegister([phone], { to: '<sip:bob@example.com>', callId: 'b' }), aFlow('TLS', { id: 2 }));
  expect(rig.bindings.byContact(SipUri.parse('sip:100@192.168.1.2'))).toBeUndefined();
  expect(rig.bindings.byContact(SipUri.parse('sip:100@192.168.1.2;ms-received-cid=2'))?.aor).toBe('bob@example.com');
});

test('an endpoint is reached by the way it came', () => {
  const reach = (contact: string, flow = aFlow(), more = {}): unknown => {
    const rig = new RegistrarRig();
    rig.ask(aRegister([contact], more), flow);
    const [binding] = rig.bindings.bindings(AOR);
    const target = binding && rig.bindings.target(binding);
    return target?.flow === undefined ? target?.destination : [target.flow.id, target.flow.remote];
  };
  const udp = (port: number): object => ({ transport: 'UDP', host: '192.0.2.50', port });
  expect(reach('Contact: <sip:alice@192.0.2.50:50123>'), 'where it says').toEqual(udp(50123));
  expect(reach('Contact: <sip:alice@192.0.2.50>'), 'on its other port').toEqual(udp(5060));
  expect(reach('Contact: <sip:alice@192.168.1.2:5060>'), 'behind NAT: where it sent from').toEqual([
    0,
    { host: '192.0.2.50', port: 50123 },
  ]);
  expect(reach('Contact: <sip:alice@victim.example.org>'), 'never where somebody else is').toEqual([
    0,
    { host: '192.0.2.50', port: 50123 },
  ]);
  expect(reach('Contact: <sip:alice@192.168.1.2:5060>', aFlow('TCP')), 'on its connection').toEqual([
    0x2600,
    { host: '192.0.2.50', port: 50123 },
  ]);
  expect(reach('Contact: <sip:alice@192.0.2.50>', aFlow('TCP', { open: false })), 'not when that is gone').toBeUndefined();
});

test('RFC 3327: an endpoint behind a proxy that is trusted is reached through its Path', () => {
  const rig = new RegistrarRig();
  const edge = aFlow('TLS', { trusted: true });
  rig.ask(aRegister(['Contact: <sip:alice@10.0.0.1>;q=0.25', 'Path: <sip:edge.example.com;lr>']), edge);
  const [binding] = rig.bindings.bindings(AOR);
  expect(binding && rig.bindings.target(binding)).toEqual({
    uri: 'sip:alice@10.0.0.1',
    routes: ['<sip:edge.example.com;lr>'],
    q: 0.25,
    epid: undefined,
  });
  rig.closeFlow(edge);
  expect(rig.bindings.size).toBe(1);
});

test('MSPL R26: routing scripts see each endpoint with its methods', () => {
  const rig = new RegistrarRig();
  const users = {
    findByAor: (aor: string) => ({ aor, enabled: aor === AOR }) as never,
    findByPhone: (phone: string) => ({ aor: phone }) as never,
  };
  const source = endpointSource(rig.bindings, users);
  rig.ask(
    aRegister([`${ENDPOINT};methods="INVITE, BYE";q=0.5`], { from: '<sip:alice@example.com>;tag=1;epid=a1b2c3d4e5f6' }),
    aFlow('TLS'),
  );
  const endpoint = {
    contact: 'sip:192.0.2.50:50123;transport=tls',
    epid: 'a1b2c3d4e5f6',
    instance: `urn:uuid:${UUID}`,
    methods: ['INVITE', 'BYE'],
    q: 500,
    flow: rig.bindings.target(rig.bindings.bindings(AOR)[0] as never)?.flow,
    destination: undefined,
    reachable: true,
    path: [],
  };
  expect(endpoint.flow?.id).toBe(0x2600);
  expect(source.endpoints(AOR)).toEqual([endpoint]);
  expect(source.byContact?.('sip:192.0.2.50:50123')).toEqual(endpoint);
  expect(source.byContact?.(GRUU)).toEqual(endpoint);
  expect(source.byContact?.('no uri')).toBeUndefined();
  expect(source.aorOf?.(GRUU)).toBe(AOR);
  expect(source.aorOf?.(`sip:${AOR}`)).toBeUndefined();
  expect(source.aorOf?.('sip:+1425@example.com;user=phone')).toBe('+1425');
  expect([source.isUser?.(AOR), source.isUser?.('bob@example.com')]).toEqual([true, false]);
  const anybody = endpointSource(rig.bindings, undefined);
  expect([anybody.isUser?.('Alice@example.com'), anybody.isUser?.('bob@example.com')]).toEqual([true, false]);
});
