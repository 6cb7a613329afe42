import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Clock, FakeClock, compileApplication, migrate, temporaryStore } from '@parley/sdk';
import type { CommandInput, Identity, PluginScope, ScriptRun, Store } from '@parley/sdk';
import { commands } from '../src/commands.ts';
import { DiagnosticsConfig } from '../src/config.ts';
import plugin from '../src/plugin.ts';
import { readReport } from '../src/read-report.ts';
import { ReportHandler } from '../src/report-handler.ts';
import { migrations } from '../src/report-row.ts';
import type { DiagnosticsTables } from '../src/report-row.ts';
import { Reports } from '../src/reports.ts';
import { REPORT, aRequest } from './support.ts';

const NAMESPACE = 'xmlns="http://schemas.microsoft.com/2006/09/sip/error-reporting"';
const ALICE: Identity = { aor: 'alice@example.com', mechanism: 'ntlm' };
const DAY_MS = 86_400_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The handler on a store of its own. */
class Rig {
  readonly clock = new FakeClock(Date.parse('2026-11-22T10:00:00Z'));
  readonly reports: Reports;
  readonly handler: ReportHandler;

  constructor(
    store: Store<DiagnosticsTables>,
    readonly config: DiagnosticsConfig,
  ) {
    this.reports = new Reports(store, this.clock, config);
    this.handler = new ReportHandler(this.reports, config, { fqdn: 'uc.example.com' }, this.clock);
  }

  static async open(reports: Partial<DiagnosticsConfig['reports']> = {}): Promise<Rig> {
    const store = temporaryStore();
    closing.push(() => store.close());
    await migrate(store, 'diagnostics', migrations, 0);
    return new Rig(store.as(), DiagnosticsConfig.parse({ reports }));
  }

  async send(body: string, identity: Identity | undefined = ALICE, uri = 'sip:alice@example.com'): Promise<Answer> {
    const lines = ['Content-Type: application/msrtc-reporterror+xml', 'User-Agent: UCCAPI/3.5.6907.0 OC/3.5.6907.0'];
    let answer: Answer | undefined;
    await this.handler.onReport({
      request: aRequest('SERVICE', uri, lines, body),
      identity,
      respond(status, headers = {}) {
        answer = { status, headers };
        return true;
      },
    });
    if (answer === undefined) throw new Error('no answer');
    return answer;
  }

  async errors(
    options: Readonly<Record<string, string>> = {},
  ): Promise<{ rows: readonly object[]; text: string; data: readonly object[] }> {
    const input = { arguments: {}, options: { limit: '50', ...options } } as unknown as CommandInput;
    const scope = { resolve: (wanted: unknown) => (wanted === Clock ? this.clock : this.reports) } as unknown as PluginScope;
    return (await commands[0]?.run(input, scope)) as { rows: readonly object[]; text: string; data: readonly object[] };
  }
}

