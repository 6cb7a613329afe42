import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SECOND } from './certificates.ts';
import { World } from './support.ts';

let world: World;
afterEach(() => world.close());

describe('routes', () => {
  test('come and go with those who registered them, while the host runs', async () => {
    world = await World.started();
    expect((await world.ask('/one')).status).toBe(404);
    const one = await world.host.routes((app) => void app.get('/One', () => 'first'));
    const two = await world.host.routes((app) => void app.get('/two', () => 'second'));
    expect([(await world.ask('/oNE')).body, (await world.ask('/two?x=1')).body]).toEqual(['first', 'second']);
    await one();
    expect([(await world.ask('/one')).status, (await world.ask('/two')).body]).toEqual([404, 'second']);
    await two();
    expect((await world.ask('/two')).status).toBe(404);
  });

  test('a route that is there already is refused, and nothing changes', async () => {
    world = await World.started();
    await world.host.routes((app) => void app.get('/one', () => 'first'));
    await expect(world.host.routes((app) => void app.get('/one', () => 'other'))).rejects.toThrow(/cannot be added/);
    expect((await world.ask('/one')).body).toBe('first');
  });

  test('what is answered late is answered though routes changed meanwhile', async () => {
    world = await World.started();
    let answer: (text: string) => void = () => undefined;
    let asked: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    await world.host.routes((app) => {
      app.get('/slow', () => {
        asked();
        return new Promise<string>((resolve) => (answer = resolve));
      });
    });
    const slow = world.ask('/slow');
    await arrived;
    await world.host.routes((app) => void app.get('/two', () => 'second'));
    answer('late');
    expect((await slow).body).toBe('late');
  });

  test('a missing route is 503 while the server starts', async () => {
    world = new World();
    world.listeners.length = 0;
    await world.host.start();
    const { status, headers } = await world.ask('/later');
    expect([status, headers['retry-after']]).toEqual([503, '2']);
  });

  test('MS-OCAUTHWS R17: connections are kept, answers say how long they are, and no POST is sent elsewhere', async () => {
    world = await World.started();
    await world.host.routes((app) => {
      app.post('/open', () => 'done');
      app.post('/protected', { preHandler: (request, reply) => world.host.authenticate(request, reply) }, () => 'never');
    });
    const post = { method: 'POST', headers: { 'content-type': 'text/xml; charset=utf-8' }, body: '<a/>' };
    const answers = [await world.ask('/open', post), await world.ask('/protected', post), await world.ask('/open', post)];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(new Set(answers.map(({ localPort }) => localPort)).size).toBe(1);
    for (const { headers, body } of answers) expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    for (const path of ['/open/', '/missing', '//open']) expect((await world.ask(path, post)).status, path).toBe(404);
  });

  test('XML arrives as bytes', async () => {
    world = await World.started();
    await world.host.routes((app) => void app.post('/x', (request) => String(Buffer.isBuffer(request.body) && request.body)));
    const { body } = await world.ask('/x', { method: 'POST', headers: { 'content-type': 'text/xml; charset=utf-8' }, body: '<a/>' });
    expect(body).toBe('<a/>');
  });

  test('the plain listener has its own routes alone', async () => {
    world = await World.started({ plain: { host: '127.0.0.1', port: 0 } });
    await world.host.routes((app) => void app.get('/secret', () => 'secret'));
    await world.host.plainRoutes((app) => void app.get('/public', () => 'public'));
    expect((await world.ask('/secret', { plain: true })).status).toBe(404);
    expect((await world.ask('/public', { plain: true })).body).toBe('public');
    expect((await world.ask('/public')).status).toBe(404);
  });
});

describe('what every answer has', () => {
  test('security headers, and no name of the software', async () => {
    world = await World.started({ hstsSeconds: 600 });
    const { headers } = await world.ask('/');
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
    world = await World.started();
    await world.host.routes((app) => {
      app.get('/broken', () => {
        throw new Error('the password is secret');
      });
    });
    const { status, body } = await world.ask('/broken');
    expect(status).toBe(500);
    expect(body).toMatch(/^Internal Server Error, reference \S+\n$/);
    const line = world.log.lines.find(({ level }) => level === 'error');
    expect(line?.fields).toMatchObject({ path: '/broken' });
  });

  test('a line in the log, without what the query says', async () => {
    world = await World.started();
    await world.ask('/where?sipuri=alice@example.com');
    expect(world.log.lines.at(-1)).toMatchObject({
      message: 'web request',
      fields: { method: 'GET', path: '/where', status: 404, address: '127.0.0.1' },
    });
  });

  test('a counter and the connections', async () => {
    world = await World.started();
    await world.ask('/');
    expect(world.host.traffic.responseSamples()).toContainEqual({ labels: { status: '4xx' }, value: 1 });
    expect(world.host.connections).toBe(1);
    expect(world.host.health().state).toBe('ok');
  });
});

