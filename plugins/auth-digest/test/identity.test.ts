/** Whom a request is taken to be from once the password was right, and for how long. */
import { testFlow } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { DigestConfig } from '../src/config.ts';
import { Peers } from '../src/peers.ts';
import { World, answer, request } from './support.ts';

test('[MS-SIPRE] R15: who authenticates as alice cannot send as bob or register bob', async () => {
  await using world = await World.open();
  const asBob = answer(request('MESSAGE', { from: 'sip:bob@example.com' }), await world.nonce());
  expect((await world.ask(asBob)).status).toBe(403);
  const ofBob = answer(request('REGISTER', { from: 'sip:alice@example.com', to: 'sip:bob@example.com' }), await world.nonce());
  expect((await world.ask(ofBob)).status).toBe(403);
});

test.each(['tel:+14255550100', 'sip:+14255550100@example.com', 'sip:ALICE@Example.com'])('alice may call as %s', async (from) => {
  await using world = await World.open();
  expect((await world.ask(answer(request('INVITE', { from }), await world.nonce()))).passed?.identity?.aor).toBe('alice@example.com');
});

test('inside a dialog the From may be the address that was dialled, with the identity of who authenticated', async () => {
  await using world = await World.open();
  const inDialog = { from: 'sip:sales@example.com', to: '<sip:carol@example.com>;tag=t' };
  const { passed } = await world.ask(answer(request('BYE', inDialog), await world.nonce()));
  expect(passed?.identity?.aor).toBe('alice@example.com');
  expect((await world.ask(answer(request('MESSAGE', inDialog), await world.nonce()))).status).toBe(403);
});

test('a disabled user gets 403, but only with the right password', async () => {
  await using world = await World.open();
  await world.admin.setEnabled('alice@example.com', false);
  expect((await world.ask(answer(request('REGISTER'), await world.nonce()))).status).toBe(403);
  expect((await world.ask(answer(request('REGISTER'), await world.nonce(), { password: 'wrong' }))).status).toBe(401);
});

test('on a connection that a REGISTER authenticated, its user is not challenged again', async () => {
  await using world = await World.open();
  await world.ask(answer(request('REGISTER'), await world.nonce()));
  expect((await world.ask(request('MESSAGE'))).passed?.identity?.aor).toBe('alice@example.com');
  expect((await world.ask(request('MESSAGE', { from: 'sip:bob@example.com' }))).status).toBe(407);
  expect((await world.ask(request('MESSAGE'), world.connection('other'))).status).toBe(407);
});

test('a MESSAGE that was authenticated does not open its connection, only a REGISTER does', async () => {
  await using world = await World.open();
  expect((await world.ask(answer(request('MESSAGE'), await world.nonce()))).passed).toBeDefined();
  expect((await world.ask(request('MESSAGE'))).status).toBe(407);
});

test('a new password, or disabling the user, ends what the connection stood for', async () => {
  await using world = await World.open({ registrar: false });
  await world.ask(answer(request('REGISTER'), await world.nonce()));
  expect((await world.ask(request('MESSAGE'))).passed).toBeDefined();
  await world.server.advance('1s');
  await world.admin.setPassword('alice@example.com', 'Looking-Glass 8');
  expect((await world.ask(request('MESSAGE'))).status).toBe(407);
  await world.ask(answer(request('REGISTER'), await world.nonce(), { password: 'Looking-Glass 8' }));
  expect((await world.ask(request('MESSAGE'))).passed).toBeDefined();
  await world.admin.setEnabled('alice@example.com', false);
  expect((await world.ask(request('MESSAGE'))).status).toBe(407);
});

test('UDP, a proxy in between, and perConnection: false have every request challenged', async () => {
  await using world = await World.open();
  const udp = world.connection('udp', { transport: 'udp' });
  expect((await world.ask(answer(request('REGISTER'), await world.nonce(udp)), udp)).status).toBe(200);
  expect((await world.ask(request('MESSAGE'), udp)).status).toBe(407);
  const proxied = request('REGISTER');
  proxied.append('Via', 'SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKy');
  expect((await world.ask(answer(proxied, await world.nonce()))).status).toBe(200);
  expect((await world.ask(request('MESSAGE'))).status).toBe(407);
  await using strict = await World.open({ config: { perConnection: false } });
  expect((await strict.ask(answer(request('REGISTER'), await strict.nonce()))).status).toBe(200);
  expect((await strict.ask(request('MESSAGE'))).status).toBe(407);
});

const SERVER_ONLY = [
  ['P-Asserted-Identity', '<sip:ceo@example.com>'],
  ['ms-edge-proxy-message-trust', 'x'],
  ['ms-user-logon-data', 'x'],
] as const;

test('[MS-SIPRE] R15: what only servers may assert is taken out of a client’s request', async () => {
  await using world = await World.open();
  const { passed } = await world.ask(answer(request('INVITE', { headers: SERVER_ONLY }), await world.nonce()));
  for (const [name] of SERVER_ONLY) expect(passed?.message.has(name), name).toBe(false);
  const ack = await world.ask(request('ACK', { headers: SERVER_ONLY }));
  expect(ack.passed?.message.has('P-Asserted-Identity')).toBe(false);
});

test('a trusted peer, known by address, vouches for its users (RFC 3325)', async () => {
  await using world = await World.open({ config: { trustedPeers: ['203.0.113.0/24'] } });
  const peer = world.connection('peer', { address: '203.0.113.5' });
  const { passed } = await world.ask(request('INVITE', { from: 'tel:+4930123456', headers: SERVER_ONLY }), peer);
  expect(passed?.identity).toEqual({ aor: 'ceo@example.com', mechanism: 'peer', trusted: true });
  expect(passed?.message.has('P-Asserted-Identity')).toBe(true);
  expect([passed?.trusted, passed?.authenticated]).toEqual([true, true]);
  expect((await world.ask(request('INVITE', { from: 'tel:+4930123456' }), peer)).passed?.identity?.aor).toBe('+4930123456');
});

test('a trusted peer is known by the name in its certificate as well', () => {
  const peers = new Peers(DigestConfig.parse({ trustedPeers: ['gw.example.net'] }));
  expect(peers.isTrusted(testFlow({ transport: 'TLS', tlsPeer: 'gw.example.net' }))).toBe(true);
  expect(peers.isTrusted(testFlow({ transport: 'TLS', tlsPeer: 'gw.example.org' }))).toBe(false);
  expect(peers.isTrusted(testFlow())).toBe(false);
});

test('an exempt network is not challenged and not believed', async () => {
  await using world = await World.open({ config: { exemptNetworks: ['10.0.0.0/8'] } });
  const on = world.connection('exempt', { address: '10.1.2.3' });
  const { passed } = await world.ask(request('INVITE', { headers: SERVER_ONLY }), on);
  expect(passed).toMatchObject({ identity: undefined });
  expect(passed?.message.has('P-Asserted-Identity')).toBe(false);
});

test('a request that another gate has authenticated passes', async () => {
  await using world = await World.open({ signIn: 'trusted' });
  expect((await world.ask(request('INVITE'))).passed?.identity).toEqual({ aor: 'alice@example.com', mechanism: 'testkit' });
});
