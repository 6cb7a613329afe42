/** Who is challenged, and what credentials are good for. */
import { expect, test, vi } from 'vitest';
import plugin from '../src/plugin.ts';
import { World, answer, request } from './support.ts';

test('RFC 3261 section 22.2: a REGISTER is challenged with 401, SHA-256 first, then MD5 (RFC 8760 section 2.3)', async () => {
  await using world = await World.open();
  expect(await world.ask(request('REGISTER'))).toMatchObject({
    status: 401,
    algorithms: ['SHA-256', 'MD5'],
    stale: false,
    passed: undefined,
  });
});

test('RFC 3261 section 22.3: whatever is asked of a user is challenged with 407, as proxies do', async () => {
  await using world = await World.open();
  for (const method of ['INVITE', 'MESSAGE', 'SUBSCRIBE', 'BYE', 'INFO', 'PUBLISH', 'REFER', 'OPTIONS', 'FOO']) {
    expect((await world.ask(request(method))).status, method).toBe(407);
  }
});

test('an OPTIONS for the server itself, or of a client with an epid, which reads Authentication-Info only, gets 401', async () => {
  await using world = await World.open();
  for (const uri of ['sip:example.com', 'sip:192.0.2.1:5060']) expect((await world.ask(request('OPTIONS', { uri }))).status, uri).toBe(401);
  const invite = request('INVITE');
  invite.set('From', '<sip:alice@example.com>;tag=f;epid=a1b2c3d4e5f6');
  expect((await world.ask(invite)).status).toBe(401);
});

test('a REGISTER for a domain elsewhere is challenged as a proxy would: 407', async () => {
  await using world = await World.open();
  expect((await world.ask(request('REGISTER', { uri: 'sip:elsewhere.example' }))).status).toBe(407);
});

test.each(['ACK', 'CANCEL'])('RFC 3261 section 22.1: %s is never challenged', async (method) => {
  await using world = await World.open();
  const { status, algorithms } = await world.ask(request(method));
  expect([401, 407]).not.toContain(status);
  expect(algorithms).toEqual([]);
});

test('only the configured methods are challenged', async () => {
  await using world = await World.open({ config: { methods: ['REGISTER'] } });
  expect((await world.ask(request('INVITE'))).passed).toMatchObject({ identity: undefined });
  expect((await world.ask(request('REGISTER'))).status).toBe(401);
});

test('a call whose parties sign in goes through, responses and all', async () => {
  await using world = await World.open();
  const alice = await world.server.endpoint('alice').register();
  const bob = await world.server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(200);
  await call.expect(200).ack();
  await call.bye().expect(200);
});

test.each(['SHA-256', 'MD5'] as const)('the right password with %s is let through with the identity of the user', async (algorithm) => {
  await using world = await World.open();
  const { status, passed } = await world.ask(answer(request('REGISTER'), await world.nonce(), { algorithm }));
  expect(status).toBe(200);
  expect(passed).toMatchObject({ identity: { aor: 'alice@example.com', mechanism: 'digest' }, authenticated: true });
});

test('the credentials are gone from the request before anybody else sees it, those for others stay', async () => {
  await using world = await World.open();
  const others = 'Digest username="a", realm="elsewhere", nonce="n", uri="u", response="0"';
  const message = request('MESSAGE', { headers: [['Proxy-Authorization', others]] });
  const { passed } = await world.ask(answer(message, await world.nonce()));
  expect(passed?.message.all('Proxy-Authorization')).toEqual([expect.stringContaining('elsewhere')]);
  expect(passed?.message.toString()).not.toContain('realm="example.com"');
});

test('credentials in Authorization for a 407 are taken as well: some phones do that', async () => {
  await using world = await World.open();
  expect((await world.ask(answer(request('INVITE'), await world.nonce(), { header: 'Authorization' }))).passed).toBeDefined();
});

test.each([
  ['alice', undefined],
  ['alice@example.com', undefined],
  ['EXAMPLE\\alice', 'EXAMPLE\\\\alice'],
  ['EXAMPLE\\alice', 'EXAMPLE\\alice'],
])('the sign-in name %s works, written as %s', async (username, written) => {
  await using world = await World.open();
  const how = { username, ...(written !== undefined && { written }) };
  expect((await world.ask(answer(request('REGISTER'), await world.nonce(), how))).status).toBe(200);
});

test('no user enumeration: an unknown user, a wrong password and a user without a password get the same answer, after the same work', async () => {
  await using world = await World.open();
  const asked = vi.spyOn(world.directory, 'digestHa1');
  const attempt = async (username: string, from: string): Promise<unknown[]> => {
    const message = answer(request('REGISTER', { from }), await world.nonce(), { username, password: 'wrong' });
    asked.mockClear();
    const { status, algorithms, stale } = await world.ask(message);
    return [status, algorithms, stale, asked.mock.calls.length];
  };
  await world.admin.addUser({ uri: 'sip:carol@example.com' });
  const same = [401, ['SHA-256', 'MD5'], false, 1];
  expect(await attempt('alice', 'sip:alice@example.com')).toEqual(same);
  expect(await attempt('nobody', 'sip:nobody@example.com')).toEqual(same);
  expect(await attempt('nobody@example.com', 'sip:nobody@example.com')).toEqual(same);
  expect(await attempt('carol', 'sip:carol@example.com')).toEqual(same);
});

test('RFC 7616 section 3.3: a right digest for an old nonce is asked again with stale, a wrong one without', async () => {
  await using world = await World.open();
  const nonce = await world.nonce();
  await world.server.advance('300s');
  expect(await world.ask(answer(request('REGISTER'), nonce))).toMatchObject({ status: 401, stale: true });
  expect(await world.ask(answer(request('REGISTER'), nonce, { password: 'wrong' }))).toMatchObject({ status: 401, stale: false });
});