describe('limits', () => {
  test('a body that is too large is 413, and the connection ends', async () => {
    world = await World.started({ limits: { bodyBytes: 1024 } });
    await world.host.routes((app) => void app.post('/x', () => 'taken'));
    const body = 'x'.repeat(1025);
    const { status, headers } = await world.ask('/x', { method: 'POST', headers: { 'content-type': 'text/xml' }, body });
    expect([status, headers.connection]).toEqual([413, 'close']);
    expect((await world.ask('/x', { method: 'POST', headers: { 'content-type': 'text/xml' }, body: body.slice(1) })).body).toBe('taken');
  });

  test('a body of another kind is 415', async () => {
    world = await World.started();
    await world.host.routes((app) => void app.post('/x', () => 'taken'));
    expect((await world.ask('/x', { method: 'POST', headers: { 'content-type': 'image/png' }, body: 'x' })).status).toBe(415);
  });

  test('headers that are too large are 431', async () => {
    world = await World.started({ limits: { headerBytes: 8192 } });
    expect((await world.ask('/', { headers: { authorization: `NTLM ${'A'.repeat(9000)}` } })).status).toBe(431);
  });

  test('one address may have so many connections', async () => {
    world = await World.started({ limits: { connectionsPerAddress: 1 } });
    expect((await world.ask('/')).status).toBe(404);
    const closed = new Promise<string>((resolve) => {
      const socket = connect(world.port, '127.0.0.1', () => undefined);
      socket.on('close', () => resolve('closed')).on('error', () => undefined);
    });
    expect(await closed).toBe('closed');
    expect((await world.ask('/')).status).toBe(404);
  });
});

test('a renewed certificate is what new connections get; open ones stay', async () => {
  world = await World.started();
  const before = await world.ask('/');
  world.material = SECOND;
  world.renewed();
  const same = await world.ask('/');
  world.hangUp();
  const after = await world.ask('/');
  expect([before.certificate, after.certificate]).toEqual(['uc.example.com', 'renewed.example.com']);
  expect([same.localPort === before.localPort, after.localPort === before.localPort]).toEqual([true, false]);
});

test('an address that is taken is named', async () => {
  world = await World.started();
  const second = new World({ port: world.port });
  await expect(second.host.start()).rejects.toMatchObject({ code: 'WEB_ADDRESS' });
  await second.close();
});

describe('names', () => {
  test('default to the name of the server and the port that was bound', async () => {
    world = await World.started();
    expect(world.host.baseUrl).toBe(`https://uc.example.com:${world.port}`);
    expect(world.host.externalUrl).toBe(world.host.baseUrl);
  });

  test('MS-OCDISCWS R6: what comes by an external name or through a proxy is external', async () => {
    world = await World.started({
      internalUrl: 'https://uc.example.com',
      externalUrl: 'https://ucext.example.com',
      proxies: ['127.0.0.9'],
    });
    await world.host.routes((app) => void app.get('/o', (request) => `${world.host.originOf(request)} ${world.host.urlFor(request)}`));
    const by = async (host: string): Promise<string> => (await world.ask('/o', { headers: { host } })).body;
    expect(await by('uc.example.com')).toBe('internal https://uc.example.com');
    expect(await by('UCext.example.com:443')).toBe('external https://ucext.example.com');
    expect(await by('lyncdiscover.example.com')).toBe('external https://ucext.example.com');
    expect(await by('LyncDiscoverInternal.example.com')).toBe('internal https://uc.example.com');
  });

  test('X-Forwarded-For is believed of configured proxies alone, and of those the last word', async () => {
    const seen = async (config: object): Promise<string> => {
      world = await World.started(config);
      await world.host.routes((app) => void app.get('/a', (request) => `${world.host.addressOf(request)} ${world.host.originOf(request)}`));
      const { body } = await world.ask('/a', { headers: { 'x-forwarded-for': '203.0.113.1, nonsense, 198.51.100.7, 10.1.2.3' } });
      return body;
    };
    expect(await seen({})).toBe('127.0.0.1 internal');
    await world.close();
    expect(await seen({ proxies: ['127.0.0.0/8', '10.0.0.0/8'] })).toBe('198.51.100.7 external');
  });
});
