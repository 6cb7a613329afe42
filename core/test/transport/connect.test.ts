import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SipRequest } from '../../src/sip/index.ts';
import { CA, options, PEER_TLS, SERVER_TLS, Station, Wire } from './support.ts';

async function tcpServer(onSocket: (socket: Socket) => void = () => undefined): Promise<number> {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test('a connection that we opened is used again, and several that want it share one attempt', async () => {
  const station = new Station();
  let accepted = 0;
  const port = await tcpServer(() => accepted++);
  const destination = { transport: 'TCP', host: '127.0.0.1', port } as const;
  expect(station.layer.flowFor(destination)).toBeUndefined();
  const [one, two] = await Promise.all([station.layer.connect(destination), station.layer.connect(destination)]);
  expect(one).toBe(two);
  expect(await station.layer.connect(destination)).toBe(one);
  expect(station.layer.flowFor(destination)).toBe(one);
  expect(accepted).toBe(1);
  expect(station.layer.stats().transports.TCP).toMatchObject({ opened: 1, open: 1 });
});

test('TLS connections are shared only for the name that was verified', async () => {
  const station = new Station({ outgoingTls: { ca: [CA] } });
  const other = new Station();
  const { address } = await other.listen('TLS');
  const destination = { transport: 'TLS', host: '127.0.0.1', port: address.port } as const;
  const flow = await station.layer.connect({ ...destination, serverName: 'localhost' });
  expect(station.layer.flowFor({ ...destination, serverName: 'localhost' })).toBe(flow);
  expect(station.layer.flowFor({ ...destination, serverName: 'other.example.com' })).toBeUndefined();
});

test('requests come back on the connection that we opened', async () => {
  const station = new Station();
  await station.listen('TCP', { advertise: 'uc.example.com:5060' });
  const other = new Station().answering();
  const { address } = await other.listen('TCP');
  const flow = await station.layer.connect({ transport: 'TCP', host: '127.0.0.1', port: address.port });
  const via = station.layer.viaFor(flow, 'z9hG4bKours');
  const headers = Object.entries({
    Via: via,
    From: '<sip:a@b>;tag=1',
    To: '<sip:a@b>',
    'Call-ID': '1',
    CSeq: '1 OPTIONS',
    'Max-Forwards': '70',
  });
  station.layer.send(SipRequest.create('OPTIONS', 'sip:example.com', headers), flow);
  const { message } = await station.response();
  expect([message.status, message.topVia.branch, message.topVia.host]).toEqual([200, 'z9hG4bKours', 'uc.example.com']);
  (await other.request()).flow.write(Buffer.from(options('TCP 127.0.0.1;branch=z9hG4bKtheirs')));
  const back = await station.request(1);
  expect(back.flow).toBe(flow);
  expect(back.message.first('Via')).toBe('SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKtheirs');
});

test("a client's connection is never a way to its address", async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options('TCP 127.0.0.1:5060;alias;branch=z9hG4bK1'));
  await station.request();
  const { localPort } = client.socket;
  for (const port of [5060, localPort as number])
    expect(station.layer.flowFor({ transport: 'TCP', host: '127.0.0.1', port })).toBeUndefined();
});

test("RFC 5923: a trusted peer's alias is the way to its own address, at the port of its Via", async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const peer = await Wire.tcp(address.port);
  peer.send(options('TCP peer.example.com:5070;alias;branch=z9hG4bK1'));
  const { flow } = await station.request();
  const destination = { transport: 'TCP', host: '127.0.0.1', port: 5070 } as const;
  expect(station.layer.flowFor(destination)).toBeUndefined();
  flow.trusted = true;
  expect(station.layer.flowFor(destination)).toBe(flow);
  peer.send(options('TCP peer.example.com:5070;alias;branch=z9hG4bK2'));
  expect((await station.request(1)).message.first('Via')).not.toContain('ms-received');
  flow.trusted = false;
  expect(station.layer.flowFor(destination)).toBeUndefined();
});

