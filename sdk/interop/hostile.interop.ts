/** Peers that mean harm or are merely broken: each meets its limit and gets its answer, and nobody else notices. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { StreamPeer, UdpPeer, ask } from './peer.ts';
import type { Peer } from './peer.ts';
import { OPEN, ParleyServer, eventually, pause } from './server.ts';
import type { ServerOptions } from './server.ts';
import { method, reply, request, status, unique, value } from './wire.ts';

const DOMAIN = 'example.com';
/** An OPTIONS of somebody else must be answered within this, whatever goes on. */
const PROMPT_MS = 2000;
const MEBIBYTE = 1 << 20;

let server: ParleyServer | undefined;
const closers: (() => void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await server?.stop();
  server = undefined;
});

async function start(limits: object, options: ServerOptions = {}): Promise<ParleyServer> {
  server = await ParleyServer.start({ plugins: OPEN, limits, logLevel: 'info', ...options });
  return server;
}

async function tcp(to: ParleyServer, localAddress?: string): Promise<StreamPeer> {
  const peer = await StreamPeer.tcp(to.tcp, localAddress);
  closers.push(() => peer.close());
  return peer;
}

/** Somebody from another address asks for OPTIONS over UDP and over a new TCP connection. */
async function othersAreServed(to: ParleyServer): Promise<void> {
  const udp = await UdpPeer.open(to.udp, '127.0.0.99');
  const stream = await StreamPeer.tcp(to.tcp, '127.0.0.99');
  try {
    for (const peer of [udp, stream] as Peer[]) {
      const began = Date.now();
      expect(status(await ask(peer, { method: 'OPTIONS', uri: `sip:${DOMAIN}` }, PROMPT_MS))).toBe(200);
      expect(Date.now() - began).toBeLessThan(PROMPT_MS);
    }
  } finally {
    udp.close();
    stream.close();
  }
  expect(to.alive).toBe(true);
}

async function register(peer: Peer, user: string, contacts: readonly string[]): Promise<number> {
  const aor = `<sip:${user}@${DOMAIN}>`;
  const headers = [...contacts.map((contact) => `Contact: <${contact}>`), 'Expires: 600'];
  return status(await ask(peer, { method: 'REGISTER', uri: `sip:${DOMAIN}`, to: aor, from: `${aor};tag=${unique()}`, headers }));
}

test('a peer that does not read is cut off, with a line in the log, and costs nobody else anything', async () => {
  const parley = await start({ sendBufferBytes: 262_144 });
  const deaf = await tcp(parley);
  expect(await register(deaf, 'deaf', [`sip:deaf@127.0.0.1:${deaf.socket.localPort ?? 0};transport=tcp`])).toBe(200);
  const before = parley.rss;
  deaf.socket.pause();
  const sender = await tcp(parley);
  sender.discard = true;
  const body = 'x'.repeat(50_000);
  for (let i = 0; i < 600; i++) {
    sender.send(request({ method: 'MESSAGE', uri: `sip:deaf@${DOMAIN}`, via: sender.via, headers: ['Content-Type: text/plain'], body }));
    if (i % 20 === 0) await pause(5);
  }
  await othersAreServed(parley);
  await eventually('a log line about the deaf peer', () => /send.?buffer|does not read|too slow|cut off/i.test(parley.log), 20_000);
  deaf.discard = true;
  deaf.socket.resume();
  await deaf.closed(20_000);
  expect(parley.rss - before).toBeLessThan(200 * MEBIBYTE);
  await othersAreServed(parley);
});

test('a peer that writes a byte now and then loses its connection when its time is over', async () => {
  const parley = await start({ unauthenticatedSeconds: 4 });
  const slow = await tcp(parley);
  const bytes = request({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, via: slow.via }).toString('latin1');
  let next = 0;
  const timer = setInterval(() => slow.send(bytes[next++ % bytes.length] ?? ''), 200);
  closers.push(() => clearInterval(timer));
  await othersAreServed(parley);
  await slow.closed(15_000);
});

test.each([
  ['half a start line', 'INVITE sip:use'],
  ['half a head', 'INVITE sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKhalf\r\nFrom: '],
  ['half a body', 'MESSAGE sip:user@example.com SIP/2.0\r\nContent-Length: 1000\r\n\r\nhalf'],
  ['nothing at all', ''],
])('%s and then silence: the connection is closed when its time is over', async (_what, bytes) => {
  const parley = await start({ unauthenticatedSeconds: 3 });
  const peer = await tcp(parley);
  peer.send(bytes);
  await othersAreServed(parley);
  await peer.closed(15_000);
});

