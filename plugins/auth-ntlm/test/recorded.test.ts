/** What real clients sent, recorded, against the gate and the stamp: no client is needed here. */
import {
  ASSOCIATION_REALM,
  NtlmServerExchange,
  PASS,
  SipResponse,
  datagramKeys,
  decodeAuthenticate,
  decodeChallenge,
  ntHash,
  readNtlmV2Response,
  signatureBuffer,
} from '@parley/sdk';
import type { GateVerdict, SessionKeys, SipMessage, SipRequest } from '@parley/sdk';
import { expect, test } from 'vitest';
import { parameter, readConversation } from './conversation.ts';
import type { RecordedMessage } from './conversation.ts';
import { World, flow } from './world.ts';

/** pidgin-sipe 1.25, signing in as EXAMPLE\alice over TCP. The listener that recorded it refused the third REGISTER. */
const REGISTERS = readConversation('register-three-rounds');
/** The client's own word for it: the time in its AUTHENTICATE. */
const RECORDED_AT = timeIn(REGISTERS);
const ALICE = { aor: 'alice@example.test', logins: ['EXAMPLE\\alice'], password: 'Secret1!' };

function timeIn(messages: readonly RecordedMessage[]): number {
  const tokens = messages.map(({ message }) => parameter(message.first('Authorization'), 'gssapi-data') ?? '');
  const authenticate = Buffer.from(tokens.find((token) => token !== '') ?? '', 'base64');
  return readNtlmV2Response(decodeAuthenticate(authenticate).ntResponse)?.time ?? 0;
}

function headers(verdict: GateVerdict): string {
  if (typeof verdict === 'symbol' || !('headers' in verdict)) return '';
  return (verdict.headers ?? []).map(([name, value]) => `${name}: ${value}`).join('\n');
}