test('a nonce from before a restart, or from another address, is stale', async () => {
  await using world = await World.open();
  const elsewhere = world.connection('elsewhere', { address: '203.0.113.9' });
  expect((await world.ask(answer(request('REGISTER'), await world.nonce()), elsewhere)).stale).toBe(true);
  const nonce = await world.nonce();
  await world.server.restart();
  expect((await world.ask(answer(request('REGISTER'), nonce))).stale).toBe(true);
});

test('a captured request cannot be sent again; the next count of the same nonce is good', async () => {
  await using world = await World.open({ config: { perConnection: false } });
  const nonce = await world.nonce();
  expect((await world.ask(answer(request('MESSAGE'), nonce, { nc: 1 }))).passed).toBeDefined();
  expect((await world.ask(answer(request('MESSAGE'), nonce, { nc: 1 }))).stale).toBe(true);
  expect((await world.ask(answer(request('MESSAGE'), nonce, { nc: 2 }))).passed).toBeDefined();
});

test('RFC 2069: a client without qop gets one request for each nonce', async () => {
  await using world = await World.open({ config: { perConnection: false } });
  const nonce = await world.nonce();
  const how = { qop: undefined, algorithm: 'MD5' } as const;
  expect((await world.ask(answer(request('MESSAGE'), nonce, how))).passed).toBeDefined();
  expect((await world.ask(answer(request('MESSAGE'), nonce, how))).stale).toBe(true);
});

test('auth-int is taken when it is offered, and then the body counts', async () => {
  await using strict = await World.open();
  await using world = await World.open({ config: { authInt: true } });
  const signed = async (of: World): Promise<ReturnType<typeof request>> => {
    const message = request('MESSAGE', { headers: [['Content-Type', 'text/plain']], body: 'hello' });
    return answer(message, await of.nonce(), { qop: 'auth-int' });
  };
  expect((await strict.ask(await signed(strict))).status).toBe(407);
  expect((await world.ask(await signed(world))).passed).toBeDefined();
  const changed = await signed(world);
  changed.setBody('hullo', 'text/plain');
  expect((await world.ask(changed)).status).toBe(407);
});

test('an algorithm that is not offered is challenged anew, not counted as an attempt', async () => {
  await using world = await World.open({ config: { algorithms: ['SHA-256'] }, perUser: 1 });
  for (let i = 0; i < 3; i++) {
    const { algorithms } = await world.ask(answer(request('REGISTER'), await world.nonce(), { algorithm: 'MD5' }));
    expect(algorithms).toEqual(['SHA-256']);
  }
  expect((await world.ask(answer(request('REGISTER'), await world.nonce()))).status).toBe(200);
});

test('RFC 7616 section 3.4.6: credentials made for another target are refused; parameters do not make another', async () => {
  await using world = await World.open();
  const ask = async (uri: string): Promise<unknown> => world.ask(answer(request('MESSAGE'), await world.nonce(), { uri }));
  expect(await ask('sip:carol@example.com')).toMatchObject({ status: 400, passed: undefined });
  expect(await ask('sip:bob@example.com;transport=tcp')).toMatchObject({ passed: expect.anything() as unknown });
});

test('unreadable credentials get 400 with the reason', async () => {
  await using world = await World.open();
  const { status, response } = await world.ask(request('REGISTER', { headers: [['Authorization', 'Digest realm="example.com"']] }));
  expect([status, response?.first('Warning')]).toEqual([400, expect.stringMatching(/^399 uc.example.com ".*missing/)]);
});

test('who tries passwords is told to come back later, not what was wrong; the right one does not help meanwhile', async () => {
  await using world = await World.open({ perUser: 3 });
  for (let i = 0; i < 3; i++) await world.ask(answer(request('REGISTER'), await world.nonce(), { password: `guess ${i}` }));
  const { status, response } = await world.ask(answer(request('REGISTER'), await world.nonce()));
  expect([status, response?.first('Retry-After'), response?.has('Warning')]).toEqual([503, '10', true]);
  await world.server.advance('10s');
  expect((await world.ask(answer(request('REGISTER'), await world.nonce()))).status).toBe(200);
});

test('users who do not exist run into the same limit as those who do', async () => {
  await using world = await World.open({ perUser: 2 });
  const attempt = async (): Promise<number> =>
    (await world.ask(answer(request('REGISTER'), await world.nonce(), { username: 'nobody', password: 'x' }))).status;
  expect([await attempt(), await attempt(), await attempt()]).toEqual([401, 401, 503]);
});

test('outcomes are counted', async () => {
  await using world = await World.open();
  await world.ask(answer(request('REGISTER'), await world.nonce()));
  await world.ask(request('MESSAGE'));
  const elsewhere = world.connection('elsewhere');
  await world.ask(answer(request('REGISTER'), await world.nonce(elsewhere), { password: 'wrong' }), elsewhere);
  const count = (outcome: string): number => world.server.figure(`parley_auth_digest_requests_total{outcome="${outcome}"}`);
  expect(['accepted', 'connection', 'wrong', 'challenged'].map(count)).toEqual([1, 1, 1, 3]);
});

test('a misspelt option is refused by name, and the schema describes every option', () => {
  expect(() => plugin.config.parse({ nonceSecond: 5 })).toThrow(/nonceSecond/);
  for (const [name, field] of Object.entries(plugin.config.shape)) expect(field.description, name).toBeTruthy();
});
