/** Presence with unmodified clients and plain SIP ones: who does what is seen by whom may see it, and what was answered outlives a kill. */
import { randomBytes } from 'node:crypto';
import { openStore } from '@parley/core';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { presenceSuite } from '../../plugins/presence/test/suite.ts';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { count } from './ocs/debug-log.ts';
import { StreamPeer, ask } from './peer.ts';
import { Postgresql, postgresqlPrograms } from './postgresql.ts';
import { installed } from './program.ts';
import { PASSWORD, ParleyServer, eventually, freePort, pause } from './server.ts';
import { Sipp } from './sipp/sipp.ts';
import { status, unique } from './wire.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The tests of presence with the OCS client are skipped: ${absent}`);

const PLUGINS: Readonly<Record<string, object>> = {
  directory: {},
  'auth-ntlm': {},
  registrar: {},
  provisioning: {},
  contacts: {},
  presence: {},
  routing: {},
  diagnostics: {},
};
/** For closed networks. */
const NOBODY = { requireAuthentication: false };
const OPEN: Readonly<Record<string, object>> = { directory: {}, registrar: NOBODY, presence: NOBODY, routing: NOBODY };

const PEOPLE = ['alice', 'bob', 'carol', 'dan', 'erin'];

interface Shown {
  readonly status: { readonly availability: number };
  readonly watchers: number;
  readonly instances: readonly { readonly category: string; readonly version: number; readonly container: number; readonly by: string }[];
}

/** What an administrator is shown of a user. */
async function shown(server: ParleyServer, user: string): Promise<Shown> {
  const { code, output } = await server.cli(['presence', 'show', `${user}@${server.domain}`, '--json']);
  expect(code, output).toBe(0);
  return JSON.parse(output) as Shown;
}

