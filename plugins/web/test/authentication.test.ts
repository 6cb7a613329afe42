import { afterEach, describe, expect, test } from 'vitest';
import type { KerberosAcceptor } from '@parley/plugin-auth-kerberos/api';
import type { NtlmAcceptor } from '@parley/plugin-auth-ntlm/api';
import type { User } from '@parley/plugin-directory/api';
import { World, basic } from './support.ts';
import type { Acceptors, Answer } from './support.ts';

let world: World;
afterEach(() => world.close());

/** A host with one route that says who asks. */
async function start(config: object = {}, acceptors: Acceptors = {}): Promise<void> {
  world = await World.started(config, acceptors);
  await world.host.routes((app) => {
    app.get('/me', { onRequest: world.host.authenticate }, (request) => {
      const identity = world.host.identityOf(request);
      return `${identity?.user.aor} by ${identity?.scheme}`;
    });
  });
}

const me = (authorization?: string, more: Record<string, string> = {}): Promise<Answer> =>
  world.ask('/me', { headers: authorization === undefined ? more : { authorization, ...more } });

describe('Basic', () => {
  test.each([
    ['the address', 'alice@example.com', 'Wonderland 7', 'alice@example.com'],
    ['a domain and name', 'EXAMPLE\\alice', 'Wonderland 7', 'alice@example.com'],
    ['the bare name', 'alice', 'Wonderland 7', 'alice@example.com'],
    ['a password with a colon and an umlaut', 'bob', 'Bäcker:88', 'bob@example.com'],
  ])('lets a user in by %s', async (_name, login, password, aor) => {
    await start();
    const { status, body } = await me(basic(login, password));
    expect([status, body]).toEqual([200, `${aor} by Basic`]);
    expect(world.attempts.calls).toEqual([`succeeded 127.0.0.1 id-${aor.slice(0, aor.indexOf('@'))}`]);
  });

  test('is offered when nothing else is, and never covers a connection', async () => {
    await start();
    expect(await me()).toMatchObject({ status: 401, challenges: ['Basic realm="uc.example.com", charset="UTF-8"'], body: '' });
    expect((await me(basic('alice', 'Wonderland 7'))).status).toBe(200);
    expect((await me()).status).toBe(401);
  });

  test('a wrong password and an unknown user get the same answer, and count', async () => {
    await start();
    const wrong = await me(basic('alice', 'wrong'));
    const unknown = await me(basic('Mallory', 'wrong'));
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.headers['x-ms-diagnostics']).toBe(unknown.headers['x-ms-diagnostics']);
    expect(wrong.challenges).toEqual(unknown.challenges);
    expect(world.attempts.calls).toEqual(['failed 127.0.0.1 id-alice', 'failed 127.0.0.1 mallory']);
  });

  test('MS-OCAUTHWS: a failure says so in X-Ms-diagnostics', async () => {
    await start();
    expect((await me(basic('alice', 'wrong'))).headers['x-ms-diagnostics']).toMatch(
      /^\d+;source="uc\.example\.com";reason="[^"]+";faultcode="wsse:FailedAuthentication"$/,
    );
  });

  test('MS-OCAUTHWS R16: beyond the limits nothing is judged any more, right or wrong', async () => {
    await start();
    world.attempts.refused.add('id-alice');
    for (const password of ['wrong', 'Wonderland 7']) {
      const { status, headers } = await me(basic('alice', password));
      expect([status, headers['retry-after']]).toEqual([503, '30']);
    }
    expect(world.attempts.calls).toEqual([]);
  });

  test('a disabled user is not let in, and it counts as no guess', async () => {
    await start();
    expect((await me(basic('carol', 'Carrots 9'))).status).toBe(401);
    expect(world.attempts.calls).toEqual([]);
    expect(world.log.lines.find(({ message }) => message.includes('parley user enable'))?.fields).toMatchObject({ cause: 'disabled' });
  });

  test('can be switched off', async () => {
    await start({ authentication: { basic: false } });
    const { status, challenges } = await me(basic('alice', 'Wonderland 7'));
    expect([status, challenges]).toEqual([401, []]);
  });

  test.each(['Basic', 'Basic !!!', 'Basic bm9jb2xvbg==', `Basic ${'QUJD'.repeat(600)}`, 'Bearer abc', 'x'.repeat(500), ''])(
    'refuses credentials that cannot be read: %s',
    async (authorization) => {
      await start();
      expect((await me(authorization)).status).toBe(401);
      expect(world.attempts.calls).toEqual([]);
    },
  );

  test('nobody is asked for a password without TLS', async () => {
    world = await World.started({ plain: { host: '127.0.0.1', port: 0 } });
    await world.host.plainRoutes((app) => void app.get('/me', { onRequest: world.host.authenticate }, () => 'in'));
    const { status, challenges } = await world.ask('/me', { plain: true, headers: { authorization: basic('alice', 'Wonderland 7') } });
    expect([status, challenges]).toEqual([403, []]);
  });
});

