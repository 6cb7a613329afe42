/** The worked example of docs/connect-a-gateway.md at work: its script as the page shows it, with a gateway that is trusted or not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import authDigest from '@parley/plugin-auth-digest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer } from '@parley/sdk/testkit';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './generated-page.ts';

const GATEWAY = '192.0.2.20';
const FROM = { from: 'sip:+491701@gw.example.net' };
const folder = mkdtempSync(join(tmpdir(), 'parley-gateway-'));
const script = join(folder, 'gateway.am');
const page = readFileSync(join(ROOT, 'docs/connect-a-gateway.md'), 'utf8');
writeFileSync(script, /```xml\n([^]*?)```/.exec(page)?.[1] ?? '');

afterAll(() => rmSync(folder, { recursive: true }));

/** A server with alice, who has a number, and a gateway. */
async function withGateway(trustedPeers: string[]): Promise<{ server: TestServer; alice: Endpoint; gateway: Endpoint }> {
  const server = await testServer({
    plugins: [directory(), registrar(), routing(), authDigest({ trustedPeers })],
    users: [{ name: 'alice', phones: ['+4930555101'] }],
    signIn: 'real',
    listen: ['udp', 'tls'],
    config: { scripts: { extra: [script] } },
  });
  const alice = await server.endpoint('alice', { signIn: 'digest' }).register();
  return { server, alice, gateway: await server.peer('gw.example.net', { address: GATEWAY, transport: 'udp' }) };
}

test('a gateway that is not named is challenged, although routing would let senders of other domains in', async () => {
  const { server, gateway } = await withGateway([]);
  await using _ = server;
  await gateway.invite('sip:alice@example.com', FROM).expect(407);
});

test('a trusted gateway rings users by number; numbers that nobody has do not go back to it', async () => {
  const { server, alice, gateway } = await withGateway([GATEWAY]);
  await using _ = server;
  for (const number of ['sip:+4930555101@example.com', 'tel:+4930555101']) {
    const call = gateway.invite(number, FROM);
    await alice.expect('INVITE').answer(486);
    await call.expect(486);
  }
  for (const nobody of ['+4930555199', '+491709999', '101']) await gateway.invite(`sip:${nobody}@example.com`, FROM).expect(404);
  await gateway.invite('sip:zoe@other.example', FROM).expect(403);
});

test('a number outside that a user calls goes to the gateway, one of our own does not', async () => {
  const { server, alice, gateway } = await withGateway([GATEWAY]);
  await using _ = server;
  const call = alice.invite('sip:+491701@example.com');
  const ringing = await gateway.expect('INVITE');
  expect(ringing.request.uri).toBe('sip:+491701@gw.example.net');
  ringing.answer(486);
  await call.expect(486);
  await alice.invite('sip:+4930555199@example.com').expect(404);
});
