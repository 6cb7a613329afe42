import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { SipResponse } from '../../src/sip/index.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { RecordingClient } from '../support/recording-users.ts';
import { reply, request } from '../support/sip-text.ts';
import type { RequestParts } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

function world(transport: 'UDP' | 'TCP' = 'UDP') {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const server = new Station(network, '192.0.2.2');
  const far = network.endpoint('192.0.2.1');
  const flow = far.flowTo(server.endpoint, transport);
  const send = (method: string, parts: RequestParts = {}, on = flow) => {
    on.write(request(method, parts).serialize());
    clock.advance(10);
  };
  return { clock, network, server, far, flow, send };
}

test('RFC 3261 17.2.3: the branch, the sent-by and the method tell requests apart', () => {
  const { server, send } = world();
  send('OPTIONS');
  send('OPTIONS');
  send('OPTIONS', { branch: 'z9hG4bK2' });
  send('OPTIONS', { sentBy: '192.0.2.1:5062' });
  send('INFO');
  send('OPTIONS', { callId: 'another', cseq: 7, uri: 'sip:carol@example.com' });
  expect(server.requests.map((one) => one.request.method)).toEqual(['OPTIONS', 'OPTIONS', 'OPTIONS', 'INFO']);
});
test('RFC 3261 17.2.3: an ACK with the branch of the INVITE ends its error response', () => {
  const { server, send } = world();
  send('INVITE');
  server.request.respond(reply(server.request.request, 486));
  send('ACK', { to: '<sip:bob@example.com>;tag=b1' });
  expect(server.request.state).toBe('confirmed');
  expect(server.acks).toEqual([]);
});
test('an ACK for a 2xx has a branch of its own, and goes to the user', () => {
  const { server, send } = world();
  send('INVITE');
  server.request.respond(reply(server.request.request, 200));
  send('ACK', { branch: 'z9hG4bK9', to: '<sip:bob@example.com>;tag=b1' });
  expect(server.acks).toHaveLength(1);
});
test('an ACK for a 2xx that uses the branch of its INVITE again goes to the user all the same', () => {
  const { server, send } = world();
  send('INVITE');
  server.request.onTerminated = () => undefined;
  server.request.respond(reply(server.request.request, 200));
  send('ACK', { to: '<sip:bob@example.com>;tag=b1' });
  expect(server.acks.map(({ of }) => of)).toEqual([server.request]);
});
test.each([
  ['no branch', 'SIP/2.0/UDP 192.0.2.1:5060'],
  ['a branch without the magic cookie', 'SIP/2.0/UDP 192.0.2.1:5060;branch=1'],
  ['a branch that is nothing but the magic cookie', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK'],
])('RFC 3261 17.2.3: with %s, a copy is known by Call-ID, CSeq, From tag and top Via', (_, via) => {
  const { server, send } = world();
  send('MESSAGE', { via });
  send('MESSAGE', { via });
  expect(server.requests).toHaveLength(1);
  send('MESSAGE', { via, cseq: 2 });
  send('MESSAGE', { via, callId: 'call-2' });
  send('MESSAGE', { via, from: '<sip:alice@example.com>;tag=a2' });
  send('MESSAGE', { via: via.replace('5060', '5062') });
  send('INFO', { via });
  expect(server.requests).toHaveLength(6);
});
test('[MS-SIPRE] sheet 4.4: endpoints of one user are told apart by epid', () => {
  const { server, send } = world('TCP');
  const via = 'SIP/2.0/TCP 192.0.2.1:5060';
  send('REGISTER', { via, from: '<sip:alice@example.com>;tag=a1;epid=0a' });
  send('REGISTER', { via, from: '<sip:alice@example.com>;tag=a1;epid=0b' });
  send('REGISTER', { via, from: '<sip:alice@example.com>;tag=a1;epid=0a' });
  expect(server.requests).toHaveLength(2);
});
test('requests without a branch from two connections are never one', () => {
  const { server, far, send } = world('TCP');
  const via = 'SIP/2.0/TLS 10.0.0.1:5060';
  send('REGISTER', { via });
  send('REGISTER', { via }, far.flowTo(server.endpoint, 'TCP'));
  expect(server.requests).toHaveLength(2);
});
test('RFC 3261 17.2.3: without a branch, the ACK to an error response is known by its To tag; its Request-URI does not matter', () => {
  const { server, send } = world('TCP');
  const via = 'SIP/2.0/TCP 192.0.2.1:5060';
  send('INVITE', { via });
  server.request.respond(reply(server.request.request, 486, 'ours'));
  send('ACK', { via, to: '<sip:bob@example.com>;tag=theirs' });
  expect(server.request.state).toBe('completed');
  expect(server.acks).toHaveLength(1);
  send('ACK', { via, to: '<sip:bob@example.com>;tag=ours', uri: 'sip:bob@192.0.2.44' });
  expect(server.request.state).toBe('terminated');
  expect(server.acks).toHaveLength(1);
});
test('without a branch, the ACK for a 2xx goes to the user', () => {
  const { server, send } = world('TCP');
  const via = 'SIP/2.0/TCP 192.0.2.1:5060';
  send('INVITE', { via });
  server.request.respond(reply(server.request.request, 200));
  send('ACK', { via, to: '<sip:bob@example.com>;tag=b1' });
  expect(server.acks).toHaveLength(1);
  expect(server.request.state).toBe('accepted');
});
test('without a branch, a CANCEL finds its INVITE', () => {
  const { network, server, send } = world('TCP');
  const via = 'SIP/2.0/TCP 192.0.2.1:5060';
  send('INVITE', { via });
  send('CANCEL', { via });
  expect(network.log(server.endpoint).map(([, line]) => line)).toEqual(['SIP/2.0 200 OK', 'SIP/2.0 487 Request Terminated']);
});
test('an ACK that belongs to nothing goes up without a transaction', () => {
  const { server, send } = world();
  send('ACK');
  expect(server.acks).toEqual([{ ack: expect.anything(), of: undefined }]);
});

function client(transport: 'UDP' | 'TCP' = 'UDP') {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const station = new Station(network, '192.0.2.1');
  const far = network.endpoint('192.0.2.2');
  const flow = station.endpoint.flowTo(far, transport);
  const user = new RecordingClient();
  const arrive = (response: SipResponse, on = flow.opposite) => {
    on?.write(response.serialize());
    clock.advance(10);
  };
  return { network, station, far, flow, user, arrive };
}

test('RFC 3261 17.1.3: a response is known by the top branch and the method of CSeq', () => {
  const { station, flow, user, arrive } = client();
  const message = request('MESSAGE');
  station.layer.send(message, flow, user);
  arrive(reply(request('INFO'), 200));
  arrive(reply(request('MESSAGE', { branch: 'z9hG4bK2' }), 200));
  expect(user.heard).toEqual([]);
  expect(station.strays).toHaveLength(2);
  expect(station.layer.counters.strayResponses).toBe(2);
  arrive(reply(message, 200));
  expect(user.heard).toEqual(['200', 'terminated']);
});
test('a response with several Vias comes up with all of them', () => {
  const { station, flow, user, arrive } = client();
  const message = request('MESSAGE', { headers: [['Via', 'SIP/2.0/TCP 198.51.100.7;branch=z9hG4bKx']] });
  station.layer.send(message, flow, user);
  arrive(reply(message, 200));
  expect(user.responses[0]?.list('Via')).toEqual([
    'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
    'SIP/2.0/TCP 198.51.100.7;branch=z9hG4bKx',
  ]);
});
test('RFC 3261 17.1.3: a response without a branch is nobody’s', () => {
  const { station, flow, user, arrive } = client();
  station.layer.send(request('MESSAGE'), flow, user);
  arrive(reply(request('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:5060' }), 200));
  expect(user.heard).toEqual([]);
  expect(station.strays).toHaveLength(1);
});
test('a stranger who guesses a branch is not heard', () => {
  const { network, station, flow, user, arrive } = client();
  const message = request('MESSAGE');
  station.layer.send(message, flow, user);
  arrive(reply(message, 603), network.endpoint('203.0.113.66').flowTo(station.endpoint));
  expect(user.heard).toEqual([]);
  expect(station.layer.counters.foreignResponses).toBe(1);
});
test('a client behind the same NAT who guesses a branch is not heard either', () => {
  const { station, far, user, arrive } = client();
  const toVictim = far.flowTo(station.endpoint, 'TCP').opposite;
  const message = request('MESSAGE', { transport: 'TCP' });
  if (toVictim === undefined) throw new Error('no flow');
  station.layer.send(message, toVictim, user);
  arrive(reply(message, 603), far.flowTo(station.endpoint, 'TCP'));
  expect(user.heard).toEqual([]);
  arrive(reply(message, 200), toVictim.opposite);
  expect(user.heard).toEqual(['200', 'terminated']);
});
test('two requests with one branch cannot be under way at once', () => {
  const { station, flow, user } = client();
  station.layer.send(request('MESSAGE'), flow, user);
  expect(() => station.layer.send(request('MESSAGE'), flow, user)).toThrow(expect.objectContaining({ code: 'TRANSACTION_BRANCH' }));
});
test('a request without a branch of ours is not sent', () => {
  const { network, station, flow, user } = client();
  const nameless = request('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1' });
  expect(() => station.layer.send(nameless, flow, user)).toThrow(expect.objectContaining({ code: 'TRANSACTION_BRANCH' }));
  expect(network.sent).toEqual([]);
});
test('an ACK has no transaction to be sent in', () => {
  const { station, flow, user } = client();
  expect(() => station.layer.send(request('ACK'), flow, user)).toThrow(expect.objectContaining({ code: 'TRANSACTION_ACK' }));
});

