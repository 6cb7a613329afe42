/** Scripts between phones and a proxy that are whole: what really goes over the wire. */
import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import { H } from '../../src/sip/index.ts';
import { ApplicationChain } from '../../src/script/index.ts';
import { ProxyWorld } from '../proxy/world.ts';
import type { Phone } from '../proxy/world.ts';
import { ENVIRONMENT, QUIET, app } from './chain-world.ts';

interface Scene {
  readonly world: ProxyWorld;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
}

/** Three phones, and a chain of scripts; `$bob` and `$carol` in them stand for contacts. */
function scene(...scripts: readonly (string | readonly [script: string, filters: string])[]): Scene {
  const world = new ProxyWorld();
  const [alice, bob, carol] = [world.phone('10.0.0.2'), world.phone('10.0.0.3'), world.phone('10.0.0.4')];
  const chain = new ApplicationChain(world.proxy, ENVIRONMENT, { handlerFailed: () => undefined, disabled: () => undefined });
  const applications = scripts.map((entry, index) => {
    const [script, filters] = typeof entry === 'string' ? ([entry, QUIET] as const) : entry;
    return app(`app${index}`, script.replaceAll('$bob', bob.contact).replaceAll('$carol', carol.contact), { filters });
  });
  chain.install(applications);
  world.transactions.onRequest = (transaction) => {
    const admitted = world.proxy.admit(transaction.inbound);
    if (admitted instanceof ParleyError) throw admitted;
    chain.request(transaction, admitted);
  };
  return { world, alice, bob, carol };
}

test('MSPL R14: exactly one 403, with the headers of the request and a To tag, and nothing is sent on', () => {
  const { world, alice, bob, carol } = scene('AddHeader("X-In", Respond(403, "Forbidden"));', 'ProxyRequest("$bob");');
  const sent = alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  const [answer, ...more] = alice.responses.filter(({ status }) => status !== 100);
  expect([answer?.status, answer?.reason, more.length]).toEqual([403, 'Forbidden', 0]);
  for (const header of [H.From, H.CallId, H.CSeq]) expect(answer?.first(header)).toBe(sent.first(header));
  expect(answer?.first(H.Via)).toContain(sent.topVia.branch ?? 'no branch');
  expect(answer?.first(H.To)).toMatch(/^<sip:bob@example.com>;tag=\w+/);
  expect([...bob.requests, ...carol.requests]).toEqual([]);
});

test('a Respond without a reason, or with "", sends the usual phrase of its status', () => {
  for (const call of ['Respond(404)', 'Respond(404, "")']) {
    const { world, alice } = scene(`${call};`);
    alice.send('MESSAGE', 'sip:bob@example.com');
    world.pass();
    expect(alice.responses.map(({ status, reason }) => `${status} ${reason}`)).toEqual(['404 Not Found']);
  }
});

test('MSPL R18: the next hop sees the header that a script has added', () => {
  const { world, alice, bob } = scene('AddHeader("X-Added", "1");', 'ProxyRequest("$bob");');
  alice.send('MESSAGE', 'sip:bob@example.com');
  world.pass();
  expect(bob.requests[0]?.first('X-Added')).toBe('1');
});

test('MSPL R20: the next hop sees the parameters that a script has set and removed', () => {
  const { world, alice, bob } = scene('SetParameterValue("To", "epid", "abc"); ProxyRequest("$bob");');
  alice.send('MESSAGE', 'sip:bob@example.com');
  world.pass();
  expect(bob.requests[0]?.first(H.To)).toBe('<sip:bob@example.com>;epid=abc');
});

test('MSPL R21: ProxyRequest to a URI replaces the Request-URI and goes there', () => {
  const { world, alice, bob, carol } = scene('ProxyRequest("$carol");');
  alice.send('MESSAGE', 'sip:bob@example.com');
  world.pass();
  expect([bob.requests.length, carol.requests[0]?.uri]).toEqual([0, carol.contact]);
});

test('MSPL R23: after RetargetRequest the request is routed to the new user, To stays, and the 200 names the new party', () => {
  const route = 'if (RequestTarget.Aor == "carol@example.com") { ProxyRequest("$carol"); } else { ProxyRequest("$bob"); }';
  const { world, alice, bob, carol } = scene('RetargetRequest("sip:carol@example.com"); return;', route);
  alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  carol.answer(200);
  expect([bob.requests.length, carol.requests[0]?.first(H.To)]).toEqual([0, '<sip:bob@example.com>']);
  expect(alice.responses.at(-1)?.first(H.PAssertedIdentity)).toBe(`<sip:carol@example.com>`);
});

const FORK = 'BeginFork(false, 0); Fork("$bob"); Fork("$carol"); EndFork();';

test('MSPL R24: two branches, each marked as such on its top Via; the best answer goes back and the loser is cancelled', () => {
  const { world, alice, bob, carol } = scene(FORK);
  alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  expect([bob, carol].map((phone) => phone.requests[0]?.all(H.Via)[0])).toEqual([
    expect.stringContaining(';branched=TRUE'),
    expect.stringContaining(';branched=TRUE'),
  ]);
  bob.answer(180);
  carol.answer(200);
  expect(alice.statuses.filter((status) => status >= 180)).toEqual([180, 200]);
  expect(bob.methods).toEqual(['INVITE', 'CANCEL']);
});

test('one target is no fork: its Via says nothing of branches', () => {
  const { world, alice, bob } = scene('BeginFork(false, 0); Fork("$bob"); EndFork();');
  alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  expect(bob.requests[0]?.first(H.Via)).not.toContain('branched');
});

test('MSPL R54: a CANCEL follows the branches of its INVITE, and no script sees it', () => {
  const seeing = `if (sipRequest) { AddHeader("X-Seen", sipRequest.Method); }`;
  const { world, alice, bob, carol } = scene([seeing, '<r:requestFilter methodNames="ALL" strictRoute="true"/>'], FORK);
  const invite = alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  bob.answer(180);
  carol.answer(180);
  alice.cancel(invite);
  world.pass();
  expect([bob, carol].map((phone) => phone.methods)).toEqual([
    ['INVITE', 'CANCEL'],
    ['INVITE', 'CANCEL'],
  ]);
  expect([bob, carol].map((phone) => phone.requests[1]?.has('X-Seen'))).toEqual([false, false]);
});

test('MSPL V2: a number becomes a header that the next hop sees', () => {
  const { world, alice, bob } = scene(
    'n = 0; foreach (dbEndpoint in QueryEndpoints("bob@example.com")) { n = n + 1; } AddHeader("X-N", n);',
    'ProxyRequest("$bob");',
  );
  alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  expect(bob.requests[0]?.first('X-N')).toBe('0');
});

test('MSPL V6: after a script error the message goes on by default, without what the script had left to do', () => {
  const script = 'EqualString(GetParameterValue(sipRequest.To, "epid"), "x", true); AddHeader("X-After", "1");';
  const { world, alice, bob } = scene(script, 'ProxyRequest("$bob");');
  alice.send('INVITE', 'sip:bob@example.com');
  world.pass();
  expect(bob.requests.map((message) => message.has('X-After'))).toEqual([false]);
});

test('MSPL V12: a response on which ProxyRequest was called goes back by default', () => {
  const { world, alice, bob } = scene(['if (sipResponse) { ProxyRequest(""); }', ''], 'ProxyRequest("$bob");');
  alice.send('MESSAGE', 'sip:bob@example.com');
  world.pass();
  bob.answer(200);
  expect(alice.statuses).toEqual([200]);
});
