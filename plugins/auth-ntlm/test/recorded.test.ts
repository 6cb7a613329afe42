/** What real clients sent, recorded, against a whole server at the time of the recording: no client is needed here. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import {
  ASSOCIATION_REALM,
  NtlmServerExchange,
  datagramKeys,
  decodeAuthenticate,
  decodeChallenge,
  ntHash,
  readNtlmV2Response,
  signatureBuffer,
} from '@parley/sdk';
import type { SessionKeys, SipMessage, SipResponse } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import authNtlm from '../src/plugin.ts';
import { NtlmVerifier } from '../src/verifier.ts';
import { parameter, readConversation } from './conversation.ts';
import type { RecordedMessage } from './conversation.ts';

const TARGET = { netbiosDomain: 'EXAMPLE', netbiosComputer: 'UC', dnsDomain: 'example.com', dnsComputer: 'uc.example.com' };

afterEach(() => vi.restoreAllMocks());

/** A token of a recorded conversation: the one that the client answered, or its answer. */
function tokenIn(messages: readonly RecordedMessage[], header: 'WWW-Authenticate' | 'Authorization'): Buffer {
  const tokens = messages.map(({ message }) => parameter(message.first(header), 'gssapi-data') ?? '');
  return Buffer.from(tokens.find((token) => token !== '') ?? '', 'base64');
}

/** The client's own word for it: the time in its AUTHENTICATE. */
function timeIn(messages: readonly RecordedMessage[]): number {
  return readNtlmV2Response(decodeAuthenticate(tokenIn(messages, 'Authorization')).ntResponse)?.time ?? 0;
}

/** Lets the server ask the challenge that the recorded client answered. */
function askAsRecorded(messages: readonly RecordedMessage[]): void {
  const { challenge } = decodeChallenge(tokenIn(messages, 'WWW-Authenticate'));
  vi.spyOn(NtlmVerifier.prototype, 'begin').mockImplementation(() => new NtlmServerExchange(TARGET, Buffer.from(challenge)));
}

/** Plays the client's side: as recorded, but with the opaque that this server gives. Says what came back to each message. */
class Player {
  private opaque: string | undefined;

  constructor(
    private readonly server: TestServer,
    private readonly endpoint: Endpoint,
  ) {}