test('RFC 5923: over TLS an alias counts for the names of the certificate alone', async () => {
  const station = new Station();
  const { address } = await station.listen('TLS', { tls: { ...SERVER_TLS, ca: [CA], clientCertificates: 'request' } });
  const identity = { cert: PEER_TLS.certificate, key: PEER_TLS.key };
  const destination = { transport: 'TLS', host: '127.0.0.1', port: 5061 } as const;
  const liar = await Wire.tls(address.port, identity);
  liar.send(options('TLS victim.example.com;alias;branch=z9hG4bK1'));
  await station.request();
  expect(station.layer.flowFor({ ...destination, serverName: 'victim.example.com' })).toBeUndefined();
  const peer = await Wire.tls(address.port, identity);
  peer.send(options('TLS peer.example.com;alias;branch=z9hG4bK2'));
  const { flow } = await station.request(1);
  expect(station.layer.flowFor({ ...destination, serverName: 'peer.example.com' })).toBe(flow);
  expect(station.layer.flowFor({ ...destination, serverName: 'victim.example.com' })).toBeUndefined();
});

test('an alias ends with its connection', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  const peer = await Wire.tcp(address.port);
  peer.send(options('TCP 127.0.0.1:5070;alias;branch=z9hG4bK1'));
  const { flow } = await station.request();
  flow.trusted = true;
  peer.socket.destroy();
  await station.until(() => station.closed.length === 1);
  expect(station.layer.flowFor({ transport: 'TCP', host: '127.0.0.1', port: 5070 })).toBeUndefined();
});

test('nobody listening: refused with the reason', async () => {
  const station = new Station();
  const port = await tcpServer();
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const free = (closed.address() as { port: number }).port;
  closed.close();
  await once(closed, 'close');
  expect(free).not.toBe(port);
  const connecting = station.layer.connect({ transport: 'TCP', host: '127.0.0.1', port: free });
  await expect(connecting).rejects.toMatchObject({
    code: 'TRANSPORT_CONNECT_FAILED',
    status: 503,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('a server that does not finish the handshake is given up after connectMs', async () => {
  const station = new Station({ limits: { connectMs: 3000 } });
  let asked: () => void = () => undefined;
  const hello = new Promise<void>((resolve) => (asked = resolve));
  const port = await tcpServer((socket) => socket.once('data', () => asked()));
  const connecting = station.layer.connect({ transport: 'TLS', host: '127.0.0.1', port });
  const failure = expect(connecting).rejects.toMatchObject({ code: 'TRANSPORT_CONNECT_TIMEOUT' });
  await hello;
  station.clock.advance(3000);
  await failure;
  expect(station.layer.stats().connections).toBe(0);
});

test('WebSocket clients cannot be connected to (RFC 7118 5)', async () => {
  const station = new Station();
  await expect(station.layer.connect({ transport: 'WS', host: '127.0.0.1', port: 80 })).rejects.toMatchObject({
    code: 'TRANSPORT_UNSUPPORTED',
  });
});

test('RFC 3261 18.2.2: a response whose connection is gone reaches a peer by a new one, a client never', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  let back: Socket | undefined;
  const port = await tcpServer((socket) => (back = socket));
  for (const trusted of [true, false]) {
    const sender = await Wire.tcp(address.port);
    sender.send(options(`TCP peer.example.com:${port};branch=z9hG4bK1`));
    const { flow, message } = await station.request(trusted ? 0 : 1);
    flow.trusted = trusted;
    expect(await station.layer.responseFlow(message.topVia, flow)).toBe(flow);
    sender.socket.destroy();
    await station.until(() => !flow.open);
    const answer = station.layer.responseFlow(message.topVia, flow);
    if (trusted) expect((await answer).remote).toEqual({ host: '127.0.0.1', port });
    else await expect(answer).rejects.toMatchObject({ code: 'TRANSPORT_FLOW_GONE' });
  }
  expect(back).toBeDefined();
});
