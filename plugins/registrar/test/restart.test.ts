/** What a restart leaves of registrations. */
import { expect, test } from 'vitest';
import { SipUri, endpointGruu, instanceOfEpid } from '@parley/sdk';
import type { TestServer } from '@parley/sdk/testkit';
import { Location } from '../src/api.ts';
import type { Binding } from '../src/api.ts';
import type { RegistrarTables } from '../src/binding-row.ts';
import { AOR, Bystander, another, byContact, reachable, serving, size, withContact } from './serving.ts';

const rows = async (server: TestServer): Promise<number> => {
  const found = await server.store.as<RegistrarTables>().read.selectFrom('registrar_bindings').select('id').execute();
  return found.length;
};

const waiting = (server: TestServer): number => server.figure('parley_registrations{state="waiting"}');

test('issue 2, 7.3: after a restart a UDP endpoint is reached at once, as it was before', async () => {
  await using server = await serving();
  const bob = server.endpoint('bob', { transport: 'udp' });
  const headers = {
    Contact: `<sip:bob@192.168.1.2:5060>;q=0.5;methods="MESSAGE,BYE";+sip.instance="<urn:uuid:${instanceOfEpid('0b')}>"`,
    'User-Agent': 'phone/1',
    CSeq: '7 REGISTER',
  };
  await bob.registering({ headers }).expect(200);
  const [was] = reachable(server, 'bob@example.com');
  await server.restart('5s');
  const [is] = reachable(server, 'bob@example.com');
  for (const field of ['contact', 'q', 'expiresAt', 'registeredAt', 'instance', 'path', 'userAgent', 'transport'] as const) {
    expect(is?.[field], field).toEqual(was?.[field]);
  }
  expect(is?.methods.names).toEqual(['MESSAGE', 'BYE']);
  const sent = (await server.endpoint('alice').register()).message('bob', 'still there?');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
  await bob.registering({ headers }).expect(500);
  await bob.registering({ headers: { ...headers, CSeq: '8 REGISTER' } }).expect(200);
  expect(reachable(server, 'bob@example.com')).toHaveLength(1);
});

test('MS-SIPRE R4: an endpoint whose connection went with the restart is known, but not reached until it is back', async () => {
  const bystander = new Bystander();
  await using server = await serving({}, { plugins: [bystander.plugin] });
  const alice = await server.endpoint('alice', { epid: 'a1b2c3d4e5f6' }).register();
  const { contact, flowId } = reachable(server)[0] as Binding;
  const byGruu = (): Binding | undefined =>
    server.find(Location).byGruu(SipUri.parse(endpointGruu(AOR, instanceOfEpid('a1b2c3d4e5f6'))))?.binding;
  expect(byGruu()).toBeDefined();
  await server.restart();
  expect([size(server), waiting(server), reachable(server), byGruu()]).toEqual([1, 1, [], undefined]);
  expect(byContact(server, contact)).toBeUndefined();
  await alice.register();
  expect([size(server), waiting(server)]).toEqual([1, 0]);
  expect(byGruu()?.flowId).not.toBe(flowId);
  expect(bystander.told).toEqual(['bound', 'bound']);
});

test('a process that is killed leaves what it had written a second before', async () => {
  await using server = await serving();
  await server.endpoint('alice', { transport: 'udp' }).register();
  await server.advance('2s');
  await another(server).register();
  await server.kill();
  expect(reachable(server)).toHaveLength(1);
});

test('what expired while the server was down does not come back', async () => {
  await using server = await serving();
  await server.endpoint('alice', { transport: 'udp' }).register({ expires: 60 });
  await server.restart('60s');
  expect([size(server), await rows(server)]).toEqual([0, 0]);
});

test('what ended is gone from the store too, and ids are not used again', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice', { transport: 'udp' }).register();
  await server.restart();
  await another(server).registering(withContact('<sip:alice@192.0.2.51>')).expect(200);
  await alice.unregister();
  await server.restart();
  expect(reachable(server).map(({ contact }) => contact)).toEqual(['sip:alice@192.0.2.51']);
});

test('a row that cannot be read costs one registration and not the start', async () => {
  await using server = await serving({}, { log: 'warn' });
  await server.endpoint('alice', { transport: 'udp' }).register();
  const bad = ['', '{', '{}', '{"q":5000}', 'null'].map((details, i) => ({
    id: 100 + i,
    aor: AOR,
    contact: 'sip:a@b',
    expires_at: 9_000_000_000_000,
    details,
  }));
  await server.store.as<RegistrarTables>().write((trx) => trx.insertInto('registrar_bindings').values(bad).execute());
  await server.restart();
  expect(size(server)).toBe(1);
  expect(server.log).toMatchObject([{ rows: 5 }]);
});

test('a server that keeps registrations in memory alone writes none', async () => {
  await using server = await serving({ persist: false });
  await server.endpoint('alice', { transport: 'udp' }).register();
  await server.advance('2s');
  expect([size(server), await rows(server)]).toEqual([1, 0]);
  await server.restart();
  expect(size(server)).toBe(0);
});

test('a store that fails is complained of once and tried again, and nothing that ended comes back', async () => {
  await using server = await serving({}, { log: 'error' });
  const stays = server.endpoint('alice', { transport: 'udp' });
  const ends = server.endpoint('bob', { transport: 'udp' });
  server.disk.full = true;
  await stays.register();
  await ends.register();
  await server.advance('2s');
  await ends.unregister();
  await server.advance('3s');
  expect(server.log).toHaveLength(1);
  expect((await server.host.core.telemetry.health()).state).toBe('warn');
  server.disk.full = false;
  await server.advance('2s');
  expect((await server.host.core.telemetry.health()).state).toBe('ok');
  await server.kill();
  expect([size(server), reachable(server)]).toEqual([1, [expect.objectContaining({ aor: AOR }) as unknown]]);
});
