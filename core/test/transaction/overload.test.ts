import { expect, test } from 'vitest';
import { SipResponse } from '../../src/sip/index.ts';
import { FakeClock } from '../../src/clock/index.ts';
import type { TransactionOptions } from '../../src/transaction/index.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { RecordingClient } from '../support/recording-users.ts';
import { reply, request } from '../support/sip-text.ts';
import type { RequestParts } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

const IN_DIALOG = '<sip:bob@example.com>;tag=b1';

function world(options: Partial<TransactionOptions> = {}) {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const server = new Station(network, '192.0.2.2', options);
  const far = network.endpoint('192.0.2.1');
  const flow = far.flowTo(server.endpoint, 'TCP');
  let branch = 0;
  const send = (method: string, parts: RequestParts = {}) => {
    const sent = request(method, { transport: 'TCP', branch: `z9hG4bK${branch++}`, ...parts });
    flow.write(sent.serialize());
    clock.advance(10);
    return sent;
  };
  const answers = () => network.log(server.endpoint).map(([, line]) => line.split(' ')[1]);
  return { clock, network, server, flow, send, answers };
}

test('beyond its bound the server refuses new requests with 503 and Retry-After, without a transaction', () => {
  const { network, server, send, answers } = world({ maxTransactions: 2, retryAfter: 7 });
  for (const _ of [1, 2, 3, 4]) send('MESSAGE');
  expect(server.requests).toHaveLength(2);
  expect(server.layer.size.server).toEqual({ invite: 0, nonInvite: 2 });
  expect(answers()).toEqual(['503', '503']);
  expect(network.sent.at(-1)?.text).toContain('\r\nRetry-After: 7\r\n');
  expect(server.layer.counters.shed).toBe(2);
});
test('old work before new: requests in dialogs, ACK and CANCEL go in when new calls do not, up to a reserve', () => {
  const { server, send, answers } = world({ maxTransactions: 1, reserveForDialogs: 2 });
  send('INVITE', { branch: 'z9hG4bKcall' });
  server.request.onCancel = () => undefined;
  send('INVITE');
  send('BYE', { to: IN_DIALOG });
  send('BYE', { to: IN_DIALOG });
  send('BYE', { to: IN_DIALOG });
  send('CANCEL', { branch: 'z9hG4bKcall' });
  expect(server.requests.map((one) => one.request.method)).toEqual(['INVITE', 'BYE', 'BYE']);
  expect(answers()).toEqual(['503', '503', '200']);
});
test('calls that have been answered do not count against new ones, but have a bound of their own', () => {
  const { server, send, answers } = world({ maxTransactions: 1, maxRecords: 3, reserveForDialogs: 0 });
  for (const _ of [1, 2, 3, 4]) {
    send('INVITE');
    const last = server.requests.at(-1);
    if (last !== undefined && last.finalSent === 0) last.respond(SipResponse.reply(last.request, 200, undefined, last.toTag));
  }
  expect(server.layer.size.server).toEqual({ invite: 3, nonInvite: 0 });
  expect(answers()).toEqual(['200', '200', '200', '503']);
});
test('the admission hook sheds with a Retry-After of its own, and is not asked about what is known', () => {
  const { network, server, send, answers } = world();
  const asked: string[] = [];
  server.layer.admission = ({ message }) => {
    asked.push(message.method);
    return message.method === 'INVITE' ? 33 : undefined;
  };
  send('MESSAGE', { branch: 'z9hG4bKone' });
  send('MESSAGE', { branch: 'z9hG4bKone' });
  send('INVITE');
  send('ACK');
  send('CANCEL');
  expect(asked).toEqual(['MESSAGE', 'INVITE']);
  expect(answers()).toEqual(['503', '481']);
  expect(network.sent.some(({ text }) => text.includes('Retry-After: 33'))).toBe(true);
});
test('RFC 3261 8.2.7: the ACK to a stateless refusal disappears', () => {
  const { network, server, send } = world();
  server.layer.admission = () => 1;
  send('INVITE', { branch: 'z9hG4bKcall' });
  const tag = /^To: .*;tag=(\w+)/m.exec(network.sent.at(-1)?.text ?? '')?.[1] ?? '';
  expect(tag).not.toBe('');
  send('ACK', { branch: 'z9hG4bKcall', to: `<sip:bob@example.com>;tag=${tag}` });
  expect(server.acks).toEqual([]);
});
test('a gate refuses in the same way, with headers of its own; an ACK is never answered', () => {
  const { network, server, send, clock } = world();
  send('REGISTER');
  send('ACK');
  for (const inbound of server.arrived)
    server.layer.refuse(inbound as never, 401, undefined, [['WWW-Authenticate', 'Digest realm="x", nonce="y"']]);
  clock.advance(10);
  expect(network.sent.at(-1)?.text).toContain('WWW-Authenticate: Digest realm="x", nonce="y"\r\n');
  expect(network.sent.filter(({ text }) => text.startsWith('SIP/2.0 401'))).toHaveLength(1);
});
test('draining refuses new requests and resolves when every open transaction has its final response', async () => {
  const { clock, server, flow, send, answers } = world();
  const invite = send('INVITE');
  const user = new RecordingClient();
  const back = flow.opposite;
  if (back === undefined) throw new Error('no flow');
  const forwarded = request('INVITE', { branch: 'z9hG4bKours' });
  server.layer.send(forwarded, back, user);
  let done = false;
  const drained = server.layer.drain().then(() => (done = true));
  send('MESSAGE');
  expect(answers()).toContain('503');
  server.request.respond(reply(invite, 200));
  await Promise.resolve();
  expect(done).toBe(false);
  flow.write(reply(forwarded, 486).serialize());
  clock.advance(10);
  await drained;
  expect(done).toBe(true);
});
test('draining an idle layer resolves at once', async () => {
  const { server } = world();
  await expect(server.layer.drain()).resolves.toBeUndefined();
});
