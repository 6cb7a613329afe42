import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import { H, SipResponse } from '../../src/sip/index.ts';
import type { RequestContext } from '../../src/script/index.ts';
import { request } from '../support/sip-text.ts';
import { ChainWorld, QUIET, app } from './chain-world.ts';

test('MSPL R9: a request on a fixed route runs only the scripts that ask for strictRoute', () => {
  const world = new ChainWorld(
    app('free', 'AddHeader("X-Free", "1");', { filters: QUIET }),
    app('strict', 'AddHeader("X-Strict", "1");', { filters: `<r:requestFilter methodNames="ALL" strictRoute="true"/>${QUIET}` }),
  );
  world.send(request('BYE'), true);
  world.send(request('INVITE'));
  expect(world.forwarded.map(({ request: r }) => [r.first('X-Free'), r.first('X-Strict')])).toEqual([
    [undefined, '1'],
    ['1', '1'],
  ]);
});

test('MSPL R12: with proxyByDefault an empty script leaves the message byte for byte as it came', () => {
  const world = new ChainWorld(app('empty', '', { filters: QUIET }));
  const message = request('INVITE', { body: 'v=0' });
  const before = message.toString();
  world.send(message);
  expect(world.forwarded.map((leg) => leg.request.toString())).toEqual([before]);
});

test('MSPL R13: without proxyByDefault an empty script ends the message: no later application, no next hop; the sender hears 480', () => {
  const later = app('later', 'Respond(200, "OK");', { filters: QUIET });
  const world = new ChainWorld(app('empty', '', { filters: `${QUIET}<r:proxyByDefault action="false"/>` }), later);
  world.send(request('MESSAGE'));
  expect(world.forwarded).toEqual([]);
  expect(world.statuses).toEqual([480]);
});

test('MSPL R19: headers added to the request do not appear in a response made later', () => {
  const world = new ChainWorld(app('a', 'AddHeader("X-In", "1"); Respond(403, "No", "X-Out=2");', { filters: QUIET }));
  world.send(request('MESSAGE'));
  expect(world.responses[0]?.first('X-In')).toBeUndefined();
  expect(world.responses[0]?.first('X-Out')).toBe('2');
});

test('MSPL R44: the tenth critical error takes the application out of the chain, and that is reported once', () => {
  const world = new ChainWorld(app('faulty', 'Respond(200, "OK", "no equals sign"); AddHeader("X-Ran", "1");', { filters: QUIET }));
  for (let i = 0; i < 12; i++) world.send(request('MESSAGE'));
  const ran = world.forwarded.map((leg) => leg.request.has('X-Ran'));
  expect(ran).toEqual([...Array.from({ length: 10 }, () => true), false, false]);
  expect(world.reports).toEqual(['faulty is disabled']);
});

test('MSPL R53: each application sees what those before it did, and a Respond hides the message from those behind', () => {
  const world = new ChainWorld(
    app('first', 'AddHeader("X-Seen", "first");', { filters: QUIET }),
    app('second', 'foreach (h in GetHeaderValues("X-Seen")) { Respond(486, Concatenate("seen ", h)); break; }', { filters: QUIET }),
    app('third', 'AddHeader("X-Third", "1");', { filters: QUIET }),
  );
  world.send(request('INVITE'));
  expect(world.responses[0]?.reason).toBe('seen first');
  expect(world.forwarded).toEqual([]);
});

test('MSPL R54: responses visit the applications in the opposite order, and only those whose filter takes them', () => {
  const world = new ChainWorld(
    app('a', 'if (sipResponse) { AddHeader("X-A", "1"); foreach (h in GetHeaderValues("X-B")) { AddHeader("X-After-B", "1"); } }'),
    app('b', 'if (sipResponse) { AddHeader("X-B", "1"); }'),
    app('c', 'if (sipResponse) { AddHeader("X-C", "1"); }', { filters: '<r:responseFilter reasonCodes="4nn"/>' }),
  );
  world.send(request('MESSAGE'));
  const response = SipResponse.reply(request('MESSAGE'), 200);
  expect(world.forwarded[0]?.onResponse(response)).toBe(true);
  expect(['X-A', 'X-B', 'X-After-B', 'X-C'].map((name) => response.has(name))).toEqual([true, true, true, false]);
});

