import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { H } from '../../src/sip/index.ts';
import type { SipRequest } from '../../src/sip/index.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { RecordingClient } from '../support/recording-users.ts';
import { message, reply, request } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

function world(transport: 'UDP' | 'TCP', headers: readonly (readonly [string, string])[] = []) {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const client = new Station(network, '192.0.2.1');
  const far = network.endpoint('192.0.2.2');
  const flow = client.endpoint.flowTo(far, transport);
  const user = new RecordingClient();
  const invite = request('INVITE', { transport, headers });
  const answer = (status: number, toTag?: string) => flow.opposite?.write(reply(invite, status, toTag).serialize());
  const sent = (method: string) => network.log(client.endpoint).filter(([, line]) => line.startsWith(method));
  return { clock, network, client, far, flow, user, invite, answer, sent };
}

test('RFC 3261 17.1.1.2: over UDP the INVITE is sent at doubling intervals and given up after 64*T1', () => {
  const { clock, client, flow, user, invite, sent } = world('UDP');
  client.layer.send(invite, flow, user);
  clock.advance(60_000);
  expect(sent('INVITE').map(([ms]) => ms)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
  expect(user.heard).toEqual(['timeout', 'terminated']);
  expect(clock.timers.size).toBe(0);
});
test('over TCP the INVITE is sent once', () => {
  const { clock, client, flow, user, invite, sent } = world('TCP');
  client.layer.send(invite, flow, user);
  clock.advance(60_000);
  expect(sent('INVITE').map(([ms]) => ms)).toEqual([0]);
  expect(user.heard).toEqual(['timeout', 'terminated']);
});
test('RFC 3261 17.1.1.2: a provisional response ends the repeating and the time limit', () => {
  const { clock, client, flow, user, invite, answer, sent } = world('UDP');
  const transaction = client.layer.send(invite, flow, user);
  answer(180);
  clock.advance(200_000);
  answer(183);
  clock.advance(10);
  expect(sent('INVITE')).toHaveLength(1);
  expect(user.heard).toEqual(['180', '183']);
  expect(transaction.state).toBe('proceeding');
  answer(486);
  clock.advance(40_000);
  expect(user.heard).toEqual(['180', '183', '486', 'terminated']);
  expect(clock.timers.size).toBe(0);
});
test('RFC 3261 17.1.1.3: the ACK for an error response has the Via, Request-URI, Route and CSeq number of the INVITE and the To of the response', () => {
  const routes = [
    ['Route', '<sip:p1.example.com;lr>'],
    ['Route', '<sip:p2.example.com;lr>'],
  ] as const;
  const { clock, network, client, flow, user, invite, answer } = world('UDP', routes);
  client.layer.send(invite, flow, user);
  answer(603, 'decliner');
  clock.advance(10);
  const text = network.sent.find((one) => one.text.startsWith('ACK '))?.text ?? '';
  const ack = message(...text.split('\r\n')) as SipRequest;
  expect(ack.uri).toBe('sip:bob@example.com');
  expect(ack.all(H.Via)).toEqual(['SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1']);
  expect(ack.all(H.Route)).toEqual(['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>']);
  expect(ack.first(H.From)).toBe(invite.first(H.From));
  expect(ack.to.tag).toBe('decliner');
  expect(ack.callId).toBe(invite.callId);
  expect(ack.cseq).toEqual({ number: 1, method: 'ACK' });
  expect(ack.first(H.MaxForwards)).toBe('70');
  expect(ack.has(H.Contact)).toBe(false);
  expect(ack.body).toHaveLength(0);
});
test('RFC 3261 17.1.1.3: of an INVITE with several Vias the ACK carries the top one only', () => {
  const { clock, network, client, flow, user, invite, answer } = world('UDP');
  invite.append(H.Via, 'SIP/2.0/TCP 198.51.100.7;branch=z9hG4bKcaller');
  client.layer.send(invite, flow, user);
  answer(404);
  clock.advance(10);
  const ack = network.sent.find((one) => one.text.startsWith('ACK '))?.text ?? '';
  expect(ack).toContain('branch=z9hG4bK1');
  expect(ack).not.toContain('198.51.100.7');
  expect(user.responses[0]?.count(H.Via)).toBe(2);
});
test('RFC 3261 17.1.1.2: over UDP each copy of the error response is acknowledged until timer D', () => {
  const { clock, client, flow, user, invite, answer, sent } = world('UDP');
  client.layer.send(invite, flow, user);
  for (const _ of [1, 2, 3]) {
    answer(486);
    clock.advance(10_000);
  }
  expect(sent('ACK')).toHaveLength(3);
  expect(user.heard).toEqual(['486']);
  clock.advance(5_000);
  expect(user.heard).toEqual(['486', 'terminated']);
  answer(486);
  clock.advance(10);
  expect(sent('ACK')).toHaveLength(3);
});
test('over TCP the transaction ends with its ACK', () => {
  const { clock, client, flow, user, invite, answer, sent } = world('TCP');
  client.layer.send(invite, flow, user);
  answer(486);
  clock.advance(10);
  expect(sent('ACK')).toHaveLength(1);
  expect(user.heard).toEqual(['486', 'terminated']);
  clock.advance(10);
  expect(clock.timers.size).toBe(0);
});
test('RFC 6026 7.2: further 2xx go up for 64*T1 after the first, over TCP too, and none is acknowledged here', () => {
  const { clock, client, flow, user, invite, answer, sent } = world('TCP');
  client.layer.send(invite, flow, user);
  answer(200, 'b1');
  clock.advance(20_000);
  answer(200, 'b2');
  answer(486, 'b3');
  clock.advance(11_000);
  expect(user.heard).toEqual(['200', '200']);
  expect(user.responses.map((response) => response.to.tag)).toEqual(['b1', 'b2']);
  expect(sent('ACK')).toEqual([]);
  clock.advance(2_000);
  expect(user.heard).toEqual(['200', '200', 'terminated']);
  expect(clock.timers.size).toBe(0);
});
test('a client that has lost its connection while ringing has no way to answer any more', () => {
  const { clock, network, client, far, user, invite } = world('TCP');
  const fromClient = far.flowTo(client.endpoint, 'TCP').opposite;
  if (fromClient === undefined) throw new Error('no flow');
  client.layer.send(invite, fromClient, user);
  fromClient.opposite?.write(reply(invite, 180).serialize());
  clock.advance(10);
  fromClient.close();
  expect(user.heard).toEqual(['180', 'transport error TRANSACTION_CONNECTION_LOST', 'terminated']);
  expect(network.clock.timers.size).toBe(0);
});
test('RFC 3261 18.2.2: a server that we had connected to may bring its final response over a connection of its own', () => {
  const { clock, client, far, flow, user, invite, answer } = world('TCP');
  client.layer.send(invite, flow, user);
  answer(180);
  clock.advance(10);
  flow.close();
  far.flowTo(client.endpoint, 'TCP').write(reply(invite, 200).serialize());
  clock.advance(10);
  expect(user.heard).toEqual(['180', '200']);
});
