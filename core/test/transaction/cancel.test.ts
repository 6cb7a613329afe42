import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { H } from '../../src/sip/index.ts';
import type { SipRequest } from '../../src/sip/index.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { RecordingClient, RecordingServer } from '../support/recording-users.ts';
import { message, reply, request } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

function world(transport: 'UDP' | 'TCP' = 'UDP', headers: readonly (readonly [string, string])[] = []) {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const caller = new Station(network, '192.0.2.1');
  const callee = new Station(network, '192.0.2.2');
  const flow = caller.endpoint.flowTo(callee.endpoint, transport);
  const user = new RecordingClient();
  const invite = request('INVITE', { transport, headers });
  const call = caller.layer.send(invite, flow, user);
  clock.advance(10);
  const lines = () => network.sent.map(({ from, text }) => `${from.endsWith('.1:5060') ? '>' : '<'} ${text.split('\r\n', 1)[0] ?? ''}`);
  const texts = (start: string) => network.sent.filter(({ text }) => text.startsWith(start)).map(({ text }) => text);
  return { clock, network, caller, callee, flow, user, invite, call, lines, texts, incoming: callee.request };
}

test('RFC 3261 9.1: the CANCEL looks like its INVITE: Request-URI, Via, From, To, Call-ID, CSeq number and Route', () => {
  const { clock, call, incoming, texts } = world('UDP', [
    ['Route', '<sip:p1.example.com;lr>'],
    ['Require', '100rel'],
    ['Contact', '<sip:alice@192.0.2.1>'],
  ]);
  incoming.respond(reply(incoming.request, 180));
  clock.advance(10);
  call.cancel([['Reason', 'SIP;cause=200;text="Call completed elsewhere"']]);
  const cancel = message(...(texts('CANCEL')[0] ?? '').split('\r\n')) as SipRequest;
  expect(cancel.uri).toBe('sip:bob@example.com');
  expect(cancel.all(H.Via)).toEqual(['SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1']);
  expect(cancel.first(H.From)).toBe('<sip:alice@example.com>;tag=a1');
  expect(cancel.first(H.To)).toBe('<sip:bob@example.com>');
  expect(cancel.callId).toBe('call-1@192.0.2.1');
  expect(cancel.cseq).toEqual({ number: 1, method: 'CANCEL' });
  expect(cancel.all(H.Route)).toEqual(['<sip:p1.example.com;lr>']);
  expect(cancel.first('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
  expect(cancel.has('Require')).toBe(false);
  expect(cancel.has(H.Contact)).toBe(false);
});
test('RFC 3261 9.1: a CANCEL before any response waits for the first provisional one', () => {
  const { clock, call, incoming, lines, user } = world();
  call.cancel();
  call.cancel();
  expect(lines()).toEqual(['> INVITE sip:bob@example.com SIP/2.0']);
  incoming.respond(reply(incoming.request, 180));
  clock.advance(50);
  expect(lines().slice(1)).toEqual([
    '< SIP/2.0 180 Ringing',
    '> CANCEL sip:bob@example.com SIP/2.0',
    '< SIP/2.0 200 OK',
    '< SIP/2.0 487 Request Terminated',
    '> ACK sip:bob@example.com SIP/2.0',
  ]);
  expect(user.outcomes).toEqual(['487']);
  clock.advance(60_000);
  expect(clock.timers.size).toBe(0);
});
test('RFC 3261 9.2: the user is told of the CANCEL and gives the 487 itself; the 200 to the CANCEL has the To tag of the INVITE', () => {
  const { clock, call, callee, incoming, texts, user } = world();
  const server = new RecordingServer(incoming);
  incoming.respond(reply(incoming.request, 180, incoming.toTag));
  clock.advance(10);
  call.cancel();
  clock.advance(10);
  expect(server.heard).toEqual(['cancel']);
  expect(server.cancels[0]?.method).toBe('CANCEL');
  expect(texts('SIP/2.0 200')[0]).toContain(`tag=${incoming.toTag}`);
  clock.advance(100);
  incoming.respond(reply(incoming.request, 487, incoming.toTag));
  clock.advance(10);
  expect(user.outcomes).toEqual(['487']);
  expect(callee.requests).toHaveLength(1);
});
test('RFC 5407 3.1.2: a CANCEL that crosses the 200 changes nothing: the caller hears 200', () => {
  const { clock, call, incoming, texts, user } = world();
  const server = new RecordingServer(incoming);
  incoming.respond(reply(incoming.request, 180));
  clock.advance(10);
  incoming.respond(reply(incoming.request, 200));
  call.cancel();
  clock.advance(20);
  expect(server.heard).toEqual([]);
  expect(texts('SIP/2.0 200 OK')).toHaveLength(2);
  expect(user.outcomes).toEqual(['200']);
});
test('a CANCEL after the final response is not sent', () => {
  const { clock, call, incoming, texts } = world();
  incoming.respond(reply(incoming.request, 200));
  clock.advance(10);
  call.cancel();
  expect(texts('CANCEL')).toEqual([]);
});
test('a held CANCEL is dropped when the final response comes first', () => {
  const { clock, call, incoming, texts, user } = world();
  call.cancel();
  incoming.respond(reply(incoming.request, 486));
  clock.advance(40_000);
  expect(texts('CANCEL')).toEqual([]);
  expect(user.heard).toEqual(['486', 'terminated']);
});
test('RFC 3261 9.1: an INVITE without a final response 64*T1 after its CANCEL is over', () => {
  const { clock, call, incoming, user } = world();
  incoming.onCancel = () => undefined;
  incoming.respond(reply(incoming.request, 180));
  clock.advance(10);
  call.cancel();
  clock.advance(31_990);
  expect(user.outcomes).toEqual([]);
  clock.advance(20);
  expect(user.outcomes).toEqual(['timeout']);
});
test('RFC 3261 9.2: a CANCEL for nothing that is here gets 481', () => {
  const { clock, network, flow } = world();
  flow.write(request('CANCEL', { branch: 'z9hG4bKunknown' }).serialize());
  clock.advance(10);
  expect(network.sent.at(-1)?.text).toMatch(/^SIP\/2.0 481 /);
});
test('a CANCEL from another address gets 481, though it knows the branch', () => {
  const { clock, network, callee, incoming } = world();
  const server = new RecordingServer(incoming);
  network.endpoint('203.0.113.66').flowTo(callee.endpoint).write(request('CANCEL').serialize());
  clock.advance(10);
  expect(network.sent.at(-1)?.text).toMatch(/^SIP\/2.0 481 /);
  expect(server.heard).toEqual([]);
});
test('copies of a CANCEL get the same answer, and the user is told once', () => {
  const { clock, flow, incoming, texts } = world();
  const server = new RecordingServer(incoming);
  for (const _ of [1, 2, 3]) flow.write(request('CANCEL').serialize());
  clock.advance(10);
  expect(server.heard).toEqual(['cancel']);
  const answers = texts('SIP/2.0 200');
  expect(answers).toHaveLength(3);
  expect(new Set(answers).size).toBe(1);
});
test('over TCP a call is cancelled in the same way', () => {
  const { clock, call, caller, callee, incoming, user } = world('TCP');
  incoming.respond(reply(incoming.request, 180));
  clock.advance(10);
  call.cancel();
  clock.advance(50);
  expect(user.heard).toEqual(['180', '487', 'terminated']);
  expect(caller.layer.size).toEqual({ server: { invite: 0, nonInvite: 0 }, client: { invite: 0, nonInvite: 0 }, answeredCalls: 0 });
  expect(callee.layer.size).toEqual({ server: { invite: 0, nonInvite: 0 }, client: { invite: 0, nonInvite: 0 }, answeredCalls: 0 });
  expect(clock.timers.size).toBe(0);
});