test('an application without proxyByDefault keeps back a response that its script does not pass', () => {
  const world = new ChainWorld(
    app('a', 'if (sipResponse) { if (sipResponse.StatusCode == 200) { ProxyResponse(); } } else { ProxyRequest(""); }', {
      filters: '<r:proxyByDefault action="false"/>',
    }),
  );
  world.send(request('MESSAGE'));
  const leg = world.forwarded[0];
  expect([200, 404].map((status) => leg?.onResponse(SipResponse.reply(request('MESSAGE'), status)))).toEqual([true, false]);
});

test('MSPL R52: a new chain is used from the next message on; one in flight ends on the old', () => {
  let held: RequestContext | undefined;
  const world = new ChainWorld(
    app('hold', 'Dispatch("hold");', { filters: QUIET, handler: { hold: (tx: RequestContext) => void (held = tx) } }),
    app('old', 'AddHeader("X-Old", "1");', { filters: QUIET }),
  );
  world.send(request('MESSAGE'));
  world.chain.install([app('new', 'AddHeader("X-New", "1");', { filters: QUIET })]);
  held?.proxy();
  world.send(request('MESSAGE'));
  expect(world.forwarded.map(({ request: r }) => [r.has('X-Old'), r.has('X-New')])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test('a handler gets the extra arguments of Dispatch, and what it answers goes back', () => {
  const onIt = (tx: RequestContext, word: string, number: number): void => void tx.respond(299, { 'X-Got': `${word} ${number}` });
  const world = new ChainWorld(app('d', 'Dispatch("onIt", "a", 2);', { filters: QUIET, handler: { onIt } }));
  world.send(request('MESSAGE'));
  expect(world.statuses).toEqual([299]);
  expect(world.responses[0]?.first('X-Got')).toBe('a 2');
});

test.each([
  [
    'throws',
    () => {
      throw new Error('boom');
    },
  ],
  [
    'rejects',
    async () => {
      await Promise.resolve();
      throw new Error('boom');
    },
  ],
])('a handler that %s costs its transaction a 500, is reported with its application, and nothing else', async (_, onIt) => {
  const world = new ChainWorld(app('d', 'Dispatch("onIt");', { filters: QUIET, handler: { onIt } }));
  world.send(request('MESSAGE'));
  for (let i = 0; i < 5; i++) await Promise.resolve();
  expect(world.statuses).toEqual([500]);
  expect(world.reports).toEqual(['d onIt: Error: boom']);
});

test('a handler forks to targets in groups by q: the lower ones wait', () => {
  const targets = [
    { uri: 'sip:a@192.0.2.1', q: 0.5 },
    { uri: 'sip:b@192.0.2.2', q: 1 },
    { uri: 'sip:c@192.0.2.3', q: 1, epid: 'e3', routes: ['<sip:p1;lr>', '<sip:p2;lr>'] },
  ];
  const world = new ChainWorld(app('d', 'Dispatch("go");', { filters: QUIET, handler: { go: (tx: RequestContext) => tx.fork(targets) } }));
  world.send(request('INVITE'));
  expect(world.forwarded.map((leg) => leg.request.uri)).toEqual(['sip:b@192.0.2.2', 'sip:c@192.0.2.3']);
  expect(world.forwarded[1]?.request.to.epid).toBe('e3');
  expect(world.forwarded[1]?.request.list(H.Route)).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
  for (const leg of world.forwarded.slice(0, 2)) world.context?.final(SipResponse.reply(leg.request, 404));
  expect(world.forwarded.map((leg) => leg.request.uri).at(-1)).toBe('sip:a@192.0.2.1');
});

test('MSPL R51: a script that wrote the Request-URI has routed the request, and handlers behind it can see that', () => {
  let routed: boolean | undefined;
  const see = (tx: RequestContext): void => {
    ({ routed } = tx);
    tx.proxy();
  };
  const world = new ChainWorld(
    app('router', 'sipRequest.RequestUri = "sip:x@192.0.2.9";', { filters: QUIET }),
    app('default', 'Dispatch("see");', { filters: QUIET, handler: { see } }),
  );
  world.send(request('MESSAGE'));
  expect(routed).toBe(true);
  expect(world.forwarded[0]?.request.uri).toBe('sip:x@192.0.2.9');
});

test('an ACK passes the applications that ask for it and is never answered', () => {
  const world = new ChainWorld(
    app('a', 'AddHeader("X-Ack", "1"); Respond(403, "No");', { filters: `<r:requestFilter methodNames="ACK"/>${QUIET}` }),
  );
  world.send(request('ACK'));
  expect(world.responses).toEqual([]);
});

test('MSPL R6: an application that is not interested in a method is not run for it', () => {
  const world = new ChainWorld(app('a', 'Respond(486, "Busy");', { filters: `<r:requestFilter methodNames="INVITE,OTHER"/>${QUIET}` }));
  for (const method of ['INVITE', 'FOO', 'MESSAGE']) world.send(request(method));
  expect(world.statuses).toEqual([486, 486]);
  expect(world.forwarded).toHaveLength(1);
});

test('rejecting with an error tells the sender its sentence', () => {
  const error = new ParleyError('TEST', { sentence: 'the "line" is closed', fix: '', status: 480 });
  const world = new ChainWorld(app('d', 'Dispatch("go");', { filters: QUIET, handler: { go: (tx: RequestContext) => tx.reject(error) } }));
  world.send(request('MESSAGE'));
  expect(world.statuses).toEqual([480]);
  expect(world.responses[0]?.first(H.Warning)).toBe(`399 uc.example.com "the 'line' is closed"`);
});

const WATCH = '<r:requestFilter methodNames="REGISTER"/><r:responseFilter reasonCodes="2XX"/>';
const ADD_SEEN = 'if (sipResponse) { AddHeader("X-Seen", "1"); }';

test('what a later application answers passes the earlier ones that saw the request, and the one that answers does not see it again', () => {
  const onRegister = (tx: RequestContext): void => void tx.respond(200);
  const world = new ChainWorld(
    app('first', ADD_SEEN, { filters: WATCH }),
    app('other', 'if (sipResponse) { AddHeader("X-Other", "1"); }', { filters: '<r:requestFilter methodNames="INVITE"/>' }),
    app('registrar', `if (sipRequest) { Dispatch("onRegister"); } AddHeader("X-Own", "1");`, { filters: WATCH, handler: { onRegister } }),
  );
  world.send(request('REGISTER'));
  const [answer] = world.responses;
  expect([answer?.status, answer?.first('X-Seen'), answer?.first('X-Other'), answer?.first('X-Own')]).toEqual([
    200,
    '1',
    undefined,
    undefined,
  ]);
});

test('a refusal of a later script passes the earlier ones by their responseFilter', () => {
  const refusing = app('refusing', 'Respond(403, "No");', { filters: QUIET });
  const world = new ChainWorld(
    app('errors', ADD_SEEN, { filters: '<r:responseFilter reasonCodes="4XX"/>' }),
    app('good', 'if (sipResponse) { AddHeader("X-Good", "1"); }', { filters: '<r:responseFilter reasonCodes="2XX"/>' }),
    refusing,
  );
  world.send(request('REGISTER'));
  expect([world.responses[0]?.first('X-Seen'), world.responses[0]?.has('X-Good')]).toEqual(['1', false]);
});

test('an earlier application that keeps responses back by proxyByDefault keeps those of later ones back too', () => {
  const keeping = app('keeping', 'if (sipRequest) { ProxyRequest(""); }', { filters: '<r:proxyByDefault action="false"/>' });
  const world = new ChainWorld(keeping, app('refusing', 'Respond(403, "No");', { filters: QUIET }));
  world.send(request('REGISTER'));
  expect(world.responses).toEqual([]);
});

test('an application finds its own stamp on the request when the response comes, and no other finds it', () => {
  const read =
    'if (sipResponse && sipResponse.Transaction.Request.Stamp != null) { AddHeader("X-Stamp", sipResponse.Transaction.Request.Stamp); }';
  const onRegister = (tx: RequestContext): void => void tx.respond(200);
  const world = new ChainWorld(
    app('other', 'if (sipResponse && sipMessage.Stamp != null) { AddHeader("X-Stolen", sipMessage.Stamp); }', { filters: WATCH }),
    app('stamping', `if (sipRequest) { sipRequest.Stamp = "a"; sipRequest.Stamp = "b"; } ${read}`, { filters: WATCH }),
    app('registrar', 'Dispatch("onRegister");', { filters: QUIET, handler: { onRegister } }),
  );
  world.send(request('REGISTER'));
  expect([world.responses[0]?.first('X-Stamp'), world.responses[0]?.has('X-Stolen')]).toEqual(['a', false]);
});
