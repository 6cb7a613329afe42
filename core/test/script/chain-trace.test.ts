import { expect, test } from 'vitest';
import type { TraceEvent } from '../../src/script/index.ts';
import { MessageTrace } from '../../src/script/index.ts';
import { SipResponse } from '../../src/sip/index.ts';
import { request } from '../support/sip-text.ts';
import { ChainWorld, QUIET, app as plainApp } from './chain-world.ts';
import type { AppOptions } from './chain-world.ts';
import type { ChainedApplication, RequestContext } from '../../src/script/index.ts';

const texts = new Map<string, string>();

/** An application whose script begins in line 2. */
function app(name: string, script: string, options: AppOptions = {}): ChainedApplication {
  texts.set(name, `\n${script}`);
  return plainApp(name, `\n${script}`, options);
}

const textOf = ({ name }: ChainedApplication): string | undefined => texts.get(name);

/** Follows everything that a world's chain does. */
function followed(world: ChainWorld, bodies = false): TraceEvent[] {
  const events: TraceEvent[] = [];
  world.chain.tracer = {
    begin: (message) => new MessageTrace(message, (event) => events.push(event), { bodies, text: textOf }),
  };
  return events;
}

function lines(events: readonly TraceEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'line' ? [`${event.application}:${event.line} ${event.text}`] : []));
}

const found = <K extends TraceEvent['kind']>(events: readonly TraceEvent[], kind: K): Extract<TraceEvent, { kind: K }>[] =>
  events.filter((event): event is Extract<TraceEvent, { kind: K }> => event.kind === kind);

test('a trace tells each line that ran, what was evaluated there and what it came to', () => {
  const world = new ChainWorld(
    app('a', 'from = GetUserAtHost(sipRequest.From);\nif (from == "alice@example.com") {\n  x = 3;\n}', { filters: QUIET }),
  );
  const events = followed(world);
  world.send(request('INVITE', { from: '<sip:alice@example.com>;tag=1' }));
  expect(lines(events)).toEqual(['a:2 from = GetUserAtHost(sipRequest.From);', 'a:3 if (from == "alice@example.com") {', 'a:4 x = 3;']);
  expect(found(events, 'line').map(({ values }) => values)).toEqual([
    [{ text: 'from = GetUserAtHost(sipRequest.From)', value: '"alice@example.com"' }],
    [{ text: 'from == "alice@example.com"', value: 'true' }],
    [{ text: 'x = 3', value: '3' }],
  ]);
});

test('a trace tells what each line did to the message, and at the end all of it', () => {
  const world = new ChainWorld(app('a', 'AddHeader("X-A", "1");\nProxyRequest("sip:carol@example.com");', { filters: QUIET }));
  const events = followed(world);
  world.send(request('INVITE'));
  expect(found(events, 'line')).toMatchObject([
    { line: 2, changes: [{ what: 'X-A', after: '1' }] },
    { line: 3, actions: ['ProxyRequest sip:carol@example.com'], changes: [{ what: 'Request-URI', after: 'sip:carol@example.com' }] },
  ]);
  expect(found(events, 'sent')).toMatchObject([
    { what: 'sip:carol@example.com', changes: [{ what: 'Request-URI' }, { what: 'X-A', after: '1' }] },
  ]);
});

test('a trace tells which applications did not see the message, and why', () => {
  const stopped = Object.assign(app('stopped', '', { filters: QUIET }), { disabled: true });
  const away = { ...app('away', '', { filters: QUIET }), available: () => false };
  const world = new ChainWorld(
    app('messages', '', { filters: `<r:requestFilter methodNames="MESSAGE"/>${QUIET}` }),
    stopped,
    away,
    app('abroad', '', { filters: `<r:requestFilter methodNames="ALL" domainSupported="false"/>${QUIET}` }),
  );
  const events = followed(world);
  world.send(request('INVITE', { uri: 'sip:bob@example.com' }));
  expect(found(events, 'skipped').map(({ application, why }) => `${application}: ${why}`)).toEqual([
    'messages: requestFilter takes MESSAGE',
    'stopped: stopped after too many critical errors',
    'away: its process is not there',
    'abroad: domainSupported or phoneUri of its requestFilter',
  ]);
});

test('applications are told in the order in which the message comes past them, with their places in the chain', () => {
  const left = (name: string) => app(name, '', { filters: `<r:requestFilter methodNames="MESSAGE"/>${QUIET}` });
  const world = new ChainWorld(left('a'), app('b', '', { filters: QUIET }), left('c'), app('d', '', { filters: QUIET }), left('e'));
  const events = followed(world);
  world.send(request('INVITE'));
  const told = (list: readonly TraceEvent[]) =>
    list.flatMap((event) =>
      event.kind === 'skipped' || event.kind === 'outcome' ? [`${event.order} ${event.application} ${event.kind}`] : [],
    );
  expect(told(events)).toEqual(['1 a skipped', '2 b outcome', '3 c skipped', '4 d outcome', '5 e skipped']);
  world.chain.install([left('a'), app('b', 'Respond(403, "Forbidden");', { filters: QUIET }), left('c')]);
  events.length = 0;
  world.send(request('INVITE'));
  expect(told(events)).toEqual(['1 a skipped', '2 b outcome']);
});

