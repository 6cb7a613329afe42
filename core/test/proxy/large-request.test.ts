import { expect, test } from 'vitest';
import { H } from '../../src/sip/index.ts';
import type { Destination } from '../../src/transport/index.ts';
import { ProxyWorld } from './world.ts';
import type { Phone } from './world.ts';

const PEER = '10.0.0.77';
const refusal = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Alice's request to a place that a name leads to, by UDP; `large` makes it exceed a datagram. */
class Relay {
  readonly world = new ProxyWorld();
  readonly alice = this.world.phone('10.0.0.10');
  readonly peer: Phone = this.world.phone(PEER);
  readonly asked: Destination[] = [];

  constructor() {
    this.world.names.set('example.org', [{ transport: 'UDP', host: PEER, port: 5060 }]);
    this.world.route = () => [[{}]];
  }

  /** The peer takes TCP. */
  accept(): void {
    this.world.connect = async (destination) => {
      this.asked.push(destination);
      return this.world.server.flowTo(this.peer.endpoint, 'TCP');
    };
  }

  /** Nobody takes TCP there, for this reason. */
  refuse(cause: Error): void {
    const { connect } = this.world;
    this.world.connect = (destination) => {
      this.asked.push(destination);
      return connect(destination, cause);
    };
  }

  async send(method: string, bytes: number): Promise<void> {
    const plain = 430;
    this.alice.send(method, 'sip:carol@example.org', { Subject: 'x'.repeat(bytes - plain) });
    await this.settle();
  }

  /** Lets what waits for a connection go on, and arrive. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await Promise.resolve();
    this.world.pass();
  }

  /** Transport in our Via of the last request that came. */
  get via(): string | undefined {
    return this.peer.requests.at(-1)?.first(H.Via)?.split(' ', 1)[0];
  }
}

test('RFC 3261 18.1.1: a large request for a place that a name leads to goes by TCP, its Via and Record-Route say so, and the answer comes back', async () => {
  const relay = new Relay();
  relay.accept();
  await relay.send('INVITE', 1_600);
  expect(relay.asked).toEqual([{ transport: 'TCP', host: PEER, port: 5060 }]);
  expect(relay.via).toBe('SIP/2.0/TCP');
  expect(relay.peer.requests.at(-1)?.first(H.RecordRoute)).toContain('transport=tcp');
  relay.peer.answer(200);
  expect(relay.alice.statuses.at(-1)).toBe(200);
  expect(relay.alice.responses.at(-1)?.topVia.transport).toBe('UDP');
});

test('RFC 3261 18.1.1: a small one goes in a datagram', async () => {
  const relay = new Relay();
  relay.accept();
  await relay.send('INVITE', 600);
  expect(relay.asked).toEqual([]);
  expect(relay.via).toBe('SIP/2.0/UDP');
});

test('RFC 3261 18.1.1: what counts is the request as it leaves, with our own fields', async () => {
  const sizes: [number, string | undefined][] = [];
  for (let bytes = 900; bytes <= 1_350; bytes += 25) {
    const relay = new Relay();
    relay.accept();
    await relay.send('INVITE', bytes);
    sizes.push([relay.peer.requests.at(-1)?.serialize().length ?? 0, relay.via]);
  }
  for (const [size, via] of sizes) if (via === 'SIP/2.0/UDP') expect(size).toBeLessThanOrEqual(1_300);
  for (const [size, via] of sizes) if (size <= 1_290) expect(via).toBe('SIP/2.0/UDP');
  expect(new Set(sizes.map(([, via]) => via)).size).toBe(2);
});

test('RFC 3261 18.1.1: a peer that refuses the connection gets a datagram, with one Via and one Record-Route of ours', async () => {
  const relay = new Relay();
  relay.refuse(refusal);
  await relay.send('INVITE', 1_600);
  expect(relay.asked).toHaveLength(1);
  expect(relay.via).toBe('SIP/2.0/UDP');
  const [invite] = relay.peer.requests.slice(-1);
  expect([invite?.list(H.Via).length, invite?.list(H.RecordRoute).length]).toEqual([2, 1]);
  expect(relay.world.unreachable).toEqual([]);
});

test('RFC 3261 18.1.1: silence is no refusal: the next server is asked, and without one the caller hears that nobody was reached', async () => {
  const relay = new Relay();
  relay.refuse(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }));
  await relay.send('MESSAGE', 1_600);
  expect(relay.peer.requests.filter((request) => request.serialize().length > 1_300)).toEqual([]);
  expect(relay.alice.statuses.at(-1)).toBe(500);
  expect(relay.world.unreachable).toEqual(['TEST_UNREACHABLE']);
});

test.each([
  ['by TCP', 'SIP/2.0/TCP', (relay: Relay) => relay.accept()],
  ['in a datagram when TCP is refused', 'SIP/2.0/UDP', (relay: Relay) => relay.refuse(refusal)],
])('RFC 3261 18.1.1: a large ACK for a 2xx goes %s', async (_how, via, prepare) => {
  const relay = new Relay();
  await relay.send('INVITE', 600);
  relay.peer.answer(200);
  const ok = relay.alice.responses.at(-1);
  prepare(relay);
  if (ok !== undefined) relay.alice.sendInDialog('ACK', ok, 1, { Subject: 'x'.repeat(1_300) });
  await relay.settle();
  expect(relay.peer.methods).toEqual(['INVITE', 'ACK']);
  expect(relay.via).toBe(via);
});

test('an endpoint that registered over UDP gets large requests there: behind NAT it could not take a connection', async () => {
  const relay = new Relay();
  relay.accept();
  const hops = [
    { uri: relay.peer.contact, flow: relay.world.flowTo(relay.peer) },
    { destination: { transport: 'UDP', host: PEER, port: 5060 } as const },
  ];
  for (const hop of hops) {
    relay.world.route = () => [[hop]];
    await relay.send('MESSAGE', 1_600);
    expect(relay.via).toBe('SIP/2.0/UDP');
  }
  expect(relay.asked).toEqual([]);
});
