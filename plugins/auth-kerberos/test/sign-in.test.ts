/** A whole server, and an OCS client's sign-in as it was recorded: the same bytes, at the same time, with the same keytab. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { FakeClock, Telemetry, Transport, checkConfig, definePlugin, openLog, startServer, temporaryStore } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import registrar from '@parley/plugin-registrar';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import { KerberosInitiator } from '@parley/sdk/testkit';
import { recordedSignIns } from '../../../sdk/test/kerberos/recorded.ts';
import type { RecordedSignIn } from '../../../sdk/test/kerberos/recorded.ts';
import plugin from '../src/plugin.ts';

vi.setConfig({ testTimeout: 30_000 });

const HOUR = 3_600_000;
const AES = recordedSignIns.filter(({ enctype }) => enctype !== 'rc4-hmac');
const [FIRST] = AES as [RecordedSignIn];

/** What a test changes about the server. */
interface Shape {
  readonly now?: number;
  readonly config?: object;
  /** Of all users; default true. */
  readonly enabled?: boolean;
  /** Default Alice alone. */
  readonly users?: readonly string[];
}

/** A server of example.test at the time of the recording, with its keytab. */
class Server {
  readonly clock: FakeClock;
  readonly lines: string[] = [];
  private scope: PluginScope | undefined;

  private constructor(now: number) {
    this.clock = new FakeClock(now);
  }

  static async start(recorded: RecordedSignIn, shape: Shape = {}): Promise<Server> {
    const server = new Server(shape.now ?? recorded.time);
    const probe = definePlugin({
      name: 'probe',
      summary: 'Shows the test what is inside',
      config: z.strictObject({}),
      requires: [DirectoryAdmin],
      root: new URL('.', import.meta.url),
      setup: (scope) => void (server.scope = scope),
    });
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-kerberos-'));
    writeFileSync(join(dataDir, 'parley.keytab'), recorded.keytabBytes, { mode: 0o600 });
    const config = await checkConfig({
      domains: ['example.test'],
      fqdn: 'ocs.example.test',
      dataDir,
      listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }],
      plugins: [directory(), registrar(), plugin(shape.config ?? {}), probe()],
    });
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        server.lines.push((JSON.parse(chunk.toString()) as { msg: string }).msg);
        done();
      },
    });
    const host = await startServer(config, {
      clock: server.clock,
      logger: openLog({ level: 'info', output }),
      store: temporaryStore(server.clock),
    });
    onTestFinished(async () => {
      await host.close();
      rmSync(dataDir, { recursive: true });
    });
    for (const name of shape.users ?? ['alice']) {
      await server.admin.addUser({ uri: `sip:${name}@example.test`, enabled: shape.enabled ?? true });
    }
    return server;
  }

  get admin(): DirectoryAdmin {
    return this.inside.resolve(DirectoryAdmin);
  }

  figure(name: string): number {
    const family = this.inside
      .resolve(Telemetry)
      .metrics()
      .find((one) => one.name === name);
    return (family?.samples ?? []).reduce((sum, { value }) => sum + value, 0);
  }

  /** A connection of a client. */
  async connect(): Promise<Client> {
    const port = this.inside.resolve(Transport).listeners[0]?.address.port ?? 0;
    const client = await Client.connect(port);
    onTestFinished(() => client.close());
    return client;
  }

  private get inside(): PluginScope {
    return this.scope as PluginScope;
  }
}

/** Sends bytes, and gives the next final response. */
class Client {
  private received = '';
  private waiting: ((answer: Answer) => void) | undefined;

  private constructor(private readonly socket: ReturnType<typeof connect>) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.look();
    });
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Client(socket);
  }

  close(): void {
    this.socket.destroy();
  }

  ask(message: string): Promise<Answer> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.socket.write(message, 'latin1');
    });
  }

  private look(): void {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.slice(0, end);
    const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    this.received = this.received.slice(end + 4 + length);
    // Provisional responses, and requests of the server such as the NOTIFY that it deregisters with.
    if (!/^SIP\/2\.0 [2-6]/.test(head)) return this.look();
    this.waiting?.(new Answer(head));
  }
}

