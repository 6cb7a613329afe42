import { afterEach, expect, test } from 'vitest';
import { SipUri, migrate, temporaryStore } from '@parley/sdk';
import type { Store } from '@parley/sdk';
import { migrations } from '../src/binding-row.ts';
import type { RegistrarTables } from '../src/binding-row.ts';
import { RegistrarRig, aFlow, aRegister } from './fixtures.ts';

const AOR = 'alice@example.com';
const UUID = '2f7e7723-96e4-544e-8b98-cf482b8cefb8';
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function aStore(): Promise<Store<RegistrarTables>> {
  const store = temporaryStore();
  closing.push(() => store.close());
  await migrate(store, 'registrar', migrations, 0);
  return store.as<RegistrarTables>();
}

/** A registrar that has started on a store, at the time at which another one stopped. */
async function startOn(store: Store<RegistrarTables>, after?: RegistrarRig, ms = 0): Promise<RegistrarRig> {
  const rig = new RegistrarRig({}, store);
  if (after !== undefined) rig.clock.advance(after.clock.now() - rig.clock.now() + ms);
  await rig.bindings.start();
  return rig;
}

const rows = (store: Store<RegistrarTables>): Promise<number> =>
  store.read
    .selectFrom('registrar_bindings')
    .select('id')
    .execute()
    .then((found) => found.length);

test('issue 2, 7.3: after a restart a UDP endpoint is reached at once, as it was before', async () => {
  const store = await aStore();
  const before = await startOn(store);
  const contact = `Contact: <sip:alice@192.168.1.2:5060>;q=0.5;methods="INVITE,BYE";+sip.instance="<urn:uuid:${UUID}>"`;
  before.ask(aRegister([contact, 'User-Agent: phone/1', 'Path: <sip:p;lr>'], { cseq: 7 }));
  const [was] = before.bindings.bindings(AOR);
  await before.bindings.stop();

  const after = await startOn(store, before, 5000);
  const [is] = after.bindings.bindings(AOR);
  for (const field of ['contact', 'q', 'expiresAt', 'registeredAt', 'instance', 'path', 'userAgent', 'transport'] as const) {
    expect(is?.[field], field).toEqual(was?.[field]);
  }
  expect(is?.methods.names).toEqual(['INVITE', 'BYE']);
  expect(is && after.bindings.target(is)?.flow?.remote).toEqual({ host: '192.0.2.50', port: 50123 });
  expect(after.ask(aRegister([contact], { cseq: 7 })).status, 'and still knows its CSeq').toBe(500);
  expect(after.ask(aRegister([contact], { cseq: 8 })).status).toBe(200);
  expect(after.bindings.size).toBe(1);
});

test('MS-SIPRE R4: an endpoint whose connection went with the restart is known, but not reached until it is back', async () => {
  const store = await aStore();
  const before = await startOn(store);
  const contact = `Contact: <sip:192.0.2.50:50123;transport=tls>;+sip.instance="<urn:uuid:${UUID}>"`;
  before.ask(aRegister([contact]), aFlow('TLS'));
  before.bindings.drain();
  before.closeFlow(aFlow('TLS'));
  await before.bindings.stop();

  const after = await startOn(store, before);
  expect([after.bindings.size, after.bindings.lost, after.bindings.bindings(AOR)]).toEqual([1, 1, []]);
  const gruu = SipUri.parse(`sip:${AOR};opaque=user:epid:I3d-L-SWTlSLmM9IK4zvuAAA;gruu`);
  expect(after.bindings.byGruu(gruu)).toEqual({ aor: AOR, binding: undefined });
  expect(after.bindings.byContact(SipUri.parse('sip:192.0.2.50:50123'))).toBeUndefined();

  after.ask(aRegister([contact.replace('50123', '50999')], { callId: 'new' }), aFlow('TLS', { id: 9 }));
  expect([after.bindings.size, after.bindings.lost]).toEqual([1, 0]);
  expect(after.bindings.byGruu(gruu)?.binding?.flowId).toBe(9);
  expect(after.published.map((event) => event.subject)).toEqual(['registrar.bound']);
});

test('what expired while the server was down does not come back', async () => {
  const store = await aStore();
  const before = await startOn(store);
  before.ask(aRegister(['Contact: <sip:alice@192.0.2.50>;expires=60']));
  await before.bindings.stop();
  const after = await startOn(store, before, 60_000);
  expect(after.bindings.size).toBe(0);
  expect(await rows(store)).toBe(0);
});

test('what ended is gone from the store too, and ids are not used again', async () => {
  const store = await aStore();
  const before = await startOn(store);
  before.ask(aRegister(['Contact: <sip:alice@192.0.2.50>']));
  await before.bindings.stop();
  const after = await startOn(store, before);
  after.ask(aRegister(['Contact: <sip:alice@192.0.2.51>'], { callId: 'b' }));
  after.ask(aRegister(['Contact: <sip:alice@192.0.2.50>;expires=0'], { cseq: 2 }));
  await after.bindings.stop();
  const third = await startOn(store, after);
  expect(third.bindings.bindings(AOR).map((binding) => binding.contact)).toEqual(['sip:alice@192.0.2.51']);
});

test('a row that cannot be read costs one registration and not the start', async () => {
  const store = await aStore();
  const good = await startOn(store);
  good.ask(aRegister(['Contact: <sip:alice@192.0.2.50>']));
  await good.bindings.stop();
  const far = 9_000_000_000_000;
  const bad = ['', '{', '{}', '{"q":5000}', 'null'].map((details, i) => ({
    id: 100 + i,
    aor: AOR,
    contact: 'sip:a@b',
    expires_at: far,
    details,
  }));
  await store.write((trx) => trx.insertInto('registrar_bindings').values(bad).execute());
  const rig = await startOn(store, good);
  expect([rig.bindings.size, rig.bindings.unreadable]).toEqual([1, 5]);
});

test('a server that keeps registrations in memory alone asks the store for nothing', async () => {
  const rig = new RegistrarRig({ persist: false });
  await rig.bindings.start();
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50>']));
  await rig.bindings.stop();
  expect(rig.bindings.size).toBe(1);
});
