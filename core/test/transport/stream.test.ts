import { expect, test } from 'vitest';
import { options, sip, Station, Wire } from './support.ts';

const VIA = 'TCP 192.0.2.1:5060;branch=z9hG4bK';

test("MS-CONMGMT R9: a client's request is completed with address, port and connection id, and answered down its connection", async () => {
  const station = new Station().answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  const port = client.socket.localPort;
  const via = `Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1;received=127.0.0.1;ms-received-port=${port};ms-received-cid=${flow.id.toString(16).toUpperCase()}`;
  expect(await client.receive('\r\n\r\n')).toContain(`${via}\r\n`);
  expect(station.layer.flow(flow.id)).toBe(flow);
});

test('MS-SIPRE R6: received is left out when the client knows its address', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`TCP 127.0.0.1:${client.socket.localPort}`));
  const { message } = await station.request();
  expect(message.topVia.received).toBeUndefined();
  expect(message.topVia.params.get('ms-received-port')).toBe(String(client.socket.localPort));
});

test('a client cannot say itself where it was received', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1;received=198.51.100.9;ms-received-cid=1F;ms-received-port=1;rport=7`));
  const { message, flow } = await station.request();
  const { params } = message.topVia;
  expect([...params.entries()]).toEqual([
    ['branch', 'z9hG4bK1'],
    ['rport', String(client.socket.localPort)],
    ['received', '127.0.0.1'],
    ['ms-received-port', String(client.socket.localPort)],
    ['ms-received-cid', flow.id.toString(16).toUpperCase()],
  ]);
});

test('only the top Via is completed; the others stay as they came', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1, SIP/2.0/UDP  host.example.com;branch=z9hG4bK0`));
  const vias = (await station.request()).message.list('Via');
  expect(vias).toHaveLength(2);
  expect(vias[1]).toBe('SIP/2.0/UDP  host.example.com;branch=z9hG4bK0');
});

test('RFC 3261 18.3: messages are cut out of the stream wherever the chunks end', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  const stream = options(`${VIA}1`, {}, 'body 1') + options(`${VIA}2`) + options(`${VIA}3`, {}, 'body 3');
  for (const cut of [1, 30, stream.length - 3]) {
    client.send(stream.slice(0, cut));
    await new Promise((resolve) => client.socket.write('', resolve));
    client.send(stream.slice(cut));
  }
  await station.message(8);
  expect(station.received.map((r) => r.message.topVia.branch?.slice(7)).join('')).toBe('123123123');
  expect(station.received[2]?.message.body.toString()).toBe('body 3');
});

test('MS-CONMGMT R4: empty lines before a message are skipped; RFC 5626 4.4.1: CRLF CRLF is answered with CRLF', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(`\r\n${options(`${VIA}1`)}`);
  await station.request();
  client.send('\r\n\r\n');
  expect(await client.receive('\r\n')).toBe('\r\n');
  client.send(`\r\n\r\n${options(`${VIA}2`)}`);
  await station.message(1);
});

test('keep-alives stay without answer where that is configured', async () => {
  const station = new Station({ pong: false }).answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(`\r\n\r\n${options(`${VIA}1`)}`);
  expect(await client.receive('\r\n\r\n')).toMatch(/^SIP\/2.0 200 /);
});

test('answers to pipelined requests leave in one piece', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(Array.from({ length: 20 }, (_, i) => options(`${VIA}${i}`)).join(''));
  await client.until(() => client.text.split('SIP/2.0 200').length === 21);
  expect(client.chunks).toBe(1);
});

test('RFC 3261 18.3: a message without Content-Length is answered 400, and its connection closed with a reason', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`).replace('Content-Length: 0\r\n', ''));
  await client.close();
  expect(client.text).toMatch(/^SIP\/2.0 400 .*Content-Length.*\r\n/);
  expect(client.text).toMatch(/\r\nTo: .*;tag=\w+\r\n/);
  await station.until(() => station.closed.length === 1);
  expect(station.closed[0]?.reason).toContain('Content-Length is missing');
  expect(station.lines('warn')).toEqual([expect.stringContaining('Content-Length is missing')]);
});

test('a head over the limit is answered 513 while a request line can be seen, and closes the connection', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`).replace('Content-Length: 0\r\n\r\n', `X: ${'x'.repeat(4000)}\r\n`.repeat(20)));
  await client.close();
  expect(client.text).toMatch(/^SIP\/2.0 513 /);
});

test('what is no SIP at all closes the connection', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  await client.close();
  expect(client.text).toBe('');
  await station.until(() => station.closed.length === 1);
});

test('a broken response is dropped, and the connection lives on', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(`${sip('SIP/2.0 200 OK', 'Via: nonsense', 'Content-Length: 0')}${options(`${VIA}1`)}`);
  await station.request();
  expect(station.layer.stats().drops.malformedResponse).toBe(1);
});

test('a handler that throws costs its message, not the connection', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const keep = station.layer.onMessage;
  station.layer.onMessage = (inbound) => {
    keep(inbound);
    if (station.received.length === 1) throw new Error('broken handler');
  };
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`) + options(`${VIA}2`));
  await station.message(1);
  expect(station.lines('error')).toHaveLength(1);
  expect(station.layer.stats().drops.handler).toBe(1);
});

test('a peer that ends its side gets what was queued, then the connection closes', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.socket.end(options(`${VIA}1`));
  await client.close();
  expect(client.text).toMatch(/^SIP\/2.0 200 /);
  await station.until(() => station.closed.length === 1);
  expect(station.closed[0]?.reason).toBe('the peer closed the connection');
});

test('a closed flow takes nothing more and is not found any more', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  flow.write(Buffer.from('last words'));
  flow.close('the test is over');
  expect(flow.open).toBe(false);
  expect(flow.write(Buffer.from('x'))).toBe(false);
  expect(station.layer.flow(flow.id)).toBeUndefined();
  await client.close();
  expect(client.text).toBe('last words');
  client.socket.end();
  await station.until(() => station.closed.length === 1);
  expect(station.closed).toEqual([{ flow, reason: 'the test is over' }]);
});