describe.skipIf(absent !== undefined)('ocs-client', () => {
  let command: string;
  let server: ParleyServer;
  const clients: OcsClient[] = [];

  const client = (options: Omit<OcsOptions, 'server'>, at = server): OcsClient => {
    const made = new OcsClient(command, { server: at, login: `EXAMPLE\\${options.user}`, ...options });
    clients.push(made);
    return made;
  };
  /** Signed on, with its list and its own data: what a client does before that, it takes back. */
  const ready = async (one: OcsClient): Promise<void> => {
    await one.signedOn();
    await eventually(
      'the list and the own data have come',
      () => /<\/contactList>/.test(one.log.text) && /<\/roamingData>/.test(one.log.text),
    );
    await eventually('it has published', () => published(one) > 0);
  };
  const published = (one: OcsClient): number => count(one.log, 'sent', /^SERVICE [\s\S]*category-publish/);
  const add = async (one: OcsClient, other: string): Promise<void> => {
    one.command(`add-buddy sip:${other}@${server.domain} Friends`);
    await one.event('buddy-added', { who: `sip:${other}@${server.domain}` });
  };
  /** Does something as a user; each watcher hears of it within a second of the publish. */
  const reaches = async (
    one: OcsClient,
    doing: string,
    watchers: readonly OcsClient[],
    event: string,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const before = published(one);
    one.command(doing);
    // A client waits a second for more before it publishes.
    await eventually(`${doing}: it publishes`, () => published(one) > before);
    const at = Date.now();
    await Promise.all(watchers.map((watcher) => watcher.event(event, fields, 5000)));
    expect(Date.now() - at, doing).toBeLessThan(1000);
  };
  const expectClean = (...all: readonly OcsClient[]): void => {
    for (const one of all) expect(one.log.complaints.filter((line) => !/Server has disconnected/.test(line))).toEqual([]);
  };
  const start = async (options: Parameters<typeof ParleyServer.start>[0]): Promise<ParleyServer> => {
    const made = await ParleyServer.start(options);
    for (const name of PEOPLE) {
      const args = [
        'user',
        'add',
        `sip:${name}@${made.domain}`,
        '--display',
        `${name} D`,
        '--login',
        `EXAMPLE\\${name}`,
        '--password-stdin',
      ];
      const { code, output } = await made.cli(args, PASSWORD);
      if (code !== 0) throw new Error(output);
    }
    return made;
  };

  beforeAll(async () => {
    command = await buildOcsClient();
  });
  beforeEach(async () => {
    server = await start({ plugins: PLUGINS });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
    await server.stop();
  });

  test('two people see each other: every status and note within a second of its publish', async () => {
    const [alice, bob] = [client({ user: 'alice', transport: 'tcp' }), client({ user: 'bob' })];
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
    const all = PEOPLE.map((user, i) => client({ user, transport: i % 2 === 0 ? 'tcp' : 'tls' }));
    await Promise.all(all.map(ready));
    for (const [i, one] of all.entries()) for (const other of PEOPLE) if (other !== PEOPLE[i]) await add(one, other);
    await eventually('everybody is seen by everybody', async () =>
      (await Promise.all(PEOPLE.map((one) => shown(server, one)))).every(({ watchers }) => watchers === 4),
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

  test('a second endpoint that is busy makes its user busy, until it is killed and the first, which is away, counts alone', async () => {
    const [first, alice] = [client({ user: 'bob' }), client({ user: 'alice', transport: 'tcp' })];
    await Promise.all([ready(alice), ready(first)]);
    await add(alice, 'bob');
    const who = 'sip:bob@example.com';
    const availability = async (): Promise<number> => (await shown(server, 'bob')).status.availability;
    await alice.event('buddy-signed-on', { who });
    await reaches(first, 'status away', [alice], 'buddy-status', { who, status: 'away' });
    const second = client({ user: 'bob', hostName: 'second-computer', transport: 'tcp' });
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
    const [first, second] = [client({ user: 'bob' }), client({ user: 'bob', hostName: 'second-computer', transport: 'tcp' })];
    const alice = client({ user: 'alice' });
    await Promise.all([ready(alice), ready(first), ready(second)]);
    await add(alice, 'bob');
    await alice.event('buddy-signed-on', { who: 'sip:bob@example.com' });
    const machines = async (): Promise<number> =>
      (await shown(server, 'bob')).instances.filter(
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
    await server.stop();
    server = await start({ plugins: { ...PLUGINS, registrar: { keepAliveSeconds: 30 } }, limits: { idleSeconds: 75 } });
    const [alice, bob] = [client({ user: 'alice' }), client({ user: 'bob' })];
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

  test('a person who is blocked sees somebody offline, and again when she is not', async () => {
    const [alice, bob] = [client({ user: 'alice' }), client({ user: 'bob', transport: 'tcp' })];
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
    const [alice, carol] = [client({ user: 'alice' }), client({ user: 'carol' })];
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

  test('signing out and in elsewhere: the state is fresh, the note is kept', async () => {
    const [alice, bob] = [client({ user: 'alice' }), client({ user: 'bob' })];
    await Promise.all([ready(alice), ready(bob)]);
    await add(alice, 'bob');
    const who = 'sip:bob@example.com';
    await alice.event('buddy-signed-on', { who });
    await reaches(bob, 'set-own note "I stay"', [alice], 'buddy-status', { who, note: /I stay/ });
    await bob.quit();
    await alice.event('buddy-signed-off', { who });
    const elsewhere = client({ user: 'bob', hostName: 'another-computer' });
    await ready(elsewhere);
    await alice.event('buddy-signed-on', { who });
    expect((await shown(server, 'bob')).instances.filter(({ category }) => category === 'note')).toHaveLength(3);
    expectClean(alice, elsewhere);
  });

  test.skipIf(!installed('sipp'))('a plain SIP client publishes and is seen, watches and sees', async () => {
    // Nobody is asked for a password: SIPp answers the first challenge alone, and knows no NTLM.
    await server.stop();
    server = await start({ plugins: { ...OPEN, provisioning: NOBODY, contacts: NOBODY } });
    const alice = client({ user: 'alice' });
    await ready(alice);
    await add(alice, 'dan');
    const port = await freePort();
    const sipp = (scenario: string, keys: Readonly<Record<string, string>>): Sipp =>
      new Sipp({
        scenario,
        port,
        calls: 1,
        server: server.udp,
        service: 'dan',
        password: PASSWORD,
        keys: { domain: server.domain, ...keys },
      });
    const registered = await sipp('register-unchallenged', { contact: `sip:dan@127.0.0.1:${port}` }).ended();
    expect(registered.code, registered.output).toBe(0);
    await alice.event('buddy-signed-on', { who: 'sip:dan@example.com' });
    const publishing = await sipp('publish', { activity: 'busy' }).ended();
    expect(publishing.code, publishing.output).toBe(0);
    await alice.event('buddy-status', { who: 'sip:dan@example.com', status: 'busy' });
    const watching = sipp('watch', { contact: 'alice' });
    await eventually('it watches', async () => (await shown(server, 'alice')).watchers === 1);
    alice.command('status busy');
    const watched = await watching.ended();
    expect(watched.code, watched.output).toBe(0);
    expectClean(alice);
  });
});

test.each([500, 4000])(
  'kill -9 after %i of 10,000 publishes from 100 endpoints: every answered one is there, versions never go back, watchers saw nothing else',
  async (killAfter) => {
    const server = await ParleyServer.start({ plugins: OPEN, logLevel: 'warn' });
    const peers: StreamPeer[] = [];
    try {
      const users = Array.from({ length: 100 }, (_, i) => `user${i}`);
      const rows = ['uri,display', ...users.map((user) => `sip:${user}@${server.domain},${user}`)];
      const imported = await server.cli(['user', 'import', '-'], rows.join('\n'));
      expect(imported.code, imported.output).toBe(0);
      const sent = new Map<string, number>();
      const answered = new Map<string, number>();
      let all = 0;
      const publish = async (peer: StreamPeer, user: string, version: number): Promise<boolean> => {
        const body =
          `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:${user}@${server.domain}">` +
          `<publication categoryName="note" instance="0" container="200" version="${version}" expireType="static"><note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">${user} ${version + 1}.</body></note></publication></publications></publish>`;
        const aor = `<sip:${user}@${server.domain}>`;
        sent.set(user, version + 1);
        const request = { method: 'SERVICE', uri: `sip:${user}@${server.domain}`, to: aor, from: `${aor};tag=${unique()}`, body };
        const answer = await ask(peer, { ...request, headers: ['Content-Type: application/msrtc-category-publish+xml'] }, 60_000);
        peer.inbox.clear();
        if (status(answer) !== 200) return false;
        answered.set(user, version + 1);
        all++;
        return true;
      };
      const watcher = await StreamPeer.tcp(server.tcp);
      peers.push(watcher);
      const told = watchAll(watcher, server.domain, users);
      const begun = Date.now();
      for (const user of users) {
        const peer = await StreamPeer.tcp(server.tcp);
        peers.push(peer);
        void (async () => {
          for (let version = 0; version < 100; version++) if (!(await publish(peer, user, version))) return;
        })().catch(() => undefined); // those that the kill cuts off
      }
      await eventually(`${killAfter} publishes`, () => all >= killAfter, 120_000);
      const seconds = (Date.now() - begun) / 1000;
      await server.kill();
      const kept = new Map(answered);
      for (const peer of peers) peer.close();
      console.log(`${all} publishes answered in ${seconds.toFixed(1)} s, ${told.length} notes told`);
      await server.launch();
      const listed = await server.cli(['presence', 'category', 'note', '--json']);
      expect(listed.code, listed.output).toBe(0);
      const notes = new Map(
        (JSON.parse(listed.output) as { user: string; version: number }[]).map(({ user, version }) => [user.split('@')[0], version]),
      );
      for (const user of users) {
        expect(notes.get(user) ?? 0, user).toBeGreaterThanOrEqual(kept.get(user) ?? 0);
        expect(notes.get(user) ?? 0, user).toBeLessThanOrEqual(sent.get(user) ?? 0);
      }
      const latest = new Map<string, number>();
      for (const text of told) {
        const [user = '', version = ''] = text.split(' ');
        expect(Number(version), `${text} was published`).toBeLessThanOrEqual(sent.get(user) ?? 0);
        expect(Number(version), `${text} was on the disk before it was told`).toBeLessThanOrEqual(notes.get(user) ?? 0);
        expect(Number(version), `${text} came in its order`).toBeGreaterThan(latest.get(user) ?? 0);
        latest.set(user, Number(version));
      }
      expect(told.length).toBeGreaterThan(0);
    } finally {
      for (const peer of peers) peer.close();
      await server.stop();
    }
  },
);

/** Subscribes to everybody; gives the notes that come, as they come. */
function watchAll(peer: StreamPeer, domain: string, users: readonly string[]): readonly string[] {
  const told: string[] = [];
  peer.onMessage = ({ body }) => {
    for (const [, text = ''] of body.toString('utf8').matchAll(/>(user\d+ \d+)\.</g)) told.push(text);
    peer.inbox.clear();
  };
  const resources = users.slice(1).map((user) => `<resource uri="sip:${user}@${domain}"/>`);
  const body = `<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:user0@${domain}" name=""><action name="subscribe" id="1"><adhocList>${resources.join('')}</adhocList><categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist"><category name="note"/></categoryList></action></batchSub>`;
  const aor = `sip:user0@${domain}`;
  const head = [
    `SUBSCRIBE ${aor} SIP/2.0`,
    `Via: SIP/2.0/${peer.via};branch=z9hG4bK${unique()}`,
    'Max-Forwards: 70',
    `From: <${aor}>;tag=${unique()}`,
    `To: <${aor}>`,
    `Call-ID: ${unique()}`,
    'CSeq: 1 SUBSCRIBE',
    `Contact: <sip:127.0.0.1:${peer.via.split(':').at(-1) ?? ''};transport=tcp>`,
    'Event: presence',
    'Require: adhoclist, categoryList',
    'Supported: ms-benotify, ms-piggyback-first-notify, com.microsoft.autoextend',
    'Content-Type: application/msrtc-adrl-categorylist+xml',
    `Content-Length: ${body.length}`,
  ];
  peer.send(`${head.join('\r\n')}\r\n\r\n${body}`);
  return told;
}

test('a client of LCS 2005 blocks a person by an access control entry: the person is refused, also after a kill, until let again', async () => {
  const server = await ParleyServer.start({ plugins: { ...OPEN, contacts: NOBODY }, logLevel: 'warn' });
  try {
    const imported = await server.cli(
      ['user', 'import', '-'],
      ['uri,display', 'sip:alice@example.com,A', 'sip:bob@example.com,B'].join('\n'),
    );
    expect(imported.code, imported.output).toBe(0);
    const soap = async (who: string, to: string, operation: string): Promise<number> => {
      const peer = await StreamPeer.tcp(server.tcp);
      const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><s:Body>${operation}</s:Body></s:Envelope>`;
      const from = `<sip:${who}@${server.domain}>;tag=${unique()}`;
      const uri = `sip:${to}@${server.domain}`;
      const answer = await ask(peer, {
        method: 'SERVICE',
        uri,
        to: `<${uri}>`,
        from,
        headers: ['Content-Type: application/SOAP+xml'],
        body,
      });
      peer.close();
      return status(answer);
    };
    const looks = (): Promise<number> => soap('alice', 'bob', '<m:getPresence><presentity uri="sip:bob@example.com"/></m:getPresence>');
    const sets = (rights: string): Promise<number> =>
      soap('bob', 'bob', `<m:setACE><m:type>USER</m:type><m:mask>sip:alice@example.com</m:mask><m:rights>${rights}</m:rights></m:setACE>`);
    expect([await looks(), await sets('BD'), await looks()]).toEqual([200, 200, 403]);
    await server.kill();
    await server.launch();
    expect([await looks(), await sets('AA'), await looks()]).toEqual([403, 200, 200]);
  } finally {
    await server.stop();
  }
});

const programs = postgresqlPrograms();
if (programs === undefined) console.warn('The tests of presence on PostgreSQL are skipped: not installed (Debian package postgresql)');

describe.skipIf(programs === undefined)('PostgreSQL', () => {
  let database: Postgresql;
  beforeAll(async () => {
    database = await Postgresql.start(programs ?? '');
  });
  afterAll(async () => {
    await database.stop();
  });

  // Each test has a schema of its own: an empty database.
  presenceSuite('PostgreSQL', async (clock) => {
    const schema = `parley_${randomBytes(6).toString('hex')}`;
    const admin = new Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`create schema ${schema}`);
    await admin.end();
    const own = new URL(database.url);
    own.searchParams.set('options', `-c search_path=${schema}`);
    return openStore({ kind: 'postgres', url: own.href, connections: 2 }, { clock });
  });
});
