import { beforeEach, expect, test } from 'vitest';
import { readEnvelope } from '@parley/sdk';
import { BASE, World, certRequest } from './support.ts';
import type { Answer, CutTicket } from './support.ts';

const PATH = '/photos/handler';
let world: World;
let ticket: CutTicket;
beforeEach(async () => {
  world = await World.open();
  world.service.offer(PATH);
  await world.routes((app) => {
    app.get(PATH, { onRequest: world.service.requireTicket }, (request) => world.service.ticketOf(request)?.aor);
  });
  ticket = await world.ticket('alice', { appliesTo: `${BASE}${PATH}?sipuri=alice@example.com` });
});

const opaque = (text: string): string => `opaque=${Buffer.from(text).toString('base64')}`;
const get = (header?: string): Promise<Answer> => world.get(BASE + PATH, header === undefined ? {} : { 'x-ms-webticket': header });

test('MS-OCAUTHWS R11: a ticket in X-MS-WebTicket is taken', async () => {
  const { status, body } = await get(opaque(ticket.assertion));
  expect([status, body]).toEqual([200, 'alice@example.com']);
});

test('MS-OCAUTHWS R11: without a ticket: where to get one, and no other challenge', async () => {
  const { status, headers, body } = await get();
  expect([status, headers['x-ms-webticketurl'], headers['www-authenticate'], body]).toEqual([
    401,
    `${BASE}/WebTicket/WebTicketService.svc`,
    undefined,
    '',
  ]);
});

test.each([
  ['no base64', () => 'opaque=!!!'],
  ['another form', () => 'cwt=AAAA'],
  ['no XML', () => opaque('hello')],
  ['an XML bomb', () => opaque('<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>')],
  ['depth without end', () => opaque('<a>'.repeat(5_000))],
  ['another document', () => opaque('<a/>')],
  ['a changed ticket', () => opaque(ticket.assertion.replaceAll('alice', 'bob'))],
])('MS-OCAUTHWS R11: %s is answered like no ticket', async (_name, header) => {
  const { status, headers } = await get(header());
  expect([status, headers['x-ms-webticketurl']]).toEqual([401, `${BASE}/WebTicket/WebTicketService.svc`]);
});

test('MS-OCAUTHWS R11: a ticket for another service, or one that has ended, is answered like none', async () => {
  expect((await get(opaque((await world.ticket()).assertion))).status).toBe(401);
  world.clock.advance(28_800_000);
  expect((await get(opaque(ticket.assertion))).status).toBe(401);
});

test('MS-OCAUTHWS R15: a disabled user’s ticket is answered like none', async () => {
  world.change('alice', { enabled: false });
  expect((await get(opaque(ticket.assertion))).status).toBe(401);
});

test('MS-OCAUTHWS R10: a bearer service looks at no signature, whether there is one or not', async () => {
  const service = { name: 'S', portName: 'P', path: PATH, portPath: PATH, namespace: 'urn:s', use: 'bearer' } as const;
  for (const shape of [{}, { signature: '' }, { key: Buffer.alloc(32) }]) {
    expect(world.service.check(readEnvelope(certRequest(ticket, shape)), service)).toMatchObject({ aor: 'alice@example.com' });
  }
  expect(world.service.check(readEnvelope(certRequest(ticket, { assertion: '' })), service)).toMatchObject({ failure: 'missing' });
});

test('the metadata of a bearer service names the policy for bearers', async () => {
  const service = {
    name: 'S',
    portName: 'AddressBookWebTicketBearer',
    path: PATH,
    portPath: PATH,
    namespace: 'urn:s',
    use: 'bearer',
  } as const;
  await world.routes((app) => void app.get(`${PATH}/mex`, (request) => world.service.metadata(service, request)));
  const { body } = await world.get(`${BASE}${PATH}/mex`);
  expect(body).toContain('wsu:Id="AddressBookWebTicketBearer_policy"');
  expect(body).toContain('<sp:SignedSupportingTokens>');
});