/** A response without its body. */
class Answer {
  readonly status: number;

  constructor(private readonly head: string) {
    this.status = Number(head.split(' ')[1]);
  }

  all(name: string): string[] {
    return [...this.head.matchAll(new RegExp(`^${name}:\\s*(.*)$`, 'gim'))].map(([, value]) => (value ?? '').trim());
  }

  /** Parameter of Authentication-Info. */
  info(name: string): string {
    return new RegExp(`[ ,]${name}="?([^",]*)`).exec(this.all('Authentication-Info')[0] ?? '')?.[1] ?? '';
  }
}

/** What the server signs in its answer to a recorded REGISTER, built from the answer. [MS-SIPAE] section 3.6 */
function signedByServer(answer: Answer, cseq: number): string {
  const uri = /<(.*?)>/.exec(answer.all('From')[0] ?? '')?.[1] ?? '';
  const [fromTag, toTag] = ['From', 'To'].map((name) => /tag=([^;]*)/.exec(answer.all(name)[0] ?? '')?.[1] ?? '');
  const fields = ['srand', 'snum', 'realm', 'targetname'].map((name) => answer.info(name));
  return [
    'Kerberos',
    ...fields,
    answer.all('Call-ID')[0],
    cseq,
    'REGISTER',
    uri,
    fromTag,
    uri,
    toTag,
    '',
    '',
    answer.all('Expires')[0] ?? '',
    answer.status,
  ]
    .map((field) => `<${field}>`)
    .join('');
}

/** The recorded REGISTER once more with the next CSeq, signed for an association. */
function nextRegister(recorded: RecordedSignIn, initiator: KerberosInitiator, opaque: string): string {
  const signed = recorded.signed.replace(/^<Kerberos><\w+><1>/, '<Kerberos><1a2b3c4d><2>').replace('<2><REGISTER>', '<3><REGISTER>');
  const { realm, targetname } = recorded.authorization;
  const credentials = `Kerberos qop="auth", opaque="${opaque}", realm="${realm}", targetname="${targetname}", crand="1a2b3c4d", cnum="2", response="${initiator.sign(signed, 1)}"`;
  return recorded.register
    .replace(/^Authorization: .*$/m, `Authorization: ${credentials}`)
    .replace('CSeq: 2 ', 'CSeq: 3 ')
    .replace('branch=z9hG4bK', 'branch=z9hG4bKnext');
}

test('MS-SIPAE R3: the challenge names the service principal', async () => {
  const server = await Server.start(FIRST);
  const answer = await (await server.connect()).ask(FIRST.register.replace(/^Authorization: .*\r\n/m, ''));
  expect(answer.status).toBe(401);
  expect(answer.all('WWW-Authenticate')).toEqual([
    'Kerberos realm="SIP Communications Service", targetname="sip/ocs.example.test", version=4',
  ]);
});

test.each(AES)('MS-SIPAE R7, R13: the recorded client signs in with $enctype, and the 200 is signed for it', async (recorded) => {
  const server = await Server.start(recorded);
  const client = await server.connect();
  const initiator = new KerberosInitiator(recorded.token, recorded.keytab);
  const answer = await client.ask(recorded.register);
  expect(answer.status).toBe(200);
  expect(initiator.verifies(signedByServer(answer, 2), answer.info('rspauth'), 0)).toBe(true);
  const next = await client.ask(nextRegister(recorded, initiator, answer.info('opaque')));
  expect(next.status).toBe(200);
  expect(initiator.verifies(signedByServer(next, 3), next.info('rspauth'), 1)).toBe(true);
  expect(server.figure('parley_auth_kerberos_associations')).toBe(1);
});

