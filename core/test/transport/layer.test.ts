import { expect, test } from 'vitest';
import { SipRequest } from '../../src/sip/index.ts';
import type { ByteStageFactory, Stamp } from '../../src/transport/index.ts';
import { options, Station, Wire } from './support.ts';

const VIA = 'TCP 192.0.2.1;branch=z9hG4bK';

test('an address in use is refused with its name and how to find the other program', async () => {
  const station = new Station();
  for (const transport of ['TCP', 'UDP'] as const) {
    const { address } = await station.listen(transport);
    const again = station.listen(transport, { port: address.port });
    await expect(again).rejects.toMatchObject({
      code: 'TRANSPORT_ADDRESS_IN_USE',
      message: expect.stringContaining(`${transport} 127.0.0.1:${address.port}`),
      fix: expect.stringContaining('ss -lntup'),
    });
  }
});

test('an address of another machine and a wrong host are refused', async () => {
  const station = new Station();
  await expect(station.listen('TCP', { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'TRANSPORT_ADDRESS_UNAVAILABLE' });
  await expect(station.listen('UDP', { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'TRANSPORT_ADDRESS_UNAVAILABLE' });
  await expect(station.listen('TCP', { advertise: 'no good name' })).rejects.toMatchObject({ code: 'TRANSPORT_ADVERTISE' });
});

test('a listener tells its real port and what it advertises', async () => {
  const station = new Station();
  const plain = await station.listen('TCP');
  expect(plain.advertised).toEqual(plain.address);
  const named = await station.listen('TLS', { advertise: 'UC.example.com:443' });
  expect(named.advertised).toEqual({ host: 'uc.example.com', port: 443 });
  const six = await station.listen('UDP', { advertise: '2001:db8::1' });
  expect(six.advertised).toEqual({ host: '[2001:db8::1]', port: six.address.port });
  expect(station.layer.listeners).toEqual([six, plain, named]);
});

test.each([
  ['UDP', 'sip:uc.example.com:5060;lr'],
  ['TCP', 'sip:uc.example.com:5060;transport=tcp;lr'],
  ['TLS', 'sip:uc.example.com:5060;transport=tls;lr'],
  ['WS', 'sip:uc.example.com:5060;transport=ws;lr'],
  ['WSS', 'sip:uc.example.com:5060;transport=ws;lr'],
] as const)('%s has Via and Record-Route of its own, without commas', async (transport, recordRoute) => {
  const station = new Station();
  const listener = await station.listen(transport, { advertise: 'uc.example.com:5060' });
  const flow = { ...station.layer.flowFor({ transport: 'UDP', host: '127.0.0.1', port: 1 }), transport, listener } as unknown as Parameters<
    typeof station.layer.viaFor
  >[0];
  expect(station.layer.recordRouteUri(flow)).toBe(recordRoute);
  expect(station.layer.viaFor(flow, 'z9hG4bK1')).toBe(
    `SIP/2.0/${transport} uc.example.com:5060;branch=z9hG4bK1${transport === 'UDP' ? ';rport' : ''}`,
  );
});

test('own addresses are those that are bound and those that are advertised', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP', { advertise: 'uc.example.com:5061' });
  const { layer } = station;
  expect(layer.isOwnAddress('UC.example.com', 5061)).toBe(true);
  expect(layer.isOwnAddress('uc.example.com', undefined)).toBe(true);
  expect(layer.isOwnAddress('127.0.0.1', address.port)).toBe(true);
  expect(layer.isOwnAddress('127.0.0.1', undefined)).toBe(false);
  expect(layer.isOwnAddress('127.0.0.1', 1)).toBe(false);
  expect(layer.isOwnAddress('example.com', 5061)).toBe(false);
  const all = await station.listen('TCP', { host: '::' });
  expect(layer.isOwnAddress('[::1]', all.address.port)).toBe(true);
});

test('stamps run in their order on every message that leaves', async () => {
  const stamp = (name: string, order: number): Stamp => ({ name, order, apply: (message) => message.append('X-Stamp', name) });
  const station = new Station({ stamps: [stamp('second', 20), stamp('first', 10)] }).answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  expect(await client.send(options(`${VIA}1`)).receive('\r\n\r\n')).toContain('X-Stamp: first\r\nX-Stamp: second\r\n');
});

test('stamps and byte stages may come when the layer is there already', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('TCP');
  const log: string[] = [];
  station.layer.use({
    stamps: [{ name: 'late', order: 1, apply: (message) => message.append('X-Stamp', 'late') }],
    stages: [shift('none', 0, log)],
  });
  const client = await Wire.tcp(address.port);
  expect(await client.send(options(`${VIA}1`)).receive('\r\n\r\n')).toContain('X-Stamp: late\r\n');
  expect(log).toEqual(['in none', 'out none']);
});

