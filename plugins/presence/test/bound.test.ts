/** What is published for a time, or as long as an endpoint or its user is there, and no longer; on every database. */
import { describe, expect, test } from 'vitest';
import { TEST_STORES } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { Presence } from '../src/api.ts';
import { held, serving, signedIn, versions } from './serving.ts';
import { DOMAIN, MACHINE, note, ownData, publication, publish, state } from './words.ts';

const ALICE = `alice@${DOMAIN}`;
const MACHINE_STATE = `state 2 ${MACHINE}`;
const NOTE = 'note 200 0';

const availability = (server: TestServer): number | undefined => server.find(Presence).stateOf(ALICE)?.availability;
describe.each(TEST_STORES)('on %s', (store) => {
  const keeping = (config: Parameters<typeof serving>[0] = {}): Promise<TestServer> => serving(config, { store });

  test('MS-PRES R16: what is bound to a time is over then, also while the server is down', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    const timed = { expireType: 'time', expires: 60 } as const;
    const all = note('a', 200, 0, timed) + note('b', 300, 0, { ...timed, expires: 3600 }) + note('c', 400, 0, { ...timed, expires: 7200 });
    await publish(alice, all).expect(200);
    await server.advance('59s');
    expect(await versions(server, NOTE)).toEqual([1]);
    await server.advance('1.5s');
    expect(await versions(server, NOTE, 'note 300 0', 'note 400 0')).toEqual([undefined, 1, 1]);
    await server.kill('1h');
    await alice.register();
    await ownData(alice).expect(200);
    await server.advance('10ms');
    expect(await versions(server, 'note 300 0', 'note 400 0')).toEqual([undefined, 1]);
    await server.kill('1h');
    await server.advance('10ms');
    expect(await versions(server, 'note 400 0')).toEqual([undefined]);
  });

  test('MS-PRES R16: what an endpoint published goes with its registration, what is bound to the user with the last one', async () => {
    await using server = await keeping({ categories: ['own'] });
    const [first, second] = [await signedIn(server, 'alice', 'e1'), await signedIn(server, 'alice', 'e2')];
    const OWN = 'own 2 0';
    await publish(first, state('machineState', 3500) + publication('own', { container: 2, expireType: 'user' }) + note('a')).expect(200);
    await publish(second, state('machineState', 6500, 0, { instance: MACHINE + 1 })).expect(200);
    await first.unregister();
    await server.settle();
    expect(await versions(server, MACHINE_STATE, OWN)).toEqual([undefined, 1]);
    second.disconnect();
    await server.settle();
    const left = [`state 2 ${MACHINE + 1}`, OWN, NOTE];
    expect(await versions(server, ...left)).toEqual([undefined, undefined, 1]);
    await server.kill();
    expect(await versions(server, ...left)).toEqual([undefined, undefined, 1]);
  });

  test('MS-PRES R33: an endpoint that is silent keeps what it published until its registration is over', async () => {
    await using server = await keeping();
    const alice = await server.endpoint('alice', { epid: 'e1', transport: 'udp' }).register({ expires: 600 });
    await publish(alice, state('machineState', 3500)).expect(200);
    await server.advance('9m');
    expect(availability(server)).toBe(3500);
    await server.advance('2m');
    expect(availability(server)).toBe(18_500);
  });

  test('MS-PRES S13: an endpoint that signs out takes all that was bound to it', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    const bound = { expireType: 'endpoint' } as const;
    const states = [MACHINE, 0x4000_0001, 0x8000_0001].map((instance) => state('machineState', 3500, 0, { instance }));
    const device = '<device xmlns="http://schemas.microsoft.com/2006/09/sip/device"/>';
    const calendar = '<calendarData xmlns="http://schemas.microsoft.com/2006/09/sip/calendarData"/>';
    const others =
      publication('device', { container: 2, content: device, ...bound }) + publication('calendarData', { content: calendar, ...bound });
    await publish(alice, states.join('') + others + note('a')).expect(200);
    const byClients = async (): Promise<string[]> =>
      [...(await held(server))].filter(([, { by }]) => by === 'client' || by.startsWith('endpoint')).map(([key]) => key);
    expect(await byClients()).toHaveLength(9);
    await alice.unregister();
    await server.settle();
    expect(await byClients()).toEqual([NOTE]);
  });

  test('what could not be taken away because the store did not take it is taken away later', async () => {
    await using server = await keeping();
    const alice = await signedIn(server, 'alice');
    await publish(alice, state('machineState', 3500)).expect(200);
    server.disk.full = true;
    alice.disconnect();
    await server.settle();
    expect(await versions(server, MACHINE_STATE)).toEqual([1]);
    await server.advance('5s');
    expect(await versions(server, MACHINE_STATE), 'it is still full').toEqual([1]);
    server.disk.full = false;
    await server.advance('5s');
    expect(await versions(server, MACHINE_STATE)).toEqual([undefined]);
    expect(availability(server)).toBe(18_500);
  });

  test('MS-PRES R16: an endpoint that does not come back after a restart is missed', async () => {
    await using server = await keeping({ returnSeconds: 120 });
    const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
    for (const one of [alice, bob]) await publish(one, state('machineState', 3500)).expect(200);
    await server.kill();
    await bob.register();
    await server.advance('119s');
    expect(await versions(server, MACHINE_STATE)).toEqual([1]);
    await server.advance('2s');
    expect(await versions(server, MACHINE_STATE)).toEqual([undefined]);
    expect((await held(server, 'bob')).get(MACHINE_STATE)?.version).toBe(1);
  });
});