/** Plays the client's side: as recorded, but with the opaque that this server gave. */
function play(account = ALICE, now = RECORDED_AT) {
  const world = new World({ accounts: [account], targetName: 'ocs.example.test', now });
  const on = flow();
  const verdicts: GateVerdict[] = [];
  let opaque: string | undefined;
  let last: SipMessage | undefined;
  for (const { from, message } of REGISTERS) {
    if (from === 'server') {
      const token = parameter(message.first('WWW-Authenticate'), 'gssapi-data');
      if (token !== undefined) world.ask(Buffer.from(token, 'base64'));
      continue;
    }
    // The server of the recording asked its challenge before it was known here: the CHALLENGE follows the second REGISTER.
    const next = REGISTERS[REGISTERS.findIndex((one) => one.message === message) + 1]?.message;
    const token = parameter(next?.first('WWW-Authenticate'), 'gssapi-data');
    if (token !== undefined) world.ask(Buffer.from(token, 'base64'));
    const request = message as SipRequest;
    const credentials = request.first('Authorization');
    if (opaque !== undefined && credentials !== undefined)
      request.set('Authorization', credentials.replace(/opaque="[^"]*"/, `opaque="${opaque}"`));
    const { verdict } = world.check(request.clone(), on);
    verdicts.push(verdict);
    opaque = parameter(headers(verdict), 'opaque') ?? opaque;
    last = request;
  }
  return { world, verdicts, on, last: last as SipRequest };
}

test('MS-SIPAE sheet 3.3: a recorded client signs in, in three rounds', () => {
  const { verdicts, on } = play();
  expect(verdicts[0]).toBe(PASS); // and the host challenges it
  expect(headers(verdicts[1] as GateVerdict)).toMatch(/^WWW-Authenticate: NTLM opaque="[0-9A-F]{8}", gssapi-data="TlRMTVNTUAACAAAA/m);
  expect(verdicts[2]).toBe(PASS);
  expect(on.authenticated).toBe(true);
});

test('MS-SIPAE R19: with another password in the directory it is told so', () => {
  const { verdicts, world } = play({ ...ALICE, password: 'Secret2!' });
  expect(verdicts[2]).toMatchObject({ challenge: 401, headers: [['ms-diagnostics', expect.stringMatching(/^1000;/)]] });
  expect(world.lines).toEqual(['sign-in failed: wrong password for EXAMPLE\\alice (alice@example.test)']);
});

test('MS-OCER 1013: an hour later by the clock of the server it is told that its clock is off', () => {
  const { verdicts, world } = play(ALICE, RECORDED_AT + 3_600_000);
  expect(verdicts[2]).toMatchObject({ challenge: 401, headers: [['ms-diagnostics', expect.stringMatching(/^1013;/)]] });
  expect(world.lines[0]).toMatch(/the clock of the computer of alice@example\.test is -60 minutes off/);
});

test('a recorded sign-in is of no use to who overheard it: the next challenge is another one', () => {
  const world = new World({ accounts: [ALICE], targetName: 'ocs.example.test', now: RECORDED_AT });
  const on = flow();
  const [, second, third] = REGISTERS.filter(({ from }) => from === 'client').map(({ message }) => message as SipRequest);
  const opaque = parameter(headers(world.check((second as SipRequest).clone(), on).verdict), 'opaque') ?? '';
  const replayed = (third as SipRequest).clone();
  replayed.set('Authorization', (replayed.first('Authorization') as string).replace(/opaque="[^"]*"/, `opaque="${opaque}"`));
  expect(world.check(replayed, on).verdict).toMatchObject({ challenge: 401 });
});

test('MS-SIPAE R13: the 200 is signed in the way that the client verifies', () => {
  const { world, on, last } = play();
  const ok = SipResponse.reply(last, 200);
  world.stamp.apply(ok, on);
  expect(ok.first('Authentication-Info')).toMatch(
    /^NTLM qop="auth", opaque="[0-9A-F]{8}", srand="[0-9A-F]{8}", snum="1", rspauth="01000000[0-9a-f]{16}64000000"/,
  );
});

/** pidgin-sipe 1.25 as alice, against this server: signs in, writes to bob, is answered, hangs up, signs out. Its user is EXAMPLE\alice. */
const INSTANT_MESSAGES = readConversation('instant-messages');
const ALICE_HERE = { aor: 'alice@example.com', logins: ['EXAMPLE\\alice'], password: 'Secret-1-phrase!' };
const BOB = { aor: 'bob@example.com', logins: [], password: undefined };

test('MS-SIPAE R9, R10, R13, R14: in a recorded conversation every signature of either side is good', () => {
  const world = new World({ accounts: [ALICE_HERE, BOB], now: timeIn(INSTANT_MESSAGES) });
  const on = flow();
  const challenge = INSTANT_MESSAGES.map(({ message }) => parameter(message.first('WWW-Authenticate'), 'gssapi-data')).find(Boolean) ?? '';
  world.ask(Buffer.from(challenge, 'base64'));
  const keys = sessionKeys();
  let opaque = '';
  const seen: string[] = [];
  for (const { from, message } of INSTANT_MESSAGES) {
    if (from === 'server') {
      if (message.has('Authentication-Info')) expect(isSignedAsRecorded(message, keys)).toBe(true);
      continue;
    }
    const credentials = message.first('Authorization');
    if (credentials !== undefined) message.set('Authorization', credentials.replace(/opaque="[^"]*"/, `opaque="${opaque}"`));
    const { verdict, inbound } = world.check(message, on);
    opaque ||= parameter(headers(verdict), 'opaque') ?? '';
    seen.push(`${message.cseq.method} ${verdict === PASS ? (inbound.identity?.aor ?? 'nobody yet') : 'challenged'}`);
  }
  expect(seen).toEqual([
    'REGISTER nobody yet',
    'REGISTER challenged',
    'REGISTER alice@example.com',
    'INVITE alice@example.com',
    'ACK alice@example.com',
    'MESSAGE alice@example.com',
    'MESSAGE alice@example.com', // her 200 to bob's
    'BYE alice@example.com',
    'REGISTER alice@example.com',
  ]);
});

/** Whether this server would sign the message as it did when it was recorded, and the client accepted it. */
function isSignedAsRecorded(message: SipMessage, keys: SessionKeys): boolean {
  const info = message.first('Authentication-Info');
  const context = { scheme: 'NTLM', realm: ASSOCIATION_REALM, targetName: 'uc.example.com', version: 4 } as const;
  const buffer = signatureBuffer(message, context, parameter(info, 'srand') ?? '', parameter(info, 'snum') ?? '');
  return keys.sign(buffer) === parameter(info, 'rspauth');
}

/** The keys that alice's password gives for the recorded handshake. */
function sessionKeys(): SessionKeys {
  const tokens = INSTANT_MESSAGES.map(({ message }) => parameter(message.first('Authorization'), 'gssapi-data') ?? '');
  const authenticate = Buffer.from(tokens.find((token) => token !== '') ?? '', 'base64');
  const challenge = INSTANT_MESSAGES.map(({ message }) => parameter(message.first('WWW-Authenticate'), 'gssapi-data')).find(Boolean) ?? '';
  const target = { netbiosDomain: '', netbiosComputer: '', dnsDomain: '', dnsComputer: '' };
  const exchange = new NtlmServerExchange(target, decodeChallenge(Buffer.from(challenge, 'base64')).challenge);
  const claim = exchange.read(authenticate);
  return datagramKeys(exchange.prove(authenticate, claim, ntHash(ALICE_HERE.password)) as Buffer, claim.message.flags);
}
