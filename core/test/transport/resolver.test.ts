import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { SipUri } from '../../src/sip/index.ts';
import {
  DnsCache,
  Resolver,
  systemDns,
  type Destination,
  type Dns,
  type ResolveHint,
  type ResolverOptions,
} from '../../src/transport/index.ts';
import { a, aaaa, DnsServer, naptr, srv } from './dns-server.ts';

interface World {
  readonly server: DnsServer;
  readonly clock: FakeClock;
  readonly resolver: Resolver;
  /** Destinations as `TLS 192.0.2.1:5061 name`. */
  readonly resolve: (uri: string, hint?: ResolveHint) => Promise<string[]>;
}

async function world(records: Parameters<typeof DnsServer.start>, options: Partial<ResolverOptions> = {}): Promise<World> {
  const server = await DnsServer.start(...records);
  const clock = new FakeClock();
  const resolver = new Resolver(systemDns([server.address]), new DnsCache(clock), clock, { random: () => 0.99, ...options });
  const resolve = async (uri: string, hint?: ResolveHint) => (await resolver.resolve(SipUri.parse(uri), hint)).map(text);
  return { server, clock, resolver, resolve };
}

function text({ transport, host, port, serverName }: Destination): string {
  return `${transport} ${host}:${port}${serverName === undefined ? '' : ` ${serverName}`}`;
}

test.each([
  ['sip:192.0.2.1', ['UDP 192.0.2.1:5060']],
  ['sip:192.0.2.1:5070', ['UDP 192.0.2.1:5070']],
  ['sip:192.0.2.1;transport=tcp', ['TCP 192.0.2.1:5060']],
  ['sip:192.0.2.1;transport=TLS', ['TLS 192.0.2.1:5061 192.0.2.1']],
  ['sips:192.0.2.1', ['TLS 192.0.2.1:5061 192.0.2.1']],
  ['sips:192.0.2.1:443;transport=tcp', ['TLS 192.0.2.1:443 192.0.2.1']],
  ['sip:alice@[2001:db8::1]', ['UDP 2001:db8::1:5060']],
  ['sip:example.com;maddr=192.0.2.9', ['UDP 192.0.2.9:5060']],
])('RFC 3263 4.1, 4.2: %s needs no DNS', async (uri, expected) => {
  const { resolver, resolve, server } = await world([]);
  expect(resolver.resolveNow(SipUri.parse(uri))?.map(text)).toEqual(expected);
  expect(await resolve(uri)).toEqual(expected);
  expect(server.asked).toEqual([]);
});

test('RFC 3263 4.1: NAPTR chooses the transport, then SRV the hosts, then A and AAAA the addresses', async () => {
  const { resolve, server } = await world([
    naptr('example.com', 50, 'SIP+D2T', '_sip._tcp.example.com'),
    naptr('example.com', 90, 'SIP+D2U', '_sip._udp.example.com'),
    naptr('example.com', 10, 'SIP+D2S', '_sip._sctp.example.com'),
    naptr('example.com', 5, 'E2U+sip', 'nothing.example.com', 'u'),
    srv('_sip._tcp.example.com', 'one.example.com', 5070),
    srv('_sip._udp.example.com', 'two.example.com', 5080),
    a('one.example.com', '192.0.2.1'),
    aaaa('one.example.com', '2001:db8::1'),
    a('two.example.com', '192.0.2.2'),
  ]);
  expect(await resolve('sip:alice@example.com')).toEqual(['TCP 192.0.2.1:5070', 'TCP 2001:db8::1:5070', 'UDP 192.0.2.2:5080']);
  expect(server.asked.filter((q) => q.startsWith('NAPTR'))).toHaveLength(1);
});

test("RFC 3263 4.1: for sips only SIPS services count, and the certificate is the domain's (RFC 5922 4)", async () => {
  const { resolve } = await world([
    naptr('example.com', 10, 'SIP+D2T', '_sip._tcp.example.com'),
    naptr('example.com', 20, 'SIPS+D2T', '_sips._tcp.example.com'),
    srv('_sips._tcp.example.com', 'edge.hosting.example.net', 5061),
    a('edge.hosting.example.net', '192.0.2.1'),
  ]);
  expect(await resolve('sips:alice@example.com')).toEqual(['TLS 192.0.2.1:5061 example.com']);
});

test('RFC 3263 4.1: without NAPTR, SRV is asked for each transport, the preferred first', async () => {
  const { resolve } = await world([
    srv('_sip._udp.example.com', 'u.example.com', 5060),
    srv('_sips._tcp.example.com', 's.example.com', 5061),
    a('u.example.com', '192.0.2.1'),
    a('s.example.com', '192.0.2.2'),
  ]);
  expect(await resolve('sip:example.com')).toEqual(['TLS 192.0.2.2:5061 example.com', 'UDP 192.0.2.1:5060']);
});

