import { ADMIT, Inbound, PASS, SipResponse } from '@parley/sdk';
import { expect, test } from 'vitest';
import plugin from '../src/plugin.ts';
import { World, answer, flow, request } from './support.ts';

test('RFC 3261 section 22.2: a REGISTER is challenged with 401, SHA-256 first, then MD5 (RFC 8760 section 2.3)', () => {
  const challenge = new World().challenge(request('REGISTER'));
  expect(challenge).toMatchObject({ status: 401, algorithms: ['SHA-256', 'MD5'], stale: false });
});

test.each(['INVITE', 'MESSAGE', 'SUBSCRIBE', 'BYE', 'INFO', 'PUBLISH', 'REFER', 'OPTIONS', 'FOO'])(
  'RFC 3261 section 22.3: a %s to a user is challenged with 407, as proxies do',
  (method) => {
    expect(new World().challenge(request(method))).toMatchObject({ status: 407 });
  },
);

test.each(['sip:example.com', 'sip:192.0.2.1:5060'])('an OPTIONS to %s is for the server itself: 401', (uri) => {
  expect(new World().challenge(request('OPTIONS', { uri })).status).toBe(401);
});

test('a client with an epid, which reads Authentication-Info only, is challenged with 401 whatever it asks for', () => {
  const invite = request('INVITE');
  invite.set('From', '<sip:alice@example.com>;tag=f;epid=a1b2c3d4e5f6');
  expect(new World().challenge(invite).status).toBe(401);
});

test('a REGISTER for a domain elsewhere is challenged as a proxy would: 407', () => {
  expect(new World().challenge(request('REGISTER', { uri: 'sip:elsewhere.example' })).status).toBe(407);
});

test.each(['ACK', 'CANCEL'])('RFC 3261 section 22.1: %s is never challenged', (method) => {
  expect(new World().check(request(method)).verdict).toBe(ADMIT);
});

test('responses pass', () => {
  const world = new World();
  expect(world.gate.check(new Inbound(SipResponse.reply(request('INVITE'), 200), flow()))).toBe(PASS);
});

test.each(['SHA-256', 'MD5'] as const)('the right password with %s is let through with the identity of the user', (algorithm) => {
  const world = new World();
  const { verdict, inbound } = world.check(answer(request('REGISTER'), world.nonce(), { algorithm }));
  expect(verdict).toBe(PASS);
  expect(inbound.identity).toEqual({ aor: 'alice@example.com', mechanism: 'digest' });
  expect(inbound.flow.authenticated).toBe(true);
});

test('the credentials are gone from the request before anybody else sees it, those for others stay', () => {
  const world = new World();
  const message = request('MESSAGE', {
    headers: [['Proxy-Authorization', 'Digest username="a", realm="elsewhere", nonce="n", uri="u", response="0"']],
  });
  const { verdict, inbound } = world.check(answer(message, world.nonce()));
  expect(verdict).toBe(PASS);
  expect(inbound.message.all('Proxy-Authorization')).toEqual([expect.stringContaining('elsewhere')]);
  expect(inbound.message.toString()).not.toContain('realm="example.com"');
});

test('credentials in Authorization for a 407 are taken as well: some phones do that', () => {
  const world = new World();
  expect(world.check(answer(request('INVITE'), world.nonce(), { header: 'Authorization' })).verdict).toBe(PASS);
});

test.each([
  ['alice', undefined],
  ['alice@example.com', undefined],
  ['EXAMPLE\\alice', 'EXAMPLE\\\\alice'],
  ['EXAMPLE\\alice', 'EXAMPLE\\alice'],
])('the sign-in name %s works, written as %s', (username, written) => {
  const world = new World();
  const { verdict } = world.check(answer(request('REGISTER'), world.nonce(), { username, ...(written !== undefined && { written }) }));
  expect(verdict).toBe(PASS);
});

