/** What clients report of their failures, from the SERVICE to `parley errors`. [MS-OCER] sections 3.1.4.1 and 6. */
import { expect, test } from 'vitest';
import type { CommandResult } from '@parley/sdk';
import { overloaded, testServer } from '@parley/sdk/testkit';
import type { Endpoint, Sent, TestServer } from '@parley/sdk/testkit';
import { ErrorReports } from '../src/api.ts';
import type { KeptReport } from '../src/api.ts';
import plugin from '../src/plugin.ts';
import { readReport } from '../src/read-report.ts';
import type { Reports } from '../src/reports.ts';
import { serving } from './serving.ts';

const NAMESPACE = 'xmlns="http://schemas.microsoft.com/2006/09/sip/error-reporting"';
const AGENT = { userAgent: 'UCCAPI/3.5.6907.0 OC/3.5.6907.0' };
const DAY_MS = 86_400_000;

/** The example of [MS-OCER] section 3.1.4.1. */
const REPORT = `<reportError xmlns="http://schemas.microsoft.com/2006/09/sip/error-reporting">
 <error toUri="sip:bob@example.com" callId="5ec5a21ab8bb4960b98de162f45cd204" fromTag="823bb11e1a" toTag="4F230FC472C24AD1255468D8C334D8FE" contentType="application/sdp;call-type=audiovideo" responseCode="408" requestType="INVITE">
  <diagHeader>10000;reason="Gateway returned a SIP failure code"</diagHeader>
  <progressReports><progressReport><diagHeader>12006;reason="Trying next hop";appName="OutboundRouting"</diagHeader></progressReport></progressReports>
 </error>
</reportError>`;

/** Reports to the user's own address, unless another is given. */
function report(client: Endpoint, body = REPORT, to = client.uri): Sent {
  return client.send('SERVICE', to, { body, contentType: 'application/msrtc-reporterror+xml' });
}

const kept = (server: TestServer, limit = 10): Promise<readonly KeptReport[]> => server.find(ErrorReports).list({ limit });

test('MS-OCER R5: a report to the own address is answered 200 and stored', async () => {
  await using server = await serving({}, { startAt: Date.parse('2026-11-22T10:00:00Z') });
  await report(server.endpoint('alice', AGENT)).expect(200, { headers: { 'ms-diagnostics': null } });
  expect(await kept(server)).toEqual([
    {
      at: Date.parse('2026-11-22T10:00:00Z'),
      reporter: 'alice@example.com',
      userAgent: 'UCCAPI/3.5.6907.0 OC/3.5.6907.0',
      toUri: 'sip:bob@example.com',
      callId: '5ec5a21ab8bb4960b98de162f45cd204',
      fromTag: '823bb11e1a',
      toTag: '4F230FC472C24AD1255468D8C334D8FE',
      contentType: 'application/sdp;call-type=audiovideo',
      responseCode: 408,
      requestType: 'INVITE',
      errorId: 10_000,
      reason: 'Gateway returned a SIP failure code',
      diagnostics: ['10000;reason="Gateway returned a SIP failure code"'],
      progress: ['12006;reason="Trying next hop";appName="OutboundRouting"'],
    },
  ]);
  expect(server.figure('parley_diagnostics_reports_total{result="stored"}')).toBe(1);
  expect(server.figure('parley_diagnostics_reports_total{result="refused"}')).toBe(0);
});