test('RFC 3263 4.2: with a transport parameter only its SRV is asked', async () => {
  const { resolve, server } = await world([srv('_sip._tcp.example.com', 't.example.com', 5066), a('t.example.com', '192.0.2.1')]);
  expect(await resolve('sip:example.com;transport=tcp')).toEqual(['TCP 192.0.2.1:5066']);
  expect(server.asked.filter((q) => !q.includes(' t.'))).toEqual(['SRV _sip._tcp.example.com']);
});

test('RFC 3263 4.2: with a port only the address is asked', async () => {
  const { resolve, server } = await world([a('example.com', '192.0.2.1')]);
  expect(await resolve('sip:example.com:5099')).toEqual(['UDP 192.0.2.1:5099']);
  expect(server.asked.toSorted()).toEqual(['A example.com', 'AAAA example.com']);
});

test('RFC 3263 4.2: a domain with neither NAPTR nor SRV is reached at its address', async () => {
  const { resolve } = await world([a('example.com', '192.0.2.1')]);
  expect(await resolve('sip:example.com')).toEqual(['UDP 192.0.2.1:5060']);
  expect(await resolve('sips:example.com')).toEqual(['TLS 192.0.2.1:5061 example.com']);
  expect(await resolve('sip:example.com;transport=tls')).toEqual(['TLS 192.0.2.1:5061 example.com']);
});

test('RFC 2782: priority decides the order; a target of "." says that there is no service', async () => {
  const { resolve } = await world([
    srv('_sip._tcp.example.com', 'last.example.com', 1, 20),
    srv('_sip._tcp.example.com', 'first.example.com', 2, 10),
    a('first.example.com', '192.0.2.1'),
    a('last.example.com', '192.0.2.2'),
    srv('_sip._tcp.none.example.com', '.', 0),
    a('none.example.com', '192.0.2.3'),
  ]);
  expect(await resolve('sip:example.com;transport=tcp')).toEqual(['TCP 192.0.2.1:2', 'TCP 192.0.2.2:1']);
  await expect(resolve('sip:none.example.com;transport=tcp')).rejects.toMatchObject({ code: 'TRANSPORT_DNS_NOT_FOUND' });
});

test("a service of one's own is asked for alone, and its target is what the certificate has to name", async () => {
  const { resolve } = await world([srv('_sipfederationtls._tcp.contoso.com', 'sip.contoso.com', 5061), a('sip.contoso.com', '192.0.2.1')]);
  expect(await resolve('sip:bob@contoso.com', { service: '_sipfederationtls._tcp' })).toEqual(['TLS 192.0.2.1:5061 sip.contoso.com']);
  await expect(resolve('sip:bob@fabrikam.com', { service: '_sipfederationtls._tcp' })).rejects.toMatchObject({
    code: 'TRANSPORT_DNS_NOT_FOUND',
    status: 504,
  });
});

test.each([
  ['tel:+14255550101', 'TRANSPORT_URI_UNROUTABLE', 416],
  ['mailto:alice@example.com', 'TRANSPORT_URI_UNROUTABLE', 416],
  ['sip:example.com;transport=sctp', 'TRANSPORT_URI_TRANSPORT', 400],
  ['sips:example.com;transport=udp', 'TRANSPORT_URI_TRANSPORT', 400],
  ['sip:example.com;transport=ws', 'TRANSPORT_URI_TRANSPORT', 400],
])('%s leads nowhere', async (uri, code, status) => {
  const { resolver } = await world([]);
  await expect(resolver.resolve(SipUri.parse(uri))).rejects.toMatchObject({ code, status });
  expect(() => resolver.resolveNow(SipUri.parse(uri))).toThrow(expect.objectContaining({ code }));
});

test('answers are kept for their TTL; resolveNow then needs no DNS', async () => {
  const { resolver, resolve, server, clock } = await world([a('example.com', '192.0.2.1', 120)]);
  const uri = SipUri.parse('sip:example.com:5060');
  expect(resolver.resolveNow(uri)).toBeUndefined();
  await resolve('sip:example.com:5060');
  expect(resolver.resolveNow(uri)?.map(text)).toEqual(['UDP 192.0.2.1:5060']);
  clock.advance(29_000);
  await resolve('sip:example.com:5060');
  expect(server.asked).toHaveLength(2);
  clock.advance(91_000);
  expect(resolver.resolveNow(uri)).toBeUndefined();
  server.set(a('example.com', '192.0.2.2'));
  expect(await resolve('sip:example.com:5060')).toEqual(['UDP 192.0.2.2:5060']);
});

