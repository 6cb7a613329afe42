import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import pki from '@parley/plugin-pki';
import { Pki } from '@parley/plugin-pki/api';
import { Web } from '../src/api.ts';
import { serving } from './serving.ts';

const PLAIN = { plain: { host: '127.0.0.1', port: 0 } };

describe('routes', () => {
  test('come and go with those who registered them, while the host runs', async () => {
    const { client, host } = await serving();
    expect((await client.get('/one')).status).toBe(404);
    const one = await host.routes((app) => void app.get('/One', () => 'first'));
    const two = await host.routes((app) => void app.get('/two', () => 'second'));
    expect([(await client.get('/oNE')).body, (await client.get('/two?x=1')).body]).toEqual(['first', 'second']);
    await one();
    expect([(await client.get('/one')).status, (await client.get('/two')).body]).toEqual([404, 'second']);
    await two();
    expect((await client.get('/two')).status).toBe(404);
  });

  test('a route that is there already is refused, and nothing changes', async () => {
    const { client, host } = await serving();
    await host.routes((app) => void app.get('/one', () => 'first'));
    await expect(host.routes((app) => void app.get('/one', () => 'other'))).rejects.toThrow(/cannot be added/);
    expect((await client.get('/one')).body).toBe('first');
  });

  test('what is answered late is answered though routes changed meanwhile', async () => {
    const { client, host } = await serving();
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    await host.routes((app) => {
      app.get('/slow', () => {
        arrived.resolve();
        return answer.promise;
      });
    });
    const slow = client.get('/slow');
    await arrived.promise;
    await host.routes((app) => void app.get('/two', () => 'second'));
    answer.resolve('late');
    expect((await slow).body).toBe('late');
  });

  test('a missing route is 503 while the server starts', async () => {
    let early: IncomingMessage | undefined;
    const eager = definePlugin({
      name: 'eager',
      summary: 'Asks before the server is up',
      config: z.strictObject({}),
      requires: [Web],
      root: new URL('.', import.meta.url),
      async setup(scope) {
        const { port } = scope.resolve(Web);
        const sent = request({ host: '127.0.0.1', port, path: '/later', rejectUnauthorized: false }).end();
        early = await new Promise<IncomingMessage>((resolve, reject) => sent.on('response', resolve).on('error', reject));
        early.resume();
      },
    });
    await serving({}, { plugins: [eager()] });
    expect([early?.statusCode, early?.headers['retry-after']]).toEqual([503, '2']);
  });

  test('MS-OCAUTHWS R17: connections are kept, answers say how long they are, and no POST is sent elsewhere', async () => {
    const { client, host } = await serving();
    await host.routes((app) => {
      app.post('/open', () => 'done');
      app.post('/protected', { preHandler: (asked, reply) => host.authenticate(asked, reply) }, () => 'never');
    });
    const answers = [await client.post('/open', '<a/>'), await client.post('/protected', '<a/>'), await client.post('/open', '<a/>')];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(new Set(answers.map(({ connection }) => connection)).size).toBe(1);
    for (const { headers, body } of answers) expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    for (const path of ['/open/', '/missing', '//open']) expect((await client.post(path, '<a/>')).status, path).toBe(404);
  });

  test('XML arrives as bytes', async () => {
    const { client, host } = await serving();
    await host.routes((app) => void app.post('/x', ({ body }) => String(Buffer.isBuffer(body) && body)));
    expect((await client.post('/x', '<a/>')).body).toBe('<a/>');
  });

  test('the plain listener has its own routes alone', async () => {
    const { client, host } = await serving(PLAIN);
    await host.routes((app) => void app.get('/secret', () => 'secret'));
    await host.plainRoutes((app) => void app.get('/public', () => 'public'));
    expect((await client.ask('/secret', { plain: true })).status).toBe(404);
    expect((await client.ask('/public', { plain: true })).body).toBe('public');
    expect((await client.get('/public')).status).toBe(404);
  });
});

describe('what every answer has', () => {
  test('security headers, and no name of the software', async () => {
    const { headers } = await (await serving({ hstsSeconds: 600 })).client.get('/');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=600',
    });
    expect(Object.keys(headers)).not.toContain('x-powered-by');
    expect(Object.keys(headers)).not.toContain('server');
  });

  test('an error of a service is for the log alone', async () => {
    const { client, host, server } = await serving();
    await host.routes((app) => {
      app.get('/broken', () => {
        throw new Error('the password is secret');
      });
    });
    const { status, body } = await client.get('/broken');
    expect(status).toBe(500);
    expect(body).toMatch(/^Internal Server Error, reference \S+\n$/);
    expect(server.log).toContainEqual(expect.objectContaining({ msg: 'a web service failed', path: '/broken' }));
  });

  test('a line in the log, without what the query says', async () => {
    const { client, server } = await serving();
    await client.get('/where?sipuri=alice@example.com');
    const line = await server.until(() => server.log.find(({ msg }) => msg === 'web request'));
    expect(line).toMatchObject({ method: 'GET', path: '/where', status: 404, address: '127.0.0.1' });
    expect(JSON.stringify(server.log)).not.toContain('sipuri');
  });

  test('a counter and the connections', async () => {
    const { client, server } = await serving();
    await client.get('/');
    await server.until(() => server.figure('parley_web_responses_total{status="4xx"}') || undefined);
    expect(server.figure('parley_web_responses_total{status="4xx"}')).toBe(1);
    expect(server.figure('parley_web_connections')).toBe(1);
    expect((await server.command('health')).rows).toContainEqual(
      expect.objectContaining({ plugin: 'web', name: 'listening', state: 'ok' }),
    );
  });
});

