import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { encodeFrame, Opcode } from '../../src/transport/websocket-frames.ts';
import { CA, options, Station, Wire } from './support.ts';

const VIA = 'WS df7jal23ls0d.invalid;branch=z9hG4bK';

/** Node's own WebSocket: a client that nobody here wrote. */
async function browser(port: number, protocols: string | string[] = 'sip'): Promise<{ socket: WebSocket; next: () => Promise<string> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocols);
  onTestFinished(() => socket.close());
  const messages: string[] = [];
  let wake: () => void = () => undefined;
  socket.addEventListener('message', (event) => {
    messages.push(String(event.data));
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('no WebSocket')));
  });
  const next = async (): Promise<string> => {
    while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return messages.shift() as string;
  };
  return { socket, next };
}

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: sip',
  '\r\n',
].join('\r\n');

function masked(opcode: number, payload: string): Buffer {
  const plain = Buffer.from(payload, 'latin1');
  const head = encodeFrame(opcode, plain).subarray(0, -plain.length || undefined);
  const mask = randomBytes(4);
  head[1] = (head[1] as number) | 0x80;
  return Buffer.concat([head, mask, plain.map((byte, i) => byte ^ (mask[i & 3] as number))]);
}

/** A client of raw bytes, upgraded already. */
async function upgraded(port: number, secure = false): Promise<Wire> {
  const wire = secure ? await Wire.tls(port) : await Wire.tcp(port);
  wire.send(UPGRADE);
  await wire.receive('\r\n\r\n');
  expect(wire.text).toContain(' 101 ');
  wire.text = '';
  return wire;
}

test('RFC 7118: a WebSocket client of another make sends requests and gets answers', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('WS');
  const { socket, next } = await browser(address.port);
  expect(socket.protocol).toBe('sip');
  socket.send(options(`${VIA}1`));
  socket.send(Buffer.from(options(`${VIA}2`)));
  expect(await next()).toMatch(
    /^SIP\/2.0 200 OK\r\nVia: SIP\/2.0\/WS df7jal23ls0d.invalid;branch=z9hG4bK1;received=127.0.0.1;ms-received-port=/,
  );
  expect(await next()).toContain('branch=z9hG4bK2');
  expect((await station.request()).flow).toMatchObject({ transport: 'WS', reliable: true, secure: false });
});

test('RFC 7118 5.3: a message of many frames, with text that is not ASCII, comes through whole', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const { socket } = await browser(address.port);
  const body = 'ü'.repeat(100_000);
  socket.send(options(`${VIA}1`).replace('Content-Length: 0', `Content-Length: ${Buffer.byteLength(body)}`) + body);
  expect((await station.request()).message.body.toString()).toBe(body);
});

test('a client that does not offer the subprotocol sip is refused', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  await expect(browser(address.port, 'xmpp')).rejects.toThrow('no WebSocket');
  await station.until(() => station.closed.length === 1);
  expect(station.layer.stats().drops.handshake).toBe(1);
});

test('WSS is the same over TLS', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('WSS');
  const client = await upgraded(address.port, true);
  client.send(masked(Opcode.Text, options(`${VIA}1`)));
  expect(await client.receive('\r\n\r\n')).toContain('SIP/2.0 200 OK');
  expect((await station.request()).flow).toMatchObject({ transport: 'WSS', secure: true });
  expect(station.layer.stats().halfOpen).toBe(0);
  expect(CA).toContain('CERTIFICATE');
});

test('the request may come in pieces, with the first frame on its heels', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const client = await Wire.tcp(address.port);
  const bytes = Buffer.concat([Buffer.from(UPGRADE), masked(Opcode.Text, options(`${VIA}1`))]);
  const cut = UPGRADE.length - 2;
  client.send(bytes.subarray(0, cut));
  await new Promise((resolve) => client.socket.write('', resolve));
  client.send(bytes.subarray(cut));
  await station.request();
});

test('a request that is too long is cut off', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const client = await Wire.tcp(address.port);
  client.send(UPGRADE.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(9_000)}`));
  await client.close();
  expect(client.text).toBe('');
});

test('RFC 6455 5.5.2: a ping is answered with its payload; RFC 5626 keep-alives are swallowed', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const client = await upgraded(address.port);
  client.send(masked(Opcode.Text, '\r\n\r\n'));
  client.send(masked(Opcode.Ping, 'are you there'));
  expect(await client.receive('there')).toBe('\x8a\x0dare you there');
  expect(station.layer.stats().drops.keepAlive).toBe(1);
});

test('RFC 6455 5.5.1: a close frame is answered with its code', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const client = await upgraded(address.port);
  client.send(masked(Opcode.Close, '\x03\xe9'));
  await client.close();
  expect(client.text).toBe('\x88\x02\x03\xe9');
  client.socket.end();
  await station.until(() => station.closed.length === 1);
  expect(station.closed[0]?.reason).toContain('1001');
});

test.each([
  ['an unmasked frame', encodeFrame(Opcode.Text, Buffer.from('x')), '\x03\xea'],
  ['what is no SIP', masked(Opcode.Text, 'hello'), '\x03\xea'],
  ['text that is not UTF-8', masked(Opcode.Text, 'hello \xff'), '\x03\xef'],
])('%s closes the WebSocket with a code and a log line', async (_what, bytes, code) => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const client = await upgraded(address.port);
  client.send(bytes);
  await client.close();
  expect(client.text).toBe(`\x88\x02${code}`);
  expect(station.lines('warn')).toHaveLength(1);
  expect(station.layer.stats().drops.websocket).toBe(1);
});

test('a server that closes says that it is going away', async () => {
  const station = new Station();
  const { address } = await station.listen('WS');
  const client = await upgraded(address.port);
  const closing = station.layer.close();
  await client.close();
  expect(client.text).toBe('\x88\x02\x03\xe9');
  client.socket.end();
  await closing;
});