test('an RC4 ticket signs in where the operator allows it, and nowhere else', async () => {
  const recorded = recordedSignIns.find(({ enctype }) => enctype === 'rc4-hmac') as RecordedSignIn;
  const allowed = await Server.start(recorded, { config: { enctypes: ['rc4-hmac'] } });
  const answer = await (await allowed.connect()).ask(recorded.register);
  expect([answer.status, answer.info('rspauth').slice(0, 42)]).toEqual([200, '602306092a864886f71201020201011100ffffffff']);
  const strict = await Server.start(recorded);
  expect((await (await strict.connect()).ask(recorded.register)).status).toBe(401);
  expect(strict.lines).toContainEqual(
    expect.stringMatching(/^sign-in failed: the ticket is of type rc4-hmac, which enctypes does not allow/),
  );
});

test('the same REGISTER on another connection is a replay: 401, ms-diagnostics 1000, and a line for the operator', async () => {
  const server = await Server.start(FIRST);
  expect((await (await server.connect()).ask(FIRST.register)).status).toBe(200);
  const answer = await (await server.connect()).ask(FIRST.register);
  expect(answer.status).toBe(401);
  expect(answer.all('ms-diagnostics')[0]).toMatch(/^1000;/);
  expect(server.lines).toContainEqual(expect.stringMatching(/^sign-in failed: a ticket of alice@EXAMPLE.TEST was shown a second time/));
});

test('with a clock an hour off it is refused as skew: ms-diagnostics 1013 and how far it is off', async () => {
  const server = await Server.start(FIRST, { now: FIRST.time + HOUR });
  const answer = await (await server.connect()).ask(FIRST.register);
  expect([answer.status, answer.all('ms-diagnostics')[0]?.slice(0, 5)]).toEqual([401, '1013;']);
  expect(server.lines).toContainEqual(expect.stringMatching(/the clock of alice@EXAMPLE.TEST is 60 minutes behind this server's/));
});

test('a day later the clock and the ticket are both wrong: the clock is what is said', async () => {
  const server = await Server.start(FIRST, { now: FIRST.time + 24 * HOUR });
  expect((await (await server.connect()).ask(FIRST.register)).all('ms-diagnostics')[0]).toMatch(/^1013;/);
});

test('a message that the ticket’s key did not sign does not complete the handshake', async () => {
  const server = await Server.start(FIRST);
  const altered = FIRST.register.replace('CSeq: 2 ', 'CSeq: 4 ');
  expect((await (await server.connect()).ask(altered)).status).toBe(401);
  expect(server.figure('parley_auth_kerberos_associations')).toBe(0);
});

test('a ticket of alice is no ticket of bob', async () => {
  const server = await Server.start(FIRST, { users: ['alice', 'bob'] });
  const initiator = new KerberosInitiator(FIRST.token, FIRST.keytab);
  const signed = FIRST.signed.replaceAll('alice', 'bob');
  const register = FIRST.register.replaceAll('sip:alice', 'sip:bob').replace(/response="\w+"/, `response="${initiator.sign(signed, 0)}"`);
  expect((await (await server.connect()).ask(register)).status).toBe(403);
});

test('MS-SIPAE R20: a disabled user gets 403', async () => {
  const server = await Server.start(FIRST, { enabled: false });
  const answer = await (await server.connect()).ask(FIRST.register);
  expect([answer.status, answer.all('ms-diagnostics')[0]?.slice(0, 5)]).toEqual([403, '4141;']);
});

test('a user whom the directory does not know gets 401, and the operator the command that adds the name', async () => {
  const server = await Server.start(FIRST, { users: ['bob'] });
  expect((await (await server.connect()).ask(FIRST.register)).status).toBe(401);
  expect(server.lines).toContainEqual(
    expect.stringMatching(/nobody has that sign-in name; parley user change URI --login alice@EXAMPLE.TEST adds it/),
  );
});

test.each([
  ['disabled', (admin: DirectoryAdmin) => admin.setEnabled('alice@example.test', false)],
  ['removed', (admin: DirectoryAdmin) => admin.removeUser('alice@example.test')],
] as const)('the associations of a user who is %s end', async (_, end) => {
  const server = await Server.start(FIRST);
  const client = await server.connect();
  const answer = await client.ask(FIRST.register);
  await end(server.admin);
  const next = nextRegister(FIRST, new KerberosInitiator(FIRST.token, FIRST.keytab), answer.info('opaque'));
  expect((await client.ask(next)).status).toBe(401);
});
