/** Stamps on requests, on one server and from one to the next. Sheet mspl 4.6. */
import { expect, test } from 'vitest';
import { H, parseMessage, DEFAULT_LIMITS } from '../../src/sip/index.ts';
import type { SipRequest } from '../../src/sip/index.ts';
import type { RequestContext } from '../../src/script/index.ts';
import { request } from '../support/sip-text.ts';
import { ProxyWorld } from '../proxy/world.ts';
import { ChainWorld, QUIET, app } from './chain-world.ts';

const STAMP = 'sipMessage.Stamp = "checked; \\"yes\\", 100%\\u00e9";';
const READ = `if (sipMessage.Stamp == null) { AddHeader("X-Stamp", "none"); }
  else { AddHeader("X-Stamp", sipMessage.Stamp); AddHeader("X-Pool", sipMessage.StampPool); }`;

/** The request as the next server reads it from the wire. */
function overTheWire(message: SipRequest): SipRequest {
  const result = parseMessage(Buffer.from(message.serialize()), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
}

function stamped(): SipRequest {
  const first = new ChainWorld(app('one', STAMP, { filters: QUIET, appUri: 'http://example.com/apps/A;b=c' }));
  first.send(request('INVITE'));
  return overTheWire(first.forwarded[0]?.request as SipRequest);
}

test('MSPL R47: the same appUri reads the stamp on the next server, with the pool of the first; another one reads null', () => {
  const next = new ChainWorld(
    app('same', READ, { filters: QUIET, appUri: 'http://example.com/apps/A;b=c' }),
    app('other', READ.replaceAll('X-', 'X-Other-'), { filters: QUIET }),
  );
  next.flow.trusted = true;
  next.send(stamped());
  const sent = next.forwarded[0]?.request;
  expect(['X-Stamp', 'X-Pool', 'X-Other-Stamp'].map((name) => sent?.first(name))).toEqual([
    'checked; "yes", 100%\u00c3\u00a9',
    'uc.example.com',
    'none',
  ]);
});

test('MSPL R47: a stamp that does not come from a server is none: anyone can write a header', () => {
  const next = new ChainWorld(app('same', READ, { filters: QUIET, appUri: 'http://example.com/apps/A;b=c' }));
  next.send(stamped());
  const sent = next.forwarded[0]?.request;
  expect([sent?.first('X-Stamp'), sent?.has(H.MSApplicationVia)]).toEqual(['none', false]);
});

test('a script finds stamps in Stamp alone: not as a header, and it cannot make one as a header', () => {
  const world = new ChainWorld(
    app('one', STAMP, { filters: QUIET }),
    app(
      'thief',
      `n = 0; foreach (v in GetHeaderValues("ms-application-via")) { n = n + 1; } AddHeader("X-N", n);
       AddHeader("X-Added", AddHeader(StandardHeader.ApplicationVia, "a")); AddHeader("X-Set", SetParameterValue("ms-application-via", "ms-pool", "b"));`,
      { filters: QUIET },
    ),
  );
  world.send(request('INVITE'));
  const sent = world.forwarded[0]?.request;
  expect(['X-N', 'X-Added', 'X-Set'].map((name) => sent?.first(name))).toEqual(['0', 'false', 'false']);
});

test('the first stamp counts, a handler sees all of them, and copies of a forked request carry them', () => {
  let seen: unknown;
  const go = (tx: RequestContext): void => {
    seen = tx.stamps('http://example.com/one').map(({ stamp }) => stamp);
    tx.fork([{ uri: 'sip:a@192.0.2.1' }, { uri: 'sip:b@192.0.2.2' }]);
  };
  const world = new ChainWorld(
    app('one', 'sipRequest.Stamp = "a"; sipRequest.Stamp = "b"; Dispatch("go");', { filters: QUIET, handler: { go } }),
  );
  world.send(request('INVITE'));
  expect(seen).toEqual(['a', 'b']);
  expect(world.forwarded.map((leg) => leg.request.count(H.MSApplicationVia))).toEqual([2, 2]);
});

test.each([
  [
    'one of 1,025 characters',
    `s = "x"; i = 0; while (i < 10) { s = Concatenate(s, s); i = i + 1; } sipRequest.Stamp = Concatenate(s, "x");`,
  ],
  ['the 21st', 'i = 0; while (i < 21) { sipRequest.Stamp = "x"; i = i + 1; }'],
])('a stamp beyond the limits ends the script: %s', (_, script) => {
  const world = new ChainWorld(app('greedy', `${script} AddHeader("X-After", "1");`, { filters: QUIET }));
  world.send(request('INVITE'));
  expect(world.forwarded[0]?.request.has('X-After')).toBe(false);
});

test.each(['%zz;ms-application=http%3A%2F%2Fexample.com%2Fone', 'a', ';;;', 'a;ms-application=%'])(
  'the header value %s is no stamp',
  (value) => {
    const world = new ChainWorld(app('one', READ, { filters: QUIET }));
    world.flow.trusted = true;
    const message = request('INVITE');
    message.append(H.MSApplicationVia, value);
    world.send(message);
    expect(world.forwarded[0]?.request.first('X-Stamp')).toBe('none');
  },
);

test('stamps are not sent to clients', () => {
  const world = new ProxyWorld();
  const [alice, bob] = [world.phone('10.0.0.2'), world.phone('10.0.0.3')];
  world.route = (message) => {
    message.append(H.MSApplicationVia, 'a;ms-application=b');
    return [[{ uri: bob.contact, flow: world.flowTo(bob) }]];
  };
  alice.send('MESSAGE', 'sip:bob@example.com');
  world.pass();
  expect(bob.requests[0]?.has(H.MSApplicationVia)).toBe(false);
});
