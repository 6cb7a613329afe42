/** What a REGISTER does and what it is told. RFC 3261 section 10.3. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PASS, definePlugin } from '@parley/sdk';
import { overloaded, testServer } from '@parley/sdk/testkit';
import { Location } from '../src/api.ts';
import plugin from '../src/plugin.ts';
import { another, reachable, serving, size, withContact } from './serving.ts';

test('RFC 3261 10.3: a REGISTER binds its contact and is told every binding with its seconds', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice', { transport: 'udp', address: '192.0.2.50' });
  const answer = await alice.registering({ headers: { Expires: '600' } }).expect(200);
  expect(answer.all('Contact')).toEqual(['<sip:alice@192.0.2.50:5060>;expires=600']);
  expect(answer.first('Expires')).toBe('600');
  expect(answer.first('Date')).toBe(new Date(server.clock.now()).toUTCString());
  await server.advance('100s');
  const both = await another(server).registering(withContact('<sip:alice@192.0.2.51>;q=0.5')).expect(200);
  expect(both.all('Contact')).toEqual(['<sip:alice@192.0.2.50:5060>;expires=500', '<sip:alice@192.0.2.51>;expires=7200;q=0.5']);
});

test('RFC 3261 10.3: a registration lasts as long as was granted, and ends when its client says so', async () => {
  await using server = await serving({ defaultExpires: 600 });
  const alice = server.endpoint('alice', { transport: 'udp' });
  await alice.registering().expect(200, { headers: { Contact: /;expires=600/ } });
  await server.advance('599s');
  expect(reachable(server)).toHaveLength(1);
  await server.advance('2s');
  expect(reachable(server)).toHaveLength(0);
});

test('a REGISTER without Contact asks what there is', async () => {
  await using server = await serving();
  await server.endpoint('alice', { transport: 'udp' }).register();
  const answer = await another(server)
    .registering(withContact([]))
    .expect(200, { headers: { Expires: null } });
  expect(answer.all('Contact')).toHaveLength(1);
  expect(size(server)).toBe(1);
});

test('signing out answers Expires: 0 and no contact', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice', { transport: 'udp' }).register();
  await alice.registering({ headers: { Expires: '0' } }).expect(200, { headers: { Expires: '0', Contact: null } });
  expect(size(server)).toBe(0);
});

test('RFC 5627: a client that offers gruu gets its public GRUU, one that does not gets none', async () => {
  await using server = await serving();
  const contact = '<sip:alice@192.0.2.50>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
  const alice = server.endpoint('alice');
  await alice.registering(withContact(contact, { Supported: 'path, GRUU' })).expect(200, {
    headers: { Contact: /;pub-gruu="sip:alice@example\.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/ },
  });
  await alice.registering(withContact(contact)).expect(200, { headers: { Contact: /^(?!.*gruu)/ } });
});

const FLOW_1 = '<sip:alice@192.0.2.50;ob>;reg-id=1;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
const FLOW_2 = FLOW_1.replace('reg-id=1', 'reg-id=2');

test('RFC 5626: outbound is done, and said, only for a client that offers it', async () => {
  await using server = await serving();
  await another(server, 'tcp')
    .registering(withContact(FLOW_1, { Supported: 'path, outbound' }))
    .expect(200, { headers: { Require: 'outbound', 'Flow-Timer': '300', Contact: /;reg-id=1/ } });
  await server.command('registrations drop', { address: 'alice@example.com' });
  await another(server)
    .registering(withContact(FLOW_1))
    .expect(200, { headers: { Require: null, Contact: /^(?!.*reg-id)/ } });
});

test('RFC 5626 6: two flows of one instance are two bindings, and each refresh finds its own', async () => {
  await using server = await serving();
  const register = async (contact: string): Promise<number | undefined> => {
    const endpoint = another(server, 'tcp');
    await endpoint.registering(withContact(contact, { Supported: 'outbound' })).expect(200);
    return reachable(server).find(({ regId }) => contact.includes(`reg-id=${regId};`))?.flowId;
  };
  const first = await register(FLOW_1);
  const second = await register(FLOW_2);
  const again = await register(FLOW_1);
  expect(again).not.toBe(first);
  expect(reachable(server).map(({ regId, flowId }) => [regId, flowId])).toEqual([
    [1, again],
    [2, second],
  ]);
});

test('RFC 5626 6: 439 when a proxy on the way does not do outbound, 400 for a reg-id that is none or not alone', async () => {
  await using server = await serving();
  const answers = async (
    status: number,
    contact: string | readonly string[],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> =>
    void (await another(server, 'tcp')
      .registering(withContact(contact, { Supported: 'outbound', ...headers }))
      .expect(status));
  const edge = { Via: 'SIP/2.0/UDP 192.0.2.50;branch=z9hG4bK2' };
  await answers(439, FLOW_1, edge);
  await answers(200, FLOW_1, { ...edge, Path: '<sip:edge.example.com;lr;ob>' });
  await answers(400, FLOW_1.replace('reg-id=1', 'reg-id=0'));
  await answers(400, FLOW_1.replace('reg-id=1', 'reg-id=x'));
  await answers(400, [FLOW_1, '<sip:alice@192.0.2.77>']);
});

test('RFC 3327: Path is kept, and told to a client that understands it', async () => {
  await using server = await serving();
  const Path = ['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'];
  const alice = server.endpoint('alice');
  const answer = await alice.registering({ headers: { Path, Supported: 'path' } }).expect(200);
  expect(answer.all('Path')).toEqual(Path);
  expect(reachable(server)[0]?.path).toEqual(Path);
  await alice.registering({ headers: { Path } }).expect(200, { headers: { Path: null } });
});

test('one address has only so many endpoints, and the server only so many in all', async () => {
  await using server = await testServer({ plugins: [plugin({ maxContacts: 2, maxBindings: 3, users: 'any', whenFull: 'refuse' })] });
  const register = async (user: string, status: number): Promise<void> =>
    void (await server.endpoint(`${server.parties.size} ${user}`, { user }).registering().expect(status));
  for (const status of [200, 200, 403]) await register('alice', status);
  await register('bob', 200);
  await register('carol', 503);
  expect(server.find(Location).size).toBe(3);
});

test('RFC 4475 regescrt: a Contact URI may carry headers, which are given back but never sent', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice', { transport: 'udp', address: '192.0.2.50' });
  const contact = '<sip:alice@192.0.2.50?Route=%3Csip:sip.example.com%3E>';
  await alice.registering(withContact(contact)).expect(200, { headers: { Contact: /\?Route=/ } });
  const sent = server.endpoint('bob').message('alice', 'hello');
  await alice.expect('MESSAGE', { uri: 'sip:alice@192.0.2.50' }).answer(200);
  await sent.expect(200);
});

test('a registrar that asks nobody to authenticate lifts the limits of unauthenticated connections itself', async () => {
  const asksStrangersNothing = definePlugin({
    name: 'guests',
    summary: 'Stands where clients are authenticated, and knows none',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup: (scope) => scope.gate({ name: 'guests', order: 300, check: () => PASS }),
  });
  await using server = await serving({ requireAuthentication: false }, { plugins: [asksStrangersNothing()] });
  const bob = await server.endpoint('bob', { transport: 'tcp', trusted: false }).register();
  await server.endpoint('idle', { transport: 'tcp', trusted: false }).message('ghost', 'nobody knows me').expect('4xx');
  expect(server.figure('parley_connections')).toBe(2);
  await server.advance('32s');
  expect(server.figure('parley_connections')).toBe(1);
  const sent = server.endpoint('alice').message('bob', 'still there?');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('for load tests anybody of the domain may register', async () => {
  await using server = await testServer({ plugins: [plugin({ users: 'any' })] });
  const anybody = server.endpoint('user4711');
  await anybody.register();
  await anybody.registering({ headers: { To: '<sip:user4711@elsewhere.org>' } }).expect(404);
});

test('REGISTER is taken for our domains, by Request-URI, and for no other', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice');
  await alice.send('REGISTER', 'sip:example.org', { to: '<sip:alice@example.com>' }).expect(403, {
    headers: { 'ms-diagnostics': /requests to example\.org are not allowed/ },
  });
  await alice.send('REGISTER', 'sip:192.0.2.1', { to: '<sip:alice@example.com>' }).expect(200);
});

test('a server with too much to do says when to come back', async () => {
  await using server = await testServer({ plugins: [overloaded(new URL('../routes.am', import.meta.url))] });
  await server
    .endpoint('alice')
    .registering()
    .expect(503, { headers: { 'Retry-After': '30' } });
});

test('a misspelt option is refused by name, and an impossible order of intervals too', () => {
  expect(() => plugin.config.parse({ maxContact: 5 })).toThrow(/maxContact/);
  expect(() => plugin.config.parse({ minExpires: 600, defaultExpires: 300 })).toThrow(/minExpires <= defaultExpires/);
  expect(plugin.config.parse({})).toMatchObject({
    maxContacts: 10,
    whenFull: 'replaceOldest',
    requireAuthentication: true,
    users: 'directory',
  });
});

test.for(['example.com', 'uc.example.com', '192.0.2.1'])(
  'a REGISTER may name the server by its domain, its name or its address: %s',
  async (host) => {
    await using server = await serving();
    const alice = server.endpoint('alice');
    await alice
      .send('REGISTER', `sip:${host}`, { headers: { To: '<sip:alice@example.com>', Contact: '<sip:alice@192.0.2.60>' } })
      .expect(200);
    expect(size(server)).toBe(1);
  },
);