test('RFC 3261 8.2.2.2: the same request on another way is merged; the first copy is not, nor is a request in a dialog', () => {
  const { server, send } = world();
  send('OPTIONS', { branch: 'z9hG4bKa' });
  send('OPTIONS', { branch: 'z9hG4bKb' });
  send('OPTIONS', { branch: 'z9hG4bKc', cseq: 2 });
  send('OPTIONS', { branch: 'z9hG4bKd', to: '<sip:bob@example.com>;tag=b1' });
  const merged = () => server.requests.map((one) => server.layer.isMerged(one));
  expect(merged()).toEqual([false, true, false, false]);
  expect(merged()).toEqual([false, true, false, false]);
});
test('RFC 3261 8.2.2.2: when the first copy has ended, the next is the first', () => {
  const { clock, server, send } = world();
  send('OPTIONS', { branch: 'z9hG4bKa' });
  expect(server.layer.isMerged(server.request)).toBe(false);
  server.request.respond(reply(server.request.request, 200));
  clock.advance(33_000);
  send('OPTIONS', { branch: 'z9hG4bKb' });
  const last = server.requests.at(-1);
  expect(last !== undefined && server.layer.isMerged(last)).toBe(false);
});

test('RFC 3261 17.2.3: a copy of a request that is being served, or was answered, is known before it is read', () => {
  const { server, send } = world();
  const bytes = (parts: RequestParts = {}, method = 'OPTIONS') => request(method, parts).serialize();
  send('OPTIONS');
  const { flow } = server.request;
  expect(server.layer.mayBeKnown(bytes(), flow)).toBe(true);
  server.request.respond(reply(server.request.request, 200));
  expect(server.layer.mayBeKnown(bytes(), flow)).toBe(true);
  expect(server.layer.mayBeKnown(bytes({ branch: 'z9hG4bKother' }), flow)).toBe(false);
  expect(server.layer.mayBeKnown(bytes({}, 'INFO'), flow)).toBe(false);
  expect(server.layer.mayBeKnown(bytes({ sentBy: '192.0.2.1:5062' }), flow)).toBe(false);
});
test('ACK and CANCEL, and what cannot be told unread, are always read', () => {
  const { server, send } = world();
  send('OPTIONS');
  const { flow } = server.request;
  for (const method of ['ACK', 'CANCEL'])
    expect(server.layer.mayBeKnown(request(method, { branch: 'z9hG4bKother' }).serialize(), flow)).toBe(true);
  expect(server.layer.mayBeKnown(request('OPTIONS', { branch: '1' }).serialize(), flow)).toBe(true);
});
