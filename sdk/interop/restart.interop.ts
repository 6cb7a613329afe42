/** What survives: a restart keeps everybody registered, and a kill keeps every user that was reported as added. */
import { ControlClient } from '@parley/core';
import { afterEach, describe, expect, test } from 'vitest';
import { StreamPeer, UdpPeer, ask } from './peer.ts';
import type { Peer } from './peer.ts';
import { missing } from './program.ts';
import { startBaresip } from './phones/baresip.ts';
import { OPEN, PASSWORD, ParleyServer, WITH_DIGEST, eventually, pause } from './server.ts';
import { method, reply, status, unique } from './wire.ts';

const DOMAIN = 'example.com';
/** Seconds between keep-alives of a client behind NAT (RFC 5626 4.4: 24 to 29 over UDP). */
const KEEP_ALIVE_MS = 29_000;

let server: ParleyServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Registers and answers what comes. */
async function register(peer: Peer, user: string, contact: string): Promise<number> {
  peer.onMessage = (m) => {
    if (status(m) === 0 && method(m) !== 'ACK') peer.send(reply(m, 'SIP/2.0 200 OK'));
  };
  const aor = `<sip:${user}@${DOMAIN}>`;
  const headers = [`Contact: <${contact}>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-00000000000a>"`, 'Expires: 600'];
  return status(await ask(peer, { method: 'REGISTER', uri: `sip:${DOMAIN}`, to: aor, from: `${aor};tag=${unique()}`, headers }));
}

/** Sends a MESSAGE from a peer of its own; the final status. */
async function messageTo(to: ParleyServer, user: string): Promise<number> {
  const sender = await UdpPeer.open(to.udp);
  try {
    return status(
      await ask(
        sender,
        { method: 'MESSAGE', uri: `sip:${user}@${DOMAIN}`, headers: ['Content-Type: text/plain'], body: 'still there?' },
        40_000,
      ),
    );
  } finally {
    sender.close();
  }
}

describe.each(['shutDown', 'kill'] as const)('after a %s and a new start', (end) => {
  test('an endpoint on UDP is reached at once, without having said a word', async () => {
    server = await ParleyServer.start({ plugins: OPEN });
    const phone = await UdpPeer.open(server.udp);
    try {
      expect(await register(phone, 'alice', `sip:alice@127.0.0.1:${phone.port}`)).toBe(200);
      await pause(end === 'kill' ? 2000 : 0); // registrations are written behind
      await server[end]();
      await server.launch();
      expect(await messageTo(server, 'alice')).toBe(200);
      expect(phone.inbox.messages.filter((m) => method(m) === 'MESSAGE')).not.toEqual([]);
    } finally {
      phone.close();
    }
  });

  test('an endpoint on TCP is reached again once its client has come back with one REGISTER', async () => {
    server = await ParleyServer.start({ plugins: OPEN });
    const before = await StreamPeer.tcp(server.tcp);
    expect(await register(before, 'bob', `sip:bob@127.0.0.1:${before.socket.localPort ?? 0};transport=tcp`)).toBe(200);
    await server[end]();
    await before.closed(); // what tells a client to come back
    await server.launch();
    const after = await StreamPeer.tcp(server.tcp);
    try {
      expect(await register(after, 'bob', `sip:bob@127.0.0.1:${after.socket.localPort ?? 0};transport=tcp`)).toBe(200);
      expect(await messageTo(server, 'bob')).toBe(200);
      expect(after.inbox.messages.filter((m) => method(m) === 'MESSAGE')).toHaveLength(1);
    } finally {
      after.close();
    }
  });
});

const absent = missing({ baresip: 'baresip-core' });
if (absent !== undefined) console.warn(`The restart test with a phone is skipped: ${absent}`);

test.skipIf(absent !== undefined)(
  'a phone registered by digest is called within one keep-alive after a restart, and did not sign in anew',
  async () => {
    server = await ParleyServer.start({ plugins: { ...WITH_DIGEST, 'auth-digest': { algorithms: ['MD5'] } } }); // baresip 1.0 knows no other

    for (const user of ['alice', 'bob']) await server.addUser(user);
    const common = { server, toneHz: 440, transport: 'udp', answers: true } as const;
    const alice = startBaresip({ ...common, user: 'alice', contact: `bob@${DOMAIN}` }, 24_000);
    const bob = startBaresip({ ...common, user: 'bob', contact: `alice@${DOMAIN}` }, 24_400);
    try {
      await alice.registered();
      await bob.registered();
      const registrations = (): number => [...bob.output.matchAll(/registered successfully|200 OK/g)].length;
      const before = registrations();
      await server.shutDown();
      await server.launch();
      const restarted = Date.now();
      alice.call(`bob@${DOMAIN}`);
      await alice.established();
      expect(Date.now() - restarted).toBeLessThan(KEEP_ALIVE_MS);
      expect(registrations()).toBe(before);
      alice.hangUp();
      await bob.ended();
    } finally {
      await alice.stop();
      await bob.stop();
    }
  },
);

test.each([50, 300, 700])('kill -9 after %i of 1,000 user additions: every user that was reported as added is there', async (killAfter) => {
  server = await ParleyServer.start();
  const client = await ControlClient.connect(server.dataDir);
  const added = new Set<string>();
  const additions = Array.from({ length: 1000 }, async (_, i) => {
    const uri = `sip:user${i}@${DOMAIN}`;
    await client.call('user add', { arguments: { uri }, options: { password: PASSWORD } });
    added.add(uri.slice('sip:'.length));
  });
  const all = Promise.allSettled(additions);
  await eventually(`${killAfter} additions`, () => added.size >= killAfter, 120_000);
  await server.kill();
  const outcomes = await all;
  await server.launch();
  const { code, output } = await server.cli(['user', 'list', '--page-size', '1000', '--json']);
  expect(code, output).toBe(0);
  const names = new Set(output.match(/user\d+@example\.com/g));
  expect([...added].filter((user) => !names.has(user))).toEqual([]);
  expect(added.size).toBeGreaterThanOrEqual(killAfter);
  expect(outcomes.filter((outcome) => outcome.status === 'rejected').length, 'additions that the kill cut off').toBeGreaterThan(0);
});
