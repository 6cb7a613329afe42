import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { RecordingClient } from '../support/recording-users.ts';
import { reply, request } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

function world(transport: 'UDP' | 'TCP') {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const client = new Station(network, '192.0.2.1');
  const far = network.endpoint('192.0.2.2');
  const flow = client.endpoint.flowTo(far, transport);
  const user = new RecordingClient();
  /** What the far end answers goes back without a transaction. */
  const answer = (status: number) => flow.opposite?.write(reply(message, status).serialize());
  const message = request('MESSAGE', { transport });
  return { clock, network, client, far, flow, user, message, answer };
}

test('RFC 3261 17.1.2.2: over UDP a request without an answer is sent at T1, 2*T1, 4*T1, then every T2, and given up after 64*T1', () => {
  const { clock, network, client, flow, user, message } = world('UDP');
  client.layer.send(message, flow, user);
  clock.advance(60_000);
  expect(network.log(client.endpoint).map(([ms]) => ms)).toEqual([
    0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
  ]);
  expect(user.heard).toEqual(['timeout', 'terminated']);
  expect(client.layer.counters.timeouts).toBe(1);
  expect(clock.timers.size).toBe(0);
});
test('RFC 3261 17.1.2.2: over UDP a 100 slows the repeating down to T2', () => {
  const { clock, network, client, flow, user, message, answer } = world('UDP');
  client.layer.send(message, flow, user);
  clock.advance(600);
  answer(100);
  clock.advance(60_000);
  expect(network.log(client.endpoint).map(([ms]) => ms)).toEqual([0, 500, 1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500]);
  expect(user.heard).toEqual(['100', 'timeout', 'terminated']);
});
test('over TCP a request is sent once and given up after 64*T1', () => {
  const { clock, network, client, flow, user, message } = world('TCP');
  client.layer.send(message, flow, user);
  clock.advance(31_900);
  expect(user.heard).toEqual([]);
  clock.advance(200);
  expect(network.log(client.endpoint).map(([ms]) => ms)).toEqual([0]);
  expect(user.heard).toEqual(['timeout', 'terminated']);
});
test('RFC 3261 17.1.2.2: over UDP the user hears a final response once, however often it comes, and nothing waits for the copies', () => {
  const { clock, client, flow, user, message, answer } = world('UDP');
  client.layer.send(message, flow, user);
  answer(200);
  clock.advance(100);
  expect(client.layer.size.client.nonInvite).toBe(0);
  expect(clock.timers.size).toBe(0);
  answer(200);
  clock.advance(4_000);
  answer(200);
  clock.advance(100);
  expect(user.heard).toEqual(['200', 'terminated']);
  expect(client.strays).toHaveLength(2);
});
test('over TCP the transaction ends with its final response', () => {
  const { clock, client, flow, user, message, answer } = world('TCP');
  const transaction = client.layer.send(message, flow, user);
  answer(486);
  clock.advance(10);
  expect(user.heard).toEqual(['486', 'terminated']);
  expect(transaction.state).toBe('terminated');
  expect(clock.timers.size).toBe(0);
  expect(client.layer.size.client).toEqual({ invite: 0, nonInvite: 0 });
});
test('RFC 3261 17.1.4: a closed connection is told as a transport error, after send has returned', () => {
  const { clock, client, flow, user, message } = world('TCP');
  flow.close();
  client.layer.send(message, flow, user);
  expect(user.heard).toEqual([]);
  clock.advance(10);
  expect(user.heard).toEqual(['transport error TRANSACTION_SEND_FAILED', 'terminated']);
  expect(clock.timers.size).toBe(0);
});
test('a connection that closes before the answer ends the transaction at once', () => {
  const { clock, client, flow, user, message } = world('TCP');
  client.layer.send(message, flow, user);
  clock.advance(100);
  flow.close();
  expect(user.heard).toEqual(['transport error TRANSACTION_CONNECTION_LOST', 'terminated']);
  expect(clock.timers.size).toBe(0);
});
test('a user that gives up hears nothing more', () => {
  const { clock, client, flow, user, message, answer } = world('UDP');
  const transaction = client.layer.send(message, flow, user);
  transaction.abandon();
  answer(200);
  clock.advance(60_000);
  expect(user.heard).toEqual([]);
  expect(client.layer.size.client.nonInvite).toBe(0);
});
test('RFC 3261 9.1: nothing but an INVITE is cancelled', () => {
  const { clock, network, client, flow, user, message, answer } = world('TCP');
  const transaction = client.layer.send(message, flow, user);
  answer(100);
  clock.advance(100);
  transaction.cancel();
  clock.advance(100);
  expect(network.log(client.endpoint)).toHaveLength(1);
});
test('the request is there for its user until the final response has been told', () => {
  const { clock, client, flow, message, answer } = world('UDP');
  const seen: unknown[] = [];
  const user = new RecordingClient();
  user.onResponse = () => seen.push(transaction.request);
  const transaction = client.layer.send(message, flow, user);
  answer(200);
  clock.advance(10);
  expect(seen).toEqual([message]);
  expect(() => transaction.request).toThrow(expect.objectContaining({ code: 'TRANSACTION_RELEASED' }));
});
