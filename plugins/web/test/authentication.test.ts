import { describe, expect, test } from 'vitest';
import { NTLM_FLAGS } from '@parley/sdk';
import { NtlmClient, TestKdc, basicCredentials as basic, kerberosService } from '@parley/sdk/testkit';
import type { KerberosTokenShape, WebAnswer } from '@parley/sdk/testkit';
import authKerberos from '@parley/plugin-auth-kerberos';
import authNtlm from '@parley/plugin-auth-ntlm';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { serving } from './serving.ts';
import type { Serving, Wishes } from './serving.ts';

const FAILURES = 'parley_sign_in_failures_total';
const BASIC = 'Basic realm="uc.example.com", charset="UTF-8"';
const ONE_GUESS = { perUser: 1, perUserMinute: 2 };

describe('Basic', () => {
  test.each([
    ['the address', 'alice@example.com', 'Wonderland 7', 'alice@example.com'],
    ['a domain and name', 'EXAMPLE\\alice', 'Wonderland 7', 'alice@example.com'],
    ['the bare name', 'alice', 'Wonderland 7', 'alice@example.com'],
    ['a password with a colon and an umlaut', 'bob', 'Bäcker:88', 'bob@example.com'],
  ])('lets a user in by %s', async (_name, login, password, aor) => {
    const { me, server } = await serving();
    const { status, body } = await me(basic(login, password));
    expect([status, body]).toEqual([200, `${aor} by Basic`]);
    expect(server.figure(FAILURES)).toBe(0);
  });

  test('is offered when nothing else is, and never covers a connection', async () => {
    const { me } = await serving();
    expect(await me()).toMatchObject({ status: 401, challenges: [BASIC], body: '' });
    expect((await me(basic('alice', 'Wonderland 7'))).status).toBe(200);
    expect((await me()).status).toBe(401);
  });

  test('a wrong password and an unknown user get the same answer, and count', async () => {
    const { me, server } = await serving();
    const wrong = await me(basic('alice', 'wrong'));
    const unknown = await me(basic('Mallory', 'wrong'));
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.headers['x-ms-diagnostics']).toBe(unknown.headers['x-ms-diagnostics']);
    expect(wrong.challenges).toEqual(unknown.challenges);
    expect(server.figure(FAILURES)).toBe(2);
  });

  test('MS-OCAUTHWS: a failure says so in X-Ms-diagnostics', async () => {
    const { me } = await serving();
    expect((await me(basic('alice', 'wrong'))).headers['x-ms-diagnostics']).toMatch(
      /^\d+;source="uc\.example\.com";reason="[^"]+";faultcode="wsse:FailedAuthentication"$/,
    );
  });

  test('MS-OCAUTHWS R16: beyond the limits nothing is judged any more, right or wrong, whether the user exists or not', async () => {
    const { me, server } = await serving({}, { limits: ONE_GUESS });
    for (const name of ['alice', 'Mallory']) {
      expect((await me(basic(name, 'wrong'))).status).toBe(401);
      for (const password of ['wrong', 'Wonderland 7']) {
        const { status, headers } = await me(basic(name.toLowerCase(), password));
        expect([status, headers['retry-after']]).toEqual([503, '30']);
      }
    }
    expect(server.figure(FAILURES)).toBe(2);
  });

  test('who has signed in from an address is not shut out there by what others try elsewhere', async () => {
    const { me } = await serving({ proxies: ['127.0.0.1'] }, { limits: ONE_GUESS });
    const from = async (address: string, password: string): Promise<number> =>
      (await me(basic('alice', password), { 'x-forwarded-for': address })).status;
    expect(await from('198.51.100.7', 'Wonderland 7')).toBe(200);
    expect(await from('203.0.113.1', 'wrong')).toBe(401);
    expect(await from('203.0.113.1', 'Wonderland 7')).toBe(503);
    expect(await from('198.51.100.7', 'Wonderland 7')).toBe(200);
  });

  test('a disabled user is not let in, and it counts as no guess', async () => {
    const { me, server } = await serving();
    expect((await me(basic('carol', 'Carrots 9'))).status).toBe(401);
    expect(server.figure(FAILURES)).toBe(0);
    expect(server.log.find(({ msg }) => String(msg).includes('parley user enable'))).toMatchObject({ cause: 'disabled' });
  });

  test('can be switched off', async () => {
    const { me } = await serving({ authentication: { basic: false } });
    const { status, challenges } = await me(basic('alice', 'Wonderland 7'));
    expect([status, challenges]).toEqual([401, []]);
  });

  test.each(['Basic', 'Basic !!!', 'Basic bm9jb2xvbg==', `Basic ${'QUJD'.repeat(600)}`, 'Bearer abc', 'x'.repeat(500), ''])(
    'refuses credentials that cannot be read: %s',
    async (authorization) => {
      const { me, server } = await serving();
      expect((await me(authorization)).status).toBe(401);
      expect(server.figure(FAILURES)).toBe(0);
    },
  );

  test('nobody is asked for a password without TLS', async () => {
    const { client, host } = await serving({ plain: { host: '127.0.0.1', port: 0 } });
    await host.plainRoutes((app) => void app.get('/me', { onRequest: host.authenticate }, () => 'in'));
    const headers = { authorization: basic('alice', 'Wonderland 7') };
    const { status, challenges } = await client.ask('/me', { plain: true, headers });
    expect([status, challenges]).toEqual([403, []]);
  });
});

