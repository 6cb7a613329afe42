import type { SipMessage } from '@parley/core';
import { expect, test } from 'vitest';
import { Client, World, flow, reply } from './support.ts';

function signedIn(): { world: World; client: Client; stamped: <M extends SipMessage>(message: M) => M } {
  const world = new World();
  const client = new Client(world);
  client.signIn();
  const stamped = <M extends SipMessage>(message: M): M => {
    world.stamp.apply(message, client.on);
    return message;
  };
  return { world, client, stamped };
}

const toClient = (client: Client, method: string) =>
  client.request(method, { from: '<sip:bob@example.com>;tag=b', to: `<sip:alice@example.com>;tag=a;epid=${client.epid}` });

test('MS-SIPAE R13: signing is the last of all stamps', () => {
  expect(new World().stamp.order).toBe(1000);
});

test.each(['INVITE', 'ACK', 'CANCEL', 'BENOTIFY', 'NOTIFY', 'MESSAGE', 'BYE'])(
  'MS-SIPAE R13, R14: %s to the client is signed',
  (method) => {
    const { client, stamped } = signedIn();
    expect(client.trusts(stamped(toClient(client, method)))).toBe(true);
  },
);

test.each([180, 183, 200, 202, 302, 403, 404, 407, 486, 500, 503, 603])('MS-SIPAE R13, R14: %i to the client is signed', (status) => {
  const { client, stamped } = signedIn();
  expect(client.trusts(stamped(reply(client.request('INVITE'), status)))).toBe(true);
});

test.each([100, 401])('MS-SIPAE R14, R15: %i is not signed', (status) => {
  const { client, stamped } = signedIn();
  expect(stamped(reply(client.request('INVITE'), status)).has('Authentication-Info')).toBe(false);
});

test('MS-SIPAE R13: snum begins at 1 and rises by 1, srand is new each time', () => {
  const { client, stamped } = signedIn();
  const infos = Array.from({ length: 5 }, () => stamped(toClient(client, 'BENOTIFY')).first('Authentication-Info') ?? '');
  expect(infos.map((info) => /snum="(\d+)"/.exec(info)?.[1])).toEqual(['1', '2', '3', '4', '5']);
  expect(new Set(infos.map((info) => /srand="([0-9A-F]{8})"/.exec(info)?.[1])).size).toBe(5);
});

test('MS-SIPAE section 8: the header is in the order of Lync', () => {
  const { client, stamped } = signedIn();
  expect(stamped(toClient(client, 'BYE')).first('Authentication-Info')).toMatch(
    /^NTLM qop="auth", opaque="[0-9A-F]{8}", srand="[0-9A-F]{8}", snum="1", rspauth="[0-9a-f]+", targetname="ucsrv.example.com", realm="SIP Communications Service", version=4$/,
  );
});

test('MS-SIPAE section 2: a message carries one signature, that of this hop', () => {
  const { client, stamped } = signedIn();
  const forwarded = toClient(client, 'INVITE');
  forwarded.append('Authentication-Info', 'NTLM rspauth="00"');
  expect(stamped(forwarded).all('Authentication-Info')).toHaveLength(1);
  expect(client.trusts(forwarded)).toBe(true);
});

test('MS-SIPAE R15: nothing is signed before the handshake is complete, nor on connections without one', () => {
  const world = new World();
  const client = new Client(world);
  client.begin();
  for (const on of [client.on, flow()]) {
    const message = toClient(client, 'INVITE');
    world.stamp.apply(message, on);
    expect(message.has('Authentication-Info')).toBe(false);
  }
});

test('MS-SIPAE R13: each of two endpoints on one connection gets its own signature', () => {
  const { world, client, stamped } = signedIn();
  const bob = new Client(world, 'bob', client.on, '01010101');
  bob.signIn();
  const toBob = bob.request('INVITE', { from: '<sip:carol@example.com>;tag=c', to: `<sip:bob@example.com>;epid=01010101` });
  expect(bob.trusts(stamped(toBob))).toBe(true);
  expect(client.trusts(stamped(toClient(client, 'INVITE')))).toBe(true);
  expect(bob.trusts(stamped(reply(bob.request('INVITE'), 200)))).toBe(true);
});

test('while an endpoint signs in anew nothing is signed with the old keys: it would drop the connection', () => {
  const { world, client, stamped } = signedIn();
  client.begin();
  expect(stamped(toClient(client, 'BENOTIFY')).has('Authentication-Info')).toBe(false);
  world.check(client.last(), client.on);
  expect(client.trusts(stamped(toClient(client, 'BENOTIFY')))).toBe(true);
});

test('a handshake that is given up leaves the old keys in force', () => {
  const { world, client, stamped } = signedIn();
  const { opaque } = client;
  client.begin();
  client.opaque = opaque;
  world.clock.advance(66_000);
  expect(client.trusts(stamped(toClient(client, 'BENOTIFY')))).toBe(true);
});