test('no user enumeration: an unknown user, a wrong password and a user without a password get the same answer, after the same work', () => {
  const world = new World();
  const attempt = (username: string, from: string): [unknown, number] => {
    const before = world.directory.asked;
    const message = answer(request('REGISTER', { from }), world.nonce(), { username, password: 'wrong' });
    const { status, algorithms, stale } = world.challenge(message);
    return [{ status, algorithms, stale }, world.directory.asked - before];
  };
  const wrongPassword = attempt('alice', 'sip:alice@example.com');
  expect(attempt('nobody', 'sip:nobody@example.com')).toEqual(wrongPassword);
  expect(attempt('nobody@example.com', 'sip:nobody@example.com')).toEqual(wrongPassword);
  expect(wrongPassword).toEqual([{ status: 401, algorithms: ['SHA-256', 'MD5'], stale: false }, 1]);
});

test('RFC 7616 section 3.3: a right digest for an old nonce is asked again with stale, a wrong one without', () => {
  const world = new World();
  const nonce = world.nonce();
  world.clock.advance(300_000);
  expect(world.challenge(answer(request('REGISTER'), nonce))).toMatchObject({ status: 401, stale: true });
  expect(world.challenge(answer(request('REGISTER'), nonce, { password: 'wrong' })).stale).toBe(false);
});

test('a nonce from before a restart, or from another address, is stale', () => {
  const world = new World();
  expect(world.challenge(answer(request('REGISTER'), new World().nonce())).stale).toBe(true);
  const elsewhere = flow({ remote: { host: '203.0.113.9', port: 1 } });
  expect(world.challenge(answer(request('REGISTER'), world.nonce()), elsewhere).stale).toBe(true);
});

test('a captured request cannot be sent again; the next count of the same nonce is good', () => {
  const world = new World({ perConnection: false });
  const nonce = world.nonce();
  expect(world.check(answer(request('MESSAGE'), nonce, { nc: 1 })).verdict).toBe(PASS);
  expect(world.challenge(answer(request('MESSAGE'), nonce, { nc: 1 })).stale).toBe(true);
  expect(world.check(answer(request('MESSAGE'), nonce, { nc: 2 })).verdict).toBe(PASS);
});

test('RFC 2069: a client without qop gets one request for each nonce', () => {
  const world = new World({ perConnection: false });
  const nonce = world.nonce();
  const message = (): ReturnType<typeof request> => answer(request('MESSAGE'), nonce, { qop: undefined, algorithm: 'MD5' });
  expect(world.check(message()).verdict).toBe(PASS);
  expect(world.challenge(message()).stale).toBe(true);
});

test('auth-int is taken when it is offered, and then the body counts', () => {
  const body = { headers: [['Content-Type', 'text/plain']], body: 'hello' } as const;
  const signed = (world: World): ReturnType<typeof request> => answer(request('MESSAGE', body), world.nonce(), { qop: 'auth-int' });
  expect(new World().challenge(signed(new World())).status).toBe(407);
  const world = new World({ authInt: true });
  expect(world.check(signed(world)).verdict).toBe(PASS);
  const changed = signed(world);
  changed.setBody('hullo', 'text/plain');
  expect(world.challenge(changed).status).toBe(407);
});

test('an algorithm that is not offered is challenged anew, not counted as an attempt', () => {
  const world = new World({ algorithms: ['SHA-256'] }, 1);
  for (let i = 0; i < 3; i++) {
    expect(world.challenge(answer(request('REGISTER'), world.nonce(), { algorithm: 'MD5' })).algorithms).toEqual(['SHA-256']);
  }
  expect(world.check(answer(request('REGISTER'), world.nonce())).verdict).toBe(PASS);
});

test('RFC 7616 section 3.4.6: credentials made for another target are refused; parameters do not make another', () => {
  const world = new World();
  expect(world.check(answer(request('MESSAGE'), world.nonce(), { uri: 'sip:carol@example.com' })).verdict).toMatchObject({ respond: 400 });
  expect(world.check(answer(request('MESSAGE'), world.nonce(), { uri: 'sip:bob@example.com;transport=tcp' })).verdict).toBe(PASS);
});

