/** What real clients sent, recorded, against the gate and the stamp: no client is needed here. */
import { PASS, SipResponse, decodeAuthenticate, readNtlmV2Response } from '@parley/sdk';
import type { GateVerdict, SipMessage, SipRequest } from '@parley/sdk';
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
