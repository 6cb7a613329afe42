import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { TransactionLayer } from '../../src/transaction/index.ts';
import { LossyNetwork, serializing } from '../support/lossy-network.ts';
import { RecordingClient } from '../support/recording-users.ts';
import { reply, request } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

function world() {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const client = new Station(network, '192.0.2.1');
  const server = new Station(network, '192.0.2.2');
  const flow = client.endpoint.flowTo(server.endpoint, 'TCP');
  return { clock, network, client, server, flow };
}

test('a handler that throws costs its transaction a 500, and the error is reported', () => {
  const { clock, client, server, flow } = world();
  const user = new RecordingClient();
  server.layer.onRequest = () => {
    throw new Error('handler');
  };
  client.layer.send(request('MESSAGE', { transport: 'TCP' }), flow, user);
  clock.advance(20);
  expect(user.outcomes).toEqual(['500']);
  expect(server.errors).toEqual([new Error('handler')]);
});
test('a user that throws in a callback does not hold its transaction up', () => {
  const { clock, client, server, flow } = world();
  const user = new RecordingClient();
  user.onResponse = () => {
    throw new Error('user');
  };
  client.layer.send(request('MESSAGE', { transport: 'TCP' }), flow, user);
  clock.advance(10);
  server.request.onTerminated = () => {
    throw new Error('terminated');
  };
  server.request.respond(reply(server.request.request, 200));
  clock.advance(10);
  expect(client.errors).toEqual([new Error('user')]);
  expect(server.errors).toEqual([new Error('terminated')]);
  expect(client.layer.size.client.nonInvite + server.layer.size.server.nonInvite).toBe(0);
  expect(clock.timers.size).toBe(0);
});
test('a stamp that throws leaves the request unanswered and answerable', () => {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  let broken = true;
  const layer = new TransactionLayer({ encode: (message) => (broken ? Buffer.from(fail()) : serializing.encode(message)) }, clock);
  const server = network.endpoint('192.0.2.2');
  const statuses: unknown[] = [];
  server.onMessage = (inbound) => layer.receive(inbound);
  layer.onRequest = (transaction) => {
    expect(() => transaction.respond(reply(transaction.request, 200))).toThrow('stamp');
    broken = false;
    statuses.push(transaction.finalSent, transaction.respond(reply(transaction.request, 500)), transaction.finalSent);
  };
  network.endpoint('192.0.2.1').flowTo(server).write(request('MESSAGE').serialize());
  clock.advance(10);
  expect(statuses).toEqual([0, true, 500]);
});
function fail(): never {
  throw new Error('stamp');
}
test('known copies, ACKs to errors and CANCELs are absorbed before the gates; new requests and ACKs to a 2xx are not', () => {
  const { clock, client, server, flow } = world();
  const absorbed: [string, boolean][] = [];
  server.endpoint.onMessage = (inbound) => {
    const { message } = inbound;
    if (!message.isRequest) return;
    const known = server.layer.absorb(inbound as never);
    absorbed.push([(message as { method: string }).method, known]);
    if (!known) server.layer.receive(inbound);
  };
  const invite = request('INVITE', { transport: 'TCP' });
  const send = (method: string, branch = 'z9hG4bK1') => flow.write(request(method, { transport: 'TCP', branch }).serialize());
  flow.write(invite.serialize());
  clock.advance(10);
  flow.write(invite.serialize());
  send('CANCEL');
  send('ACK');
  send('CANCEL', 'z9hG4bKother');
  send('ACK', 'z9hG4bKother');
  clock.advance(20);
  expect(absorbed).toEqual([
    ['INVITE', false],
    ['INVITE', true],
    ['CANCEL', true],
    ['ACK', true],
    ['CANCEL', false],
    ['ACK', false],
  ]);
  expect(server.requests).toHaveLength(1);
  expect(client.strays.map((response) => response.status)).toEqual([200, 487, 481]);
});
test('when a connection closes, only what waits on it fails', () => {
  const { clock, client, server, flow } = world();
  const other = client.endpoint.flowTo(server.endpoint, 'TCP');
  const [first, second, answered] = [new RecordingClient(), new RecordingClient(), new RecordingClient()];
  client.layer.send(request('MESSAGE', { branch: 'z9hG4bK1' }), flow, first);
  client.layer.send(request('MESSAGE', { branch: 'z9hG4bK2' }), other, second);
  client.layer.send(request('INVITE', { branch: 'z9hG4bK3' }), flow, answered);
  clock.advance(10);
  const call = server.requests.find((one) => one.isInvite);
  call?.respond(reply(call.request, 200));
  clock.advance(10);
  flow.close();
  expect(first.outcomes).toEqual(['transport error TRANSACTION_CONNECTION_LOST']);
  expect(second.outcomes).toEqual([]);
  expect(answered.outcomes).toEqual(['200']);
});
test('a user that tries again on the lost connection is told again, later', () => {
  const { clock, client, flow } = world();
  const user = new RecordingClient();
  let tries = 0;
  user.onTransportError = () => {
    tries++;
    if (tries < 3) client.layer.send(request('MESSAGE', { branch: `z9hG4bKretry${tries}` }), flow, user);
  };
  client.layer.send(request('MESSAGE'), flow, user);
  flow.close();
  expect(tries).toBe(1);
  clock.advance(30);
  expect(tries).toBe(3);
  expect(client.layer.size.client.nonInvite).toBe(0);
});
test('RFC 3261 18.2.2: the final response to a peer whose connection is gone takes another; to a client it is lost', async () => {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const [here, peer] = [network.endpoint('192.0.2.2'), network.endpoint('192.0.2.1')];
  const other = here.flowTo(peer, 'TCP');
  const layer = new TransactionLayer({ ...serializing, responseFlow: () => Promise.resolve(other) }, clock);
  here.onMessage = (inbound) => layer.receive(inbound);
  for (const trusted of [true, false]) {
    const told: string[] = [];
    const flow = peer.flowTo(here, 'TCP');
    if (flow.opposite !== undefined) flow.opposite.trusted = trusted;
    layer.onRequest = (transaction) => {
      transaction.onTransportError = () => told.push('transport error');
      flow.close();
      transaction.respond(reply(transaction.request, 200));
    };
    flow.write(request('MESSAGE', { transport: 'TCP', branch: `z9hG4bK${trusted}` }).serialize());
    clock.advance(10);
    await Promise.resolve();
    expect(told).toEqual(trusted ? [] : ['transport error']);
    expect(network.log(here).map(([, line]) => line)).toEqual(['SIP/2.0 200 OK']);
  }
});
test('sizes count what lives, by role and kind', () => {
  const { clock, client, server, flow } = world();
  client.layer.send(request('INVITE', { branch: 'z9hG4bK1' }), flow, new RecordingClient());
  client.layer.send(request('MESSAGE', { branch: 'z9hG4bK2' }), flow, new RecordingClient());
  client.layer.send(request('INFO', { branch: 'z9hG4bK3' }), flow, new RecordingClient());
  clock.advance(10);
  expect(client.layer.size).toEqual({ server: { invite: 0, nonInvite: 0 }, client: { invite: 1, nonInvite: 2 }, answeredCalls: 0 });
  expect(server.layer.size).toEqual({ server: { invite: 1, nonInvite: 2 }, client: { invite: 0, nonInvite: 0 }, answeredCalls: 0 });
});
