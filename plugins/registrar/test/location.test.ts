/** Where users are found, and how they are reached. [MS-SIPRE] section 3.3, RFC 3327, RFC 5627. */
import { expect, test } from 'vitest';
import { SipUri, endpointGruu, instanceOfEpid } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { Location } from '../src/api.ts';
import type { Binding, EndpointLookup } from '../src/api.ts';
import { endpointSource } from '../src/endpoint-source.ts';
import plugin from '../src/plugin.ts';
import { AOR, another, byContact, reachable, serving, withContact } from './serving.ts';

const EPID = 'a1b2c3d4e5f6';
const UUID = instanceOfEpid(EPID);
const GRUU = endpointGruu(AOR, UUID);

const byGruu = (server: TestServer, uri: string): EndpointLookup | undefined => server.find(Location).byGruu(SipUri.parse(uri));

test('MS-SIPRE R4: a GRUU finds its one endpoint, or tells whose endpoint is not there', async () => {
  await using server = await serving();
  expect(byGruu(server, GRUU)).toEqual({ aor: AOR, binding: undefined });
  await server.endpoint('alice', { epid: EPID }).register();
  await another(server).register();
  for (const uri of [
    GRUU,
    `sip:${AOR};gr=urn:uuid:${UUID}`,
    GRUU.replace('alice@example.com', 'ALICE@EXAMPLE.COM').replace(';gruu', ';GRUU'),
  ]) {
    expect(byGruu(server, uri)?.binding?.instance, uri).toBe(UUID);
  }
});

test('what looks like a GRUU and names nobody reaches nobody; what does not is none', async () => {
  await using server = await serving();
  await server.endpoint('alice').register();
  for (const parameters of ['opaque=user:epid:nonsense;gruu', 'opaque=user:epid:;gruu', 'gr=urn:other']) {
    expect(byGruu(server, `sip:${AOR};${parameters}`)).toEqual({ aor: AOR, binding: undefined });
  }
  for (const parameters of ['', ';gruu', ';opaque=app:voicemail;gruu', `;opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA`, ';gr']) {
    expect(byGruu(server, `sip:${AOR}${parameters}`)).toBeUndefined();
  }
});

test('MS-SIPRE R1: an endpoint is found by its address and UUID, and by its address and epid when it comes back', async () => {
  await using server = await serving();
  const register = async (user: string, epid: string, host: string, named = true): Promise<void> => {
    const instance = named ? `;+sip.instance="<urn:uuid:${instanceOfEpid(epid)}>"` : '';
    const endpoint = server.endpoint(`${user} ${epid}`, { user, epid });
    await endpoint.registering(withContact(`<sip:${host}:5061;transport=tls>${instance}`)).expect(200);
  };
  await register('alice', EPID, '192.0.2.1');
  await register('alice', '0f0e0d0c0b0a', '192.0.2.2');
  await register('bob', EPID, '192.0.2.3');
  const found = (user: string, epid: string): string | undefined =>
    byGruu(server, endpointGruu(`${user}@example.com`, instanceOfEpid(epid)))?.binding?.contact;
  expect(found('alice', EPID)).toContain('192.0.2.1');
  expect(found('alice', '0f0e0d0c0b0a')).toContain('192.0.2.2');
  expect(found('bob', EPID)).toContain('192.0.2.3');
  expect(found('bob', '0f0e0d0c0b0a')).toBeUndefined();
  await register('alice', EPID.toUpperCase(), '192.0.2.9', false);
  expect(reachable(server).map(({ contact }) => contact.includes('192.0.2.9'))).toEqual([true, false]);
});

test('a Contact is found by its user, host and port', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice');
  await alice.registering(withContact('<sip:alice@192.0.2.50:50123;transport=tls>')).expect(200);
  const cid = reachable(server)[0]?.flowId.toString(16);
  expect(byContact(server, 'sip:alice@192.0.2.50:50123')).toBe(AOR);
  expect(byContact(server, `sip:alice@192.0.2.50:50123;ms-received-cid=${cid}`)).toBe(AOR);
  expect(byContact(server, 'sip:alice@192.0.2.50:50123;ms-received-cid=0')).toBeUndefined();
  expect(byContact(server, 'sip:alice@192.0.2.50:5060')).toBeUndefined();
  expect(byContact(server, 'sip:bob@192.0.2.50:50123')).toBeUndefined();
  await alice.registering(withContact('<sip:alice@192.0.2.99:50123;transport=tls>')).expect(200);
  await server.command('registrations drop', { address: AOR });
  expect(byContact(server, 'sip:alice@192.0.2.50:50123')).toBeUndefined();
});

