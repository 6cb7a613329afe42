import { beforeEach, describe, expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { World } from './support.ts';
import type { Answer } from './support.ts';

const ROOT = '/autodiscover/autodiscoverservice.svc/root';
let world: World;
beforeEach(async () => {
  world = await World.open();
});

const read = ({ body }: Answer): XmlElement => parseXml(body).root;
const links = (answer: Answer): Record<string, string> => {
  const [resource] = read(answer).elements;
  return Object.fromEntries((resource?.all('Link') ?? []).map((link) => [link.attribute('token') ?? '', link.attribute('href') ?? '']));
};

describe('the root', () => {
  test.each([
    ['/', 'LyncDiscoverInternal.example.com', 'Internal', 'https://uc.example.com'],
    ['/', 'lyncdiscover.example.com:8443', 'External', 'https://ucext.example.com'],
    ['/Autodiscover/AutodiscoverService.svc/Root', 'uc.example.com', 'Internal', 'https://uc.example.com'],
  ])('MS-OCDISCWS R1, R6: is at %s of %s', async (path, host, location, base) => {
    const answer = await world.get(`${path}?sipuri=alice@example.com`, host);
    expect(answer.status).toBe(200);
    expect(read(answer).attribute('AccessLocation')).toBe(location);
    expect(links(answer)).toEqual({
      Domain: `${base}/Autodiscover/AutodiscoverService.svc/root/domain`,
      User: `${base}/Autodiscover/AutodiscoverService.svc/root/user?sipuri=alice@example.com`,
      Self: `${base}/Autodiscover/AutodiscoverService.svc/root`,
    });
  });

  test('MS-OCDISCWS R1: / of other names is for others', async () => {
    expect((await world.get('/', 'uc.example.com')).status).toBe(404);
  });

  test('MS-OCDISCWS R5: XML has the type that clients look for, and no namespace', async () => {
    const answer = await world.get(ROOT);
    expect(answer.headers['content-type']).toBe('application/vnd.microsoft.rtc.autodiscover+xml; v=1');
    expect([read(answer).local, read(answer).namespace, read(answer).elements[0]?.local]).toEqual(['AutodiscoverResponse', '', 'Root']);
  });

  test('MS-OCDISCWS R2: without TLS there is one link, to HTTPS, in a document', async () => {
    const answer = await world.get('/?sipuri=alice@example.com', 'lyncdiscover.example.com', { plain: true });
    expect(answer.status).toBe(200);
    expect(links(answer)).toEqual({
      Redirect: 'https://ucext.example.com/Autodiscover/AutodiscoverService.svc/root?sipuri=alice@example.com',
    });
    for (const path of [ROOT, `${ROOT}/user`, `${ROOT}/domain`]) {
      expect(Object.keys(links(await world.get(path, 'uc.example.com', { plain: true })))).toEqual(['Redirect']);
    }
  });

  test('MS-OCDISCWS R4: tells nobody who exists', async () => {
    const [alice, nobody] = [await world.get(`${ROOT}?sipuri=alice@example.com`), await world.get(`${ROOT}?sipuri=alicf@example.com`)];
    expect(nobody.body).toBe(alice.body.replaceAll('alice', 'alicf'));
    expect((await world.get(ROOT)).status).toBe(200);
  });

  test('MS-OCDISCWS R3: a domain that is elsewhere gets one link there, once', async () => {
    world = await World.open({ redirects: { 'example.net': 'https://other.example.net/Autodiscover/AutodiscoverService.svc/root' } });
    const answer = await world.get(`${ROOT}?sipuri=carol@Example.NET`);
    const there = 'https://other.example.net/Autodiscover/AutodiscoverService.svc/root?sipuri=carol@Example.NET&redirected=1';
    expect(links(answer)).toEqual({ Redirect: there });
    const back = await world.get(`${ROOT}?sipuri=carol@example.net&redirected=1`);
    expect(Object.keys(links(back))).toEqual(['Domain', 'User', 'Self']);
  });

  test('a redirect to this server itself is refused before it starts', () => {
    const redirects = { 'example.net': 'https://UCext.example.com:443/Autodiscover/AutodiscoverService.svc/root' };
    expect(() => new World({ redirects })).toThrow(expect.objectContaining({ code: 'AUTODISCOVER_LOOP', place: 'redirects.example.net' }));
    expect(() => new World({ homes: { fe2: 'https://uc.example.com/x' } })).toThrow(/this server/);
  });

  test.each([
    ['alice@example.com', 'alice@example.com'],
    ['sip:alice@example.com', 'alice@example.com'],
    ['sip%3Aalice%40example.com', 'alice@example.com'],
    ['%2B14255550100@example.com', '%2B14255550100@example.com'],
    ['+14255550100@example.com', '%2B14255550100@example.com'],
    ['al%26ice@example.com', 'al%26ice@example.com'],
  ])('takes sipuri=%s', async (query, written) => {
    expect(links(await world.get(`${ROOT}?sipuri=${query}`))['User']).toMatch(new RegExp(`\\?sipuri=${written.replace('+', '\\+')}$`));
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
    expect((await world.get(`${ROOT}?sipuri=${query}`)).status).toBe(400);
  });

  test('MS-OCDISCWS R15: JSON is what everybody else gets', async () => {
    for (const accept of ['application/json', '*/*', 'text/html', '']) {
      const { headers, body } = await world.get(`${ROOT}?sipuri=alice@example.com`, 'uc.example.com', { accept });
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      const user = 'https://uc.example.com/Autodiscover/AutodiscoverService.svc/root/user?sipuri=alice@example.com';
      expect(JSON.parse(body)).toMatchObject({ _links: { user: { href: user } } });
    }
  });

  test('JSON has the names of the XML for those who ask for that', async () => {
    const accept = 'application/vnd.microsoft.rtc.autodiscover+json;v=1';
    const { headers, body } = await world.get(ROOT, 'uc.example.com', { accept });
    expect(headers['content-type']).toBe('application/vnd.microsoft.rtc.autodiscover+json; v=1');
    expect(JSON.parse(body)).toMatchObject({
      AccessLocation: 'Internal',
      Root: { Links: [{ token: 'Domain' }, { token: 'User' }, { token: 'Self' }] },
    });
  });

  test('MS-OCDISCWS R16: nothing is cached', async () => {
    for (const path of [ROOT, `${ROOT}/user`, `${ROOT}/domain`]) {
      const { headers } = await world.get(path);
      expect([headers['cache-control'], headers['expires']]).toEqual(['no-cache', '-1']);
    }
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('MS-OCDISCWS R17: %s is 405', async (method) => {
    for (const path of [ROOT, `${ROOT}/user`, `${ROOT}/domain`]) {
      const { status, headers } = await world.get(path, 'uc.example.com', { method });
      expect([status, headers['allow']]).toEqual([405, 'GET']);
    }
    expect((await world.get('/', 'lyncdiscover.example.com', { method })).status).toBe(405);
  });
});

describe('the user', () => {
  const user = (ticket?: string, path = `${ROOT}/user?sipuri=alice@example.com`): Promise<Answer> =>
    world.get(path, 'uc.example.com', ticket === undefined ? {} : { ticket });

  test('MS-OCDISCWS R7: without a ticket: where to get one, and no other challenge', async () => {
    const { status, headers } = await user();
    expect([status, headers['x-ms-webticketurl'], headers['www-authenticate']]).toEqual([
      401,
      'https://uc.example.com/WebTicket',
      undefined,
    ]);
    expect((await user('nobody')).status).toBe(401);
  });

  test('MS-OCDISCWS R8, R12: with a ticket: where to connect, inside and outside', async () => {
    const answer = await user('alice');
    expect(answer.status).toBe(200);
    const [found] = read(answer).elements;
    const access = found?.elements
      .filter((one) => one.local !== 'Link')
      .map((one) => [one.local, one.attribute('fqdn'), one.attribute('port')]);
    expect(access).toEqual([
      ['SipServerInternalAccess', 'uc.example.com', '5061'],
      ['SipClientInternalAccess', 'uc.example.com', '5061'],
      ['SipServerExternalAccess', 'uc.example.com', '5061'],
      ['SipClientExternalAccess', 'uc.example.com', '5061'],
    ]);
    expect(links(answer)).toEqual({
      'Internal/Autodiscover': 'https://uc.example.com/Autodiscover/AutodiscoverService.svc/root',
      'External/Autodiscover': 'https://ucext.example.com/Autodiscover/AutodiscoverService.svc/root',
      Self: 'https://uc.example.com/Autodiscover/AutodiscoverService.svc/root/user',
    });
  });

  test('the addresses can be configured', async () => {
    world = await World.open({ internal: { host: 'pool.example.com', port: 5061 }, external: { host: 'sip.example.com', port: 443 } });
    const [found] = read(await user('alice')).elements;
    expect(found?.child('SipClientInternalAccess')?.attributes.map(({ value }) => value)).toEqual(['pool.example.com', '5061']);
    expect(found?.child('SipClientExternalAccess')?.attributes.map(({ value }) => value)).toEqual(['sip.example.com', '443']);
  });

  test('MS-OCDISCWS R9: a user who is at home elsewhere is sent to the root there', async () => {
    world = await World.open({ homes: { fe3: 'https://fe3.example.com:4443/discover' } });
    world.move('alice', 'fe2.example.com');
    const there = 'https://fe2.example.com/Autodiscover/AutodiscoverService.svc/root?sipuri=alice@example.com&redirected=1';
    expect(links(await user('alice'))).toEqual({ Redirect: there });
    world.move('alice', 'fe3');
    expect(links(await user('alice'))).toEqual({ Redirect: 'https://fe3.example.com:4443/discover?sipuri=alice@example.com&redirected=1' });
    world.move('alice', 'UC.example.com');
    expect(Object.keys(links(await user('alice')))).not.toContain('Redirect');
  });

  test('MS-OCDISCWS R10: with no home that is known: 404 without a body', async () => {
    world.listeners.length = 0;
    expect(await user('alice')).toMatchObject({ status: 404, body: '' });
    world.move('alice', 'ucext.example.com');
    expect((await user('alice')).status).toBe(404);
  });

  test('MS-OCDISCWS R11: who the ticket is for decides, not the query', async () => {
    world.move('bob', 'fe2.example.com');
    expect(Object.keys(links(await user('alice', `${ROOT}/user?sipuri=bob@example.com`)))).not.toContain('Redirect');
    expect(Object.keys(links(await user('bob')))).toEqual(['Redirect']);
  });

  test('MS-OCDISCWS R18: tickets for its URL may be had', () => {
    expect(world.offered).toEqual(['/Autodiscover/AutodiscoverService.svc/root/user']);
  });
});

test('MS-OCDISCWS R13: the domain is always there', async () => {
  const answer = await world.get(`${ROOT}/domain`);
  expect([answer.status, read(answer).elements[0]?.local]).toEqual([200, 'Domain']);
  world.listeners.length = 0;
  expect((await world.get(`${ROOT}/domain`)).status).toBe(200);
});

test('health: without a TLS listener there is nowhere to send clients to', () => {
  expect(world.service.hasAccess).toBe(true);
  world.listeners.length = 0;
  expect(world.service.hasAccess).toBe(false);
});
