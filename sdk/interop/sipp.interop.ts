/** SIPp through a started server: its own scenarios, digest, forking, CANCEL, TCP and TLS, loss; and the CANCEL race a thousand times. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { UdpPeer, ask } from './peer.ts';
import { missing } from './program.ts';
import { OPEN, PASSWORD, ParleyServer, freePort, pause } from './server.ts';
import { Sipp, tlsTunnel } from './sipp/sipp.ts';
import type { SippOptions } from './sipp/sipp.ts';
import { method, reply, request, status, unique, value } from './wire.ts';
import type { WireMessage } from './wire.ts';

const absent = missing({ sipp: 'sip-tester' });
if (absent !== undefined) console.warn(`The SIPp tests are skipped: ${absent}`);

const DOMAIN = 'example.com';
const running: Sipp[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((sipp) => sipp.stop()));
});

function start(options: SippOptions): Sipp {
  const sipp = new Sipp(options);
  running.push(sipp);
  return sipp;
}

/** All of a run's calls must succeed. */
async function succeeds(sipp: Sipp): Promise<void> {
  const { code, output } = await sipp.ended();
  expect(code, output).toBe(0);
}

/** Registers where a SIPp will answer. */
async function register(server: ParleyServer, user: string, domain: string, contacts: readonly string[]): Promise<void> {
  const peer = await UdpPeer.open(server.udp);
  try {
    for (const contact of contacts) {
      const aor = `<sip:${user}@${domain}>`;
      const headers = [`Contact: <${contact}>`, 'Expires: 600'];
      const response = await ask(peer, { method: 'REGISTER', uri: `sip:${domain}`, to: aor, from: `${aor};tag=${unique()}`, headers });
      expect(response.startLine).toMatch(/ 200 /);
    }
  } finally {
    peer.close();
  }
}

