/** Several endpoints of one person, unmodified clients: each counts while it is there, and is missed when it is killed, frozen or signed out. */
import { describe, expect, test } from 'vitest';
import { ocsClientAbsent } from './ocs/build.ts';
import { People, add, expectClean, reaches, ready } from './presence/people.ts';
import { WITH_PRESENCE } from './presence/plugins.ts';
import { eventually, pause } from './server.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The tests of several endpoints with the OCS client are skipped: ${absent}`);

describe.skipIf(absent !== undefined)('ocs-client', () => {
  test('a second endpoint that is busy makes its user busy, until it is killed and the first, which is away, counts alone', async () => {
    await using people = await People.start();
    const [first, alice] = [people.client({ user: 'bob' }), people.client({ user: 'alice', transport: 'tcp' })];
    await Promise.all([ready(alice), ready(first)]);
    await add(alice, 'bob');
    const who = 'sip:bob@example.com';
    const availability = async (): Promise<number> => (await people.shown('bob')).status.availability;
    await alice.event('buddy-signed-on', { who });
    await reaches(first, 'status away', [alice], 'buddy-status', { who, status: 'away' });
    const second = people.client({ user: 'bob', hostName: 'second-computer', transport: 'tcp' });
    await ready(second);
    await reaches(second, 'status busy', [alice], 'buddy-status', { who, status: 'busy' });
    expect(await availability(), 'the most active machine is that of the second').toBe(6500);
    second.signal('SIGKILL');
    // What the user has set stays busy; but the one machine that is left is away, and its user not in a call.
    await alice.event('buddy-status', { who, status: 'away' });
    expect(await availability()).toBe(15_500);
    expectClean(alice, first);
  });

  test('a second endpoint counts while it is there: killed, it leaves at once, and with the last one the person is gone', async () => {
    await using people = await People.start();
    const [first, second] = [people.client({ user: 'bob' }), people.client({ user: 'bob', hostName: 'second-computer', transport: 'tcp' })];
    const alice = people.client({ user: 'alice' });
    await Promise.all([ready(alice), ready(first), ready(second)]);
    await add(alice, 'bob');
    await alice.event('buddy-signed-on', { who: 'sip:bob@example.com' });
    const machines = async (): Promise<number> =>
      (await people.shown('bob')).instances.filter(
        ({ category, container, by }) => category === 'device' && container === 2 && by.startsWith('endpoint'),
      ).length;
    expect(await machines()).toBe(2);
    second.signal('SIGKILL');
    await eventually('its state is gone', async () => (await machines()) === 1);
    await pause(500);
    expect(alice.events.filter(({ event }) => event === 'buddy-signed-off')).toEqual([]);
    first.signal('SIGKILL');
    const at = Date.now();
    await alice.event('buddy-signed-off', { who: 'sip:bob@example.com' });
    expect(Date.now() - at).toBeLessThan(1500);
    expectClean(alice);
  });

  test('an endpoint that is just gone, without an end of its connection, is missed within the limit of keep-alives', async () => {
    await using people = await People.start({
      plugins: { ...WITH_PRESENCE, registrar: { keepAliveSeconds: 30 } },
      limits: { idleSeconds: 75 },
    });
    const [alice, bob] = [people.client({ user: 'alice' }), people.client({ user: 'bob' })];
    await Promise.all([ready(alice), ready(bob)]);
    await add(alice, 'bob');
    await alice.event('buddy-signed-on', { who: 'sip:bob@example.com' });
    // This client sends its first keep-alive after a minute, whatever it is told; then it keeps to that.
    bob.signal('SIGSTOP');
    const at = Date.now();
    await alice.event('buddy-signed-off', { who: 'sip:bob@example.com' }, 90_000);
    expect(Date.now() - at).toBeLessThan(80_000);
    bob.signal('SIGCONT');
  });

  test('signing out and in elsewhere: the state is fresh, the note is kept', async () => {
    await using people = await People.start();
    const [alice, bob] = [people.client({ user: 'alice' }), people.client({ user: 'bob' })];
    await Promise.all([ready(alice), ready(bob)]);
    await add(alice, 'bob');
    const who = 'sip:bob@example.com';
    await alice.event('buddy-signed-on', { who });
    await reaches(bob, 'set-own note "I stay"', [alice], 'buddy-status', { who, note: /I stay/ });
    await bob.quit();
    await alice.event('buddy-signed-off', { who });
    const elsewhere = people.client({ user: 'bob', hostName: 'another-computer' });
    await ready(elsewhere);
    await alice.event('buddy-signed-on', { who });
    expect((await people.shown('bob')).instances.filter(({ category }) => category === 'note')).toHaveLength(3);
    expectClean(alice, elsewhere);
  });
});
