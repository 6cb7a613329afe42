/** What presence must keep, whatever the database. The interop suite calls it for PostgreSQL. */
import { FakeClock, ParleyError } from '@parley/sdk';
import type { SqlStore } from '@parley/sdk';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PresenceConfig } from '../src/config.ts';
import type { ContainerChange, Publication } from '../src/documents/index.ts';
import { applyDelegates, applyMembers } from '../src/publish.ts';
import type { ConflictError } from '../src/publish.ts';
import { Rig, aDeletion, aPublication, aUser, machineState } from './rig.ts';

const LIMITS = PresenceConfig.parse({}).limits;
const MACHINE = 'state 2 805306369';
const NOTE = 'note 200 0';

/** @param open gives a store with an empty database, and closes nothing itself */
export function presenceSuite(name: string, open: (clock: FakeClock) => SqlStore | Promise<SqlStore>): void {
  const opened: SqlStore[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  const aStore = async (clock: FakeClock): Promise<SqlStore> => {
    const store = await open(clock);
    opened.push(store);
    return store;
  };
  const aRig = async (config: unknown = {}): Promise<{ rig: Rig; store: SqlStore; again: (ms?: number) => Promise<Rig> }> => {
    const clock = new FakeClock();
    const store = await aStore(clock);
    const rig = await Rig.start(store, { clock, config });
    const again = async (ms = 0): Promise<Rig> => {
      await rig.presence.stop();
      clock.advance(ms);
      const next = new Rig(rig.store, { clock, config });
      for (const [aor, bindings] of rig.registered) next.registered.set(aor, bindings);
      await next.presence.start();
      return next;
    };
    return { rig, store, again };
  };

  describe(`presence on ${name}`, () => {
    test('MS-PRES R8: what a publish was answered for outlives the process, and its versions go on', async () => {
      const { rig, again } = await aRig();
      rig.bind('alice', 'e1');
      expect(
        await rig.publish('alice', 'e1', [
          machineState(3500),
          aPublication('note', 0, { container: 200, content: '<note xmlns="urn:n">é ☎</note>' }),
        ]),
      ).toEqual([1, 1]);
      expect(await rig.publish('alice', 'e1', [machineState(6500, 1)])).toEqual([2]);
      const after = await again();
      expect(after.instance('alice', MACHINE)).toMatchObject({ version: 2, content: expect.stringContaining('6500') as string });
      expect(after.instance('alice', NOTE)).toMatchObject({
        version: 1,
        content: '<note xmlns="urn:n">é ☎</note>',
        publishTime: rig.clock.now(),
      });
      expect(await after.publish('alice', 'e1', [machineState(3500, 2)])).toEqual([3]);
    });

    test('MS-PRES R9: one version out of date, and nothing is done; the fault lists every mismatch by its place', async () => {
      const { rig, again } = await aRig();
      rig.bind('alice', 'e1');
      await rig.publish('alice', 'e1', [machineState(3500)]);
      const asked = rig.publish('alice', 'e1', [
        aPublication('note', 0, { container: 300 }),
        machineState(6500, 0),
        aPublication('note', 7, { container: 400 }),
      ]);
      const error = await asked.catch((thrown: unknown) => thrown as ConflictError);
      expect(error).toMatchObject({
        status: 409,
        conflicts: [
          { index: 2, version: 0, curVersion: 1 },
          { index: 3, version: 7, curVersion: 0 },
        ],
      });
      const after = await again();
      expect(after.instance('alice', 'note 300 0')).toBeUndefined();
      expect(after.instance('alice', MACHINE)?.version).toBe(1);
    });

    test('MS-PRES R13: what is deleted is gone, and deleting what is not there is no fault', async () => {
      const { rig, again } = await aRig();
      await rig.publish('alice', 'e1', [aPublication('note', 0, { container: 200 })]);
      await rig.publish('alice', 'e1', [aDeletion('note', 1, { container: 200 }), aDeletion('note', 0, { container: 300 })]);
      const after = await again();
      expect(after.instance('alice', NOTE)).toBeUndefined();
      expect(await after.publish('alice', 'e1', [aPublication('note', 0, { container: 200 })])).toEqual([1]);
    });

    test('MS-PRES R17: containers change as a whole, with a version each, and are there after a restart', async () => {
      const { rig, again } = await aRig();
      const block: ContainerChange = {
        id: 32_000,
        version: 0,
        changes: [{ action: 'add', member: { type: 'user', value: 'bob@example.com' } }],
      };
      const current = rig.user().state.containers.get(32_000)?.version ?? 0;
      await rig.changes.run(rig.user(), (draft) => applyMembers(draft, [{ ...block, version: current }], 'alice@example.com', LIMITS));
      const twice = rig.changes.run(rig.user(), (draft) =>
        applyMembers(
          draft,
          [
            { id: 777, version: 0, changes: [] },
            { ...block, version: current },
          ],
          'alice@example.com',
          LIMITS,
        ),
      );
      await expect(twice).rejects.toMatchObject({ conflicts: [{ index: 2, version: current, curVersion: current + 1 }] });
      const after = await again();
      expect(after.user().state.containers.get(32_000)).toMatchObject({
        version: current + 1,
        members: [{ type: 'user', value: 'bob@example.com' }],
      });
      expect(after.user().state.containers.has(777)).toBe(false);
    });

    test('MS-PRES 3.7: delegates are there after a restart, and gone with their user', async () => {
      const { rig, again } = await aRig();
      const change = (version: number, aor: string): Promise<unknown> =>
        rig.changes.run(rig.user(), (draft) =>
          applyDelegates(draft, { version, changes: [{ action: 'add', aor }] }, 'alice@example.com', LIMITS),
        );
      await change(0, 'bob@example.com');
      await expect(change(0, 'carol@example.com')).rejects.toMatchObject({ conflicts: [{ index: 1, version: 0, curVersion: 1 }] });
      await change(1, 'carol@example.com');
      const after = await again();
      expect(after.user().state.delegates).toEqual({ version: 2, members: ['bob@example.com', 'carol@example.com'] });
      after.tell('removed', aUser('alice'));
      await after.presence.stop();
      expect(await after.store.read.selectFrom('presence_delegates').selectAll().execute()).toEqual([]);
    });

    test('MS-PRES R19: who has asked, and who was acknowledged, is remembered', async () => {
      const { rig, again } = await aRig();
      const ask = (user: string, acknowledged: boolean): Promise<unknown> =>
        rig.changes.run(rig.user(), (draft) =>
          draft.putSubscriber({ user, displayName: 'Bob "B"', acknowledged, type: 'sameEnterprise', context: '<a/>', askedAt: draft.now }),
        );
      await ask('bob@example.com', false);
      await ask('carol@example.com', true);
      const after = await again();
      expect([...after.user().state.subscribers.values()].map(({ user, acknowledged }) => [user, acknowledged])).toEqual([
        ['bob@example.com', false],
        ['carol@example.com', true],
      ]);
      expect(after.user().state.subscribers.get('bob@example.com')).toMatchObject({ displayName: 'Bob "B"', context: '<a/>' });
    });

    test('MS-PRES R16: what is bound to a time is over then, also while the server is down', async () => {
      const { rig, again } = await aRig();
      const timed = { expireType: 'time', container: 200, expires: 60 } as const;
      await rig.publish('alice', 'e1', [
        aPublication('note', 0, timed),
        aPublication('note', 0, { ...timed, container: 300, expires: 7200 }),
      ]);
      rig.clock.advance(59_000);
      await rig.settled();
      expect(rig.instance('alice', NOTE)).toBeDefined();
      rig.clock.advance(1500);
      await rig.settled();
      expect(rig.instance('alice', NOTE)).toBeUndefined();
      const after = await again(7_200_000);
      after.clock.advance(10);
      await after.settled();
      expect(after.instance('alice', 'note 300 0')).toBeUndefined();
      expect(after.seen.at(-1)?.draft.changedInstances.has('note 300 0')).toBe(true);
    });

    test('MS-PRES R16: what an endpoint published goes with its registration, what is bound to the user with the last one', async () => {
      const { rig, again } = await aRig();
      rig.bind('alice', 'e1');
      rig.bind('alice', 'e2');
      await rig.publish('alice', 'e1', [
        machineState(3500),
        aPublication('services2', 0, { expireType: 'user' }),
        aPublication('note', 0, { container: 200 }),
      ]);
      await rig.publish('alice', 'e2', [machineState(6500, 0, 0x3000_0002)]);
      rig.unbind('alice', 'e1');
      await rig.settled();
      expect(rig.instance('alice', MACHINE)).toBeUndefined();
      expect(rig.instance('alice', 'services2 2 0')).toBeDefined();
      rig.unbind('alice', 'e2', 'disconnected');
      await rig.settled();
      const after = await again();
      for (const of of [rig, after]) {
        expect(of.instance('alice', 'state 2 805306370')).toBeUndefined();
        expect(of.instance('alice', 'services2 2 0')).toBeUndefined();
        expect(of.instance('alice', NOTE)).toBeDefined();
      }
    });

    test('MS-PRES R33: an endpoint that is silent keeps what it published until its registration is over', async () => {
      const { rig } = await aRig();
      rig.bind('alice', 'e1');
      await rig.publish('alice', 'e1', [machineState(3500)]);
      rig.clock.advance(7_100_000);
      await rig.settled();
      expect(rig.presence.stateOf('alice@example.com')?.availability).toBe(3500);
      rig.unbind('alice', 'e1', 'expired');
      await rig.settled();
      expect(rig.presence.stateOf('alice@example.com')?.availability).toBe(18_500);
    });

    test('MS-PRES S13: an endpoint that signs out takes all that was bound to it, in one change', async () => {
      const { rig } = await aRig();
      rig.bind('alice', 'e1');
      const bound = { expireType: 'endpoint' } as const;
      const state = (instance: number, container: number): Publication => ({ ...machineState(3500, 0, instance), container });
      await rig.publish('alice', 'e1', [
        aPublication('device', 0, bound),
        ...[0x3000_0001, 0x4000_0001, 0x8000_0001].flatMap((instance) => [state(instance, 2), state(instance, 3)]),
        aPublication('calendarData', 0, { ...bound, container: 200 }),
        aPublication('note', 0, { container: 200 }),
      ]);
      const before = rig.seen.length;
      rig.unbind('alice', 'e1');
      await rig.settled();
      expect(rig.seen.length).toBe(before + 1);
      const left = [...rig.user().state.instances.values()].filter(({ origin }) => origin === 'client').map(({ name }) => name);
      expect(left).toEqual(['note']);
    });

    test('what could not be taken away because the store did not take it is taken away later', async () => {
      const { rig } = await aRig();
      rig.bind('alice', 'e1');
      await rig.publish('alice', 'e1', [machineState(3500)]);
      const commit = vi.spyOn(rig.commits, 'commit').mockRejectedValue(new Error('the disk is full'));
      rig.unbind('alice', 'e1');
      await rig.settled();
      expect(rig.instance('alice', MACHINE)).toBeDefined();
      rig.clock.advance(5000);
      await rig.settled();
      expect(rig.instance('alice', MACHINE), 'it is still full').toBeDefined();
      commit.mockRestore();
      rig.clock.advance(5000);
      await rig.settled();
      expect(rig.instance('alice', MACHINE)).toBeUndefined();
      expect(rig.presence.stateOf('alice@example.com')?.availability).toBe(18_500);
    });

    test('MS-PRES R16: an endpoint that does not come back after a restart is missed', async () => {
      const { rig, again } = await aRig({ returnSeconds: 120 });
      rig.bind('alice', 'e1');
      rig.bind('bob', 'e2');
      await rig.publish('alice', 'e1', [machineState(3500)]);
      await rig.publish('bob', 'e2', [machineState(3500)]);
      rig.registered.clear();
      const after = await again();
      after.bind('bob', 'e2');
      after.clock.advance(119_000);
      await after.settled();
      expect(after.instance('alice', MACHINE)).toBeDefined();
      after.clock.advance(2000);
      await after.settled();
      await after.settled('bob');
      expect(after.instance('alice', MACHINE)).toBeUndefined();
      expect(after.instance('bob', MACHINE)).toBeDefined();
    });

    test('MS-PRES S4: the state of all endpoints together changes with a publish, and its version only grows', async () => {
      const { rig, again } = await aRig();
      const aggregate = (of: Rig): { version: number; availability: number | undefined } => ({
        version: of.instance('alice', 'state 2 1')?.version ?? 0,
        availability: of.presence.stateOf('alice@example.com')?.availability,
      });
      expect(aggregate(rig).availability).toBe(18_500);
      rig.bind('alice', 'e1');
      await rig.publish('alice', 'e1', [machineState(3500), machineState(3500, 0, 3)]);
      await rig.publish('alice', 'e1', [aPublication('state', 0, { ...machineState(3500), container: 3 })]);
      expect(aggregate(rig).availability).toBe(3500);
      const before = aggregate(rig).version;
      await rig.publish('alice', 'e1', [machineState(3500, 1)]);
      expect(aggregate(rig).version, 'nothing is different').toBe(before);
      const after = await again();
      expect(aggregate(after).version).toBeGreaterThanOrEqual(before);
      expect(aggregate(after).availability).toBe(3500);
      after.unbind('alice', 'e1');
      await after.settled();
      expect(aggregate(after).availability).toBe(18_500);
      expect(aggregate(after).version).toBeGreaterThan(before);
    });

    test('MS-PRES S8: the card follows the directory, its version grows, and keeps growing over a restart', async () => {
      const { rig, again } = await aRig();
      const card = (of: Rig): { version: number; content: string } | undefined => of.instance('alice', 'contactCard 0 0');
      const first = card(rig);
      expect(first).toMatchObject({ version: 1, content: expect.stringContaining('alice@example.com') as string });
      rig.tell('changed', aUser('alice', { displayName: 'Alice Adams' }));
      await rig.settled();
      expect(card(rig)).toMatchObject({ version: 2, content: expect.stringContaining('Alice Adams') as string });
      const after = await again();
      after.users.set('alice@example.com', aUser('alice', { displayName: 'Alice B' }));
      expect(card(after)).toMatchObject({ version: 3, content: expect.stringContaining('Alice B') as string });
    });

    test('MS-PRES S8: a card that a client has published stands in the place of that of the directory', async () => {
      const { rig, again } = await aRig();
      const key = 'contactCard 200 3';
      const content = '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><title>Captain</title></contactCard>';
      const known = rig.instance('alice', key)?.version ?? 0;
      await rig.publish('alice', 'e1', [aPublication('contactCard', known, { instance: 3, container: 200, content })]);
      rig.tell('changed', aUser('alice', { phones: ['+14255550100'] }));
      await rig.settled();
      expect(rig.instance('alice', key)).toMatchObject({ version: known + 1, content });
      expect(rig.instance('alice', 'contactCard 300 3')?.content).toContain('+14255550100');
      expect((await again()).instance('alice', key)).toMatchObject({ version: known + 1, content });
    });

    test('a user who is removed leaves nothing behind', async () => {
      const { rig, again } = await aRig();
      await rig.publish('alice', 'e1', [
        aPublication('note', 0, { container: 200 }),
        aPublication('note', 0, { container: 300, expireType: 'time', expires: 10_000 }),
      ]);
      rig.clock.advance(7_200_000);
      rig.tell('removed', aUser('alice'));
      const after = await again(7_200_000);
      for (const table of ['presence_instances', 'presence_users'] as const)
        expect(await rig.store.read.selectFrom(table).selectAll().execute()).toEqual([]);
      after.users.set('alice@example.com', aUser('alice'));
      expect(after.instance('alice', NOTE)).toBeUndefined();
    });

    test('changes of many users are committed together, those of one in their order', async () => {
      const { rig, store } = await aRig();
      for (let i = 0; i < 100; i++) rig.users.set(`u${i}@example.com`, aUser(`u${i}`));
      const before = store.stats().commits;
      const published = await Promise.all(
        Array.from({ length: 300 }, (_, at) =>
          rig.publish(`u${at % 100}`, 'e', [aPublication('note', Math.floor(at / 100), { container: 200 })]),
        ),
      );
      expect(published.map(([version]) => version)).toEqual(Array.from({ length: 300 }, (_, at) => Math.floor(at / 100) + 1));
      expect(store.stats().commits - before).toBeLessThan(10);
      const rows = await rig.store.read.selectFrom('presence_instances').select('version').where('category', '=', 'note').execute();
      expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: 100 }, () => 3));
    });

    test('when the store does not take it, nobody sees it, and the publisher is told to try again', async () => {
      const { rig } = await aRig();
      const broken = await rig.changes
        .run(rig.user(), (draft) => draft.put({ ...rig.instanceOf('note 200 0'), version: undefined as unknown as number }))
        .catch((error: unknown) => error as ParleyError);
      expect(broken).toMatchObject({ code: 'PRESENCE_NOT_STORED', status: 503 });
      expect(rig.instance('alice', NOTE)).toBeUndefined();
      expect(rig.seen).toEqual([]);
      expect(await rig.publish('alice', 'e', [aPublication('note', 0, { container: 200 })])).toEqual([1]);
    });
  });
}
