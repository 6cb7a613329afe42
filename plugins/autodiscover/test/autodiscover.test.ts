import { beforeEach, describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import type { TestServer, WebAnswer } from '@parley/sdk/testkit';
import { ask, move, serving, ticketOf } from './serving.ts';
import type { Ask } from './serving.ts';

const ROOT = '/autodiscover/autodiscoverservice.svc/root';
let server: TestServer;
beforeEach(async () => {
  server = await serving();
});

const get = (path: string, host?: string, how?: Ask): Promise<WebAnswer> => ask(server, path, host, how);
const read = ({ body }: WebAnswer): XmlElement => parseXml(body).root;
const links = (answer: WebAnswer): Record<string, string> => {
  const [resource] = read(answer).elements;
  return Object.fromEntries((resource?.all('Link') ?? []).map((link) => [link.attribute('token') ?? '', link.attribute('href') ?? '']));
};

describe('the root', () => {
  test.each([
    ['/', 'LyncDiscoverInternal.example.com', 'Internal', 'https://uc.example.com'],
    ['/', 'lyncdiscover.example.com:8443', 'External', 'https://ucext.example.com'],
    ['/Autodiscover/AutodiscoverService.svc/Root', 'uc.example.com', 'Internal', 'https://uc.example.com'],
  ])('MS-OCDISCWS R1, R6: is at %s of %s', async (path, host, location, base) => {
    const answer = await get(`${path}?sipuri=alice@example.com`, host);
    expect(answer.status).toBe(200);
    expect(read(answer).attribute('AccessLocation')).toBe(location);
    expect(links(answer)).toEqual({
      Domain: `${base}/Autodiscover/AutodiscoverService.svc/root/domain`,
      User: `${base}/Autodiscover/AutodiscoverService.svc/root/user?sipuri=alice@example.com`,
      Self: `${base}/Autodiscover/AutodiscoverService.svc/root`,
    });
  });

  test('MS-OCDISCWS R1: / of other names is for others', async () => {
    expect((await get('/', 'uc.example.com')).status).toBe(404);
  });

  test('MS-OCDISCWS R5: XML has the type that clients look for, and no namespace', async () => {
    const answer = await get(ROOT);
    expect(answer.headers['content-type']).toBe('application/vnd.microsoft.rtc.autodiscover+xml; v=1');
    expect([read(answer).local, read(answer).namespace, read(answer).elements[0]?.local]).toEqual(['AutodiscoverResponse', '', 'Root']);
  });

  test('MS-OCDISCWS R2: without TLS there is one link, to HTTPS, in a document', async () => {
    const answer = await get('/?sipuri=alice@example.com', 'lyncdiscover.example.com', { plain: true });
    expect(answer.status).toBe(200);
    expect(links(answer)).toEqual({
      Redirect: 'https://ucext.example.com/Autodiscover/AutodiscoverService.svc/root?sipuri=alice@example.com',
    });
    for (const path of [ROOT, `${ROOT}/user`, `${ROOT}/domain`]) {
      expect(Object.keys(links(await get(path, 'uc.example.com', { plain: true })))).toEqual(['Redirect']);
    }
  });

  test('MS-OCDISCWS R4: tells nobody who exists', async () => {
    const [alice, nobody] = [await get(`${ROOT}?sipuri=alice@example.com`), await get(`${ROOT}?sipuri=alicf@example.com`)];
    expect(nobody.body).toBe(alice.body.replaceAll('alice', 'alicf'));
    expect((await get(ROOT)).status).toBe(200);
  });

  test('MS-OCDISCWS R3: a domain that is elsewhere gets one link there, once', async () => {
    server = await serving({ redirects: { 'example.net': 'https://other.example.net/Autodiscover/AutodiscoverService.svc/root' } });
    const answer = await get(`${ROOT}?sipuri=carol@Example.NET`);
    const there = 'https://other.example.net/Autodiscover/AutodiscoverService.svc/root?sipuri=carol@Example.NET&redirected=1';
    expect(links(answer)).toEqual({ Redirect: there });
    const back = await get(`${ROOT}?sipuri=carol@example.net&redirected=1`);
    expect(Object.keys(links(back))).toEqual(['Domain', 'User', 'Self']);
  });

  test('a redirect to this server itself is refused before it starts', async () => {
    const redirects = { 'example.net': 'https://UCext.example.com:443/Autodiscover/AutodiscoverService.svc/root' };
    await expect(serving({ redirects })).rejects.toMatchObject({
      cause: { code: 'AUTODISCOVER_LOOP', place: 'redirects.example.net' },
    });
    await expect(serving({ homes: { fe2: 'https://uc.example.com/x' } })).rejects.toThrow(/this server/);
  });

  test.each([
    ['alice@example.com', 'alice@example.com'],
    ['sip:alice@example.com', 'alice@example.com'],
    ['sip%3Aalice%40example.com', 'alice@example.com'],
    ['%2B14255550100@example.com', '%2B14255550100@example.com'],
    ['+14255550100@example.com', '%2B14255550100@example.com'],
    ['al%26ice@example.com', 'al%26ice@example.com'],
  ])('takes sipuri=%s', async (query, written) => {
    expect(links(await get(`${ROOT}?sipuri=${query}`))['User']).toMatch(new RegExp(`\\?sipuri=${written.replace('+', '\\+')}$`));
  });

  test.each([
    'alice',
    '%ff',
    'a%20b@example.com',
    '<a>@example.com',
    'alice@exa%00mple.com',
    `${'a'.repeat(460)}@example.com`,
    '@',
    'a@b@c',
  ])('answers 400 to sipuri=%s', async (query) => {
    expect((await get(`${ROOT}?sipuri=${query}`)).status).toBe(400);
  });

  test('MS-OCDISCWS R15: JSON is what everybody else gets', async () => {
    for (const accept of ['application/json', '*/*', 'text/html', '']) {
      const { headers, body } = await get(`${ROOT}?sipuri=alice@example.com`, 'uc.example.com', { accept });
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      const user = 'https://uc.example.com/Autodiscover/AutodiscoverService.svc/root/user?sipuri=alice@example.com';
      expect(JSON.parse(body)).toMatchObject({ _links: { user: { href: user } } });
    }
  });

  test('JSON has the names of the XML for those who ask for that', async () => {
    const accept = 'application/vnd.microsoft.rtc.autodiscover+json;v=1';
    const { headers, body } = await get(ROOT, 'uc.example.com', { accept });
    expect(headers['content-type']).toBe('application/vnd.microsoft.rtc.autodiscover+json; v=1');
    expect(JSON.parse(body)).toMatchObject({
      AccessLocation: 'Internal',
      Root: { Links: [{ token: 'Domain' }, { token: 'User' }, { token: 'Self' }] },
    });
  });

  test('MS-OCDISCWS R16: nothing is cached', async () => {
    for (const path of [ROOT, `${ROOT}/user`, `${ROOT}/domain`]) {
      const { headers } = await get(path);
      expect([headers['cache-control'], headers['expires']]).toEqual(['no-cache', '-1']);
    }
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('MS-OCDISCWS R17: %s is 405', async (method) => {
    for (const path of [ROOT, `${ROOT}/user`, `${ROOT}/domain`]) {
      const { status, headers } = await get(path, 'uc.example.com', { method });
      expect([status, headers['allow']]).toEqual([405, 'GET']);
    }
    expect((await get('/', 'lyncdiscover.example.com', { method })).status).toBe(405);
  });
});

describe('the user', () => {
  const PATH = `${ROOT}/user?sipuri=alice@example.com`;
  const user = async (name: string, path = PATH): Promise<WebAnswer> => get(path, undefined, { ticket: await ticketOf(server, name) });

  test('MS-OCDISCWS R7: without a ticket: where to get one, and no other challenge', async () => {
    const { status, headers } = await get(PATH);
    expect([status, headers['x-ms-webticketurl'], headers['www-authenticate']]).toEqual([
      401,
      'https://uc.example.com/WebTicket/WebTicketService.svc',
      undefined,
    ]);
    expect((await get(PATH, undefined, { ticket: 'opaque=AAAA' })).status).toBe(401);
  });

  test('MS-OCDISCWS R8, R12, R18: with a ticket, which is to be had for its URL: where to connect, inside and outside', async () => {
    const answer = await user('alice');
    expect(answer.status).toBe(200);
    const [found] = read(answer).elements;
    const access = found?.elements
      .filter((one) => one.local !== 'Link')
      .map((one) => [one.local, one.attribute('fqdn'), one.attribute('port')]);
    expect(access).toEqual([
      ['SipServerInternalAccess', '192.0.2.1', '5061'],
      ['SipClientInternalAccess', '192.0.2.1', '5061'],
      ['SipServerExternalAccess', '192.0.2.1', '5061'],
      ['SipClientExternalAccess', '192.0.2.1', '5061'],
    ]);
    expect(links(answer)).toEqual({
      'Internal/Autodiscover': 'https://uc.example.com/Autodiscover/AutodiscoverService.svc/root',
      'External/Autodiscover': 'https://ucext.example.com/Autodiscover/AutodiscoverService.svc/root',
      Self: 'https://uc.example.com/Autodiscover/AutodiscoverService.svc/root/user',
    });
  });

  test('the addresses can be configured', async () => {
    server = await serving({ internal: { host: 'pool.example.com', port: 5061 }, external: { host: 'sip.example.com', port: 443 } });
    const [found] = read(await user('alice')).elements;
    expect(found?.child('SipClientInternalAccess')?.attributes.map(({ value }) => value)).toEqual(['pool.example.com', '5061']);
    expect(found?.child('SipClientExternalAccess')?.attributes.map(({ value }) => value)).toEqual(['sip.example.com', '443']);
  });

  test('MS-OCDISCWS R9: a user who is at home elsewhere is sent to the root there', async () => {
    server = await serving({ homes: { fe3: 'https://fe3.example.com:4443/discover' } });
    await move(server, 'alice', 'fe2.example.com');
    const there = 'https://fe2.example.com/Autodiscover/AutodiscoverService.svc/root?sipuri=alice@example.com&redirected=1';
    expect(links(await user('alice'))).toEqual({ Redirect: there });
    await move(server, 'alice', 'fe3');
    expect(links(await user('alice'))).toEqual({ Redirect: 'https://fe3.example.com:4443/discover?sipuri=alice@example.com&redirected=1' });
    await move(server, 'alice', 'UC.example.com');
    expect(Object.keys(links(await user('alice')))).not.toContain('Redirect');
  });

  test('MS-OCDISCWS R10: with no home that is known: 404 without a body', async () => {
    server = await serving({}, { listen: ['tcp'] });
    expect(await user('alice')).toMatchObject({ status: 404, body: '' });
    await move(server, 'alice', 'ucext.example.com');
    expect((await user('alice')).status).toBe(404);
  });

  test('MS-OCDISCWS R11: who the ticket is for decides, not the query', async () => {
    await move(server, 'bob', 'fe2.example.com');
    expect(Object.keys(links(await user('alice', `${ROOT}/user?sipuri=bob@example.com`)))).not.toContain('Redirect');
    expect(Object.keys(links(await user('bob')))).toEqual(['Redirect']);
  });
});

test('MS-OCDISCWS R13: the domain is always there', async () => {
  const answer = await get(`${ROOT}/domain`);
  expect([answer.status, read(answer).elements[0]?.local]).toEqual([200, 'Domain']);
  server = await serving({}, { listen: ['tcp'] });
  expect((await get(`${ROOT}/domain`)).status).toBe(200);
});

test('health: without a TLS listener there is nowhere to send clients to', async () => {
  const health = async (): Promise<unknown> =>
    (await server.command('health')).rows?.find((row) => 'name' in row && row.name === 'sip-access');
  expect(await health()).toMatchObject({ state: 'ok' });
  server = await serving({}, { listen: ['tcp'] });
  expect(await health()).toMatchObject({ state: 'warn' });
});
