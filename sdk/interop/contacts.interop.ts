/** Contact lists with unmodified clients: what one does is at the other at once, and after a sign-in elsewhere. What was answered outlives a kill. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { StreamPeer, ask } from './peer.ts';
import { PASSWORD, ParleyServer, eventually } from './server.ts';
import { status, unique } from './wire.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The tests of contacts with the OCS client are skipped: ${absent}`);

const PLUGINS: Readonly<Record<string, object>> = {
  directory: {},
  'auth-ntlm': {},
  registrar: {},
  provisioning: {},
  contacts: {},
  routing: {},
};

const LYNC_2013 = 'UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)';

interface Exported {
  readonly owner: string;
  readonly groups: readonly string[];
  readonly contacts: readonly { readonly uri: string; readonly name: string; readonly groups: readonly string[] }[];
}

/** The list of a user as an administrator sees it. */
async function listOf(server: ParleyServer, user: string): Promise<Exported> {
  const { code, output } = await server.cli(['contacts', 'export', `${user}@${server.domain}`, '--json']);
  expect(code, output).toBe(0);
  return (JSON.parse(output) as Exported[])[0] ?? { owner: '', groups: [], contacts: [] };
}

async function addUser(server: ParleyServer, name: string, display: string): Promise<void> {
  const args = ['user', 'add', `sip:${name}@${server.domain}`, '--display', display, '--login', `EXAMPLE\\${name}`, '--password-stdin'];
  const { code, output } = await server.cli(args, PASSWORD);
  if (code !== 0) throw new Error(`parley user add failed (${code}):\n${output}`);
}

describe.skipIf(absent !== undefined)('ocs-client', () => {
  let command: string;
  let server: ParleyServer;
  const clients: OcsClient[] = [];

  const client = (options: Omit<OcsOptions, 'server'>): OcsClient => {
    const made = new OcsClient(command, { server, login: `EXAMPLE\\${options.user}`, ...options });
    clients.push(made);
    return made;
  };

  /** Signed on, and in possession of its list: what a client does before it has read that, it takes back. */
  const ready = async (one: OcsClient): Promise<void> => {
    await one.signedOn();
    await eventually('the list has come', () => one.log.text.includes('</contactList>'));
  };

  beforeAll(async () => {
    command = await buildOcsClient();
    server = await ParleyServer.start({ plugins: PLUGINS });
    await addUser(server, 'alice', 'Alice Ames');
    await addUser(server, 'bob', 'Bob Baker');
    await addUser(server, 'carol', 'Carol Cole');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
  });

  test('adds a contact by address, into a group, and renames, moves and removes; the list is there at a sign-in elsewhere', async () => {
    const here = client({ user: 'alice' });
    await ready(here);
    const becomes = async (what: string, contacts: Exported['contacts'], groups: readonly string[]): Promise<void> => {
      let last: Exported | undefined;
      await eventually(what, async () => {
        last = await listOf(server, 'alice');
        return JSON.stringify([last.contacts, last.groups]) === JSON.stringify([contacts, groups]);
      }).catch((error: unknown) => expect.fail(`${String(error)}: ${JSON.stringify(last)}\n${here.log.text}`));
    };
    const bob = { uri: 'sip:bob@example.com', name: 'Bob Baker', groups: ['Friends'], subscribed: true };
    here.command('add-buddy sip:bob@example.com Friends "Bob Baker"');
    await becomes('the contact is there', [bob], ['Friends']);
    here.command('alias sip:bob@example.com "Robert B."');
    await becomes('the alias is there', [{ ...bob, name: 'Robert B.' }], ['Friends']);
    here.command('rename-group Friends Pals');
    await becomes('the group has another name', [{ ...bob, name: 'Robert B.', groups: ['Pals'] }], ['Pals']);
    here.command('move-buddy sip:bob@example.com Work');
    await becomes('the contact is in the other group', [{ ...bob, name: 'Robert B.', groups: ['Work'] }], ['Pals', 'Work']);
    here.command('add-buddy sip:carol@example.com Work Carol');
    const carol = { uri: 'sip:carol@example.com', name: 'Carol', groups: ['Work'], subscribed: true };
    await becomes('there is another contact', [{ ...bob, name: 'Robert B.', groups: ['Work'] }, carol], ['Pals', 'Work']);
    here.command('remove-group Pals');
    await becomes('the empty group is gone', [{ ...bob, name: 'Robert B.', groups: ['Work'] }, carol], ['Work']);
    here.command('remove-buddy sip:bob@example.com');
    await becomes('the contact is gone', [carol], ['Work']);
    expect(here.log.complaints).toEqual([]);
    await here.quit();

    const elsewhere = client({ user: 'alice', hostName: 'another-computer' });
    await ready(elsewhere);
    await elsewhere.event('buddy-added', { who: /carol@example\.com/ });
    elsewhere.command('buddies');
    expect(JSON.stringify(await elsewhere.event('buddies'))).toMatch(/carol@example\.com.*Work|Work.*carol@example\.com/);
    expect(elsewhere.log.complaints).toEqual([]);
  });

  test('two endpoints of a user see what each other does', async () => {
    const first = client({ user: 'bob' });
    const second = client({ user: 'bob', hostName: 'second-computer', transport: 'tcp', agent: LYNC_2013 });
    await Promise.all([ready(first), ready(second)]);
    first.command('add-buddy sip:alice@example.com Friends Al');
    await second.event('buddy-added', { who: /alice@example\.com/ });
    second.command('add-buddy sip:carol@example.com Friends Carol');
    await first.event('buddy-added', { who: /carol@example\.com/ });
    await eventually('the list has both', async () => (await listOf(server, 'bob')).contacts.length === 2);
    expect((await listOf(server, 'bob')).groups).toEqual(['Friends']);
    second.command('remove-buddy sip:alice@example.com');
    await first.event('buddy-removed', { who: /alice@example\.com/ });
    for (const one of [first, second]) {
      one.command('buddies');
      const { list } = await one.event('buddies', { count: 1 });
      expect(list).toMatchObject([{ who: 'sip:carol@example.com', alias: 'Carol', group: 'Friends' }]);
      expect(one.log.complaints).toEqual([]);
    }
  });

  test('a client that is signed in sees at once what an administrator imports', async () => {
    const carol = client({ user: 'carol' });
    await ready(carol);
    const file =
      'owner,uri,name,groups\ncarol@example.com,sip:alice@example.com,Alice,Team\ncarol@example.com,sip:bob@example.com,Bob,Team\n';
    const { code, output } = await server.cli(['contacts', 'import', '-'], file);
    expect([code, output.trim()]).toEqual([0, 'Imported 2 contacts into 1 list.']);
    await carol.event('buddy-added', { who: /alice@example\.com/ });
    await carol.event('buddy-added', { who: /bob@example\.com/ });
    expect(carol.log.complaints).toEqual([]);
  });

  test('a search finds people by name and by address, and nobody where there is nobody', async () => {
    const alice = client({ user: 'alice' });
    await ready(alice);
    alice.command('search given=Bob surname=Bak');
    expect(JSON.stringify(await alice.event('search-results'))).toMatch(/bob@example\.com.*Bob Baker|Bob Baker.*bob@example\.com/);
    alice.command('search sipid=carol@example.com');
    expect(JSON.stringify(await alice.event('search-results'))).toContain('carol@example.com');
    alice.command('search surname=Nobody');
    await alice.event('notify-message', { primary: 'No contacts found' });
  });
});

