import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PASS } from '@parley/sdk';
import type { ByteStage, Flow, GateVerdict, Listener, SipRequest } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testFlow, testRequest, testServer } from '@parley/sdk/testkit';
import { Negotiation } from '../src/negotiation.ts';
import { PacketReader, PacketWriter } from '../src/packet-stream.ts';
import { HEADER_BYTES, PACKET_AT_FRONT, PACKET_COMPRESSED, PACKET_FLUSHED, writePacket } from '../src/packet.ts';
import plugin from '../src/plugin.ts';

const aRequest = (method: string, lines: readonly string[] = []): SipRequest =>
  testRequest([`${method} sip:192.0.2.1:5061 SIP/2.0`, 'Max-Forwards: 0', ...lines]);

const NEGOTIATE = aRequest('NEGOTIATE', ['Compression: LZ77-8K']);
const SIP = Buffer.from('REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.50:2616\r\n');

/** A connection with compression allowed. */
class Rig {
  readonly negotiation: Negotiation;
  readonly flow: Flow;
  readonly stage: ByteStage | undefined;

  constructor(more: Partial<Flow> = {}, enabled = true) {
    this.negotiation = new Negotiation(enabled);
    this.flow = testFlow({ transport: 'TLS', listener: {} as Listener, ...more });
    this.stage = this.negotiation.open(this.flow);
  }

  ask(message = NEGOTIATE): GateVerdict {
    return this.negotiation.check({ message, flow: this.flow, identity: undefined });
  }
}

test('MS-SIPCOMP R1: NEGOTIATE is answered 200 with the algorithm, plain, and everything after it is packets', () => {
  const { negotiation, stage, ...rig } = new Rig();
  expect(stage?.inbound(SIP)).toEqual(SIP);
  expect(negotiation.check({ message: NEGOTIATE, flow: rig.flow, identity: undefined })).toEqual({
    respond: 200,
    headers: [['Compression', 'LZ77-8K']],
  });
  const ok = Buffer.from('SIP/2.0 200 OK\r\n\r\n');
  expect(stage?.outbound(ok)).toEqual(ok);
  expect(stage?.inbound(new PacketWriter().write(SIP))).toEqual(SIP);
  const packets = stage?.outbound(SIP) ?? Buffer.alloc(0);
  expect(packets.equals(SIP)).toBe(false);
  expect(new PacketReader().read(packets)).toEqual(SIP);
  expect(negotiation.agreed).toBe(1);
});

test('MS-SIPCOMP R1: a client of a whole server goes on in packets, and is answered in packets', async () => {
  await using server = await testServer({ plugins: [plugin({ enabled: true }), directory(), registrar(), routing()], users: ['bob'] });
  const bob = await server.endpoint('bob').register();
  const alice = server.endpoint('alice');
  await alice.write(NEGOTIATE.serialize());
  await alice.expect(200, { headers: { Compression: 'LZ77-8K' } });
  const connection = await alice.station.flow();
  connection.write(new PacketWriter().write(testRequest('MESSAGE sip:bob@example.com SIP/2.0').serialize()));
  await bob.expect('MESSAGE').answer(200);
  await server.settle();
  expect(server.messages.at(-1)).toMatchObject({ from: 'server', to: 'alice', text: expect.stringContaining('that are no SIP') as string });
});

test('MS-SIPCOMP R2: switched off it is 405, an unknown algorithm 488 with the known one, and the connection stays plain', () => {
  const off = new Rig({}, false);
  expect([off.stage, off.ask()]).toEqual([undefined, { respond: 405 }]);
  const rig = new Rig();
  expect(rig.ask(aRequest('NEGOTIATE', ['Compression: DEFLATE']))).toMatchObject({ respond: 488, headers: [['Compression', 'LZ77-8K']] });
  expect(rig.ask(aRequest('NEGOTIATE'))).toMatchObject({ respond: 488 });
  expect(rig.stage?.outbound(SIP)).toEqual(SIP);
  expect(rig.ask(aRequest('NEGOTIATE', ['Compression: LZ77-64K, lz77-8k']))).toMatchObject({ respond: 200 });
});

test('MS-SIPCOMP R3: after other requests, or a second time, it is 400 and changes nothing', () => {
  const late = new Rig();
  expect(late.ask(aRequest('REGISTER'))).toBe(PASS);
  expect(late.ask()).toMatchObject({ respond: 400 });
  expect(late.stage?.outbound(SIP)).toEqual(SIP);
  const twice = new Rig();
  twice.ask();
  expect(twice.ask()).toMatchObject({ respond: 400 });
});

test('MS-SIPCOMP R4: the gate stands before those that authenticate', () => {
  expect(new Negotiation(true).order).toBeLessThan(200);
});