  async send(recorded: SipMessage): Promise<SipResponse | undefined> {
    const { server, endpoint, opaque } = this;
    const text = recorded.serialize().toString('latin1');
    const heard = server.messages.length;
    await endpoint.write(Buffer.from(opaque === undefined ? text : text.replace(/ opaque="[^"]*"/, ` opaque="${opaque}"`), 'latin1'));
    await server.settle();
    const answer = server.messages.slice(heard).find(({ to, message }) => to === endpoint.name && message?.isRequest === false)?.message;
    this.opaque = parameter(answer?.first('WWW-Authenticate'), 'opaque') ?? this.opaque;
    return answer as SipResponse | undefined;
  }
}

function serverOf(options: Omit<TestServerOptions, 'plugins'>): Promise<TestServer> {
  const plugins = [directory(), authNtlm(), registrar(), routing()];
  return testServer({ plugins, log: 'info', ...options });
}

function player(server: TestServer): Player {
  return new Player(server, server.endpoint('alice', { transport: 'tcp', password: false }));
}

const clientsOf = (messages: readonly RecordedMessage[]): SipMessage[] =>
  messages.filter(({ from }) => from === 'client').map(({ message }) => message);

/** pidgin-sipe 1.25, signing in as EXAMPLE\alice over TCP. The listener that recorded it refused the third REGISTER. */
const REGISTERS = readConversation('register-three-rounds');
const RECORDED_AT = timeIn(REGISTERS);
const HOUR_MS = 3_600_000;

/** A server for the recorded client. */
function registering(password = 'Secret1!', startAt = RECORDED_AT): Promise<TestServer> {
  const users = [{ name: 'alice', logins: ['EXAMPLE\\alice'], password }];
  return serverOf({ domain: 'example.test', config: { fqdn: 'ocs.example.test' }, users, startAt });
}

async function register(server: TestServer): Promise<(SipResponse | undefined)[]> {
  askAsRecorded(REGISTERS);
  const client = player(server);
  const answers = [];
  for (const message of clientsOf(REGISTERS)) answers.push(await client.send(message));
  return answers;
}

const messagesOf = (server: TestServer): unknown[] => server.log.map(({ msg }) => msg);

test('MS-SIPAE sheet 3.3: a recorded client signs in, in three rounds', async () => {
  await using server = await registering();
  const answers = await register(server);
  expect(answers.map((answer) => answer?.status)).toEqual([401, 401, 200]);
  expect(answers[1]?.first('WWW-Authenticate')).toMatch(/^NTLM opaque="[0-9A-F]{8}", gssapi-data="TlRMTVNTUAACAAAA/);
});

test('MS-SIPAE R13: the 200 is signed in the way that the client verifies', async () => {
  await using server = await registering();
  const [, , ok] = await register(server);
  expect(ok?.first('Authentication-Info')).toMatch(
    /^NTLM qop="auth", opaque="[0-9A-F]{8}", srand="[0-9A-F]{8}", snum="1", rspauth="01000000[0-9a-f]{16}64000000"/,
  );
});

test('MS-SIPAE R19: with another password in the directory it is told so', async () => {
  await using server = await registering('Secret2!');
  const [, , refused] = await register(server);
  expect([refused?.status, refused?.first('ms-diagnostics')]).toEqual([401, expect.stringMatching(/^1000;/)]);
  expect(messagesOf(server)).toContain('sign-in failed: wrong password for EXAMPLE\\alice (alice@example.test)');
});

test('MS-OCER 1013: an hour later by the clock of the server it is told that its clock is off', async () => {
  await using server = await registering(undefined, RECORDED_AT + HOUR_MS);
  const [, , refused] = await register(server);
  expect([refused?.status, refused?.first('ms-diagnostics')]).toEqual([401, expect.stringMatching(/^1013;/)]);
  expect(messagesOf(server)).toContainEqual(expect.stringMatching(/the clock of the computer of alice@example\.test is -60 minutes off/));
});

test('a recorded sign-in is of no use to who overheard it: the next challenge is another one', async () => {
  await using server = await registering();
  const client = player(server);
  const [, second, third] = clientsOf(REGISTERS);
  expect((await client.send(second as SipMessage))?.status).toBe(401);
  expect((await client.send(third as SipMessage))?.status).toBe(401);
});

/** pidgin-sipe 1.25 as alice, against this server: signs in, writes to bob, is answered, hangs up, signs out. Its user is EXAMPLE\alice. */
const INSTANT_MESSAGES = readConversation('instant-messages');
const PASSWORD = 'Secret-1-phrase!';

test('MS-SIPAE R9, R10: in a recorded conversation every signature of the client is good', async () => {
  const users = [{ name: 'alice', logins: ['EXAMPLE\\alice'], password: PASSWORD }, 'bob'];
  await using server = await serverOf({ users, startAt: timeIn(INSTANT_MESSAGES) });
  askAsRecorded(INSTANT_MESSAGES);
  const client = player(server);
  const verified = 'parley_auth_ntlm_messages_total{outcome="verified"}';
  const seen: string[] = [];
  for (const message of clientsOf(INSTANT_MESSAGES)) {
    const before = server.figure(verified);
    const answer = await client.send(message);
    const isSignedIn = message.cseq.method === 'REGISTER' && answer?.status === 200;
    seen.push(`${message.cseq.method} ${server.figure(verified) > before || isSignedIn ? 'verified' : (answer?.status ?? 'dropped')}`);
  }
  expect(seen).toEqual([
    'REGISTER 401',
    'REGISTER 401',
    'REGISTER verified',
    'INVITE verified',
    'ACK verified',
    'MESSAGE verified',
    'MESSAGE verified', // her 200 to bob's
    'BYE verified',
    'REGISTER verified',
  ]);
});

test('MS-SIPAE R13, R14: in a recorded conversation this server would sign as it did, and the client accepted it', () => {
  const keys = sessionKeys();
  const signed = INSTANT_MESSAGES.map(({ message }) => message).filter((message) => message.has('Authentication-Info'));
  expect(signed.map((message) => message.cseq.method)).toEqual(['REGISTER', 'INVITE', 'MESSAGE', 'MESSAGE', 'BYE']);
  for (const message of signed) {
    const info = message.first('Authentication-Info');
    const context = { scheme: 'NTLM', realm: ASSOCIATION_REALM, targetName: 'uc.example.com', version: 4 } as const;
    const buffer = signatureBuffer(message, context, parameter(info, 'srand') ?? '', parameter(info, 'snum') ?? '');
    expect(keys.sign(buffer)).toBe(parameter(info, 'rspauth'));
  }
});

/** The keys that alice's password gives for the recorded handshake. */
function sessionKeys(): SessionKeys {
  const authenticate = tokenIn(INSTANT_MESSAGES, 'Authorization');
  const { challenge } = decodeChallenge(tokenIn(INSTANT_MESSAGES, 'WWW-Authenticate'));
  const target = { netbiosDomain: '', netbiosComputer: '', dnsDomain: '', dnsComputer: '' };
  const exchange = new NtlmServerExchange(target, challenge);
  const claim = exchange.read(authenticate);
  return datagramKeys(exchange.prove(authenticate, claim, ntHash(PASSWORD)) as Buffer, claim.message.flags);
}
