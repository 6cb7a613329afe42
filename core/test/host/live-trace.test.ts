import { afterEach, expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { LiveTraces, TRACES_LIMIT, WAITING_LIMIT } from '../../src/host/live-trace.ts';
import type { TraceRow, TraceSession, TraceWish } from '../../src/host/live-trace.ts';
import { traceCommand } from '../../src/host/trace-command.ts';
import { runCommand } from '../../src/host/index.ts';
import type { Host } from '../../src/host/index.ts';
import { ChainWorld, QUIET, app } from '../script/chain-world.ts';
import { request } from '../support/sip-text.ts';

const WISH: TraceWish = { all: false, bodies: false, limit: undefined };
const sessions: TraceSession[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.close();
});

function setUp(script = 'AddHeader("X-A", "1");'): {
  world: ChainWorld;
  traces: LiveTraces;
  watch: (wish: Partial<TraceWish>) => TraceSession;
} {
  const world = new ChainWorld(app('a', script, { filters: QUIET }));
  const traces = new LiveTraces(world.chain, new FakeClock());
  const watch = (wish: Partial<TraceWish>): TraceSession => {
    const session = traces.open({ ...WISH, ...wish });
    sessions.push(session);
    return session;
  };
  return { world, traces, watch };
}

const kinds = (rows: readonly TraceRow[]): string[] => rows.map(({ kind }) => kind);

test('the chain has a tracer only while somebody watches', () => {
  const { world, watch } = setUp();
  const [one, two] = [watch({ user: 'alice' }), watch({ user: 'bob' })];
  one.close();
  one.close();
  expect(world.chain.tracer).toBeDefined();
  two.close();
  expect(world.chain.tracer).toBeUndefined();
});

test.each([
  ['user by name', { user: 'alice' }, true],
  ['user by address, in any case', { user: 'sip:Alice@Example.com' }, true],
  ['user who is called', { user: 'bob@example.com' }, true],
  ['user who has no part in it', { user: 'carol' }, false],
  ['user of another domain', { user: 'alice@example.org' }, false],
  ['part of a name', { user: 'ali' }, false],
  ['call', { call: 'call-1@192.0.2.1' }, true],
  ['other call', { call: 'call-1' }, false],
  ['method', { method: 'invite' }, true],
  ['other method', { method: 'MESSAGE' }, false],
  ['sender', { from: 'alice' }, true],
  ['called one as sender', { from: 'bob' }, false],
  ['called one', { to: 'bob' }, true],
  ['sender and other method', { from: 'alice', method: 'BYE' }, false],
  ['text', { pattern: '+1425' }, true],
  ['regular expression', { pattern: '^x-number: \\+\\d+$' }, true],
  ['text that is no regular expression', { pattern: '(' }, false],
  ['everything', { pattern: '' }, true],
] as const)('a filter by %s decides what is followed', async (_, filter, expected) => {
  const { world, watch } = setUp();
  const session = watch({ ...filter, limit: 1 });
  world.send(request('INVITE', { headers: [['X-Number', '+1425']] }));
  session.close();
  expect((await session.next()).length > 0).toBe(expected);
});

test('what acted on the message is told, with time, request, method and call; the rest when asked', async () => {
  const { world, watch } = setUp('x = 1;\nAddHeader("X-A", "1");');
  const [deeds, all] = [watch({ user: 'alice' }), watch({ user: 'alice', all: true })];
  world.send(request('INVITE'));
  const rows = await deeds.next();
  expect(kinds(rows)).toEqual(['message', 'line', 'sent']);
  expect(rows[1]).toMatchObject({ request: 1, method: 'INVITE', callId: 'call-1@192.0.2.1', time: '2001-09-09T01:46:40.000Z' });
  expect(kinds(await all.next())).toEqual(['message', 'line', 'line', 'outcome', 'sent']);
});

test('a slow reader loses lines and is told how many; what is kept stays in order', async () => {
  const { world, watch } = setUp();
  const session = watch({ user: 'alice' });
  for (let i = 0; i < WAITING_LIMIT; i++) world.send(request('INVITE'));
  const rows = await session.next();
  expect(rows).toHaveLength(WAITING_LIMIT + 1);
  expect(rows.at(-1)).toMatchObject({ kind: 'lost', lines: 2 * WAITING_LIMIT });
  world.send(request('INVITE'));
  expect(kinds(await session.next())).toEqual(['message', 'line', 'sent']);
});