test('two users behind two NATs with one private address are not mistaken for each other', async () => {
  await using server = await serving();
  for (const user of ['alice', 'bob']) await server.endpoint(user).registering(withContact('<sip:100@192.168.1.2>')).expect(200);
  expect(byContact(server, 'sip:100@192.168.1.2')).toBeUndefined();
  const cid = reachable(server, 'bob@example.com')[0]?.flowId.toString(16);
  expect(byContact(server, `sip:100@192.168.1.2;ms-received-cid=${cid}`)).toBe('bob@example.com');
});

test.each([
  ['where it says', 'udp', '192.0.2.50:50123', { transport: 'UDP', host: '192.0.2.50', port: 50_123 }],
  ['on its other port', 'udp', '192.0.2.50', { transport: 'UDP', host: '192.0.2.50', port: 5060 }],
  ['behind NAT where it sent from', 'udp', '192.168.1.2:5070', '192.0.2.50:5060'],
  ['never where somebody else is', 'udp', 'victim.example.org', '192.0.2.50:5060'],
  ['on its connection', 'tcp', '192.168.1.2:5060', 'its connection'],
] as const)('an endpoint is reached by the way it came: %s', async (_how, transport, contact, expected) => {
  await using server = await serving();
  const alice = server.endpoint('alice', { transport, address: '192.0.2.50' });
  await alice.registering(withContact(`<sip:alice@${contact}>`)).expect(200);
  const target = server.find(Location).target(reachable(server)[0] as Binding);
  const { flow, destination } = target ?? {};
  const where = flow === undefined ? destination : `${flow.remote.host}:${flow.remote.port}`;
  expect(where).toEqual(expected === 'its connection' ? alice.address : expected);
});

test('RFC 3327: an endpoint behind a proxy that is trusted is reached through its Path', async () => {
  await using server = await serving({ requireAuthentication: false });
  const edge = await server.peer('edge.example.com', { trusted: true, transport: 'tls' });
  const headers = { Contact: '<sip:alice@10.0.0.1>;q=0.25', Path: '<sip:edge.example.com;lr>' };
  await edge.send('REGISTER', 'sip:example.com', { from: `<sip:${AOR}>`, to: `<sip:${AOR}>`, headers }).expect(200);
  expect(server.find(Location).target(reachable(server)[0] as Binding)).toEqual({
    uri: 'sip:alice@10.0.0.1',
    routes: ['<sip:edge.example.com;lr>'],
    q: 0.25,
    epid: undefined,
  });
  edge.disconnect();
  await server.settle();
  expect(reachable(server)).toHaveLength(1);
});

test('MSPL R26: routing scripts see each endpoint with its methods', async () => {
  await using server = await serving(
    {},
    {
      users: [
        { name: 'alice', phones: ['+14255550100'] },
        { name: 'dora', enabled: false },
      ],
    },
  );
  const location = server.find(Location);
  const source = endpointSource(location, server.find(Directory));
  const alice = server.endpoint('alice', { epid: EPID });
  const contact = `<sip:192.0.2.50:50123;transport=tls>;+sip.instance="<urn:uuid:${UUID}>";methods="INVITE, BYE";q=0.5`;
  await alice.registering(withContact(contact)).expect(200);
  const endpoint = {
    contact: 'sip:192.0.2.50:50123;transport=tls',
    epid: EPID,
    instance: `urn:uuid:${UUID}`,
    methods: ['INVITE', 'BYE'],
    q: 500,
    flow: location.target(reachable(server)[0] as Binding)?.flow,
    destination: undefined,
    reachable: true,
    path: [],
  };
  expect(endpoint.flow).toBeDefined();
  expect(source.endpoints(AOR)).toEqual([endpoint]);
  expect(source.byContact?.('sip:192.0.2.50:50123')).toEqual(endpoint);
  expect(source.byContact?.(GRUU)).toEqual(endpoint);
  expect(source.byContact?.('no uri')).toBeUndefined();
  expect(source.aorOf?.(GRUU)).toBe(AOR);
  expect(source.aorOf?.(`sip:${AOR}`)).toBeUndefined();
  expect(source.aorOf?.('sip:+14255550100@example.com;user=phone')).toBe(AOR);
  expect([source.isUser?.(AOR), source.isUser?.('dora@example.com'), source.isUser?.('bob@example.com')]).toEqual([true, false, false]);
});

test('without a directory whoever is registered is a user for routing scripts', async () => {
  await using server = await testServer({ plugins: [plugin({ users: 'any' })] });
  await server.endpoint('alice').register();
  const source = endpointSource(server.find(Location), undefined);
  expect([source.isUser?.('Alice@example.com'), source.isUser?.('bob@example.com')]).toEqual([true, false]);
});
