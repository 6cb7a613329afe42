import type { HandshakeContext, HandshakeStep } from '@parley/sdk';
import { expect, test } from 'vitest';
import { initiatorMic, randomKerberosKey } from '@parley/sdk/testkit';
import { kerberosMechanism } from '../src/mechanism.ts';
import { SPN, World } from './support.ts';

const BUFFER = '<Kerberos><1a2b3c4d><1><SIP Communications Service>';

function step(world: World, token: Buffer): HandshakeStep {
  const mechanism = kerberosMechanism(world.verifier, SPN);
  return mechanism.begin({ claimedAor: 'alice@example.test' } as HandshakeContext).step(token) as HandshakeStep;
}

test('MS-SIPAE R1: the target name is the service principal', () => {
  expect(kerberosMechanism(new World().verifier, SPN)).toMatchObject({ scheme: 'Kerberos', targetName: 'sip/ocs.example.test' });
});

test('one token completes the handshake; signatures are hexadecimal MIC tokens in any case', () => {
  const world = new World();
  const sessionKey = randomKerberosKey();
  const done = step(world, world.token({ sessionKey }));
  if (done.kind !== 'done') throw new Error(done.kind);
  expect(done.token).toBeUndefined();
  const signature = initiatorMic(sessionKey, Buffer.from(BUFFER)).toString('hex');
  expect(done.keys.verify(BUFFER, signature)).toBe(true);
  expect(done.keys.verify(BUFFER, signature.toUpperCase())).toBe(true);
  expect(done.keys.verify(`${BUFFER}<>`, signature)).toBe(false);
  expect(done.keys.sign(BUFFER)).toMatch(/^040401f{10}0{15}1[0-9a-f]{24}$/);
});

test.each(['', '0', 'zz', '04 04', 'not hexadecimal at all', '0404'])('the signature "%s" is wrong, no fault', (signature) => {
  const done = step(new World(), new World().token());
  expect(done.kind).toBe('failed'); // of another world's key
  const world = new World();
  const own = step(world, world.token());
  expect(own.kind === 'done' && own.keys.verify(BUFFER, signature)).toBe(false);
});

test('a client that wants mutual authentication gets the AP-REP first', () => {
  const world = new World();
  expect(step(world, world.token({ wantsMutual: true }))).toMatchObject({ kind: 'done', token: expect.any(Buffer) as Buffer });
});

test('MS-SIPAE R17: the association ends with the ticket', () => {
  const world = new World();
  const endsAt = world.clock.now() + 3_600_000;
  expect(step(world, world.token({ endsAt }))).toMatchObject({ kind: 'done', expiresAt: endsAt + 300_000 });
});

test('a refusal has cause and line for the operator', () => {
  expect(step(new World(), Buffer.alloc(0))).toMatchObject({ kind: 'failed', cause: 'malformed', detail: expect.any(String) as string });
});