describe('Negotiate', () => {
  const KERBEROS: Wishes = { plugins: [authKerberos({ skewSeconds: 1 })] };
  /** A ticket for HTTP, new each time. */
  const ticket = ({ server }: Serving, shape: KerberosTokenShape = {}, kdc = server.kdc): string => {
    const service = kerberosService('HTTP/uc.example.com', kdc.realm);
    const token = kdc.token('alice', server.clock.now(), { service, wantsMutual: true, ...shape });
    return `Negotiate ${token.toString('base64')}`;
  };

  test('a ticket for HTTP lets its user in, and covers the connection', async () => {
    const serves = await serving({}, KERBEROS);
    const { me, client } = serves;
    expect((await me()).challenges).toEqual(['Negotiate', BASIC]);
    const first = await me(ticket(serves));
    expect([first.status, first.body]).toEqual([200, 'alice@example.com by Negotiate']);
    expect(first.challenges).toEqual([expect.stringMatching(/^Negotiate [A-Za-z0-9+/]+=*$/)]); // for mutual authentication
    expect((await me()).body).toBe('alice@example.com by Negotiate');
    client.hangUp();
    expect((await me()).status).toBe(401);
  });

  test('a ticket for another service is none', async () => {
    const serves = await serving({}, KERBEROS);
    const service = kerberosService('sip/uc.example.com', serves.server.kdc.realm);
    expect((await serves.me(ticket(serves, { service }))).status).toBe(401);
  });

  test('the connection is covered while the ticket counts, the user is enabled and the password is the same', async () => {
    const serves = await serving({}, KERBEROS);
    const { me, server } = serves;
    const admin = server.find(DirectoryAdmin);
    await me(ticket(serves));
    await admin.setEnabled('alice@example.com', false);
    expect((await me()).status).toBe(401);
    await admin.setEnabled('alice@example.com', true);
    expect((await me()).status).toBe(401);
    await me(ticket(serves));
    await server.advance('1s');
    await admin.setPassword('alice@example.com', 'Wonderland 8');
    expect((await me()).status).toBe(401);
    await me(ticket(serves, { endsAt: server.clock.now() + 119_000 }));
    await server.advance(119_999);
    expect((await me()).status).toBe(200);
    await server.advance(1);
    expect((await me()).status).toBe(401);
  });

  test('a failed sign-in ends what the connection was covered by', async () => {
    const serves = await serving({}, KERBEROS);
    await serves.me(ticket(serves));
    expect((await serves.me(ticket(serves, {}, new TestKdc('example.com', 'uc.example.com')))).status).toBe(401);
    expect((await serves.me()).status).toBe(401);
  });

  test('nothing is remembered of connections that a proxy shares', async () => {
    const serves = await serving({ proxies: ['127.0.0.1'] }, KERBEROS);
    expect((await serves.me(ticket(serves), { 'x-forwarded-for': '198.51.100.7' })).status).toBe(200);
    expect((await serves.me()).status).toBe(401);
  });

  test('can be switched off', async () => {
    const serves = await serving({ authentication: { negotiate: false } }, KERBEROS);
    expect((await serves.me(ticket(serves))).challenges).toEqual([BASIC]);
  });
});