test('a TLS client that never finishes its handshake is dropped', async () => {
  const parley = await start({ unauthenticatedSeconds: 3 });
  const socket = connect(parley.tls);
  closers.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(Buffer.from([22, 3, 1, 0, 200, 1])); // the beginning of a ClientHello
  await othersAreServed(parley);
  await eventually('its end', () => socket.closed || socket.readableEnded, 30_000).catch((error: unknown) => {
    throw new Error('the half-open TLS connection was kept', { cause: error });
  });
});

describe('10,000 idle connections', () => {
  const open = async (to: ParleyServer, count: number, localAddress: string): Promise<Socket[]> => {
    const sockets: Socket[] = [];
    for (let i = 0; i < count; i++) {
      const socket = connect({ ...to.tcp, localAddress });
      socket.on('error', () => undefined);
      sockets.push(socket);
      closers.push(() => socket.destroy());
      if (i % 100 === 99) await pause(10);
    }
    await eventually(`${count} connections`, () => sockets.every((socket) => !socket.connecting), 30_000);
    return sockets;
  };

  test('are held, and others are served', async () => {
    const parley = await start({ unauthenticatedSeconds: 0, idleSeconds: 0 });
    const before = parley.rss;
    const sockets: Socket[] = [];
    for (let i = 1; i <= 10; i++) sockets.push(...(await open(parley, 1000, `127.0.10.${i}`)));
    await othersAreServed(parley);
    await pause(1000);
    expect(sockets.filter((socket) => socket.closed)).toHaveLength(0);
    expect((parley.rss - before) / sockets.length, 'bytes a connection').toBeLessThan(20_000);
  });

  test('from one address are too many: the excess is closed, another address is served', async () => {
    const parley = await start({ unauthenticatedSeconds: 0, connectionsPerAddress: 500 });
    const sockets = await open(parley, 1500, '127.0.11.1');
    await eventually('the excess being closed', () => sockets.filter((socket) => socket.closed).length === 1000);
    await othersAreServed(parley);
  });

  test('that nobody authenticates on are closed when their time is over', async () => {
    const parley = await start({ unauthenticatedSeconds: 5 });
    const sockets: Socket[] = [];
    for (let i = 1; i <= 10; i++) sockets.push(...(await open(parley, 1000, `127.0.12.${i}`)));
    await eventually('every connection being closed', () => sockets.every((socket) => socket.closed), 40_000);
    await othersAreServed(parley);
  });
});

describe('10,000 contacts for one user', () => {
  test(
    'one registration after the other: the newest take the place of the oldest, and no more than ten are kept',
    { timeout: 120_000 },
    async () => {
      const parley = await start({});
      const answers = await tenThousand(parley);
      expect((answers.get(200) ?? 0) + (answers.get(503) ?? 0)).toBe(10_000);
      expect(answers.get(200) ?? 0).toBeGreaterThan(0);
      const { output } = await parley.cli(['registrations', '--json']);
      expect(output.match(/sip:many@127\.0\.0\.1/g)).toHaveLength(10);
      await othersAreServed(parley);
    },
  );

  test('one registration after the other, where the oldest keep their place: the rest is refused', { timeout: 120_000 }, async () => {
    const parley = await start({}, { plugins: { ...OPEN, registrar: { ...OPEN['registrar'], maxContacts: 10, whenFull: 'refuse' } } });
    const answers = await tenThousand(parley);
    expect(answers.get(200)).toBe(10);
    expect((answers.get(403) ?? 0) + (answers.get(503) ?? 0)).toBe(9990);
    expect(answers.get(403) ?? 0).toBeGreaterThan(0);
    await othersAreServed(parley);
  });

  /** Registers one after the other, fifty at a time; how often each status came. */
  async function tenThousand(parley: ParleyServer): Promise<ReadonlyMap<number, number>> {
    const peer = await UdpPeer.open(parley.udp);
    closers.push(() => peer.close());
    const answers = new Map<number, number>();
    for (let i = 0; i < 10_000; i += 50) {
      const batch = Array.from({ length: 50 }, (_, j) => register(peer, 'many', [`sip:many@127.0.0.1:${10_000 + i + j}`]));
      for (const answer of await Promise.all(batch)) answers.set(answer, (answers.get(answer) ?? 0) + 1);
      peer.inbox.clear();
    }
    return answers;
  }

  test.each([
    ['as fields', (contacts: readonly string[]) => contacts.map((contact) => `Contact: ${contact}`)],
    ['as a list', (contacts: readonly string[]) => [`Contact: ${contacts.join(', ')}`]],
  ])('in one request, %s: refused', async (_how, write) => {
    const parley = await start({});
    const peer = await tcp(parley);
    const contacts = Array.from({ length: 10_000 }, (_, i) => `<sip:many@127.0.0.1:${10_000 + i}>`);
    const callId = unique();
    peer.send(
      request({ method: 'REGISTER', uri: `sip:${DOMAIN}`, via: peer.via, callId, to: `<sip:many@${DOMAIN}>`, headers: write(contacts) }),
    );
    await refused(peer);
    await othersAreServed(parley);
  });
});

