/** What a whole server does with a request between two endpoints. [MS-SIPRE], [MS-CONMGMT]. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';
import { serving } from './serving.ts';

test('MS-SIPRE R9: the To of what is delivered names the endpoint, each its own', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob', epid: '0b0b0b0b0b' }).register();
  const laptop = await server.endpoint('laptop', { user: 'bob', epid: '1c1c1c1c1c' }).register();
  const sent = alice.message('bob', 'hello');
  const [there, here] = [await desk.expect('MESSAGE'), await laptop.expect('MESSAGE')];
  expect(there.header('To')).toBe('<sip:bob@example.com>;epid=0b0b0b0b0b');
  expect(here.header('To')).toBe('<sip:bob@example.com>;epid=1c1c1c1c1c');
  there.answer(200);
  here.answer(200);
  await sent.expect(200);
});

test('MS-SIPRE R9: a phone that registered without an epid gets the To as it was written', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = server.endpoint('bob', { transport: 'udp' });
  await bob.register();
  const sent = alice.message('bob', 'hello');
  const received = await bob.expect('MESSAGE');
  expect(received.header('To')).toBe('<sip:bob@example.com>');
  received.answer(200);
  await sent.expect(200);
});

test('MS-SIPRE R10: all endpoints ring, the first 200 is the call, and the others are told who has it', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const desk = await server.endpoint('desk', { user: 'bob' }).register();
  const laptop = await server.endpoint('laptop', { user: 'bob' }).register();
  const call = alice.invite('bob');
  const first = await desk.expect('INVITE').answer(180);
  await laptop.expect('INVITE').answer(183);
  await call.expect(180);
  await call.expect(183);
  const taken = first.answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  const cancel = await laptop.expect('CANCEL');
  expect(cancel.header('Reason')).toContain('cause=200');
  await call.bye().expect(200);
});

test('MS-SIPRE R13: an extension that the server has to know and does not is refused with its name', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  await server.endpoint('bob').register();
  const sent = alice.send('MESSAGE', 'bob', { body: 'x', headers: { 'Proxy-Require': 'x-telepathy, ms-benotify, x-clairvoyance' } });
  const response = await sent.expect(420);
  expect(response.all('Unsupported').join(', ')).toBe('x-telepathy, x-clairvoyance');
});

test('MS-SIPRE R13: Require is for the endpoint: the server passes it on', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const sent = alice.send('MESSAGE', 'bob', { body: 'x', headers: { Require: 'x-telepathy' } });
  const received = await bob.expect('MESSAGE');
  expect(received.header('Require')).toBe('x-telepathy');
  received.answer(420, { headers: { Unsupported: 'x-telepathy' } });
  await sent.expect(420);
});

/** Every byte there is, line ends and a NUL among them, and what looks like the end of a part. */
const BYTES = Buffer.concat([
  Buffer.from('--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\nContent-Type: image/gif\n\n'),
  Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)),
  Buffer.from('\r\n\r\n--b--\r\nINVITE sip:x SIP/2.0\r\n\r\n'),
]);

test.each(['udp', 'tcp', 'tls'] as const)('MS-SIPRE R14: a body goes over %s and comes back byte for byte', async (transport) => {
  await using server = await serving();
  const alice = await server.endpoint('alice', { transport }).register();
  const bob = await server.endpoint('bob', { transport }).register();
  const contentType = 'multipart/alternative;boundary=b';
  const sent = alice.send('MESSAGE', 'bob', { body: BYTES, contentType });
  const received = await bob.expect('MESSAGE');
  expect(received.request.body.equals(BYTES)).toBe(true);
  expect(received.header('Content-Length')).toBe(String(BYTES.length));
  expect(received.header('Content-Type')).toBe(contentType);
  received.answer(200, { body: BYTES, headers: { 'Content-Type': contentType } });
  const response = await sent.expect(200);
  expect(response.body.equals(BYTES)).toBe(true);
});

test('MS-SIPRE R20: what signs runs last: nothing of a message changes behind it', async () => {
  const seen = new Map<string, string>();
  const witness = definePlugin({
    name: 'witness',
    summary: 'Stands where messages are signed, and looks.',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup: (scope) => {
      // The place of signatures: sdk/src/association/install.ts.
      scope.stamp({ name: 'witness', order: 1000, apply: (message) => void seen.set(message.first('Via') ?? '', message.toString()) });
    },
  });
  await using server = await serving({}, { plugins: [witness()] });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob', { epid: '0b0b0b0b0b' }).register();
  const call = alice.invite('bob');
  const received = await bob.expect('INVITE');
  expect(received.request.toString()).toBe(seen.get(received.header('Via')?.split(', ', 1)[0] ?? ''));
  expect(received.header('To')).toContain(';epid=0b0b0b0b0b');
  expect(received.header('Record-Route')).toContain('ms-route-sig=');
  received.answer(486);
  await call.expect(486);
});

test('MS-CONMGMT R10: a keep-alive header that asks the next hop reaches the callee as it was written', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob', { headers: { 'ms-keep-alive': 'UAC;hop-hop=yes' } });
  const received = await bob.expect('INVITE');
  expect(received.header('ms-keep-alive')).toBe('UAC;hop-hop=yes');
  received.answer(486);
  const response = await call.expect(486);
  expect(response.has('ms-keep-alive')).toBe(false);
});

test('MS-CONMGMT R12: a client that asks for no keep-alive stays connected until it has been silent too long', async () => {
  await using server = await serving({}, { config: { limits: { idleSeconds: 360 } } });
  const alice = await server.endpoint('alice', { transport: 'udp' }).register();
  const bob = await server.endpoint('bob', { transport: 'tls' }).register();
  await server.advance('355s');
  const sent = alice.message('bob', 'still there?');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
  await server.advance('370s');
  await alice.message('bob', 'and now?').expect(480);
});