describe('Negotiate', () => {
  const acceptor = (): KerberosAcceptor => ({
    accept: (token, service) => {
      const name = token.toString();
      const user = world.directory.findByAor(`${name}@example.com`) as User;
      if (name === 'forged') return { kind: 'refused', cause: 'credentials', detail: 'the ticket is for another key' };
      if (service !== 'HTTP' || !user.enabled)
        return { kind: 'refused', cause: 'disabled', account: user.id, detail: `${user.aor} is disabled` };
      return { kind: 'accepted', user, principal: name, expiresAt: world.clock.now() + 120_000, reply: Buffer.from('mutual') };
    },
  });
  const negotiate = (name: string): string => `Negotiate ${Buffer.from(name).toString('base64')}`;

  test('a ticket for HTTP lets its user in, and covers the connection', async () => {
    await start({}, { kerberos: acceptor() });
    expect((await me()).challenges).toEqual(['Negotiate', 'Basic realm="uc.example.com", charset="UTF-8"']);
    const first = await me(negotiate('alice'));
    expect([first.status, first.body]).toEqual([200, 'alice@example.com by Negotiate']);
    expect(first.challenges).toEqual([negotiate('mutual')]);
    expect((await me()).body).toBe('alice@example.com by Negotiate');
    world.hangUp();
    expect((await me()).status).toBe(401);
  });

  test('the connection is covered while the ticket counts, the user is enabled and the password is the same', async () => {
    await start({}, { kerberos: acceptor() });
    await me(negotiate('alice'));
    world.directory.change('alice', { enabled: false });
    expect((await me()).status).toBe(401);
    world.directory.change('alice', {});
    expect((await me()).status).toBe(401);
    await me(negotiate('alice'));
    world.directory.change('alice', { passwordChangedAt: 2 });
    expect((await me()).status).toBe(401);
    await me(negotiate('alice'));
    world.clock.advance(119_999);
    expect((await me()).status).toBe(200);
    world.clock.advance(1);
    expect((await me()).status).toBe(401);
  });

  test('a failed sign-in ends what the connection was covered by', async () => {
    await start({}, { kerberos: acceptor() });
    await me(negotiate('alice'));
    expect((await me(negotiate('forged'))).status).toBe(401);
    expect((await me()).status).toBe(401);
  });

  test('nothing is remembered of connections that a proxy shares', async () => {
    await start({ proxies: ['127.0.0.1'] }, { kerberos: acceptor() });
    expect((await me(negotiate('alice'), { 'x-forwarded-for': '198.51.100.7' })).status).toBe(200);
    expect(world.attempts.calls).toEqual(['succeeded 198.51.100.7 id-alice']);
    expect((await me()).status).toBe(401);
  });

  test('can be switched off', async () => {
    await start({ authentication: { negotiate: false } }, { kerberos: acceptor() });
    expect((await me(negotiate('alice'))).challenges).toEqual(['Basic realm="uc.example.com", charset="UTF-8"']);
  });
});