describe('limits', () => {
  test('a body that is too large is 413, and the connection ends', async () => {
    const { client, host } = await serving({ limits: { bodyBytes: 1024 } });
    await host.routes((app) => void app.post('/x', () => 'taken'));
    const { status, headers } = await client.post('/x', 'x'.repeat(1025));
    expect([status, headers.connection]).toEqual([413, 'close']);
    expect((await client.post('/x', 'x'.repeat(1024))).body).toBe('taken');
  });

  test('a body of another kind is 415', async () => {
    const { client, host } = await serving();
    await host.routes((app) => void app.post('/x', () => 'taken'));
    expect((await client.post('/x', 'x', { 'content-type': 'image/png' })).status).toBe(415);
  });

  test('headers that are too large are 431', async () => {
    const { client } = await serving({ limits: { headerBytes: 8192 } });
    expect((await client.get('/', { authorization: `NTLM ${'A'.repeat(9000)}` })).status).toBe(431);
  });

  test('one address may have so many connections', async () => {
    const { client, host } = await serving({ limits: { connectionsPerAddress: 1 } });
    expect((await client.get('/')).status).toBe(404);
    const closed = new Promise<string>((resolve) => {
      const socket = connect(host.port ?? 0, '127.0.0.1', () => undefined);
      socket.on('close', () => resolve('closed')).on('error', () => undefined);
    });
    expect(await closed).toBe('closed');
    expect((await client.get('/')).status).toBe(404);
  });
});

test('a renewed certificate is what new connections get; open ones stay', async () => {
  const { client, server } = await serving();
  const before = await client.get('/');
  await using other = await testServer({ plugins: [pki()] });
  const { cert, key } = other.find(Pki).tls();
  writeFileSync(server.file('given.pem'), cert);
  writeFileSync(server.file('given.key'), key);
  await server.advance('10s');
  const same = await client.get('/');
  client.hangUp();
  const after = await client.get('/');
  const fingerprint = (from: typeof server): string | undefined => from.find(Pki).status()[0]?.fingerprint;
  expect([same.connection === before.connection, after.connection === before.connection]).toEqual([true, false]);
  expect(after.certificate).not.toBe(before.certificate);
  expect([fingerprint(server), fingerprint(other)]).toEqual([after.certificate, after.certificate]);
});

test('an address that is taken is named', async () => {
  const { host } = await serving();
  await expect(serving({ port: host.port ?? 0 })).rejects.toMatchObject({ cause: { code: 'WEB_ADDRESS' } });
});

describe('names', () => {
  test('default to the name of the server and the port that was bound', async () => {
    const { host } = await serving();
    expect(host.baseUrl).toBe(`https://uc.example.com:${host.port}`);
    expect(host.externalUrl).toBe(host.baseUrl);
  });

  test('MS-OCDISCWS R6: what comes by an external name or through a proxy is external', async () => {
    const { client, host } = await serving({
      internalUrl: 'https://uc.example.com',
      externalUrl: 'https://ucext.example.com',
      proxies: ['127.0.0.9'],
    });
    await host.routes((app) => void app.get('/o', (asked) => `${host.originOf(asked)} ${host.urlFor(asked)}`));
    const by = async (name: string): Promise<string> => (await client.get(`https://${name}/o`)).body;
    expect(await by('uc.example.com')).toBe('internal https://uc.example.com');
    expect(await by('UCext.example.com:443')).toBe('external https://ucext.example.com');
    expect(await by('lyncdiscover.example.com')).toBe('external https://ucext.example.com');
    expect(await by('LyncDiscoverInternal.example.com')).toBe('internal https://uc.example.com');
  });

  test('X-Forwarded-For is believed of configured proxies alone, and of those the last word', async () => {
    const seen = async (proxies: string[]): Promise<string> => {
      const { client, host } = await serving({ proxies });
      await host.routes((app) => void app.get('/a', (asked) => `${host.addressOf(asked)} ${host.originOf(asked)}`));
      return (await client.get('/a', { 'x-forwarded-for': '203.0.113.1, nonsense, 198.51.100.7, 10.1.2.3' })).body;
    };
    expect(await seen([])).toBe('127.0.0.1 internal');
    expect(await seen(['127.0.0.0/8', '10.0.0.0/8'])).toBe('198.51.100.7 external');
  });
});