test.each([
  ['no XML', 'INVITE failed'],
  ['an end without a beginning', '<reportError>'],
  ['another document', '<presence xmlns="urn:x"/>'],
  ['no namespace', '<reportError><error/></reportError>'],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]><reportError ${NAMESPACE}><error/></reportError>`],
  ['elements inside each other', `<reportError ${NAMESPACE}>${'<error>'.repeat(20)}${'</error>'.repeat(20)}</reportError>`],
  ['no error', `<reportError ${NAMESPACE}/>`],
  ['an empty body', ''],
])('MS-OCER R5: %s is refused with 400 and ErrorId 4001', async (_, body) => {
  await using server = await serving();
  const headers = { 'Content-Type': 'application/msrtc-reporterror+xml' };
  const sent = server.endpoint('alice').send('SERVICE', 'alice', { body, headers });
  await sent.expect(400, { headers: { 'ms-diagnostics': /^4001;reason="the error report cannot be read/ } });
  expect(await kept(server)).toEqual([]);
});

test("MS-OCER R5: a report to another user's address is refused with 403", async () => {
  await using server = await serving();
  await report(server.endpoint('alice'), REPORT, 'sip:bob@example.com').expect(403);
  await report(server.endpoint('bob'), REPORT, 'sip:alice@example.com').expect(403);
  expect(server.figure('parley_diagnostics_reports_total{result="refused"}')).toBe(2);
});

test('on a server that authenticates nobody the From says who reports', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice', { trusted: false });
  await report(alice).expect(200);
  await report(alice, REPORT, 'sip:bob@example.com').expect(403);
});

test('size and number are bounded, each with its own answer', async () => {
  await using server = await serving({ reports: { maxBytes: 2048, perMinute: 2 } });
  const alice = server.endpoint('alice');
  await report(alice, `${REPORT}${' '.repeat(2048)}`).expect(413, { headers: { 'ms-diagnostics': /^4008;.*more than 2048 bytes/ } });
  await report(alice).expect(200);
  await report(alice).expect(503, { headers: { 'Retry-After': '60' } });
  await server.advance('60s');
  await report(alice).expect(200);
});

test('a document has at most 20 errors, an error at most 40 headers, a text 500 characters', () => {
  const document = (inner: string): Buffer => Buffer.from(`<reportError ${NAMESPACE}>${inner}</reportError>`);
  expect(() => readReport(document('<error/>'.repeat(21)))).toThrow(/more than 20 errors/);
  expect(() => readReport(document(`<error>${'<diagHeader/>'.repeat(41)}</error>`))).toThrow(/more than 40 diagnostic headers/);
  const [error] = readReport(
    document(`<error callId="${'x'.repeat(600)}" responseCode="99"><diagHeader>${'y'.repeat(600)}</diagHeader></error>`),
  );
  expect([error?.callId.length, error?.diagnostics[0]?.length, error?.responseCode]).toEqual([500, 500, 0]);
});

test('reports are kept for their days, and not more than their number', async () => {
  await using server = await serving({ reports: { max: 100, days: 10 } });
  const reports = server.find(ErrorReports) as Reports;
  const [one] = readReport(Buffer.from(REPORT));
  const add = async (at: number, count: number): Promise<void> =>
    reports.add(
      Array.from({ length: count }, () => one as NonNullable<typeof one>),
      { at, reporter: 'a@example.com', userAgent: '' },
    );
  const now = server.clock.now();
  await add(now - 11 * DAY_MS, 5);
  await add(now - 9 * DAY_MS, 50);
  await reports.prune();
  expect(await kept(server, 1000)).toHaveLength(50);
  await add(now, 70);
  await reports.prune();
  const left = await kept(server, 1000);
  expect([left.length, left.filter(({ at }) => at === now).length]).toEqual([100, 70]);
});

test('`errors` lists what was reported, the newest first, and filters by user, ErrorId and time', async () => {
  await using server = await serving({}, { startAt: Date.parse('2026-11-22T10:00:00Z') });
  const errors = (options: Readonly<Record<string, string>> = {}): Promise<CommandResult> => server.command('errors', {}, options);
  expect((await errors()).text).toBe('No client has reported a failure.');
  await report(server.endpoint('alice')).expect(200);
  await server.restart('2h');
  await report(server.endpoint('bob'), REPORT.replace('10000;reason="Gateway returned a SIP failure code"', '1003')).expect(200);
  const { rows, text, data } = await errors();
  expect(rows).toEqual([
    { time: '2026-11-22 12:00', user: 'bob@example.com', request: 'INVITE', status: 408, id: 1003, reason: 'User does not exist' },
    {
      time: '2026-11-22 10:00',
      user: 'alice@example.com',
      request: 'INVITE',
      status: 408,
      id: 10_000,
      reason: 'Gateway returned a SIP fa…',
    },
  ]);
  expect(text).toBe('2 reports; --json shows all of each.');
  expect(data).toMatchObject([{}, { at: '2026-11-22T10:00:00.000Z', progress: [{ id: 12_006, reason: 'Trying next hop' }] }]);
  expect((await errors({ user: 'sip:Alice@example.com' })).rows).toHaveLength(1);
  expect((await errors({ id: '1003' })).rows).toHaveLength(1);
  expect((await errors({ since: '1h' })).rows).toHaveLength(1);
  expect((await errors({ since: '2026-11-21' })).rows).toHaveLength(2);
  expect((await errors({ id: '7' })).text).toBe('No client has reported a failure of that kind.');
});

test('an option of `errors` that makes no sense is refused with what would', async () => {
  await using server = await serving();
  await expect(server.command('errors', {}, { since: 'yesterday' })).rejects.toThrow('--since yesterday cannot be understood');
  await expect(server.command('errors', {}, { id: '70000' })).rejects.toThrow('--id 70000');
  await expect(server.command('errors', {}, { limit: '0' })).rejects.toThrow('--limit 0');
});

test('a SERVICE with an error report is taken, and no other', async () => {
  await using server = await serving();
  const alice = server.endpoint('alice');
  await alice.send('SERVICE', 'alice', { body: REPORT, contentType: 'application/MSRTC-ReportError+xml; charset=utf-8' }).expect(200);
  await alice.send('SERVICE', 'alice', { body: REPORT, contentType: 'application/SOAP+xml' }).expect(405);
  await alice.send('SERVICE', 'alice').expect(405);
});

test('a server with too much to do says when to report again', async () => {
  await using server = await testServer({ plugins: [overloaded(new URL('../routes.am', import.meta.url))] });
  await report(server.endpoint('alice')).expect(503, { headers: { 'Retry-After': '30' } });
});

test('a misspelt option is refused by name', () => {
  expect(() => plugin.config.parse({ insidePeer: [] })).toThrow(/insidePeer/);
  expect(plugin.config.parse({})).toEqual({ insidePeers: [], reports: { max: 20_000, days: 30, maxBytes: 16_384, perMinute: 30 } });
});
