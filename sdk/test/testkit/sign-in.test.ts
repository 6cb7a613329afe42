/** Endpoints that sign in by each mechanism, sign what they send and verify what they get. */
import authDigest from '@parley/plugin-auth-digest';
import authKerberos from '@parley/plugin-auth-kerberos';
import authNtlm from '@parley/plugin-auth-ntlm';
import authTlsDsk from '@parley/plugin-auth-tls-dsk';
import directory from '@parley/plugin-directory';
import pki from '@parley/plugin-pki';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { PluginConfig, definePlugin } from '@parley/core';
import type { SipMessage } from '@parley/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { testServer } from '../../src/testkit/index.ts';
import type { SignInMechanism, TestServer } from '../../src/testkit/index.ts';

const MECHANISMS = ['digest', 'ntlm', 'kerberos', 'tls-dsk'] as const;
const PLUGINS = {
  digest: [authDigest()],
  ntlm: [authNtlm()],
  kerberos: [authKerberos()],
  'tls-dsk': [pki(), authTlsDsk({ stsUri: 'https://uc.example.com/CertProv/CertProvisioningService.svc' })],
} as const;

function serverWith(mechanism: SignInMechanism, ...more: Parameters<typeof testServer>[0]['plugins'][number][]): Promise<TestServer> {
  return testServer({ plugins: [directory(), ...PLUGINS[mechanism], registrar(), routing(), ...more], users: ['alice', 'bob'] });
}

describe.each(MECHANISMS)('by %s', (signIn) => {
  test('an endpoint signs in, calls, is called, and signs out', async () => {
    await using server = await serverWith(signIn);
    const alice = await server.endpoint('alice', { signIn }).register();
    const bob = await server.endpoint('bob', { signIn }).register();
    for (const [caller, callee] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const call = caller.invite(callee.aor);
      const taken = await callee.expect('INVITE').answer(200);
      await call.expect(200).ack();
      await taken.expect('ACK');
      await call.bye().expect(200);
    }
    const given = alice.invite('bob');
    await bob.expect('INVITE').answer(180);
    await given.expect(180);
    given.cancel();
    await given.expect(487);
    await alice.unregister();
    await alice.register();
    await alice.register({ expires: 60 });
  });

  test('after a restart, or on another connection, it signs in anew', async () => {
    await using server = await serverWith(signIn);
    const alice = await server.endpoint('alice', { signIn }).register();
    alice.disconnect();
    await alice.register();
    await server.restart();
    await alice.register();
    await alice.message('bob', 'hello').expect(480);
  });
});

/** Changes messages after they were signed. */
const meddler = definePlugin({
  name: 'meddler',
  summary: 'Changes what is signed',
  config: z.strictObject({ what: z.enum(['altered', 'unsigned']) }),
  root: new URL('.', import.meta.url),
  setup(scope) {
    const { what } = scope.resolve(PluginConfig) as { readonly what: string };
    const apply = (message: SipMessage): void => {
      if (message.cseq.method !== 'MESSAGE') return;
      if (what === 'altered') message.set('Call-ID', `${message.callId}x`);
      else message.remove('Authentication-Info');
    };
    scope.stamp({ name: 'meddler', order: 2000, apply });
  },
});

describe.each(['ntlm', 'kerberos', 'tls-dsk'] as const)('by %s', (signIn) => {
  test.each([
    ['altered', /alice does not believe the server: the MESSAGE has a signature that is not of </],
    ['unsigned', /alice does not believe the server: the MESSAGE is not signed[\s\S]*<---- MESSAGE -----/],
  ] as const)('a message that the server has %s fails the test, with the ladder', async (what, expected) => {
    await using server = await serverWith(signIn, meddler({ what }));
    const alice = await server.endpoint('alice', { signIn }).register();
    const bob = await server.endpoint('bob', { signIn }).register();
    bob.message('alice', 'hello');
    await expect(alice.expect('MESSAGE')).rejects.toThrow(expected);
  });
});

test('who has no password is told what to do', async () => {
  await using server = await testServer({ plugins: [directory(), registrar()], users: ['alice'] });
  expect(() => server.endpoint('alice', { signIn: 'ntlm' })).toThrow(/alice is to sign in by ntlm, and has no password/);
});
