/** Presence with unmodified clients and a plain SIP one: who does what is seen by whom may see it. */
import { describe, expect, test } from 'vitest';
import { ocsClientAbsent } from './ocs/build.ts';
import type { OcsClient } from './ocs/client.ts';
import { count } from './ocs/debug-log.ts';
import { PEOPLE, People, add, expectClean, reaches, ready } from './presence/people.ts';
import { NOBODY, OPEN_PRESENCE } from './presence/plugins.ts';
import { installed } from './program.ts';
import { PASSWORD, eventually, freePort, pause } from './server.ts';
import { Sipp } from './sipp/sipp.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The tests of presence with the OCS client are skipped: ${absent}`);

describe.skipIf(absent !== undefined)('ocs-client', () => {
  test('two people see each other: every status and note within a second of its publish', async () => {
    await using people = await People.start();
    const [alice, bob] = [people.client({ user: 'alice', transport: 'tcp' }), people.client({ user: 'bob' })];
    await Promise.all([ready(alice), ready(bob)]);
    await Promise.all([add(alice, 'bob'), add(bob, 'alice')]);
    await Promise.all([
      alice.event('buddy-signed-on', { who: 'sip:bob@example.com' }),
      bob.event('buddy-signed-on', { who: 'sip:alice@example.com' }),
    ]);
    const who = 'sip:bob@example.com';
    for (const id of ['busy', 'do-not-disturb', 'be-right-back', 'away', 'available'])
      await reaches(bob, `status ${id}`, [alice], 'buddy-status', { who, status: id });
    await reaches(bob, 'status busy "In a test"', [alice], 'buddy-status', { who, note: /In a test/ });
    await reaches(bob, 'set-own note "Zażółć 漢字 & <b>"', [alice], 'buddy-status', { who, note: /Zażółć 漢字/ });
    await reaches(bob, 'status invisible', [alice], 'buddy-signed-off', { who });
    await reaches(bob, 'status available', [alice], 'buddy-signed-on', { who });
    await reaches(alice, 'status away', [bob], 'buddy-status', { who: 'sip:alice@example.com', status: 'away' });
    expectClean(alice, bob);
  });

  test('five people: what one does, four see', async () => {
    await using people = await People.start();
    const all = PEOPLE.map((user, i) => people.client({ user, transport: i % 2 === 0 ? 'tcp' : 'tls' }));
    await Promise.all(all.map(ready));
    for (const [i, one] of all.entries()) for (const other of PEOPLE) if (other !== PEOPLE[i]) await add(one, other);
    await eventually('everybody is seen by everybody', async () =>
      (await Promise.all(PEOPLE.map((one) => people.shown(one)))).every(({ watchers }) => watchers === 4),
    );
    const [first, ...others] = all as [OcsClient, ...OcsClient[]];
    const who = 'sip:alice@example.com';
    for (const id of ['do-not-disturb', 'away', 'available'])
      await reaches(first, `status ${id}`, others, 'buddy-status', { who, status: id });
    await reaches(first, 'set-own note "In five places"', others, 'buddy-status', { who, note: /In five places/ });
    await reaches(first, 'status invisible', others, 'buddy-signed-off', { who });
    await reaches(first, 'status available', others, 'buddy-signed-on', { who });
    for (const [i, one] of all.entries()) {
      const watchers = all.filter((other) => other !== one);
      await reaches(one, 'status busy', watchers, 'buddy-status', { who: `sip:${PEOPLE[i] ?? ''}@example.com`, status: 'busy' });
    }
    expectClean(...all);
  });

  test('a person who is blocked sees somebody offline, and again when she is not', async () => {
    await using people = await People.start();
    const [alice, bob] = [people.client({ user: 'alice' }), people.client({ user: 'bob', transport: 'tcp' })];
    await Promise.all([ready(alice), ready(bob)]);
    await Promise.all([add(alice, 'bob'), add(bob, 'alice')]);
    const who = 'sip:bob@example.com';
    await alice.event('buddy-signed-on', { who });
    bob.command('deny sip:alice@example.com');
    await alice.event('buddy-signed-off', { who });
    await reaches(bob, 'status busy', [], '', {});
    await pause(1500);
    const last = alice.events.at(-1)?.seq ?? 0;
    expect(alice.events.filter(({ event, seq, status: is }) => seq > last - 3 && event === 'buddy-status' && is !== 'offline')).toEqual([]);
    bob.command('undeny sip:alice@example.com');
    await alice.event('buddy-signed-on', { who });
    expectClean(alice, bob);
  });

  test('a person who is added is told by whom, once', async () => {
    await using people = await People.start();
    const [alice, carol] = [people.client({ user: 'alice' }), people.client({ user: 'carol' })];
    await Promise.all([ready(alice), ready(carol)]);
    await add(carol, 'alice');
    await eventually('alice is told', () =>
      /<subscriber user="carol@example\.com" displayName="carol D" acknowledged="false"/.test(alice.log.text),
    );
    await eventually('and takes note', () => count(alice.log, 'sent', /^SERVICE [\s\S]*<setSubscribers/) === 1);
    expect(
      alice.log.messages
        .filter(({ direction, text }) => direction === 'received' && /^SIP\/2\.0 [45][\s\S]*\r\nCSeq: \d+ (?:SERVICE|SUBSCRIBE)/.test(text))
        .map(({ text }) => text),
    ).toEqual([]);
    expectClean(alice, carol);
  });

  test.skipIf(!installed('sipp'))('a plain SIP client publishes and is seen, watches and sees', async () => {
    // Nobody is asked for a password: SIPp answers the first challenge alone, and knows no NTLM.
    await using people = await People.start({ plugins: { ...OPEN_PRESENCE, provisioning: NOBODY, contacts: NOBODY } });
    const alice = people.client({ user: 'alice' });
    await ready(alice);
    await add(alice, 'dan');
    const port = await freePort();
    const sipp = (scenario: string, keys: Readonly<Record<string, string>>): Sipp =>
      new Sipp({
        scenario,
        port,
        calls: 1,
        server: people.server.udp,
        service: 'dan',
        password: PASSWORD,
        keys: { domain: people.server.domain, ...keys },
      });
    const registered = await sipp('register-unchallenged', { contact: `sip:dan@127.0.0.1:${port}` }).ended();
    expect(registered.code, registered.output).toBe(0);
    await alice.event('buddy-signed-on', { who: 'sip:dan@example.com' });
    const publishing = await sipp('publish', { activity: 'busy' }).ended();
    expect(publishing.code, publishing.output).toBe(0);
    await alice.event('buddy-status', { who: 'sip:dan@example.com', status: 'busy' });
    const watching = sipp('watch', { contact: 'alice' });
    await eventually('it watches', async () => (await people.shown('alice')).watchers === 1);
    alice.command('status busy');
    const watched = await watching.ended();
    expect(watched.code, watched.output).toBe(0);
    expectClean(alice);
  });
});