test('MS-OCER R5: a report to the own address is answered 200 and stored', async () => {
  const rig = await Rig.open();
  expect(await rig.send(REPORT)).toEqual({ status: 200, headers: {} });
  expect(await rig.reports.list({ limit: 10 })).toEqual([
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
  expect(rig.handler.counts).toEqual({ stored: 1, refused: 0 });
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
  const rig = await Rig.open();
  const { status, headers } = await rig.send(body);
  expect(status).toBe(400);
  expect(headers['ms-diagnostics']).toMatch(/^4001;reason="the error report cannot be read/);
  expect(await rig.reports.list({ limit: 10 })).toEqual([]);
});

test("MS-OCER R5: a report to another user's address is refused with 403", async () => {
  const rig = await Rig.open();
  expect((await rig.send(REPORT, ALICE, 'sip:bob@example.com')).status).toBe(403);
  expect((await rig.send(REPORT, { aor: 'bob@example.com', mechanism: 'ntlm' })).status).toBe(403);
});

test('on a server that authenticates nobody the From says who reports', async () => {
  const rig = await Rig.open();
  expect((await rig.send(REPORT, undefined)).status).toBe(200);
  expect((await rig.send(REPORT, undefined, 'sip:bob@example.com')).status).toBe(403);
});

test('size and number are bounded, each with its own answer', async () => {
  const rig = await Rig.open({ maxBytes: 2048, perMinute: 2 });
  const long = await rig.send(`${REPORT}${' '.repeat(2048)}`);
  expect([long.status, long.headers['ms-diagnostics']]).toEqual([413, expect.stringMatching(/^4008;.*more than 2048 bytes/)]);
  expect((await rig.send(REPORT)).status).toBe(200);
  const often = await rig.send(REPORT);
  expect([often.status, often.headers['Retry-After']]).toEqual([503, '60']);
  rig.clock.advance(60_000);
  expect((await rig.send(REPORT)).status).toBe(200);
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
  const rig = await Rig.open({ max: 100, days: 10 });
  const [one] = readReport(Buffer.from(REPORT));
  const add = async (at: number, count: number): Promise<void> =>
    rig.reports.add(
      Array.from({ length: count }, () => one as NonNullable<typeof one>),
      { at, reporter: 'a@example.com', userAgent: '' },
    );
  const now = rig.clock.now();
  await add(now - 11 * DAY_MS, 5);
  await add(now - 9 * DAY_MS, 50);
  await rig.reports.prune();
  expect(await rig.reports.list({ limit: 1000 })).toHaveLength(50);
  await add(now, 70);
  await rig.reports.prune();
  const kept = await rig.reports.list({ limit: 1000 });
  expect([kept.length, kept.filter(({ at }) => at === now).length]).toEqual([100, 70]);
});

test('`errors` lists what was reported, the newest first, and filters by user, ErrorId and time', async () => {
  const rig = await Rig.open();
  expect((await rig.errors()).text).toBe('No client has reported a failure.');
  await rig.send(REPORT);
  rig.clock.advance(2 * 3_600_000);
  await rig.send(
    REPORT.replace('10000;reason="Gateway returned a SIP failure code"', '1003'),
    { ...ALICE, aor: 'bob@example.com' },
    'sip:bob@example.com',
  );
  const { rows, text, data } = await rig.errors();
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
  expect(data[1]).toMatchObject({ at: '2026-11-22T10:00:00.000Z', progress: [{ id: 12_006, reason: 'Trying next hop' }] });
  expect((await rig.errors({ user: 'sip:Alice@example.com' })).rows).toHaveLength(1);
  expect((await rig.errors({ id: '1003' })).rows).toHaveLength(1);
  expect((await rig.errors({ since: '1h' })).rows).toHaveLength(1);
  expect((await rig.errors({ since: '2026-11-21' })).rows).toHaveLength(2);
  expect((await rig.errors({ id: '7' })).text).toBe('No client has reported a failure of that kind.');
});

test('an option of `errors` that makes no sense is refused with what would', async () => {
  const rig = await Rig.open();
  await expect(rig.errors({ since: 'yesterday' })).rejects.toThrow('--since yesterday cannot be understood');
  await expect(rig.errors({ id: '70000' })).rejects.toThrow('--id 70000');
  await expect(rig.errors({ limit: '0' })).rejects.toThrow('--limit 0');
});

const FILE = fileURLToPath(new URL('../routes.am', import.meta.url));

/** The method that the script dispatches a SERVICE with this Content-Type to. */
function claim(contentType: string): unknown[] {
  const compiled = compileApplication(readFileSync(FILE, 'utf8'), FILE, { handlerMethods: new Set(['onReport']) });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  const done: unknown[] = [];
  compiled.application.run({
    request: aRequest('SERVICE', 'sip:alice@example.com', contentType === '' ? [] : [`Content-Type: ${contentType}`]),
    environment: { scriptError: (_: unknown, fault: unknown) => done.push(fault) },
    actions: { dispatch: (method: string) => done.push(method) > 0 },
  } as unknown as ScriptRun);
  return done;
}

test('the script claims SERVICE with an error report, and no other', () => {
  expect(claim('application/msrtc-reporterror+xml')).toEqual(['onReport']);
  expect(claim('application/MSRTC-ReportError+xml; charset=utf-8')).toEqual(['onReport']);
  expect(claim('application/SOAP+xml')).toEqual([]);
  expect(claim('')).toEqual([]);
});

test('a misspelt option is refused by name', () => {
  expect(() => plugin.config.parse({ insidePeer: [] })).toThrow(/insidePeer/);
  expect(plugin.config.parse({})).toEqual({ insidePeers: [], reports: { max: 20_000, days: 30, maxBytes: 16_384, perMinute: 30 } });
});
