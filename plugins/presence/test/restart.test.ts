/** Subscriptions over UDP go on after the process was killed; a server that closes in order ends them. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_LIMITS, SipRequest, SipResponse, migrate, parseMessage } from '@parley/sdk';
import type { SipMessage } from '@parley/sdk';
import { migrations } from '../src/rows.ts';
import type { PresenceTables, SubscriptionRow } from '../src/rows.ts';
import { serving, statePublication } from './server.ts';
import type { Served } from './server.ts';

/** A phone on UDP. */
class Phone {
  private readonly inbox: SipMessage[] = [];
  private waiting: (() => void) | undefined;

  private constructor(private readonly socket: ReturnType<typeof createSocket>) {
    onTestFinished(() => void socket.close());
    socket.on('message', (bytes, from) => {
      const parsed = parseMessage(bytes, DEFAULT_LIMITS);
      if (!parsed.ok) throw parsed.error;
      const { message } = parsed;
      if (message instanceof SipRequest) socket.send(SipResponse.reply(message, 200).serialize(), from.port, from.address);
      this.inbox.push(message);
      this.waiting?.();
    });
  }

  static async open(): Promise<Phone> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Phone(socket);
  }

  /** Subscribes, and gives the first NOTIFY. */
  async subscribe(port: number): Promise<SipRequest> {
    const own = this.socket.address().port;
    const lines = [
      'SUBSCRIBE sip:bob@example.test SIP/2.0',
      `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bKsub;rport`,
      'From: <sip:alice@example.test>;tag=f',
      'To: <sip:bob@example.test>',
      'Call-ID: over-udp',
      'CSeq: 1 SUBSCRIBE',
      'Max-Forwards: 70',
      `Contact: <sip:alice@127.0.0.1:${own}>`,
      'Event: presence',
      'Accept: application/pidf+xml',
      'Expires: 3600',
      'Content-Length: 0',
    ];
    this.socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
    return this.notify();
  }

  async notify(fits: (request: SipRequest) => boolean = () => true): Promise<SipRequest> {
    for (;;) {
      const found = this.inbox.find((message): message is SipRequest => message instanceof SipRequest && fits(message));
      if (found !== undefined) {
        this.inbox.splice(this.inbox.indexOf(found), 1);
        return found;
      }
      await new Promise<void>((resolve) => (this.waiting = resolve));
    }
  }
}

/** One turn of the event loop: the store answers within one. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function kept({ store }: Served): Promise<readonly SubscriptionRow[]> {
  for (;;) {
    const rows = await store.as<PresenceTables>().read.selectFrom('presence_subscriptions').selectAll().execute();
    if (rows.length > 0) return rows;
    await turn();
  }
}

test('after a kill a plain watcher on UDP is told at once how things are, in the same dialog, with a higher CSeq', async () => {
  const phone = await Phone.open();
  const first = await serving();
  const before = await phone.subscribe(first.udpPort);
  const rows = await kept(first);
  const second = await serving({}, async (store) => {
    await migrate(store, 'presence', migrations, 0);
    await store.as<PresenceTables>().write((trx) => trx.insertInto('presence_subscriptions').values(rows).execute());
  });
  second.clock.advance(600);
  const after = await phone.notify(({ cseq }) => cseq.number > before.cseq.number);
  for (const name of ['From', 'To', 'Call-ID', 'Event']) expect(after.first(name)).toBe(before.first(name));
  expect(after.first('Subscription-State')).toMatch(/^active;expires=3(?:599|600)$/);
  const bob = await second.endpoint('bob');
  await bob.publish(statePublication('machineState', 3500));
  const changed = await phone.notify(({ body }) => body.toString().includes('open'));
  expect(changed.cseq.number).toBeGreaterThan(after.cseq.number);
});

test.each([1000, 0])('CSeq only grows over any number of kills, with a pace of %i ms', async (paceMs) => {
  const phone = await Phone.open();
  let served = await serving({ paceMs });
  let last = (await phone.subscribe(served.udpPort)).cseq.number;
  let bob = await served.endpoint('bob');
  for (let life = 0; life < 4; life++) {
    for (let version = 0; version < 5; version++) {
      await bob.publish(statePublication('machineState', version % 2 === 0 ? 3500 : 6500, version));
      served.clock.advance(paceMs);
      const told = await phone.notify(({ cseq, body }) => cseq.number > last && body.length > 0);
      last = told.cseq.number;
    }
    const rows = await kept(served);
    const now = served.clock.now();
    served = await serving({ paceMs }, async (store, clock) => {
      clock.advance(now - clock.now() + 1000);
      await migrate(store, 'presence', migrations, 0);
      await store.as<PresenceTables>().write((trx) => trx.insertInto('presence_subscriptions').values(rows).execute());
    });
    served.clock.advance(600);
    last = (await phone.notify(({ cseq }) => cseq.number > last)).cseq.number;
    bob = await served.endpoint('bob');
  }
});

test('what had run out, or cannot be read, is not gone on with', async () => {
  const row = { id: 'x', details: '{}', expires_at: 2_000_000_000_000 };
  const { clock, store } = await serving({}, async (empty) => {
    await migrate(empty, 'presence', migrations, 0);
    await empty.as<PresenceTables>().write((trx) =>
      trx
        .insertInto('presence_subscriptions')
        .values([row, { ...row, id: 'y', expires_at: 5 }])
        .execute(),
    );
  });
  clock.advance(600);
  for (;;) {
    const rows = await store.as<PresenceTables>().read.selectFrom('presence_subscriptions').selectAll().execute();
    if (rows.length === 0) break;
    await turn();
  }
});