describe('header bombs', () => {
  const lines = (count: number, line: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => line(i));
  test.each<[string, readonly string[]]>([
    ['100,000 short fields', lines(100_000, (i) => `X-${i}: y`)],
    ['300 fields of one kind', lines(300, () => 'Supported: path')],
    ['a field of a million bytes', [`X-Long: ${'x'.repeat(1_000_000)}`]],
    ['a field folded thirty thousand times', [`X-Folded: a${'\r\n b'.repeat(30_000)}`]],
    ['a thousand Vias', lines(1000, (i) => `Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK${i}`)],
    ['a thousand Vias in one field', [`Via: ${lines(1000, (i) => `SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK${i}`).join(', ')}`]],
    ['a thousand Routes', lines(1000, (i) => `Route: <sip:192.0.2.${i % 250};lr>`)],
    ['ten thousand parameters', [`Contact: <sip:a@b>${lines(10_000, (i) => `;p${i}=v`).join('')}`]],
    ['a body of 500 megabytes, announced', ['Content-Length: 500000000']],
  ])('%s: refused or cut off, and nobody else notices', async (_what, headers) => {
    const parley = await start({});
    const peer = await tcp(parley);
    peer.send(request({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, via: peer.via, headers }));
    await othersAreServed(parley);
    await refused(peer);
    expect(parley.rss).toBeLessThan(400 * MEBIBYTE);
  });

  test('a datagram of 65,000 bytes of fields is answered or dropped', async () => {
    const parley = await start({});
    const peer = await UdpPeer.open(parley.udp);
    closers.push(() => peer.close());
    for (let i = 0; i < 100; i++) {
      const headers = lines(3000, (n) => `X-${n}: ${'y'.repeat(10)}`);
      peer.send(request({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, via: peer.via, headers }).subarray(0, 65_000));
    }
    await othersAreServed(parley);
    expect(peer.inbox.messages.filter((m) => status(m) < 400)).toEqual([]);
  });
});

test('a flood of INVITEs to a phone that never answers ends in answers, not in memory', { timeout: 120_000 }, async () => {
  const parley = await start({}, { timers: { timerC: 10_000 } });
  const phone = await UdpPeer.open(parley.udp);
  closers.push(() => phone.close());
  expect(await register(phone, 'silent', [`sip:silent@127.0.0.1:${phone.port}`])).toBe(200);
  phone.onMessage = (m) => {
    if (method(m) === 'INVITE') phone.send(reply(m, 'SIP/2.0 100 Trying'));
  };
  const caller = await tcp(parley);
  const calls = Array.from({ length: 2000 }, () => unique());
  for (const [i, callId] of calls.entries()) {
    caller.send(
      request({ method: 'INVITE', uri: `sip:silent@${DOMAIN}`, via: caller.via, callId, headers: ['Contact: <sip:caller@127.0.0.1>'] }),
    );
    if (i % 100 === 0) await othersAreServed(parley);
  }
  const finals = (): number => new Set(caller.inbox.messages.filter((m) => status(m) >= 300).map((m) => value(m, 'Call-ID'))).size;
  await eventually('a final response for every call', () => finals() === calls.length, 60_000);
});

/** A 4xx or 5xx, or a closed connection. */
async function refused(peer: StreamPeer): Promise<void> {
  await eventually('a refusal', () => !peer.open || peer.inbox.messages.some((m) => status(m) >= 400), 15_000);
  expect(peer.inbox.messages.filter((m) => status(m) >= 200 && status(m) < 300)).toEqual([]);
}
