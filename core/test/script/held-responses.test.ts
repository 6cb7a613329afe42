/** Responses that a handler looks at in its own time. */
import { expect, test } from 'vitest';
import { SipResponse } from '../../src/sip/index.ts';
import type { RequestContext, ResponseEvent } from '../../src/script/index.ts';
import { request } from '../support/sip-text.ts';
import { ChainWorld, QUIET, app } from './chain-world.ts';

const reply = (status: number): SipResponse => SipResponse.reply(request('INVITE'), status);

/** A chain whose application dispatches responses to a handler that holds them all. */
function holding(): {
  readonly world: ChainWorld;
  readonly held: ((passes: boolean) => void)[];
  readonly arrive: (status: number) => unknown;
} {
  const held: ((passes: boolean) => void)[] = [];
  const onAnswer = (event: ResponseEvent): void => void held.push(event.hold());
  const world = new ChainWorld(app('holds', 'if (sipResponse) { Dispatch("onAnswer"); }', { handler: { onAnswer } }));
  world.send(request('INVITE'));
  return { world, held, arrive: (status) => world.forwarded[0]?.onResponse(reply(status)) };
}

test('a response that a handler holds goes on when it lets go, and those behind wait for it', () => {
  const { world, held, arrive } = holding();
  expect([arrive(180), arrive(200)]).toEqual(['held', 'held']);
  expect([held.length, world.statuses]).toEqual([1, []]);
  held[0]?.(true);
  expect([held.length, world.statuses]).toEqual([2, [180]]);
  held[1]?.(true);
  expect(world.statuses).toEqual([180, 200]);
});

test('one that the handler keeps never reaches the caller; letting go twice changes nothing', () => {
  const { world, held, arrive } = holding();
  arrive(180);
  held[0]?.(false);
  held[0]?.(true);
  arrive(486);
  held[1]?.(true);
  expect(world.statuses).toEqual([486]);
});

test('one that its handler holds and then fails over goes on, in its place', () => {
  const onAnswer = (event: ResponseEvent): void => {
    event.hold();
    throw new Error('out of paper');
  };
  const world = new ChainWorld(app('fails', 'if (sipResponse) { Dispatch("onAnswer"); }', { handler: { onAnswer } }));
  world.send(request('INVITE'));
  expect([world.forwarded[0]?.onResponse(reply(180)), world.forwarded[0]?.onResponse(reply(486))]).toEqual([true, true]);
  expect(world.reports).toEqual(['fails onAnswer: Error: out of paper', 'fails onAnswer: Error: out of paper']);
});

test('a second 2xx to an INVITE goes up too: only the caller can end its dialog', () => {
  const { world, held, arrive } = holding();
  arrive(200);
  arrive(200);
  held[0]?.(true);
  held[1]?.(true);
  expect(world.statuses).toEqual([200, 200]);
});

test('a handler that sends a request on sees what comes back, and may change it', () => {
  const seen: number[] = [];
  const go = (tx: RequestContext): void =>
    tx.proxy((event) => {
      seen.push(event.response.status);
      event.response.append('X-Seen', '1');
    });
  const world = new ChainWorld(
    app('watches', 'Dispatch("go");', { filters: QUIET, handler: { go } }),
    app('later', '', { filters: QUIET }),
  );
  world.send(request('INVITE'));
  const response = reply(200);
  expect(world.forwarded[0]?.onResponse(response)).toBe(true);
  expect([seen, response.first('X-Seen')]).toEqual([[200], '1']);
});

test('of several targets each has its own eyes on what comes back', () => {
  const seen: string[] = [];
  const target = (uri: string) => ({ uri, onResponse: (event: ResponseEvent) => void seen.push(`${uri} ${event.response.status}`) });
  const go = (tx: RequestContext): void => tx.fork([target('sip:a@192.0.2.1'), target('sip:b@192.0.2.2')]);
  const world = new ChainWorld(app('forks', 'Dispatch("go");', { filters: QUIET, handler: { go } }));
  world.send(request('INVITE'));
  world.forwarded[1]?.onResponse(reply(180));
  world.forwarded[0]?.onResponse(reply(486));
  expect(seen).toEqual(['sip:b@192.0.2.2 180', 'sip:a@192.0.2.1 486']);
});

test('what is answered through the transaction, as dialogs do, passes the scripts that saw the request', () => {
  const go = (tx: RequestContext): void => void tx.transaction?.respond(reply(200));
  const world = new ChainWorld(
    app('before', 'if (sipResponse) { AddHeader("X-Before", "1"); }'),
    app('answers', 'Dispatch("go");', { filters: QUIET, handler: { go } }),
  );
  world.send(request('SUBSCRIBE'));
  expect([world.statuses, world.responses[0]?.first('X-Before')]).toEqual([[200], '1']);
});

test('what is answered through the transaction is kept back where a script before keeps responses', () => {
  const go = (tx: RequestContext): void => void tx.transaction?.respond(reply(200));
  const world = new ChainWorld(
    app('keeps', 'if (sipRequest) { ProxyRequest(""); }', { filters: '<r:proxyByDefault action="false"/>' }),
    app('answers', 'Dispatch("go");', { filters: QUIET, handler: { go } }),
  );
  world.send(request('SUBSCRIBE'));
  expect(world.statuses).toEqual([]);
});

test('DispatchNotification of a handler that fails leaves the request alone', async () => {
  const tell = (): void => {
    throw new Error('boom');
  };
  const world = new ChainWorld(app('tells', 'DispatchNotification("tell"); ProxyRequest("");', { filters: QUIET, handler: { tell } }));
  world.send(request('INVITE'));
  await Promise.resolve();
  expect([world.statuses, world.forwarded.length, world.reports]).toEqual([[], 1, ['tells tell: Error: boom']]);
});

test('MSPL R48: an application with too much to do makes Dispatch and DispatchNotification false', () => {
  const world = new ChainWorld(
    app('busy', 'AddHeader("X-Told", DispatchNotification("go")); if (!Dispatch("go")) { Respond(503, "Server Busy"); }', {
      filters: QUIET,
      handler: { go: () => undefined },
      busy: () => true,
    }),
  );
  world.send(request('INVITE'));
  expect([world.statuses, world.responses[0]?.reason]).toEqual([[503], 'Server Busy']);
});

test('what a script says of MarshalContent reaches the handlers of request and response', () => {
  const seen: boolean[] = [];
  const go = (tx: RequestContext): void => {
    seen.push(tx.marshalContent);
    tx.proxy();
  };
  const onAnswer = (event: ResponseEvent): void => void seen.push(event.marshalContent);
  const world = new ChainWorld(
    app('private', 'if (sipRequest) { sipMessage.Transaction.MarshalContent = false; Dispatch("go"); } else { Dispatch("onAnswer"); }', {
      handler: { go, onAnswer },
    }),
  );
  world.send(request('INVITE'));
  world.forwarded[0]?.onResponse(reply(200));
  expect(seen).toEqual([false, false]);
});
