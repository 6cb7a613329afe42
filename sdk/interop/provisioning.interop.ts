/** An unmodified OCS client does what it was provisioned to do, and is told when the server signs it out. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { OcsClient } from './ocs/client.ts';
import { count } from './ocs/debug-log.ts';
import { PASSWORD, ParleyServer, eventually, pause } from './server.ts';

const absent = ocsClientAbsent();

const FOCUS_FACTORY = 'sip:alice@example.com;gruu;opaque=app:conf:focusfactory';
const PLUGINS: Readonly<Record<string, object>> = {
  directory: {},
  'auth-ntlm': {},
  registrar: {},
  provisioning: {
    settings: { persistentChatConfiguration: { EnablePersistentChat: true, DefaultPersistentChatPoolUri: 'sip:rooms@example.com' } },
    users: { 'alice@example.com': { ServerConfiguration: { focusFactoryUri: FOCUS_FACTORY, mrasUri: 'sip:relay@example.com' } } },
  },
  routing: {},
};

/** How long the client that only keeps its connection alive stays; PARLEY_STAY_MINUTES=10 for the long run. */
const STAY_MS = Number(process.env['PARLEY_STAY_MINUTES'] ?? 2.5) * 60_000;
/** Nothing but keep-alives holds a connection longer than this: the client sends its first one a minute after it connected, whatever it was told. */
const IDLE_SECONDS = 65;

let command: string;
let server: ParleyServer;
const clients: OcsClient[] = [];

function client(user: string): OcsClient {
  const made = new OcsClient(command, { server, user, login: `EXAMPLE\\${user}` });
  clients.push(made);
  return made;
}

async function cli(...args: readonly string[]): Promise<void> {
  const { code, output } = await server.cli(args);
  expect(code, output).toBe(0);
}

describe.skipIf(absent !== undefined)('ocs-client', () => {
  beforeAll(async () => {
    command = await buildOcsClient();
    server = await ParleyServer.start({ plugins: PLUGINS });
    for (const name of ['alice', 'bob']) {
      const args = ['user', 'add', `sip:${name}@${server.domain}`, '--login', `EXAMPLE\\${name}`, '--password-stdin'];
      const { code, output } = await server.cli(args, PASSWORD);
      if (code !== 0) throw new Error(output);
    }
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
  });

  test('asks for its provisioning and goes where that says', async () => {
    const alice = client('alice');
    await alice.signedOn();
    const sent =
      (line: RegExp): (() => boolean) =>
      () =>
        count(alice.log, 'sent', line) > 0;
    await eventually(
      'it asks the focus factory what conferences can do',
      sent(/^(?:INFO|SERVICE) sip:alice@example\.com;gruu;opaque=app:conf:focusfactory /),
    );
    await eventually('it asks the relay for credentials', sent(/^SERVICE sip:relay@example\.com /));
    await eventually('it calls the chat rooms', sent(/^INVITE sip:rooms@example\.com /));
    expect(alice.log.complaints).toEqual([]);
  });

  test('asks for nothing that an administrator has taken away since', async () => {
    await cli('policy', 'set', 'user:alice@example.com', 'ServerConfiguration.focusFactoryUri', '');
    await cli('policy', 'set', 'global', 'persistentChatConfiguration.EnablePersistentChat', 'false');
    const alice = client('alice');
    await alice.signedOn();
    await eventually('it asks the relay for credentials', () => count(alice.log, 'sent', /^SERVICE sip:relay@example\.com /) > 0);
    expect(count(alice.log, 'sent', /^(?:(?:INFO|SERVICE) \S*focusfactory|INVITE sip:rooms@)/)).toBe(0);
  });

  test('shows why the server has signed it out: by an administrator', async () => {
    const bob = client('bob');
    await bob.signedOn();
    await cli('registrations', 'drop', 'bob@example.com');
    expect((await bob.event('connection-error'))['text']).toContain('An administrator has signed you out');
    expect(bob.log.complaints).toEqual([]);
  });

  test('shows why the server has signed it out: the user is disabled', async () => {
    const bob = client('bob');
    await bob.signedOn();
    await cli('user', 'disable', 'sip:bob@example.com');
    expect((await bob.event('connection-error'))['text']).toContain('User disabled');
    expect(bob.log.complaints).toEqual([]);
  });

  test('stays on its connection by keep-alives alone', { timeout: STAY_MS + 60_000 }, async () => {
    const registrar = { keepAliveSeconds: 5 };
    const short = await ParleyServer.start({ plugins: { ...PLUGINS, registrar }, limits: { idleSeconds: IDLE_SECONDS } });
    try {
      const args = ['user', 'add', 'sip:alice@example.com', '--password-stdin'];
      expect((await short.cli(args, PASSWORD)).code).toBe(0);
      const alice = new OcsClient(command, { server: short, user: 'alice', args: ['--max-runtime', String(STAY_MS / 1000 + 60)] });
      clients.push(alice);
      await alice.signedOn();
      await pause(STAY_MS);
      expect(alice.events.filter(({ event }) => event === 'connection-error' || event === 'disconnected')).toEqual([]);
      expect(alice.log.complaints).toEqual([]);
      expect(count(alice.log, 'sent', /^REGISTER /), 'it signed in once').toBe(3);
      await alice.quit();
    } finally {
      await short.stop();
    }
  });
});