test('a listener that is closed takes no connections, keeps those it has, and is not listed any more', async () => {
  const station = new Station().answering();
  const [tcp, udp] = [await station.listen('TCP'), await station.listen('UDP')];
  const client = await Wire.tcp(tcp.address.port);
  client.send(options(`${VIA}1`));
  await station.request();
  await tcp.close();
  await udp.close();
  expect(station.layer.listeners).toEqual([]);
  expect(station.layer.flowFor({ transport: 'UDP', host: '127.0.0.1', port: 5060 })).toBeUndefined();
  await expect(Wire.tcp(tcp.address.port)).rejects.toThrow(/ECONNREFUSED/);
  client.send(options(`${VIA}2`));
  await station.request(1);
});

test('a stamp that fails costs its message alone: it never leaves without the stamp', async () => {
  let fail = true;
  const station = new Station({
    stamps: [
      {
        name: 'signature',
        order: 1,
        apply: () => {
          if (fail) throw new Error('no key');
        },
      },
    ],
  });
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  const message = SipRequest.create('OPTIONS', 'sip:a@b', []);
  expect(station.layer.send(message, flow)).toBe(false);
  expect(station.layer.stats().drops.stamp).toBe(1);
  expect(station.lines('error')).toHaveLength(1);
  fail = false;
  expect(station.layer.send(message, flow)).toBe(true);
  expect(await client.receive('\r\n\r\n')).toMatch(/^OPTIONS /);
});

/** Shifts each byte; order tells which of two is nearer to the wire. */
function shift(name: string, order: number, log: string[]): ByteStageFactory {
  const by = (bytes: Buffer, n: number) => Buffer.from(bytes.map((byte) => (byte + n) & 0xff));
  return {
    name,
    order,
    open: () => ({
      inbound: (chunk) => {
        log.push(`in ${name}`);
        return by(chunk, -order);
      },
      outbound: (bytes) => {
        log.push(`out ${name}`);
        return by(bytes, order);
      },
    }),
  };
}

test('byte stages see the stream before framing and after serialising, the highest order nearest to the wire', async () => {
  const log: string[] = [];
  const station = new Station({ stages: [shift('outer', 2, log), shift('inner', 1, log)] }).answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  const bytes = Buffer.from(options(`${VIA}1`)).map((byte) => byte + 3);
  client.send(Buffer.from(bytes));
  await client.until(() =>
    Buffer.from(client.text, 'latin1')
      .map((byte) => byte - 3)
      .toString()
      .endsWith('\r\n\r\n'),
  );
  expect(Buffer.from(Buffer.from(client.text, 'latin1').map((byte) => byte - 3)).toString()).toMatch(/^SIP\/2.0 200 /);
  expect(log).toEqual(['in outer', 'in inner', 'out inner', 'out outer']);
});

test.each([
  ['inbound', 'on the way in', options(`${VIA}1`)],
  ['outbound', 'on the way out', options(`${VIA}1`)],
  ['outbound', 'on the answer to a keep-alive', '\r\n\r\n'],
] as const)('a byte stage that fails (%s) %s closes its connection', async (direction, _, sent) => {
  const failing = {
    inbound: (bytes: Buffer) => bytes,
    outbound: (bytes: Buffer) => bytes,
    [direction]: () => {
      throw new Error('bad packet');
    },
  };
  const station = new Station({ stages: [{ name: 'compression', order: 1, open: () => failing }] }).answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(sent);
  await client.close();
  await station.until(() => station.closed.length === 1);
  expect(station.closed[0]?.reason).toContain('bad packet');
  expect(station.layer.stats().drops.byteStage).toBe(1);
});

test('several may listen for closed connections, and stop listening; one that fails harms nobody', async () => {
  const station = new Station();
  const told: string[] = [];
  station.layer.onFlowClosed(() => {
    throw new Error('broken listener');
  });
  station.layer.onFlowClosed(() => told.push('kept'));
  station.layer.onFlowClosed(() => told.push('removed'))();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  await station.request();
  client.socket.destroy();
  await station.until(() => station.closed.length === 1);
  expect(told).toEqual(['kept']);
  expect(station.lines('error')).toHaveLength(1);
});

test('closing sends what is queued, closes what is open, and accepts nothing more', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  flow.write(Buffer.from('last words'));
  const closing = station.layer.close();
  expect(await client.receive('words')).toBe('last words');
  await client.close();
  await closing;
  await expect(Wire.tcp(address.port)).rejects.toThrow(/ECONNREFUSED/);
  await expect(station.layer.connect({ transport: 'TCP', host: '127.0.0.1', port: 1 })).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
  expect(station.layer.stats().connections).toBe(0);
});

test('closing waits for those that do not close only so long', async () => {
  const station = new Station({ limits: { closeMs: 2_000 } });
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  client.socket.pause();
  for (let i = 0; i < 40; i++) flow.write(Buffer.alloc(100_000));
  const closing = station.layer.close();
  expect(station.layer.stats().connections).toBe(1);
  station.clock.advance(3_000);
  await closing;
  expect(station.layer.stats().connections).toBe(0);
});