describe.skipIf(absent !== undefined)('SIPp', () => {
  let server: ParleyServer;
  beforeAll(async () => {
    server = await ParleyServer.start({ domains: [DOMAIN, '127.0.0.1'], plugins: OPEN });
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(['udp', 'tcp'] as const)('its built-in caller reaches its built-in called side over %s', async (transport) => {
    const [uas, uac] = [await freePort(), await freePort()];
    const called = start({ scenario: { builtIn: 'uas' }, port: uas, calls: 100, transport });
    await register(server, `builtin-${transport}`, '127.0.0.1', [`sip:uas@127.0.0.1:${uas};transport=${transport}`]);
    await succeeds(
      start({ scenario: { builtIn: 'uac' }, port: uac, calls: 100, transport, server: server.udp, service: `builtin-${transport}` }),
    );
    await succeeds(called);
  });

  test.each(['udp', 'tcp'] as const)('calls follow the route set that the server recorded over %s', async (transport) => {
    const [uas, uac] = [await freePort(), await freePort()];
    const called = start({ scenario: 'answer', port: uas, calls: 200, transport, pauseMs: 100 });
    await register(server, `route-${transport}`, DOMAIN, [`sip:uas@127.0.0.1:${uas};transport=${transport}`]);
    const caller = { scenario: 'call', port: uac, calls: 200, rate: 50, transport, server: server.udp } as const;
    await succeeds(start({ ...caller, service: `route-${transport}`, keys: { domain: DOMAIN } }));
    await succeeds(called);
  });

  test('a caller on TLS reaches a called side on UDP', async () => {
    const tunnel = await tlsTunnel(server.tls, readFileSync(server.authority.caFile, 'utf8'));
    try {
      const [uas, uac] = [await freePort(), await freePort()];
      const called = start({ scenario: 'answer', port: uas, calls: 100, pauseMs: 100 });
      await register(server, 'from-tls', DOMAIN, [`sip:uas@127.0.0.1:${uas}`]);
      const caller = { scenario: 'call', port: uac, calls: 100, transport: 'tcp', server: tunnel.at } as const;
      await succeeds(start({ ...caller, service: 'from-tls', keys: { domain: DOMAIN } }));
      await succeeds(called);
    } finally {
      tunnel.close();
    }
  });

  test('three endpoints ring; when one answers the other two are cancelled', async () => {
    const calls = 20;
    const ports = [await freePort(), await freePort(), await freePort()];
    const [answers, ...ring] = ports;
    const called = [
      start({ scenario: 'answer', port: answers ?? 0, calls, pauseMs: 300 }),
      ...ring.map((port) => start({ scenario: 'ring-until-cancelled', port, calls })),
    ];
    await register(
      server,
      'forked',
      DOMAIN,
      ports.map((port) => `sip:uas@127.0.0.1:${port}`),
    );
    await succeeds(
      start({ scenario: 'call', port: await freePort(), calls, rate: 10, server: server.udp, service: 'forked', keys: { domain: DOMAIN } }),
    );
    for (const sipp of called) await succeeds(sipp);
  });

  test('a caller that gives up while it rings gets 487, and the called side a CANCEL', async () => {
    const port = await freePort();
    const called = start({ scenario: 'ring-until-cancelled', port, calls: 50 });
    await register(server, 'cancelled', DOMAIN, [`sip:uas@127.0.0.1:${port}`]);
    await succeeds(
      start({ scenario: 'cancel', port: await freePort(), calls: 50, server: server.udp, service: 'cancelled', keys: { domain: DOMAIN } }),
    );
    await succeeds(called);
  });

  test('calls survive the loss of every tenth message at both ends', async () => {
    const [uas, uac] = [await freePort(), await freePort()];
    const called = start({ scenario: 'answer', port: uas, calls: 100, pauseMs: 50, lost: 10 });
    await register(server, 'lossy', DOMAIN, [`sip:uas@127.0.0.1:${uas}`]);
    // Long enough for a 200 whose ACK was lost to come again before the BYE, three times over.
    const caller = { scenario: 'call', port: uac, calls: 100, server: server.udp, lost: 10, pauseMs: 4500 } as const;
    await succeeds(start({ ...caller, service: 'lossy', keys: { domain: DOMAIN } }));
    expect(called.output).not.toMatch(/Segmentation|Assert/); // whether the last ACK or BYE was lost is its own affair
  });

  test('CANCEL and 200 cross a thousand times: the caller gets exactly one final response, and the one that the called side gave', async () => {
    const [caller, called] = [await UdpPeer.open(server.udp), await UdpPeer.open(server.udp)];
    try {
      await register(server, 'racer', DOMAIN, [`sip:racer@127.0.0.1:${called.port}`]);
      const answered = new Set<string>();
      const cancelled = new Set<string>();
      called.onMessage = (m) => raceAsCalled(called, m, answered, cancelled);
      const finals = new Map<string, number[]>();
      caller.onMessage = (m) => raceAsCaller(caller, m, finals);
      const calls = Array.from({ length: 1000 }, () => unique());
      for (const callId of calls) {
        caller.send(invite(caller, callId));
        await pause(2);
      }
      await pause(3000);
      const wrong = calls.filter((callId) => {
        const got = new Set(finals.get(callId));
        return got.size !== 1 || !got.has(answered.has(callId) ? 200 : 487);
      });
      expect(
        wrong.map((callId) => ({ callId, finals: finals.get(callId), answered: answered.has(callId), cancelled: cancelled.has(callId) })),
      ).toEqual([]);
      expect(answered.size, 'calls that were answered').toBeGreaterThan(0);
      expect(cancelled.size, 'calls that were cancelled').toBeGreaterThan(0);
    } finally {
      caller.close();
      called.close();
    }
  });
});

describe.skipIf(absent !== undefined)('SIPp and a server that authenticates', () => {
  let server: ParleyServer;
  beforeAll(async () => {
    // SIPp 3.6 knows MD5 only, and takes the first challenge that it sees.
    server = await ParleyServer.start({
      domains: [DOMAIN],
      plugins: { directory: {}, 'auth-digest': { algorithms: ['MD5'] }, registrar: {}, routing: {}, options: {} },
    });
    await server.addUser('alice');
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(['udp', 'tcp'] as const)('registers by digest over %s', async (transport) => {
    const port = await freePort();
    const keys = { domain: DOMAIN, contact: `sip:alice@127.0.0.1:${port};transport=${transport}` };
    await succeeds(
      start({
        scenario: 'register',
        port,
        calls: 10,
        transport,
        separate: true,
        server: server.udp,
        service: 'alice',
        password: PASSWORD,
        keys,
      }),
    );
  });

  test('is refused with a wrong password', async () => {
    const port = await freePort();
    const keys = { domain: DOMAIN, contact: `sip:alice@127.0.0.1:${port}` };
    const { code } = await start({
      scenario: 'register',
      port,
      calls: 1,
      server: server.udp,
      service: 'alice',
      password: 'wrong',
      keys,
    }).ended();
    expect(code).not.toBe(0);
  });
});

function invite(caller: UdpPeer, callId: string): Buffer {
  return request({
    method: 'INVITE',
    uri: `sip:racer@${DOMAIN}`,
    via: caller.via,
    callId,
    branch: `z9hG4bK${callId}`,
    from: `<sip:caller@${DOMAIN}>;tag=${callId}`,
    headers: [`Contact: <sip:caller@127.0.0.1:${caller.port}>`],
  });
}

/** Rings at once and answers within 20 ms, unless the CANCEL is faster. */
function raceAsCalled(called: UdpPeer, m: WireMessage, answered: Set<string>, cancelled: Set<string>): void {
  const callId = value(m, 'Call-ID');
  if (method(m) === 'INVITE') {
    called.send(reply(m, 'SIP/2.0 180 Ringing', [`To: ${value(m, 'To')};tag=called`]));
    setTimeout(() => {
      if (cancelled.has(callId)) return;
      answered.add(callId);
      called.send(reply(m, 'SIP/2.0 200 OK', [`To: ${value(m, 'To')};tag=called`, `Contact: <sip:racer@127.0.0.1:${called.port}>`]));
    }, Math.random() * 20);
  } else if (method(m) === 'CANCEL') {
    called.send(reply(m, 'SIP/2.0 200 OK'));
    if (answered.has(callId) || cancelled.has(callId)) return;
    cancelled.add(callId);
    const original = called.inbox.messages.find((one) => method(one) === 'INVITE' && value(one, 'Call-ID') === callId);
    if (original !== undefined) called.send(reply(original, 'SIP/2.0 487 Request Terminated', [`To: ${value(m, 'To')};tag=called`]));
  } else if (method(m) === 'BYE') {
    called.send(reply(m, 'SIP/2.0 200 OK'));
  }
}

/** Cancels some ten milliseconds after the first ring; acknowledges whatever comes. */
function raceAsCaller(caller: UdpPeer, m: WireMessage, finals: Map<string, number[]>): void {
  const callId = value(m, 'Call-ID');
  if (!value(m, 'CSeq').endsWith('INVITE')) return;
  const common = { uri: `sip:racer@${DOMAIN}`, via: caller.via, callId, from: `<sip:caller@${DOMAIN}>;tag=${callId}` };
  if (status(m) === 180) {
    setTimeout(() => caller.send(request({ ...common, method: 'CANCEL', branch: `z9hG4bK${callId}` })), Math.random() * 20);
  } else if (status(m) >= 200) {
    finals.set(callId, [...(finals.get(callId) ?? []), status(m)]);
    const branch = status(m) >= 300 ? `z9hG4bK${callId}` : `z9hG4bK${unique()}`;
    caller.send(request({ ...common, method: 'ACK', branch, to: value(m, 'To') }));
  }
}