test('a limit counts requests, and waits for their answers', async () => {
  const { world, watch } = setUp('if (sipRequest.Method == "MESSAGE") { Respond(202, "Accepted"); }');
  const session = watch({ user: 'alice', limit: 2 });
  world.send(request('INVITE'));
  world.send(request('MESSAGE'));
  world.send(request('MESSAGE', { callId: 'third' }));
  const rows = await session.next();
  expect(new Set(rows.map((row) => ('request' in row ? row.request : 0)))).toEqual(new Set([1, 2]));
  const rest = session.next();
  const { reply } = await import('../support/sip-text.ts');
  world.forwarded[0]?.onResponse(reply(request('INVITE'), 200));
  expect(kinds(await rest)).toEqual(['message']);
  expect(await session.next()).toEqual([]);
});

test('bodies are told only when everybody who watches the message asked for them', async () => {
  const { world, watch } = setUp();
  const [asks, doesNot] = [watch({ user: 'alice', bodies: true }), watch({ user: 'alice' })];
  world.send(request('MESSAGE', { body: 'meet me at the harbour' }));
  expect(JSON.stringify([await asks.next(), await doesNot.next()])).not.toContain('harbour');
  doesNot.close();
  world.send(request('MESSAGE', { body: 'meet me at the harbour' }));
  expect(JSON.stringify(await asks.next())).toContain('harbour');
});

test('what looks like a secret is redacted wherever it stands', async () => {
  const { world, watch } = setUp('AddHeader("X-Login", "password=hunter2");');
  const session = watch({ user: 'alice', all: true });
  world.send(request('INVITE'));
  expect(JSON.stringify(await session.next())).not.toContain('hunter2');
});

test('so many can watch at one time', () => {
  const { traces, watch } = setUp();
  for (let i = 0; i < TRACES_LIMIT; i++) watch({ user: 'alice' });
  expect(() => traces.open(WISH)).toThrow(expect.objectContaining({ code: 'HOST_TRACE_LIMIT' }));
});

/** Runs `parley trace` with a reader that takes rows as fast as `ready` lets it. */
function command(
  traces: LiveTraces,
  options: Record<string, string | boolean>,
  signal: AbortSignal,
  rows: (rows: readonly object[]) => Promise<void>,
) {
  const trace = { command: traceCommand({ traces } as unknown as Host), scope: {} as never };
  return runCommand(trace, { arguments: {}, options }, { clock: new FakeClock(), signal, rows });
}

test('the command sends what happens until its caller hangs up, and leaves nothing behind', async () => {
  const { world, traces } = setUp();
  const hangUp = new AbortController();
  const got: object[] = [];
  const seen = Promise.withResolvers<void>();
  const running = command(traces, { user: 'alice' }, hangUp.signal, (rows) => {
    got.push(...rows);
    seen.resolve();
    return Promise.resolve();
  });
  world.send(request('INVITE'));
  await seen.promise;
  hangUp.abort();
  await running;
  expect(got).toHaveLength(3);
  expect(world.chain.tracer).toBeUndefined();
});

test('the command waits for its reader', async () => {
  const { world, traces } = setUp();
  const reader = Promise.withResolvers<void>();
  const hangUp = new AbortController();
  const got: (readonly object[])[] = [];
  const running = command(traces, { user: 'alice', limit: '3' }, hangUp.signal, async (rows) => {
    got.push(rows);
    await reader.promise;
  });
  for (let i = 0; i < 3; i++) world.send(request('INVITE'));
  await new Promise((resolve) => setImmediate(resolve));
  world.send(request('INVITE'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(got).toHaveLength(1);
  hangUp.abort();
  reader.resolve();
  await running;
});

test.each([
  [{}, 'HOST_TRACE_FILTER'],
  [{ user: 'alice', limit: '0' }, 'HOST_TRACE_NUMBER'],
  [{ user: 'alice', limit: '100001' }, 'HOST_TRACE_NUMBER'],
  [{ pattern: '(a+)+$' }, 'HOST_TRACE_PATTERN'],
  [{ pattern: 'x'.repeat(201) }, 'HOST_TRACE_PATTERN'],
] as const)('parley trace with %o is refused with %s', async (options, code) => {
  const { traces } = setUp();
  await expect(command(traces, options, new AbortController().signal, () => Promise.resolve())).rejects.toMatchObject({ code });
});