describe('NTLM', () => {
  const NTLM: Wishes = { plugins: [authNtlm()] };
  const { UNICODE, NTLM: NTLM_KEY, EXTENDED_SESSIONSECURITY, KEY_128, REQUEST_TARGET } = NTLM_FLAGS;
  const ASKED = UNICODE | NTLM_KEY | EXTENDED_SESSIONSECURITY | KEY_128 | REQUEST_TARGET;
  const leg = (message: Buffer, scheme = 'NTLM'): string => `${scheme} ${message.toString('base64')}`;
  const challengeIn = ({ challenges: [only = ''] }: WebAnswer): Buffer => Buffer.from(only.split(' ')[1] ?? '', 'base64');

  /** Somebody who signs in: first leg, and what answers the challenge to it. */
  class Person {
    private readonly ntlm: NtlmClient;
    constructor({ server }: Serving, user: string, password: string) {
      this.ntlm = new NtlmClient({ user, domain: 'EXAMPLE', password, now: server.clock.now() });
    }
    begin(scheme?: string): string {
      return leg(this.ntlm.negotiate(ASKED), scheme);
    }
    answer(challenged: WebAnswer, scheme?: string): string {
      return leg(this.ntlm.authenticate(challengeIn(challenged)), scheme);
    }
  }
  const alice = (serves: Serving): Person => new Person(serves, 'alice', 'Wonderland 7');
  const bob = (serves: Serving): Person => new Person(serves, 'bob', 'Bäcker:88');
  const signIn = async ({ me }: Serving, person: Person): Promise<WebAnswer> => me(person.answer(await me(person.begin())));

  test('MS-OCAUTHWS R4: the handshake is bound to its connection, and covers it from then on', async () => {
    const serves = await serving({}, NTLM);
    const { me, server } = serves;
    const person = alice(serves);
    expect((await me()).challenges).toEqual(['NTLM', BASIC]);
    const second = await me(person.begin());
    expect([second.status, second.challenges.length, challengeIn(second).readUInt32LE(8)]).toEqual([401, 1, 2]);
    const third = await me(person.answer(second));
    expect([third.status, third.body]).toEqual([200, 'alice@example.com by NTLM']);
    expect((await me()).body).toBe('alice@example.com by NTLM');
    await server.advance('10m');
    expect((await me()).status).toBe(401);
  });

  test('MS-OCAUTHWS R4: the body is sent again with each leg', async () => {
    const serves = await serving({}, NTLM);
    const { client, host } = serves;
    await host.routes((app) => void app.post('/said', { onRequest: host.authenticate }, ({ body }) => String(body)));
    const say = (authorization: string): Promise<WebAnswer> => client.post('/said', `<a>${'x'.repeat(100_000)}</a>`, { authorization });
    const person = bob(serves);
    const first = await say(person.begin());
    const second = await say(person.answer(first));
    expect([first.status, second.status, second.body.length]).toEqual([401, 200, 100_007]);
    expect(second.connection).toBe(first.connection);
  });

  test('an answer on another connection answers nothing', async () => {
    const serves = await serving({}, NTLM);
    const { me, client, server } = serves;
    const person = alice(serves);
    const challenged = await me(person.begin());
    client.hangUp();
    expect((await me(person.answer(challenged))).status).toBe(401);
    expect(server.figure(FAILURES)).toBe(0);
  });

  test('an answer is good once, and not after a minute', async () => {
    const serves = await serving({}, NTLM);
    const { me, server } = serves;
    const first = await me(alice(serves).begin());
    expect((await me(new Person(serves, 'mallory', 'wrong').answer(first))).status).toBe(401);
    expect(server.figure(FAILURES)).toBe(1);
    expect((await me(alice(serves).answer(first))).status).toBe(401);
    const second = await me(alice(serves).begin());
    await server.advance('60s');
    expect((await me(alice(serves).answer(second))).status).toBe(401);
    expect(server.figure(FAILURES)).toBe(1);
  });

  test('a connection that signs in as somebody else is that user’s', async () => {
    const serves = await serving({}, NTLM);
    expect((await signIn(serves, alice(serves))).body).toBe('alice@example.com by NTLM');
    expect((await signIn(serves, bob(serves))).body).toBe('bob@example.com by NTLM');
    expect((await serves.me()).body).toBe('bob@example.com by NTLM');
  });

  test('is not offered through a proxy, whose connections carry many people’s requests', async () => {
    const serves = await serving({ proxies: ['127.0.0.1'] }, NTLM);
    expect((await serves.me()).challenges).toEqual([BASIC]);
    expect((await serves.me(alice(serves).begin())).challenges).toEqual([BASIC]);
  });

  test('may come under the name Negotiate', async () => {
    const serves = await serving({}, { plugins: [authKerberos(), authNtlm()] });
    const { me } = serves;
    const person = alice(serves);
    expect((await me()).challenges.slice(0, 2)).toEqual(['Negotiate', 'NTLM']);
    const challenged = await me(person.begin('Negotiate'));
    expect((await me(person.answer(challenged, 'Negotiate'))).body).toBe('alice@example.com by Negotiate');
  });

  const message = (type: number): Buffer => Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.of(type, 0, 0, 0)]);
  test.each(['NTLM', 'NTLM AAAA', leg(message(2)), leg(message(9))])(
    'refuses what is no NTLM message that fits: %s',
    async (authorization) => {
      const { me, server } = await serving({}, NTLM);
      expect((await me(authorization)).status).toBe(401);
      expect(server.figure(FAILURES)).toBe(0);
    },
  );
});