test('unreadable credentials get 400 with the reason', () => {
  const message = request('REGISTER', { headers: [['Authorization', 'Digest realm="example.com"']] });
  expect(new World().check(message).verdict).toMatchObject({
    respond: 400,
    headers: [['Warning', expect.stringMatching(/^399 uc.example.com ".*missing/)]],
  });
});

test('[MS-SIPRE] R15: who authenticates as alice cannot send as bob or register bob', () => {
  const world = new World();
  expect(world.check(answer(request('MESSAGE', { from: 'sip:bob@example.com' }), world.nonce())).verdict).toMatchObject({ respond: 403 });
  expect(
    world.check(answer(request('REGISTER', { from: 'sip:alice@example.com', to: 'sip:bob@example.com' }), world.nonce())).verdict,
  ).toMatchObject({ respond: 403 });
});

test.each(['tel:+14255550100', 'sip:+14255550100@example.com', 'sip:ALICE@Example.com'])('alice may call as %s', (from) => {
  const world = new World();
  expect(world.check(answer(request('INVITE', { from }), world.nonce())).verdict).toBe(PASS);
});

test('inside a dialog the From may be the address that was dialled, with the identity of who authenticated', () => {
  const world = new World();
  const bye = request('BYE', { from: 'sip:sales@example.com', to: '<sip:carol@example.com>;tag=t' });
  const { verdict, inbound } = world.check(answer(bye, world.nonce()));
  expect(verdict).toBe(PASS);
  expect(inbound.identity?.aor).toBe('alice@example.com');
  const message = request('MESSAGE', { from: 'sip:sales@example.com', to: '<sip:carol@example.com>;tag=t' });
  expect(world.check(answer(message, world.nonce())).verdict).toMatchObject({ respond: 403 });
});

test('a disabled user gets 403, but only with the right password', () => {
  const world = new World();
  world.directory.change('alice', { enabled: false });
  expect(world.check(answer(request('REGISTER'), world.nonce())).verdict).toMatchObject({ respond: 403 });
  expect(world.challenge(answer(request('REGISTER'), world.nonce(), { password: 'wrong' })).status).toBe(401);
});

test('on a connection that a REGISTER authenticated, its user is not challenged again', () => {
  const world = new World();
  const on = flow();
  expect(world.check(answer(request('REGISTER'), world.nonce()), on).verdict).toBe(PASS);
  const { verdict, inbound } = world.check(request('MESSAGE'), on);
  expect(verdict).toBe(PASS);
  expect(inbound.identity?.aor).toBe('alice@example.com');
  expect(world.challenge(request('MESSAGE', { from: 'sip:bob@example.com' }), on).status).toBe(407);
  expect(world.challenge(request('MESSAGE'), flow()).status).toBe(407);
});

test('a MESSAGE that was authenticated does not open its connection, only a REGISTER does', () => {
  const world = new World();
  const on = flow();
  expect(world.check(answer(request('MESSAGE'), world.nonce()), on).verdict).toBe(PASS);
  expect(world.challenge(request('MESSAGE'), on).status).toBe(407);
});

test('a new password, or disabling the user, ends what the connection stood for', () => {
  const world = new World();
  const on = flow();
  world.check(answer(request('REGISTER'), world.nonce()), on);
  world.directory.change('alice', { passwordChangedAt: 2 });
  expect(world.challenge(request('MESSAGE'), on).status).toBe(407);
  world.directory.change('alice', { enabled: false });
  expect(world.challenge(request('MESSAGE'), on).status).toBe(407);
});

test('UDP, a proxy in between, and perConnection: false have every request challenged', () => {
  const udp = flow({ reliable: false });
  const world = new World();
  expect(world.check(answer(request('REGISTER'), world.nonce()), udp).verdict).toBe(PASS);
  expect(world.challenge(request('MESSAGE'), udp).status).toBe(407);

  const on = flow();
  const proxied = request('REGISTER', { headers: [['Via', 'SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKy']] });
  expect(world.check(answer(proxied, world.nonce()), on).verdict).toBe(PASS);
  expect(world.challenge(request('MESSAGE'), on).status).toBe(407);

  const strict = new World({ perConnection: false });
  expect(strict.check(answer(request('REGISTER'), strict.nonce()), on).verdict).toBe(PASS);
  expect(strict.challenge(request('MESSAGE'), on).status).toBe(407);
});

const SERVER_ONLY = [
  ['P-Asserted-Identity', '<sip:ceo@example.com>'],
  ['ms-edge-proxy-message-trust', 'x'],
  ['ms-user-logon-data', 'x'],
] as const;

test('[MS-SIPRE] R15: what only servers may assert is taken out of a client’s request', () => {
  const world = new World();
  const { inbound } = world.check(answer(request('INVITE', { headers: SERVER_ONLY }), world.nonce()));
  for (const [name] of SERVER_ONLY) expect(inbound.message.has(name), name).toBe(false);
  const ack = world.check(request('ACK', { headers: SERVER_ONLY })).inbound;
  expect(ack.message.has('P-Asserted-Identity')).toBe(false);
});

test.each([
  ['by address', '203.0.113.0/24', flow({ remote: { host: '203.0.113.5', port: 5060 } })],
  ['by the name in its certificate', 'gw.example.net', flow({ tlsPeer: 'gw.example.net' })],
])('a trusted peer, known %s, vouches for its users (RFC 3325)', (_how, peer, on) => {
  const world = new World({ trustedPeers: [peer] });
  const { verdict, inbound } = world.check(request('INVITE', { from: 'tel:+4930123456', headers: SERVER_ONLY }), on);
  expect(verdict).toBe(PASS);
  expect(inbound.identity).toEqual({ aor: 'ceo@example.com', mechanism: 'peer', trusted: true });
  expect(inbound.message.has('P-Asserted-Identity')).toBe(true);
  expect([inbound.flow.trusted, inbound.flow.authenticated]).toEqual([true, true]);
  expect(world.check(request('INVITE', { from: 'tel:+4930123456' }), on).inbound.identity?.aor).toBe('+4930123456');
});

test('an exempt network is not challenged and not believed', () => {
  const world = new World({ exemptNetworks: ['10.0.0.0/8'] });
  const { verdict, inbound } = world.check(request('INVITE', { headers: SERVER_ONLY }), flow({ remote: { host: '10.1.2.3', port: 5060 } }));
  expect(verdict).toBe(ADMIT);
  expect(inbound.identity).toBeUndefined();
  expect(inbound.message.has('P-Asserted-Identity')).toBe(false);
});

test('only the configured methods are challenged', () => {
  const world = new World({ methods: ['REGISTER'] });
  expect(world.check(request('INVITE')).verdict).toBe(ADMIT);
  expect(world.challenge(request('REGISTER')).status).toBe(401);
});

test('a request that another gate has authenticated passes', () => {
  const world = new World();
  const inbound = new Inbound(request('INVITE'), flow());
  inbound.identity = { aor: 'alice@example.com', mechanism: 'ntlm' };
  expect(world.gate.check(inbound)).toBe(PASS);
});

test('who tries passwords is told to come back later, not what was wrong; the right one does not help meanwhile', () => {
  const world = new World({}, 3);
  for (let i = 0; i < 3; i++) world.check(answer(request('REGISTER'), world.nonce(), { password: `guess ${i}` }));
  const { verdict } = world.check(answer(request('REGISTER'), world.nonce()));
  expect(verdict).toMatchObject({
    respond: 503,
    headers: [
      ['Retry-After', '10'],
      ['Warning', expect.any(String)],
    ],
  });
  world.clock.advance(10_000);
  expect(world.check(answer(request('REGISTER'), world.nonce())).verdict).toBe(PASS);
});

test('users who do not exist run into the same limit as those who do', () => {
  const world = new World({}, 2);
  const attempt = (): unknown => world.check(answer(request('REGISTER'), world.nonce(), { username: 'nobody', password: 'x' })).verdict;
  attempt();
  attempt();
  expect(attempt()).toMatchObject({ respond: 503 });
});

test('outcomes are counted', () => {
  const world = new World();
  const on = flow();
  world.check(answer(request('REGISTER'), world.nonce()), on);
  world.check(request('MESSAGE'), on);
  world.check(answer(request('REGISTER'), world.nonce(), { password: 'wrong' }));
  const counts = Object.fromEntries(world.gate.outcomes.samples().map(({ labels, value }) => [labels['outcome'], value]));
  expect(counts).toMatchObject({ accepted: 1, connection: 1, wrong: 1, challenged: 3 });
});

test('a misspelt option is refused by name, and the schema describes every option', () => {
  expect(() => plugin.config.parse({ nonceSecond: 5 })).toThrow(/nonceSecond/);
  for (const [name, field] of Object.entries(plugin.config.shape)) expect(field.description, name).toBeTruthy();
});
