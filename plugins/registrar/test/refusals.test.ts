/** Who may not register, and what cannot be read. */
import { expect, test } from 'vitest';
import type { TestHeaders } from '@parley/sdk/testkit';
import { serving, size, withContact } from './serving.ts';

test('who may register what: domain, identity, user', async () => {
  await using server = await serving({}, { users: ['alice', 'bob', { name: 'dora', enabled: false }] });
  const alice = await server.endpoint('alice').register();
  const refused = async (status: number, to: string): Promise<void> =>
    void (await alice.registering({ headers: { To: to } }).expect(status));
  await refused(200, '<sip:Alice@EXAMPLE.com>');
  await refused(403, '<sip:bob@example.com>');
  await refused(404, '<sip:alice@elsewhere.org>');
  await refused(400, '<tel:+15551234>');
  await server.endpoint('stranger', { user: 'alice', trusted: false }).registering().expect(403);
  await server.endpoint('dora').registering().expect(403);
  await server.endpoint('ghost').registering().expect(404);
});

test('MS-OCER R1: a refusal says why, for people and for clients', async () => {
  await using server = await serving({}, { users: [{ name: 'alice', enabled: false }] });
  await server
    .endpoint('alice')
    .registering()
    .expect(403, {
      headers: {
        'ms-diagnostics': '4141;reason="alice@example.com is disabled";source="uc.example.com"',
        'ms-diagnostics-public': '4141;reason="alice@example.com is disabled"',
        Warning: '399 uc.example.com "alice@example.com is disabled"',
      },
    });
});

test.each([
  [{ Contact: '<sip:alice@192.0.2.50>;expires=30' }, 423, 'Min-Expires', '60'],
  [{ Require: ['outbound, foo', 'bar'] }, 420, 'Unsupported', 'foo, bar'],
  [{ Event: 'presence' }, 489, 'Allow-Events', /^registration,/],
  [{ Supported: 'msrtc-event-categories' }, 421, 'Require', 'gruu-10'],
])('%j is answered %i with %s: %s', async (headers: TestHeaders, status, header, value) => {
  await using server = await serving();
  await server
    .endpoint('alice')
    .registering({ headers })
    .expect(status, { headers: { [header]: value } });
});

test.each([
  ['neither epid nor +sip.instance', { Supported: 'gruu-10' }, 400, '4010;'],
  ['another Event than registration', { Event: 'presence' }, 489, '4055;'],
  ['msrtc-event-categories without gruu-10', { Supported: 'msrtc-event-categories' }, 421, '2057;'],
] as const)('MS-SIPREGE R2, MS-OCER R7: %s', async (_title, headers, status, id) => {
  await using server = await serving();
  await server
    .endpoint('alice')
    .registering({ headers })
    .expect(status, { headers: { 'ms-diagnostics': new RegExp(`^${id}`) } });
});

const CONTACT = '<sip:alice@192.0.2.50:50123>';

test.each<readonly [TestHeaders]>([
  [{ Contact: '*' }],
  [{ Contact: '*', Expires: '5' }],
  [{ Contact: ['*', CONTACT], Expires: '0' }],
  [{ Contact: '<tel:+15551234>' }],
  [{ Contact: '<sip:alice@>' }],
  [{ Contact: '<sip:alice@192.0.2.50' }],
  [{ Contact: `<sip:${'a'.repeat(1100)}@192.0.2.50>` }],
  [{ Contact: Array.from({ length: 11 }, (_, i) => `<sip:a@192.0.2.${i}>`).join(', ') }],
  [{ Path: Array.from({ length: 11 }, (_, i) => `<sip:p${i};lr>`).join(', ') }],
  [{ Contact: '<sip:alice@192.0.2.50>;+sip.instance="<urn:uuid:1>"' }],
  [{ Contact: '<sip:alice@192.0.2.50>;+sip.instance' }],
  [{ Contact: CONTACT, Supported: 'gruu-10' }],
  [{ From: '<sip:alice@example.com>;tag=1;epid=12345678901234567' }],
])('%j is malformed: 400', async (headers) => {
  await using server = await serving();
  await server.endpoint('alice').registering({ headers }).expect(400);
  expect(size(server)).toBe(0);
});

test.each([
  ['01010101', '4b1682a8-f968-5701-83fc-7c6741dc6697', 200],
  ['01010101', '2f7e7723-96e4-544e-8b98-cf482b8cefb8', 400],
  [undefined, '2f7e7723-96e4-544e-8b98-cf482b8cefb8', 200],
])('MS-SIPRE R2: +sip.instance has to follow from the epid in the same message: %s, %s is %i', async (epid, uuid, status) => {
  await using server = await serving();
  const alice = server.endpoint('alice', epid === undefined ? {} : { epid });
  await alice.registering(withContact(`<sip:192.0.2.50>;+sip.instance="<urn:uuid:${uuid}>"`)).expect(status);
});