describe('NTLM', () => {
  /** Challenges with a number, and takes `number name` back. */
  const acceptor = (): NtlmAcceptor => {
    let challenges = 0;
    return {
      begin: () => {
        const challenge = `challenge ${++challenges}`;
        return {
          challenge: () => message(2, challenge),
          authenticate: (token) => {
            const [answered = '', name = ''] = token.subarray(12).toString().split(';');
            const user = world.directory.findByAor(`${name}@example.com`);
            const account = user?.id ?? name;
            if (user === undefined || answered !== challenge)
              return { failure: { cause: 'credentials', account, detail: 'the response is wrong' } };
            return user.enabled ? { user } : { failure: { cause: 'disabled', account, detail: 'disabled' } };
          },
        };
      },
    };
  };
  const message = (type: number, text: string): Buffer =>
    Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.of(type, 0, 0, 0), Buffer.from(text)]);
  const leg = (type: number, text: string, scheme = 'NTLM'): string => `${scheme} ${message(type, text).toString('base64')}`;
  const challengeIn = ({ challenges: [only = ''] }: Answer): string =>
    Buffer.from(only.split(' ')[1] ?? '', 'base64')
      .subarray(12)
      .toString();

  test('MS-OCAUTHWS R4: the handshake is bound to its connection, and covers it from then on', async () => {
    await start({}, { ntlm: acceptor() });
    expect((await me()).challenges).toEqual(['NTLM', 'Basic realm="uc.example.com", charset="UTF-8"']);
    const second = await me(leg(1, ''));
    expect([second.status, second.challenges.length, challengeIn(second)]).toEqual([401, 1, 'challenge 1']);
    const third = await me(leg(3, 'challenge 1;alice'));
    expect([third.status, third.body]).toEqual([200, 'alice@example.com by NTLM']);
    expect((await me()).body).toBe('alice@example.com by NTLM');
    world.clock.advance(600_000);
    expect((await me()).status).toBe(401);
  });

  test('MS-OCAUTHWS R4: the body is sent again with each leg', async () => {
    await start({}, { ntlm: acceptor() });
    await world.host.routes((app) => void app.post('/said', { onRequest: world.host.authenticate }, ({ body }) => String(body)));
    const say = (authorization: string): Promise<Answer> =>
      world.ask('/said', { method: 'POST', headers: { authorization, 'content-type': 'text/xml' }, body: `<a>${'x'.repeat(100_000)}</a>` });
    const first = await say(leg(1, ''));
    const second = await say(leg(3, `${challengeIn(first)};bob`));
    expect([first.status, second.status, second.body.length]).toEqual([401, 200, 100_007]);
    expect(second.localPort).toBe(first.localPort);
  });

  test('an answer on another connection answers nothing', async () => {
    await start({}, { ntlm: acceptor() });
    await me(leg(1, ''));
    world.hangUp();
    expect((await me(leg(3, 'challenge 1;alice'))).status).toBe(401);
    expect(world.attempts.calls).toEqual([]);
  });

  test('an answer is good once, and not after a minute', async () => {
    await start({}, { ntlm: acceptor() });
    await me(leg(1, ''));
    expect((await me(leg(3, 'challenge 1;mallory'))).status).toBe(401);
    expect(world.attempts.calls).toEqual(['failed 127.0.0.1 mallory']);
    expect((await me(leg(3, 'challenge 1;alice'))).status).toBe(401);
    await me(leg(1, ''));
    world.clock.advance(60_000);
    expect((await me(leg(3, 'challenge 2;alice'))).status).toBe(401);
  });

  test('a connection that signs in as somebody else is that user’s', async () => {
    await start({}, { ntlm: acceptor() });
    await me(leg(1, ''));
    await me(leg(3, 'challenge 1;alice'));
    await me(leg(1, ''));
    expect((await me(leg(3, 'challenge 2;bob'))).body).toBe('bob@example.com by NTLM');
    expect((await me()).body).toBe('bob@example.com by NTLM');
  });

  test('is not offered through a proxy, whose connections carry many people’s requests', async () => {
    await start({ proxies: ['127.0.0.1'] }, { ntlm: acceptor() });
    expect((await me()).challenges).toEqual(['Basic realm="uc.example.com", charset="UTF-8"']);
    expect((await me(leg(1, ''))).challenges).toHaveLength(1);
  });

  test('may come under the name Negotiate', async () => {
    const kerberos: KerberosAcceptor = { accept: () => ({ kind: 'refused', cause: 'unsupported', detail: 'no ticket' }) };
    await start({}, { ntlm: acceptor(), kerberos });
    expect((await me()).challenges.slice(0, 2)).toEqual(['Negotiate', 'NTLM']);
    expect(challengeIn(await me(leg(1, '', 'Negotiate')))).toBe('challenge 1');
    expect((await me(leg(3, 'challenge 1;alice', 'Negotiate'))).body).toBe('alice@example.com by Negotiate');
  });

  test.each(['NTLM', 'NTLM AAAA', leg(2, ''), leg(9, '')])('refuses what is no NTLM message that fits: %s', async (authorization) => {
    await start({}, { ntlm: acceptor() });
    expect((await me(authorization)).status).toBe(401);
    expect(world.attempts.calls).toEqual([]);
  });
});
