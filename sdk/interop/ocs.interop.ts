/** An unmodified OCS and Lync client, pidgin-sipe, signs in by NTLM and stays, and two of them write to each other. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { SERVER_STOPPED, expectCleanLog } from './ocs/clean-log.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { count } from './ocs/debug-log.ts';
import { PASSWORD, ParleyServer, eventually, pause } from './server.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The OCS client tests are skipped: ${absent}`);

const WITH_NTLM: Readonly<Record<string, object>> = { directory: {}, 'auth-ntlm': {}, registrar: {}, routing: {}, options: {} };

/** User agents of the clients that this family's servers were made for. */
const AGENTS = {
  'OCS 2007': 'UCCP/2.0.6362.0 OC/2.0.6362.0 (Microsoft Office Communicator)',
  'OCS 2007 R2': 'UCCAPI/3.5.6907.0 OC/3.5.6907.0 (Microsoft Office Communicator 2007 R2)',
  'Lync 2010': 'UCCAPI/4.0.7577.314 OC/4.0.7577.314 (Microsoft Lync 2010)',
  'Lync 2013': 'UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)',
} as const;

let command: string;
let server: ParleyServer;
const clients: OcsClient[] = [];

function client(options: Omit<OcsOptions, 'server'>, at = server): OcsClient {
  const made = new OcsClient(command, { server: at, ...options });
  clients.push(made);
  return made;
}

async function addUser(at: ParleyServer, name: string): Promise<void> {
  const args = ['user', 'add', `sip:${name}@${at.domain}`, '--login', `EXAMPLE\\${name},${name}@corp.example`, '--password-stdin'];
  const { code, output } = await at.cli(args, PASSWORD);
  if (code !== 0) throw new Error(`parley user add failed (${code}):\n${output}`);
}

