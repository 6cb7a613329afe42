/** A whole server, and an OCS client's sign-in as it was recorded: the same bytes, at the same time, with the same keytab. */
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import registrar from '@parley/plugin-registrar';
import type { SipResponse } from '@parley/sdk';
import { KerberosInitiator, signedFields, signedText, testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import authKerberos from '../src/plugin.ts';
import { recordedSignIns } from './recorded.ts';
import type { RecordedSignIn } from './recorded.ts';

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
function serving(
  recorded: RecordedSignIn = FIRST,
  { now, config = {}, enabled = true, users = ['alice'] }: Shape = {},
): Promise<TestServer> {
  return testServer({
    plugins: [directory(), registrar(), authKerberos(config)],
    domain: 'example.test',
    config: { fqdn: 'ocs.example.test' },
    users: users.map((name) => ({ name, enabled })),
    files: { 'parley.keytab': recorded.keytabBytes },
    startAt: now ?? recorded.time,
    log: 'info',
  });
}

/** A connection on which the test writes what was recorded. */
function client(server: TestServer, name = 'client'): Endpoint {
  return server.endpoint(name, { transport: 'tcp', password: false });
}

/** Sends a message as it stands; gives the final response. */
async function ask(endpoint: Endpoint, message: string, status: number): Promise<SipResponse> {
  await endpoint.write(message);
  return endpoint.expect(status);
}

const linesOf = (server: TestServer): unknown[] => server.log.map(({ msg }) => msg);
const associations = (server: TestServer): number => server.figure('parley_auth_kerberos_associations');

/** A parameter of Authentication-Info. */
function info(answer: SipResponse, name: string): string {
  return new RegExp(`[ ,]${name}="?([^",]*)`).exec(answer.first('Authentication-Info') ?? '')?.[1] ?? '';
}

/** What the server signs in its answer. [MS-SIPAE] section 3.6 */
function signedByServer(answer: SipResponse): string {
  const [rand = '', num = '', realm = '', targetName = ''] = ['srand', 'snum', 'realm', 'targetname'].map((name) => info(answer, name));
  return signedText({ scheme: 'Kerberos', rand, num, realm, targetName }, signedFields(answer));
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
  await using server = await serving();
  const answer = await ask(client(server), FIRST.register.replace(/^Authorization: .*\r\n/m, ''), 401);
  expect(answer.all('WWW-Authenticate')).toEqual([
    'Kerberos realm="SIP Communications Service", targetname="sip/ocs.example.test", version=4',
  ]);
});

test.each(AES)('MS-SIPAE R7, R13: the recorded client signs in with $enctype, and the 200 is signed for it', async (recorded) => {
  await using server = await serving(recorded);
  const alice = client(server);
  const initiator = new KerberosInitiator(recorded.token, recorded.keytab);
  const answer = await ask(alice, recorded.register, 200);
  expect(initiator.verifies(signedByServer(answer), info(answer, 'rspauth'), 0)).toBe(true);
  const next = await ask(alice, nextRegister(recorded, initiator, info(answer, 'opaque')), 200);
  expect(initiator.verifies(signedByServer(next), info(next, 'rspauth'), 1)).toBe(true);
  expect(associations(server)).toBe(1);
});

test('an RC4 ticket signs in where the operator allows it, and nowhere else', async () => {
  const recorded = recordedSignIns.find(({ enctype }) => enctype === 'rc4-hmac') as RecordedSignIn;
  await using allowed = await serving(recorded, { config: { enctypes: ['rc4-hmac'] } });
  const answer = await ask(client(allowed), recorded.register, 200);
  expect(info(answer, 'rspauth').slice(0, 42)).toBe('602306092a864886f71201020201011100ffffffff');
  await using strict = await serving(recorded);
  await ask(client(strict), recorded.register, 401);
  expect(linesOf(strict)).toContainEqual(
    expect.stringMatching(/^sign-in failed: the ticket is of type rc4-hmac, which enctypes does not allow/),
  );
});

test('the same REGISTER on another connection is a replay: 401, ms-diagnostics 1000, and a line for the operator', async () => {
  await using server = await serving();
  await ask(client(server, 'alice'), FIRST.register, 200);
  const answer = await ask(client(server, 'mallory'), FIRST.register, 401);
  expect(answer.first('ms-diagnostics')).toMatch(/^1000;/);
  expect(linesOf(server)).toContainEqual(expect.stringMatching(/^sign-in failed: a ticket of alice@EXAMPLE.TEST was shown a second time/));
});

test('with a clock an hour off it is refused as skew: ms-diagnostics 1013 and how far it is off', async () => {
  await using server = await serving(FIRST, { now: FIRST.time + HOUR });
  expect((await ask(client(server), FIRST.register, 401)).first('ms-diagnostics')).toMatch(/^1013;/);
  expect(linesOf(server)).toContainEqual(expect.stringMatching(/the clock of alice@EXAMPLE.TEST is 60 minutes behind this server's/));
});

test('a day later the clock and the ticket are both wrong: the clock is what is said', async () => {
  await using server = await serving(FIRST, { now: FIRST.time + 24 * HOUR });
  expect((await ask(client(server), FIRST.register, 401)).first('ms-diagnostics')).toMatch(/^1013;/);
});

test('a message that the ticket’s key did not sign does not complete the handshake', async () => {
  await using server = await serving();
  await ask(client(server), FIRST.register.replace('CSeq: 2 ', 'CSeq: 4 '), 401);
  expect(associations(server)).toBe(0);
});

test('a ticket of alice is no ticket of bob', async () => {
  await using server = await serving(FIRST, { users: ['alice', 'bob'] });
  const initiator = new KerberosInitiator(FIRST.token, FIRST.keytab);
  const signed = FIRST.signed.replaceAll('alice', 'bob');
  const register = FIRST.register.replaceAll('sip:alice', 'sip:bob').replace(/response="\w+"/, `response="${initiator.sign(signed, 0)}"`);
  await ask(client(server), register, 403);
});

test('MS-SIPAE R20: a disabled user gets 403', async () => {
  await using server = await serving(FIRST, { enabled: false });
  expect((await ask(client(server), FIRST.register, 403)).first('ms-diagnostics')).toMatch(/^4141;/);
});

test('a user whom the directory does not know gets 401, and the operator the command that adds the name', async () => {
  await using server = await serving(FIRST, { users: ['bob'] });
  await ask(client(server), FIRST.register, 401);
  expect(linesOf(server)).toContainEqual(
    expect.stringMatching(/nobody has that sign-in name; parley user change URI --login alice@EXAMPLE.TEST adds it/),
  );
});

test.each([
  ['disabled', (admin: DirectoryAdmin) => admin.setEnabled('alice@example.test', false)],
  ['removed', (admin: DirectoryAdmin) => admin.removeUser('alice@example.test')],
] as const)('the associations of a user who is %s end', async (_, end) => {
  await using server = await serving();
  const alice = client(server);
  const answer = await ask(alice, FIRST.register, 200);
  await end(server.find(DirectoryAdmin));
  await ask(alice, nextRegister(FIRST, new KerberosInitiator(FIRST.token, FIRST.keytab), info(answer, 'opaque')), 401);
});
