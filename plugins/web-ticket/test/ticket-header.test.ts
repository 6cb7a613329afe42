import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { definePlugin, readEnvelope } from '@parley/sdk';
import type { PluginUse } from '@parley/sdk';
import type { TestServer, WebAnswer } from '@parley/sdk/testkit';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { Web } from '@parley/plugin-web/api';
import { WebTickets } from '../src/api.ts';
import type { TicketService } from '../src/api.ts';
import { BASE, TICKET_URL, certRequest } from './client.ts';
import type { CutTicket } from './client.ts';
import { serving, ticketOf } from './serving.ts';

const PATH = '/photos/handler';
const BEARERS: TicketService = {
  name: 'S',
  portName: 'AddressBookWebTicketBearer',
  path: PATH,
  portPath: PATH,
  namespace: 'urn:s',
  use: 'bearer',
};

/** A service whose users have tickets: it tells them whose. */
function photos(): PluginUse {
  return definePlugin({
    name: 'photos',
    summary: 'Takes tickets',
    config: z.strictObject({}),
    requires: [Web, WebTickets],
    root: new URL('.', import.meta.url),
    async setup(scope) {
      const tickets = scope.resolve(WebTickets);
      scope.onClose(tickets.offer(PATH));
      const close = await scope.resolve(Web).routes((app) => {
        app.get(PATH, { onRequest: tickets.requireTicket }, (request) => tickets.ticketOf(request)?.aor);
        app.get(`${PATH}/mex`, (request) => tickets.metadata(BEARERS, request));
      });
      scope.onClose(close);
    },
  })();
}

let server: TestServer;
let ticket: CutTicket;
beforeEach(async () => {
  server = await serving({ plugins: [photos()] });
  ticket = await ticketOf(server, 'alice', { appliesTo: `${BASE}${PATH}?sipuri=alice@example.com` });
});

const opaque = (text: string): string => `opaque=${Buffer.from(text).toString('base64')}`;
const get = (header?: string): Promise<WebAnswer> =>
  server.web().get(BASE + PATH, header === undefined ? {} : { 'x-ms-webticket': header });

test('MS-OCAUTHWS R11: a ticket in X-MS-WebTicket is taken', async () => {
  const { status, body } = await get(opaque(ticket.assertion));
  expect([status, body]).toEqual([200, 'alice@example.com']);
});

test('MS-OCAUTHWS R11: without a ticket: where to get one, and no other challenge', async () => {
  const { status, headers, body } = await get();
  expect([status, headers['x-ms-webticketurl'], headers['www-authenticate'], body]).toEqual([401, TICKET_URL, undefined, '']);
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
  expect([status, headers['x-ms-webticketurl']]).toEqual([401, TICKET_URL]);
});

test('MS-OCAUTHWS R11: a ticket for another service, or one that has ended, is answered like none', async () => {
  expect((await get(opaque((await ticketOf(server)).assertion))).status).toBe(401);
  await server.restart('8h');
  expect((await get(opaque(ticket.assertion))).status).toBe(401);
});

test('MS-OCAUTHWS R15: a disabled user’s ticket is answered like none', async () => {
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', false);
  expect((await get(opaque(ticket.assertion))).status).toBe(401);
});

test('MS-OCAUTHWS R10: a bearer service looks at no signature, whether there is one or not', () => {
  const tickets = server.find(WebTickets);
  for (const shape of [{}, { signature: '' }, { key: Buffer.alloc(32) }]) {
    expect(tickets.check(readEnvelope(certRequest(ticket, shape)), BEARERS)).toMatchObject({ aor: 'alice@example.com' });
  }
  expect(tickets.check(readEnvelope(certRequest(ticket, { assertion: '' })), BEARERS)).toMatchObject({ failure: 'missing' });
});

test('the metadata of a bearer service names the policy for bearers', async () => {
  const { body } = await server.web().get(`${BASE}${PATH}/mex`);
  expect(body).toContain('wsu:Id="AddressBookWebTicketBearer_policy"');
  expect(body).toContain('<sp:SignedSupportingTokens>');
});
