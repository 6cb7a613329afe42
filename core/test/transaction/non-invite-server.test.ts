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
  const message = request('MESSAGE', { transport });
  const send = () => {
    flow.write(message.serialize());
    clock.advance(10);
  };
  const sent = () => network.log(server.endpoint, 10).map(([ms, line]) => `${ms} ${line.split(' ')[1] ?? ''}`);
  send();
  const user = new RecordingServer(server.request);
  return { clock, server, flow, message, send, sent, user, transaction: server.request };
}

test('RFC 4320 4.1: over UDP a 100 is sent when the timer E of the client has reached T2, and no sooner', () => {
  const { clock, sent, transaction, message } = world('UDP');
  clock.advance(1_000);
  expect(transaction.respond(reply(message, 100))).toBe(true);
  clock.advance(10_000);
  expect(sent()).toEqual(['3500 100']);
});
test('RFC 4320 4.1: over TCP the user may send a 100 at once, and the layer sends none then', () => {
  const { clock, sent, transaction, message } = world('TCP');
  transaction.respond(reply(message, 100));
  clock.advance(10_000);
  expect(sent()).toEqual(['0 100']);
});
test('RFC 4320 4.1: other provisional responses are not sent', () => {
  const { sent, transaction, message } = world('TCP');
  expect(transaction.respond(reply(message, 183))).toBe(false);
  expect(sent()).toEqual([]);
  expect(transaction.respond(reply(message, 200))).toBe(true);
});
test('RFC 4320 4.2: a 408 is not sent; the transaction ends in silence', () => {
  const { clock, sent, transaction, message, user } = world('UDP');
  expect(transaction.respond(reply(message, 408))).toBe(false);
  expect(sent()).toEqual([]);
  expect(user.heard).toEqual(['terminated']);
  expect(clock.timers.size).toBe(0);
});
test('RFC 4320 4.2: a request without an answer in 64*T1 gets none any more', () => {
  const { clock, sent, transaction, message, user } = world('UDP');
  clock.advance(31_980);
  expect(user.heard).toEqual([]);
  clock.advance(20);
  expect(user.heard).toEqual(['terminated']);
  expect(transaction.respond(reply(message, 200))).toBe(false);
  expect(sent()).toEqual(['3500 100']);
  expect(clock.timers.size).toBe(0);
});
test('RFC 3261 17.2.2: over UDP each copy of the request gets the final response again, until timer J', () => {
  const { clock, server, send, sent, transaction, message, user } = world('UDP');
  send();
  transaction.respond(reply(message, 200));
  clock.advance(480);
  send();
  clock.advance(31_000);
  send();
  expect(sent()).toEqual(['10 200', '500 200', '31510 200']);
  expect(server.requests).toHaveLength(1);
  clock.advance(1_000);
  expect(user.heard).toEqual(['terminated']);
  send();
  expect(server.requests).toHaveLength(2);
});
test('over TCP the transaction ends with its final response', () => {
  const { clock, server, transaction, message, user } = world('TCP');
  expect(transaction.respond(reply(message, 200))).toBe(true);
  expect(user.heard).toEqual(['terminated']);
  expect(clock.timers.size).toBe(1);
  clock.advance(10);
  expect(clock.timers.size).toBe(0);
  expect(server.layer.size.server).toEqual({ invite: 0, nonInvite: 0 });
});
test('there is one final response: a second is refused', () => {
  const { sent, transaction, message } = world('UDP');
  expect(transaction.respond(reply(message, 404))).toBe(true);
  expect(transaction.respond(reply(message, 200))).toBe(false);
  expect(transaction.respond(reply(message, 100))).toBe(false);
  expect(sent()).toEqual(['0 404']);
});
test('RFC 3261 17.2.2: a response that cannot be sent ends the transaction', () => {
  const { clock, flow, transaction, message, user } = world('TCP');
  flow.close();
  transaction.respond(reply(message, 200));
  expect(user.heard).toEqual(['transport error', 'terminated']);
  expect(clock.timers.size).toBe(0);
});
test('a user can give a request up without an answer', () => {
  const { clock, sent, transaction, message, user } = world('UDP');
  transaction.abandon();
  expect(user.heard).toEqual(['terminated']);
  expect(transaction.respond(reply(message, 200))).toBe(false);
  clock.advance(60_000);
  expect(sent()).toEqual([]);
});
test('whoever asked hears once that the request is settled, by an answer or without one, and at once when it is', () => {
  const told: string[] = [];
  const answered = world('UDP');
  answered.transaction.onSettled(() => told.push(`answered ${answered.transaction.finalSent}`));
  answered.transaction.onSettled(() => told.push('so did another'));
  expect(told).toEqual([]);
  answered.transaction.respond(reply(answered.message, 200));
  expect(told.splice(0)).toEqual(['answered 200', 'so did another']);
  answered.transaction.onSettled(() => told.push('past'));
  expect(told.splice(0)).toEqual(['past']);
  const silent = world('UDP');
  silent.transaction.onSettled(() => told.push(`silent ${silent.transaction.finalSent}`));
  silent.transaction.respond(reply(silent.message, 408));
  expect(told).toEqual(['silent 0']);
});
