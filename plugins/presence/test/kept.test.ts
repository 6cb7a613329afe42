/** What presence keeps, on every database: after a kill, after years, after trouble with the disk. */
import { describe, expect, test } from 'vitest';
import { TEST_STORES } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { Presence } from '../src/api.ts';
import type { PresenceTables } from '../src/rows.ts';
import { client, held, serving, signedIn, versions } from './serving.ts';
import {
  DOMAIN,
  LIST,
  MACHINE,
  acknowledge,
  batch,
  batchBody,
  conflictsIn,
  member,
  note,
  ownData,
  publication,
  publish,
  setDelegates,
  setMembers,
  state,
  xmlOf,
} from './words.ts';

const ALICE = `alice@${DOMAIN}`;
const MACHINE_STATE = `state 2 ${MACHINE}`;
const NOTE = 'note 200 0';

const availability = (server: TestServer): number | undefined => server.find(Presence).stateOf(ALICE)?.availability;
describe.each(TEST_STORES)('on %s', (store) => {
  const keeping = (config: Parameters<typeof serving>[0] = {}): Promise<TestServer> => serving(config, { store });

  test('MS-PRES R8: what a publish was answered for outlives the process, and its versions go on', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    await publish(alice, state('machineState', 3500) + note('é ☎')).expect(200);
    await publish(alice, state('machineState', 6500, 1)).expect(200);
    await server.kill('1m');
    const after = await held(server);
    expect(after.get(MACHINE_STATE)).toMatchObject({ version: 2, document: expect.stringContaining('6500') as string });
    expect(after.get(NOTE)).toMatchObject({ version: 1, document: expect.stringContaining('>é ☎<') as string });
    await ownData(alice, { Expires: '0' }).expect(200, { body: /name="note" instance="0" publishTime="2025-01-01T00:00:00\.000"/ });
    await alice.register();
    await publish(alice, state('machineState', 3500, 2)).expect(200);
    expect(await versions(server, MACHINE_STATE)).toEqual([3]);
  });

  test('MS-PRES R9: when one version of a publish is stale nothing of it is taken, and every conflict is told', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    await publish(alice, state('machineState', 3500)).expect(200);
    const refused = await publish(alice, note('a', 300) + state('machineState', 6500) + note('b', 400, 7)).expect(409);
    expect(conflictsIn(refused)).toEqual([
      ['2', '0', '1'],
      ['3', '0', '1'],
      ['4', '7', '0'],
    ]);
    await server.kill();
    expect(await versions(server, MACHINE_STATE, 'note 300 0', 'note 400 0')).toEqual([1, undefined, undefined]);
  });

  test('MS-PRES R13: what is deleted is gone, and deleting what is not there is no fault', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    await publish(alice, note('a')).expect(200);
    await publish(alice, note('', 200, 1, { expires: 0 }) + note('', 300, 0, { expires: 0 })).expect(200);
    await server.kill();
    expect(await versions(server, NOTE)).toEqual([undefined]);
    await publish(alice, note('b')).expect(200);
    expect(await versions(server, NOTE)).toEqual([1]);
  });

  test('MS-PRES R17: containers change as a whole, with a version each, and are there after a restart', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    const block = member('add', `bob@${DOMAIN}`, 32_000);
    await setMembers(alice, block).expect(200);
    const stale = await setMembers(alice, member('add', `carol@${DOMAIN}`, 777) + block).expect(409);
    expect(conflictsIn(stale)).toEqual([['2', '0', '1']]);
    await server.kill();
    const { rows } = await server.command('presence containers', { address: ALICE });
    expect(rows).toContainEqual({ container: 32_000, version: 1, member: `user bob@${DOMAIN}` });
    expect(rows).not.toContainEqual(expect.objectContaining({ container: 777 }));
  });

  test('MS-PRES 3.7: delegates are there after a restart, and gone with their user', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    await setDelegates(alice, 0, { bob: 'add' }).expect(200);
    await setDelegates(alice, 0, { carol: 'add' }).expect(409);
    await setDelegates(alice, 1, { carol: 'add' }).expect(200);
    await server.kill();
    const delegates = xmlOf(await ownData(alice, { Expires: '0' }, ['delegates']).expect(200)).need('delegates');
    expect(delegates.attribute('version')).toBe('2');
    expect(delegates.elements.map((one) => one.attribute('uri'))).toEqual([`bob@${DOMAIN}`, `carol@${DOMAIN}`]);
    await server.find(DirectoryAdmin).removeUser(ALICE);
    await server.settle();
    expect(await server.store.as<PresenceTables>().read.selectFrom('presence_delegates').selectAll().execute()).toEqual([]);
  });

  test('MS-PRES R19: who has asked, and who was acknowledged, is remembered', async () => {
    await using server = await keeping();
    await server.find(DirectoryAdmin).changeUser(`bob@${DOMAIN}`, { displayName: 'Bob "B"' });
    const [alice, bob, carol] = [await signedIn(server, 'alice'), await signedIn(server, 'bob'), await signedIn(server, 'carol')];
    const body = batchBody(bob.aor, ['+alice']).replace('<context/>', '<context><from-the-lift xmlns="urn:x"/></context>');
    await bob.subscribe('bob', 'presence', { headers: LIST, body }).expect(200);
    await batch(carol, ['+alice']).expect(200);
    await acknowledge(alice, carol.aor).expect(200);
    await server.kill();
    await batch(carol, ['+alice']).expect(200);
    const waiting = xmlOf(await ownData(alice, { Expires: '0' }).expect(200)).need('subscribers').elements;
    expect(waiting.map((one) => [one.attribute('user'), one.attribute('displayName')])).toEqual([[bob.aor, 'Bob "B"']]);
    expect(waiting[0]?.child('context')?.elements.map(({ local }) => local)).toEqual(['from-the-lift']);
  });

  test('MS-PRES S4: the state of all endpoints together changes with a publish, and its version only grows', async () => {
    await using server = await keeping();
    const version = async (): Promise<number> => (await held(server)).get('state 2 1')?.version ?? 0;
    expect(availability(server)).toBe(18_500);
    const alice = await signedIn(server, 'alice');
    await publish(alice, state('machineState', 3500)).expect(200);
    expect(availability(server)).toBe(3500);
    const before = await version();
    await publish(alice, state('machineState', 3500, 1)).expect(200);
    expect(await version(), 'nothing is different').toBe(before);
    await server.kill();
    expect(await version()).toBeGreaterThanOrEqual(before);
    expect(availability(server)).toBe(3500);
    await alice.register();
    alice.disconnect();
    await server.settle();
    expect(availability(server)).toBe(18_500);
    expect(await version()).toBeGreaterThan(before);
  });

  test('MS-PRES S8: the card follows the directory, its version grows, and keeps growing over a restart', async () => {
    await using server = await keeping();
    const rename = (displayName: string): Promise<unknown> => server.find(DirectoryAdmin).changeUser(ALICE, { displayName });
    const card = async (): Promise<readonly [version: number | undefined, shows: string]> => {
      await server.settle();
      const shown = (await held(server)).get('contactCard 0 0');
      return [shown?.version, /<displayName>([^<]*)</.exec(shown?.document ?? '')?.[1] ?? ''];
    };
    expect(await card()).toEqual([1, `alice of ${DOMAIN}`]);
    await rename('Alice Adams');
    expect(await card()).toEqual([2, 'Alice Adams']);
    await server.kill();
    // Before anybody has looked at it.
    await rename('Alice B');
    expect(await card()).toEqual([3, 'Alice B']);
  });

  test('MS-PRES S8: a card that a client has published stands in the place of that of the directory', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    const content = '<contactCard xmlns="http://schemas.microsoft.com/2006/09/sip/contactcard"><title>Captain</title></contactCard>';
    const key = 'contactCard 200 3';
    const [known = 0] = await versions(server, key);
    await publish(alice, publication('contactCard', { instance: 3, version: known, content })).expect(200);
    await server.find(DirectoryAdmin).changeUser(ALICE, { phones: ['+14255550100'] });
    await server.settle();
    expect((await held(server)).get(key)).toMatchObject({ version: known + 1, document: content });
    expect((await held(server)).get('contactCard 300 3')?.document).toContain('+14255550100');
    await server.kill();
    expect((await held(server)).get(key)).toMatchObject({ version: known + 1, document: content });
  });

  test('a user who is removed leaves nothing behind', async () => {
    await using server = await keeping();
    const admin = server.find(DirectoryAdmin);
    const alice = await signedIn(server, 'alice');
    await publish(alice, note('a') + note('b', 300, 0, { expireType: 'time', expires: 10_000 })).expect(200);
    await admin.removeUser(ALICE);
    await server.settle();
    for (const table of ['presence_instances', 'presence_users'] as const)
      expect(await server.store.as<PresenceTables>().read.selectFrom(table).selectAll().execute(), table).toEqual([]);
    await server.kill('3h');
    await server.find(DirectoryAdmin).addUser({ uri: `sip:${ALICE}` });
    expect(await versions(server, NOTE)).toEqual([undefined]);
  });

  test('changes of many users are committed together, those of one in their order', async () => {
    await using server = await keeping();
    const users = Array.from({ length: 100 }, (_, i) => `u${i}`);
    await server.addUsers(...users);
    const crowd = client(server, 'alice');
    await crowd.register();
    const before = server.disk.store.stats().commits;
    const sent = [0, 1, 2].flatMap((version) =>
      users.map((user) => {
        const body = `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:${user}@${DOMAIN}">${note('x', 200, version)}</publications></publish>`;
        return crowd.send('SERVICE', user, {
          from: `<sip:${user}@${DOMAIN}>`,
          contentType: 'application/msrtc-category-publish+xml',
          body,
        });
      }),
    );
    for (const one of sent) await one.expect(200);
    expect(server.disk.store.stats().commits - before).toBeLessThan(10);
    const { rows } = await server.command('presence category', { category: 'note' });
    expect(rows).toEqual(users.map(() => expect.objectContaining({ version: 3 }) as unknown));
  });

  test('when the store does not take it, nobody sees it, and the publisher is told to try again', async () => {
    await using server = await keeping();
    const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
    await batch(bob, ['alice']).expect(200);
    server.disk.full = true;
    await publish(alice, note('a')).expect(503, { headers: { 'Retry-After': /^\d+$/ } });
    expect(await versions(server, NOTE)).toEqual([undefined]);
    await bob.expectNothing();
    server.disk.full = false;
    await publish(alice, note('a')).expect(200);
    expect(await versions(server, NOTE)).toEqual([1]);
  });
});