test('after a function was called, what the calling line does is told with that line', () => {
  const script = 'function member(i) {\n  return "carol@example.com";\n}\nRetargetRequest(Concatenate("sip:", member(1)));';
  const world = new ChainWorld(app('a', script, { filters: QUIET }));
  const events = followed(world);
  world.send(request('INVITE'));
  expect(found(events, 'line').map(({ line, actions }) => [line, actions.join()])).toEqual([
    [5, ''],
    [3, ''],
    [5, 'RetargetRequest sip:carol@example.com'],
  ]);
  expect(found(events, 'line').at(-1)?.values).toEqual([{ text: 'member(1)', value: '"carol@example.com"' }]);
});

test('a Dispatch is told before the applications behind it see the message', () => {
  const world = new ChainWorld(
    app('first', 'if (!Dispatch("onIt")) { Respond(503, "Busy"); }', {
      filters: QUIET,
      handler: { onIt: (tx: RequestContext) => tx.proxy() },
    }),
    app('second', 'AddHeader("X-B", "1");', { filters: QUIET }),
  );
  const events = followed(world);
  world.send(request('INVITE'));
  const told = events.flatMap((event) =>
    event.kind === 'line' ? [`${event.application} ${event.actions.join()} ${event.values.map(({ value }) => value).join()}`] : [],
  );
  expect(told).toEqual(['first Dispatch onIt ', 'second  ', 'first  false']);
  expect(found(events, 'outcome')).toMatchObject([
    { application: 'second', goesOn: true },
    { application: 'first', handled: 'dispatched' },
  ]);
});

test('a trace follows each branch of a fork by its number, and what comes back', () => {
  const fork =
    'if (sipRequest) { BeginFork(false, 0); Fork("sip:b1@example.com"); Fork("sip:b2@example.com"); EndFork(); } else { AddHeader("X-Back", "1"); }';
  const world = new ChainWorld(app('fork', fork));
  const events = followed(world);
  world.send(request('INVITE'));
  expect(found(events, 'sent').map(({ leg, what }) => `${leg} ${what}`)).toEqual(['2 sip:b1@example.com', '3 sip:b2@example.com']);
  world.forwarded[1]?.onResponse(SipResponse.reply(request('INVITE'), 200));
  expect(found(events, 'message').at(-1)).toMatchObject({ leg: 3, startLine: 'SIP/2.0 200 OK' });
  expect(found(events, 'line').at(-1)).toMatchObject({ leg: 3, changes: [{ what: 'X-Back', after: '1' }] });
});

test('what ends a script, and critical errors, are told with their line', () => {
  const world = new ChainWorld(app('bad', 'Respond(200, "OK", "no equals sign");\nx = 1;\nx = "1a";', { filters: QUIET }));
  const events = followed(world);
  world.send(request('MESSAGE'));
  expect(found(events, 'line').map(({ line, faults }) => [line, faults.length])).toEqual([
    [2, 1],
    [3, 0],
    [4, 1],
  ]);
  expect(found(events, 'outcome')).toMatchObject([{ criticalErrors: 1, goesOn: true, error: expect.stringContaining('1a') as string }]);
});

test('credentials are in no event, whatever a script does with them', () => {
  const secret = 'Digest username="alice", response="6629fae49393a05397450978507c4ef1"';
  const script =
    'foreach (h in GetHeaderValues("Authorization")) {\n x = h;\n Log("Debugr", false, x);\n Respond(403, x);\n foreach (part in Split(h, "=")) { y = part; }\n}';
  const world = new ChainWorld(app('a', script, { filters: QUIET }));
  const events = followed(world);
  world.send(request('INVITE', { headers: [['Authorization', secret]] }));
  expect(found(events, 'line').length).toBeGreaterThan(2);
  expect(JSON.stringify(events)).not.toContain('6629fae49393');
});

test('bodies are shown when asked for, else only their lengths', () => {
  const script = 'x = sipMessage.Content;\nsipMessage.Content = "other words";';
  const send = (bodies: boolean): string => {
    const world = new ChainWorld(app('a', script, { filters: QUIET }));
    const events = followed(world, bodies);
    world.send(request('MESSAGE', { body: 'meet me at the harbour' }));
    return JSON.stringify(events);
  };
  expect(send(true)).toContain('meet me at the harbour');
  const without = send(false);
  expect(without).not.toContain('harbour');
  expect(without).toContain('"what":"body","before":"22 bytes","after":"11 bytes"');
});

test('what nobody traces runs as it always does', () => {
  const world = new ChainWorld(app('a', 'AddHeader("X-A", "1");', { filters: QUIET }));
  world.chain.tracer = { begin: () => undefined };
  world.send(request('INVITE'));
  expect(world.forwarded[0]?.request.first('X-A')).toBe('1');
});