const OPEN: Readonly<Record<string, object>> = {
  directory: {},
  registrar: { requireAuthentication: false },
  contacts: { requireAuthentication: false },
  routing: { requireAuthentication: false },
};

test.each([50, 300, 700])(
  'kill -9 after %i of 1,000 changes from ten users: every one that was answered is there, and each is counted once',
  async (killAfter) => {
    const server = await ParleyServer.start({ plugins: OPEN });
    const peers: StreamPeer[] = [];
    try {
      const users = Array.from({ length: 10 }, (_, i) => `user${i}`);
      for (const user of users) await server.addUser(user);
      const answered = new Set<string>();
      const change = async (peer: StreamPeer, user: string, contact: string): Promise<void> => {
        const body =
          '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><s:Body>' +
          `<m:setContact><m:displayName/><m:groups>1</m:groups><m:subscribed>true</m:subscribed><m:URI>sip:${contact}</m:URI></m:setContact>` +
          '</s:Body></s:Envelope>';
        const aor = `<sip:${user}@${server.domain}>`;
        const headers = ['Content-Type: application/SOAP+xml'];
        const request = { method: 'SERVICE', uri: `sip:${user}@${server.domain}`, to: aor, from: `${aor};tag=${unique()}`, headers, body };
        if (status(await ask(peer, request, 30_000)) === 200) answered.add(`${user} ${contact}`);
      };
      const all: Promise<void>[] = [];
      for (const user of users) {
        const peer = await StreamPeer.tcp(server.tcp);
        peers.push(peer);
        for (let i = 0; i < 100; i++) all.push(change(peer, user, `contact${i}@example.org`));
      }
      void Promise.allSettled(all); // those that the kill cuts off
      await eventually(`${killAfter} changes`, () => answered.size >= killAfter, 60_000);
      await server.kill();
      for (const peer of peers) peer.close();
      const kept = [...answered];
      await server.launch();
      const { code, output } = await server.cli(['contacts', 'export', '--json']);
      expect(code, output).toBe(0);
      const stored = new Set(
        (JSON.parse(output) as Exported[]).flatMap(({ owner, contacts }) =>
          contacts.map(({ uri }) => `${owner.split('@')[0] ?? ''} ${uri.slice(4)}`),
        ),
      );
      expect(kept.filter((one) => !stored.has(one))).toEqual([]);
      expect(kept.length).toBeGreaterThanOrEqual(killAfter);
      for (const user of users) {
        const shown = await server.cli(['contacts', 'list', `${user}@${server.domain}`, '--json']);
        const { contacts, deltaNum } = JSON.parse(shown.output) as Exported & { readonly deltaNum: number };
        expect(deltaNum, user).toBe(1 + contacts.length);
      }
    } finally {
      for (const peer of peers) peer.close();
      await server.stop();
    }
  },
);