describe.skipIf(absent !== undefined)('ocs-client', () => {
  beforeAll(async () => {
    command = await buildOcsClient();
    server = await ParleyServer.start({ plugins: WITH_NTLM });
    for (const name of ['alice', 'bob', 'carol']) await addUser(server, name);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(['tcp', 'tls'] as const)('signs in by NTLM over %s, finds every signature good, and signs out', async (transport) => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', transport });
    await alice.signedOn();
    await eventually('the registration is there', async () => (await registrations('alice')) === 1);
    await expectCleanLog(alice, SERVER_STOPPED);
    await alice.quit();
    await eventually('the registration is gone', async () => (await registrations('alice')) === 0);
  });

  test.each(['EXAMPLE\\alice', 'alice@corp.example', 'alice@example.com'])('signs in as %s', async (login) => {
    const alice = client({ user: 'alice', login });
    await alice.signedOn();
    await expectCleanLog(alice, SERVER_STOPPED);
  });

  test.each(Object.entries(AGENTS))('signs in with the user agent of %s', async (_, agent) => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', agent });
    await alice.signedOn();
    await expectCleanLog(alice, SERVER_STOPPED);
    expect(alice.log.text).toContain(`User-Agent: ${agent}`);
  });

  test.each([
    ['a wrong password', 'carol', 'EXAMPLE\\carol', 'not this one', /wrong password for EXAMPLE\\\\carol/],
    ['a name that nobody has', 'carol', 'EXAMPLE\\nobody', PASSWORD, /nobody has the sign-in name EXAMPLE\\\\nobody/],
    ['an address of somebody else', 'carol', 'EXAMPLE\\bob', PASSWORD, /bob@example\.com signed in as somebody else/],
  ])('%s ends in the message that the client has for it, and in one line for the operator', async (_, user, login, password, line) => {
    const before = server.log.length;
    const refused = client({ user, login, password });
    const error = await refused.event('connection-error');
    expect(error['text']).toMatch(/[Aa]uthentication failed|Not authorized|rejected|credentials/);
    expect(refused.log.text).toMatch(/ms-diagnostics: (?:1000|4004);/i);
    await server.logged(line, before);
  });

  test('a disabled user is told so', async () => {
    await addUser(server, 'dora');
    expect((await server.cli(['user', 'disable', 'sip:dora@example.com'])).code).toBe(0);
    const dora = client({ user: 'dora', login: 'EXAMPLE\\dora' });
    await dora.event('connection-error');
    expect(dora.log.text).toMatch(/ms-diagnostics: 4141;/i);
    await server.logged('dora@example.com is disabled; parley user enable dora@example.com changes that');
  });

  test.each([
    ['re-registrations', { registrar: { defaultExpires: 61, minExpires: 60 } }, {}, 70_000],
    // The server closes what is idle for 90 seconds: only keep-alives carry the client further. It looks each minute whether one is due.
    ['keep-alives', { registrar: { keepAliveSeconds: 30 } }, { idleSeconds: 90 }, 125_000],
  ])('stays signed in over %s', async (kind, plugins, limits, ms) => {
    const short = await ParleyServer.start({ plugins: { ...WITH_NTLM, ...plugins }, limits });
    try {
      await addUser(short, 'alice');
      const alice = client({ user: 'alice', login: 'EXAMPLE\\alice' }, short);
      await alice.signedOn();
      await pause(ms);
      const lost = alice.events.filter(({ event }) => event === 'disconnected' || event === 'connection-error');
      expect(lost, short.log.slice(-2000)).toEqual([]);
      await expectCleanLog(alice, SERVER_STOPPED);
      const registers = count(alice.log, 'sent', /^REGISTER /);
      if (kind === 're-registrations') expect(registers).toBeGreaterThanOrEqual(5);
      else expect(registers).toBe(3);
    } finally {
      await short.stop();
    }
  });

  test('two users write to each other, both ways, whatever characters', async () => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', transport: 'tls' });
    const bob = client({ user: 'bob', login: 'EXAMPLE\\bob', transport: 'tcp' });
    await Promise.all([alice.signedOn(), bob.signedOn()]);
    const texts = ['Hello Bob', 'Zażółć gęślą jaźń 漢字 🎉', '<b>not bold</b> & "quoted" \\ 100%'];
    for (const text of texts) {
      alice.command(`im sip:bob@example.com ${quoted(text)}`);
      expect((await bob.event('im', { from: /bob|alice/ }))['text']).toBe(text);
      bob.command(`im sip:alice@example.com ${quoted(`re: ${text}`)}`);
      expect((await alice.event('im'))['text']).toBe(`re: ${text}`);
    }
    for (const one of [alice, bob]) await expectCleanLog(one, SERVER_STOPPED);
  });

  test('formatted messages with special characters arrive as they were written, both ways, in the session that an INVITE began', async () => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', transport: 'tcp' });
    const bob = client({ user: 'bob', login: 'EXAMPLE\\bob', transport: 'tls' });
    await Promise.all([alice.signedOn(), bob.signedOn()]);
    const messages: readonly (readonly [html: string, text: string, formats: string])[] = [
      ['<b>bold</b>, <i>italic</i> and <u>underlined</u>', 'bold, italic and underlined', 'BIU'],
      ['<b><i>both</i></b>: 1 &lt; 2 &amp;&amp; 3 &gt; 2', 'both: 1 < 2 && 3 > 2', 'BI'],
      ['Zażółć <b>gęślą</b> jaźń, 漢字, 🎉, א', 'Zażółć gęślą jaźń, 漢字, 🎉, א', 'B'],
      ['a &quot;quoted&quot; word, a \\ and 100%', 'a "quoted" word, a \\ and 100%', ''],
    ];
    for (const [html, text, formats] of messages) {
      for (const [from, to, name] of [
        [alice, bob, 'bob'],
        [bob, alice, 'alice'],
      ] as const) {
        from.command(`im-html sip:${name}@example.com ${quoted(html)}`);
        const heard = await to.event('im');
        expect(heard['text']).toBe(text);
        // This client has one format for a whole message, in a parameter of its Content-Type.
        expect([...String(heard['html']).matchAll(/<([BIU])>/g)].map(([, format]) => format).join('')).toBe(formats);
      }
    }
    const bytes = (one: OcsClient, direction: 'sent' | 'received'): readonly string[] =>
      one.log.messages
        .filter((message) => message.direction === direction && message.text.startsWith('MESSAGE '))
        .map(({ text }) => `${/^Content-Type: (.*)$/m.exec(text)?.[1] ?? ''}|${text.slice(text.indexOf('\r\n\r\n'))}`);
    expect(bytes(bob, 'received')).toEqual(bytes(alice, 'sent'));
    expect(bytes(alice, 'received')).toEqual(bytes(bob, 'sent'));
    expect(count(alice.log, 'sent', /^INVITE /), 'one session carries them all').toBe(1);
    expect(count(bob.log, 'sent', /^INVITE /)).toBe(0);
    for (const one of [alice, bob]) await expectCleanLog(one, SERVER_STOPPED);
  });

  test('one user on two endpoints gets the invitation on both', async () => {
    const first = client({ user: 'bob', login: 'EXAMPLE\\bob', transport: 'tls' });
    const second = client({ user: 'bob', login: 'bob@corp.example', transport: 'tcp', hostName: 'second-computer' });
    const alice = client({ user: 'alice' });
    await Promise.all([first.signedOn(), second.signedOn(), alice.signedOn()]);
    alice.command('im sip:bob@example.com "to wherever you are"');
    await eventually('both have the INVITE', () => [first, second].every((one) => count(one.log, 'received', /^INVITE /) > 0), 20_000);
    for (const one of [first, second, alice]) await expectCleanLog(one, SERVER_STOPPED);
  });

  test('the server is stopped and started: the client signs in again', async () => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice' });
    await alice.signedOn();
    await server.shutDown();
    await alice.event('connection-error');
    await server.launch();
    await pause(500);
    alice.command('connect');
    await alice.signedOn();
    await expectCleanLog(alice, SERVER_STOPPED);
  });

  test('a password that changes ends the session of the old one', async () => {
    const carol = client({ user: 'carol', login: 'EXAMPLE\\carol' });
    await carol.signedOn();
    expect((await server.cli(['user', 'password', 'sip:carol@example.com', '--password-stdin'], `${PASSWORD}2`)).code).toBe(0);
    await eventually('the server says so', () =>
      server.log.includes('clients have to sign in again: user.password-changed carol@example.com'),
    );
    carol.command('im sip:bob@example.com "with the old password"');
    await carol.event('connection-error', {}, 30_000);
  });
});

async function registrations(user: string): Promise<number> {
  const { output } = await server.cli(['registrations', '--json']);
  return output.split('\n').filter((line) => line.includes(`${user}@example.com`)).length > 0 ? 1 : 0;
}

/** A word for the client's command line. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