test('MS-SIPCOMP R5: only TLS connections of clients are compressed', () => {
  for (const more of [{ transport: 'TCP' }, { transport: 'WSS' }, { listener: undefined }] as const) {
    const rig = new Rig(more);
    expect([rig.stage, rig.ask()]).toEqual([undefined, { respond: 405 }]);
  }
});

test.each([
  ['FLUSHED and COMPRESSED', PACKET_FLUSHED | PACKET_COMPRESSED],
  ['AT_FRONT alone', PACKET_AT_FRONT],
  ['none', 0],
  ['one that does not exist', 0x10],
])('MS-SIPCOMP R6: flags that contradict each other end the stream: %s', (_, flags) => {
  expect(() => new PacketReader().read(writePacket(flags, SIP, SIP.length))).toThrow(/flags/);
});

test('MS-SIPCOMP R7: a packet is no longer than the history, in either form, and stands for what it announces', () => {
  expect(() => new PacketReader().read(writePacket(PACKET_FLUSHED, Buffer.alloc(8192), 8192))).toThrow(/8191 are the most/);
  expect(() => new PacketReader().read(writePacket(PACKET_COMPRESSED, SIP, 9000))).toThrow(/9000 bytes/);
  expect(() => new PacketReader().read(writePacket(PACKET_FLUSHED, SIP, SIP.length + 1))).toThrow(/announced/);
  expect(() => new PacketReader().read(writePacket(PACKET_FLUSHED, Buffer.alloc(0), 0))).toThrow(/announces 0/);
});

test('MS-SIPCOMP R8: keep-alives travel in packets', () => {
  const crlf = Buffer.from('\r\n\r\n');
  const packet = new PacketWriter().write(crlf);
  expect(packet).toEqual(writePacket(PACKET_FLUSHED, crlf, 4));
  expect(new PacketReader().read(packet)).toEqual(crlf);
});

test('MS-SIPCOMP R9: each connection has histories of its own, which begin empty when it is switched on', () => {
  const [one, other] = [new Rig(), new Rig()];
  for (const rig of [one, other]) {
    rig.ask();
    rig.stage?.outbound(Buffer.from('SIP/2.0 200 OK\r\n\r\n'));
  }
  const first = one.stage?.outbound(SIP) ?? Buffer.alloc(0);
  const again = one.stage?.outbound(SIP) ?? Buffer.alloc(0);
  expect(again.length, 'the second time the text is in the history').toBeLessThan(first.length);
  expect(other.stage?.outbound(SIP)).toEqual(first);
  const third = new Rig();
  third.ask();
  third.stage?.outbound(Buffer.from('SIP/2.0 200 OK\r\n\r\n'));
  expect(third.stage?.outbound(SIP)).toEqual(first);
});

test('before somebody has signed in, no more comes out of compressed data than a plain connection may send', () => {
  const bomb = new PacketWriter();
  const { stage, ...rig } = new Rig();
  rig.negotiation.check({ message: NEGOTIATE, flow: rig.flow, identity: undefined });
  const zeros = Buffer.alloc(8191);
  expect(() => {
    for (let i = 0; i < 40; i++) stage?.inbound(bomb.write(zeros));
  }).toThrow(/262144 bytes/);
  const signedIn = new Rig({ authenticated: true });
  signedIn.ask();
  const more = new PacketWriter();
  for (let i = 0; i < 40; i++) expect(signedIn.stage?.inbound(more.write(zeros))).toHaveLength(8191);
});

test('a stream of any messages, cut anywhere, comes through', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 10 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 50 }),
      (messages, cuts) => {
        const writer = new PacketWriter();
        // Each message twice, so that there is something to compress.
        const sent = messages.flatMap((message) => [Buffer.from(message), Buffer.from(message)]);
        const wire = Buffer.concat(sent.map((message) => writer.write(message)));
        const reader = new PacketReader();
        const received: Buffer[] = [];
        for (let at = 0, i = 0; at < wire.length; i++) {
          const size = cuts[i % cuts.length] as number;
          received.push(reader.read(wire.subarray(at, at + size)));
          at += size;
        }
        expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test('a message longer than a packet is sent in several', () => {
  const long = Buffer.alloc(20_000, 'Via: SIP/2.0/TLS ');
  const wire = new PacketWriter().write(long);
  expect(wire.length).toBeLessThan(1000);
  expect(new PacketReader().read(wire)).toEqual(long);
  expect(new PacketReader().read(wire.subarray(0, HEADER_BYTES - 1))).toHaveLength(0);
});

test('it is off unless switched on', () => {
  expect(plugin.config.parse({})).toEqual({ enabled: false });
});
