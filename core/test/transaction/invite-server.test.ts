import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { RecordingServer } from '../support/recording-users.ts';
import { reply, request } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

function world(transport: 'UDP' | 'TCP') {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const server = new Station(network, '192.0.2.2');
  const far = network.endpoint('192.0.2.1');
  const flow = far.flowTo(server.endpoint, transport);
  const invite = request('INVITE', { transport });
  const send = (method = 'INVITE') => {
    flow.write(method === 'INVITE' ? invite.serialize() : request(method, { transport, to: '<sip:bob@example.com>;tag=b1' }).serialize());
    clock.advance(10);
  };
  /** Status lines that the server has sent, with the time since the INVITE. */
  const sent = () => network.log(server.endpoint, 10).map(([ms, line]) => `${ms} ${line.split(' ')[1] ?? ''}`);
  send();
  const user = new RecordingServer(server.request);
  return { clock, network, server, far, flow, invite, send, sent, user, transaction: server.request };
}

test('RFC 3261 17.2.1: an INVITE whose user is silent gets 100 Trying after 200 ms', () => {
  const { clock, sent } = world('UDP');
  clock.advance(1_000);
  expect(sent()).toEqual(['200 100']);
});
test('RFC 3261 17.2.1: an INVITE that is answered in time gets no 100 Trying', () => {
  const { clock, sent, transaction, invite } = world('UDP');
  clock.advance(100);
  transaction.respond(reply(invite, 180));
  clock.advance(1_000);
  expect(sent()).toEqual(['100 180']);
});
test('a copy of an INVITE is told to nobody, and gets the last provisional response again', () => {
  const { clock, server, send, sent, transaction, invite } = world('UDP');
  send();
  expect(sent()).toEqual([]);
  transaction.respond(reply(invite, 180));
  clock.advance(490);
  send();
  expect(sent()).toEqual(['10 180', '510 180']);
  expect(server.requests).toHaveLength(1);
  expect(server.layer.counters.absorbed).toBe(2);
});
test('RFC 3261 17.2.1: over UDP an error response is repeated at T1, doubling up to T2, until timer H', () => {
  const { clock, sent, transaction, invite, user } = world('UDP');
  transaction.respond(reply(invite, 486));
  clock.advance(60_000);
  expect(sent()).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map((ms) => `${ms} 486`));
  expect(user.heard).toEqual(['terminated']);
  expect(clock.timers.size).toBe(0);
});
test('RFC 3261 17.2.1: the ACK ends the repeating; copies of it are swallowed for T4', () => {
  const { clock, server, send, sent, transaction, invite, user } = world('UDP');
  transaction.respond(reply(invite, 486));
  clock.advance(700);
  send('ACK');
  clock.advance(1_000);
  send('ACK');
  expect(transaction.state).toBe('confirmed');
  expect(sent()).toEqual(['0 486', '500 486']);
  clock.advance(4_000);
  expect(user.heard).toEqual(['terminated']);
  expect(server.acks).toEqual([]);
  expect(clock.timers.size).toBe(0);
});
test('over TCP an error response is sent once, and the ACK ends the transaction', () => {
  const { clock, send, sent, transaction, invite, user } = world('TCP');
  transaction.respond(reply(invite, 486));
  clock.advance(5_000);
  expect(sent()).toEqual(['0 486']);
  send('ACK');
  expect(user.heard).toEqual(['terminated']);
  expect(clock.timers.size).toBe(0);
});
test('over TCP too, the user hears when no ACK has come in 64*T1', () => {
  const { clock, transaction, invite, user } = world('TCP');
  transaction.respond(reply(invite, 486));
  clock.advance(32_010);
  expect(user.heard).toEqual(['terminated']);
});
test('RFC 6026 7.1: after a 2xx copies of the INVITE are swallowed for 64*T1 and the 2xx is not repeated here', () => {
  const { clock, server, send, sent, transaction, invite, user } = world('UDP');
  transaction.respond(reply(invite, 200));
  clock.advance(20_000);
  send();
  expect(sent()).toEqual(['0 200']);
  expect(server.requests).toHaveLength(1);
  clock.advance(12_000);
  expect(user.heard).toEqual(['terminated']);
  expect(clock.timers.size).toBe(0);
});
test('RFC 6026 7.1: the user sends its 2xx again through the transaction, but nothing else after it', () => {
  const { sent, transaction, invite } = world('UDP');
  expect(transaction.respond(reply(invite, 200))).toBe(true);
  expect(transaction.respond(reply(invite, 200))).toBe(true);
  expect(transaction.respond(reply(invite, 486))).toBe(false);
  expect(transaction.respond(reply(invite, 180))).toBe(false);
  expect(sent()).toEqual(['0 200', '0 200']);
  expect(transaction.finalSent).toBe(200);
});
test('there is one final response: a second is refused', () => {
  const { sent, transaction, invite } = world('UDP');
  expect(transaction.respond(reply(invite, 486))).toBe(true);
  expect(transaction.respond(reply(invite, 200))).toBe(false);
  expect(transaction.respond(reply(invite, 486))).toBe(false);
  expect(sent()).toEqual(['0 486']);
  expect(transaction.finalSent).toBe(486);
});
test('RFC 6026 7.1: a transport error is told once, and the transaction goes on', () => {
  const { flow, transaction, invite, user } = world('TCP');
  flow.close();
  transaction.respond(reply(invite, 180));
  transaction.respond(reply(invite, 180));
  expect(user.heard).toEqual(['transport error']);
  expect(transaction.state).toBe('proceeding');
});
test('an INVITE that its user forgets gets 408 in the end', () => {
  const { clock, sent, transaction, invite } = world('UDP');
  transaction.respond(reply(invite, 180));
  clock.advance(800_000);
  transaction.respond(reply(invite, 182));
  clock.advance(899_990);
  expect(transaction.finalSent).toBe(0);
  clock.advance(10);
  expect(sent().slice(0, 3)).toEqual(['0 180', '800000 182', '1700000 408']);
});
test('the To tag of the layer and of its user are one', () => {
  const { transaction } = world('UDP');
  expect(transaction.toTag).toMatch(/^\w{8,}$/);
  expect(transaction.toTag).toBe(transaction.toTag);
});
test('after the final response the layer holds on neither to the request nor to a user that asked for nothing more', () => {
  const { transaction, invite, clock } = world('UDP');
  transaction.onTerminated = undefined;
  transaction.respond(reply(invite, 200));
  const held = JSON.stringify(Object.keys(transaction.record).filter((key) => (transaction.record as never)[key] === transaction));
  expect(held).toBe('[]');
  clock.advance(40_000);
});