test('an answer with TTL 0 serves the question that it was asked for', async () => {
  const { resolve, resolver } = await world([a('example.com', '192.0.2.1', 0), aaaa('example.com', '2001:db8::1')]);
  expect(await resolve('sip:example.com:5060')).toHaveLength(2);
  expect(resolver.resolveNow(SipUri.parse('sip:example.com:5060'))).toBeUndefined();
});

test('RFC 2308: that a name does not exist is kept too', async () => {
  const { resolve, server, clock } = await world([]);
  for (let i = 0; i < 3; i++) await expect(resolve('sip:nowhere.example:5060')).rejects.toMatchObject({ code: 'TRANSPORT_DNS_NOT_FOUND' });
  expect(server.asked).toHaveLength(2);
  clock.advance(30_000);
  server.set(a('nowhere.example', '192.0.2.1'));
  expect(await resolve('sip:nowhere.example:5060')).toEqual(['UDP 192.0.2.1:5060']);
});

test('a name server that fails is told apart from a name that does not exist, and is not asked for every message', async () => {
  const { resolve, server, clock } = await world([]);
  server.failing.add('example.com');
  const failure = { code: 'TRANSPORT_DNS_FAILED', status: 504 };
  await expect(resolve('sip:example.com:5060')).rejects.toMatchObject(failure);
  const asked = server.asked.length;
  await expect(resolve('sip:example.com:5060')).rejects.toMatchObject(failure);
  expect(server.asked).toHaveLength(asked);
  clock.advance(5_000);
  server.failing.clear();
  server.set(a('example.com', '192.0.2.1'));
  expect(await resolve('sip:example.com:5060')).toEqual(['UDP 192.0.2.1:5060']);
});

test('a server that fails on NAPTR does not hide the addresses', async () => {
  const dns: Dns = {
    naptr: () => Promise.reject(new Error('SERVFAIL')),
    srv: () => Promise.resolve({ records: [] }),
    addresses: (_name, family) => Promise.resolve({ records: family === 4 ? ['192.0.2.1'] : [] }),
  };
  const clock = new FakeClock();
  const found = await new Resolver(dns, new DnsCache(clock), clock).resolve(SipUri.parse('sip:example.com'));
  expect(found.map(text)).toEqual(['UDP 192.0.2.1:5060']);
});

test('a thousand callers with the same question ask it once; too many different ones are told to wait', async () => {
  const answers: (() => void)[] = [];
  const dns: Dns = {
    naptr: () => Promise.resolve({ records: [] }),
    srv: () => Promise.resolve({ records: [] }),
    addresses: () => new Promise((resolve) => answers.push(() => resolve({ records: ['192.0.2.1'] }))),
  };
  const clock = new FakeClock();
  const resolver = new Resolver(dns, new DnsCache(clock), clock, { families: [4], maxPending: 2 });
  const same = Array.from({ length: 1000 }, () => resolver.resolve(SipUri.parse('sip:one.example:5060')));
  const other = resolver.resolve(SipUri.parse('sip:two.example:5060'));
  await expect(resolver.resolve(SipUri.parse('sip:three.example:5060'))).rejects.toMatchObject({ code: 'TRANSPORT_DNS_BUSY', status: 503 });
  expect(answers).toHaveLength(2);
  for (const answer of answers) answer();
  expect(await Promise.all([...same, other])).toHaveLength(1001);
});

test('RFC 3263 4.3: a destination that failed is tried last for a while', async () => {
  const { resolve, resolver, clock } = await world([a('example.com', '192.0.2.1', 3600), a('example.com', '192.0.2.2', 3600)], {
    families: [4],
  });
  const [first, second] = await resolve('sip:example.com:5060');
  const destination = resolver.resolveNow(SipUri.parse('sip:example.com:5060'))?.[0] as Destination;
  resolver.putAside(destination);
  expect(await resolve('sip:example.com:5060')).toEqual([second, first]);
  resolver.restore(destination);
  expect(await resolve('sip:example.com:5060')).toEqual([first, second]);
  resolver.putAside(destination);
  clock.advance(60_000);
  expect(await resolve('sip:example.com:5060')).toEqual([first, second]);
});

test('a zone cannot make the list of destinations long', async () => {
  const many = Array.from({ length: 100 }, (_, i) => a('example.com', `192.0.2.${i}`));
  const { resolve } = await world(many.slice(0, 40), { families: [4], maxRecords: 40, maxDestinations: 8 });
  expect(await resolve('sip:example.com:5060')).toHaveLength(8);
});

test('RFC 6761 6.3: localhost is this machine, and no name server is asked', async () => {
  const { resolve, server } = await world([]);
  expect(await resolve('sip:localhost:5060')).toEqual(['UDP 127.0.0.1:5060', 'UDP ::1:5060']);
  expect(server.asked).toEqual([]);
});
