import { once } from 'node:events';
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { CA, options, PEER_TLS, SERVER_TLS, Station, STRANGER_TLS, Wire } from './support.ts';

const VIA = 'TLS 192.0.2.1;branch=z9hG4bK';

/** A TLS server of somebody else's on a free port. */
async function tlsServer(
  settings: { certificate: string; key: string },
  onSocket: (socket: TLSSocket) => void = () => undefined,
): Promise<number> {
  const server = createServer(
    { cert: settings.certificate, key: settings.key, ca: CA, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      onSocket(socket);
    },
  );
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test('TLS carries messages both ways, and the flow is secure', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('TLS');
  const client = await Wire.tls(address.port);
  client.send(options(`${VIA}1`));
  expect(await client.receive('\r\n\r\n')).toMatch(/^SIP\/2.0 200 /);
  expect((await station.request()).flow).toMatchObject({ transport: 'TLS', secure: true, reliable: true, tlsPeer: '', trusted: false });
});

test('TLS 1.2 is the oldest version by default, 1.0 by the choice of a listener', async () => {
  const station = new Station();
  const strict = await station.listen('TLS');
  const old = await station.listen('TLS', { tls: { ...SERVER_TLS, minVersion: 'TLSv1' } });
  const ancient = { maxVersion: 'TLSv1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await expect(Wire.tls(strict.address.port, ancient)).rejects.toThrow();
  const client = await Wire.tls(old.address.port, ancient);
  expect((client.socket as TLSSocket).getProtocol()).toBe('TLSv1');
  const modern = await Wire.tls(strict.address.port);
  expect((modern.socket as TLSSocket).getProtocol()).toBe('TLSv1.3');
});

test('a failed handshake is counted and logged, and leaves nothing behind', async () => {
  const station = new Station();
  const { address } = await station.listen('TLS');
  const client = await Wire.tcp(address.port);
  client.send('this is no TLS\r\n\r\n');
  await client.close();
  expect(station.layer.stats()).toMatchObject({ connections: 0, halfOpen: 0, drops: { handshake: 1 } });
  expect(station.lines('info')).toEqual([expect.stringContaining('TLS handshake failed')]);
});

test('a handshake that is given up, by the client or by the clock, is told once, with where it came from', async () => {
  const station = new Station({ limits: { handshakeMs: 10_000 } });
  const { address } = await station.listen('TLS');
  const left = await Wire.tcp(address.port);
  await expect.poll(() => station.layer.stats().halfOpen).toBe(1);
  left.socket.resetAndDestroy();
  await expect.poll(() => station.layer.stats()).toMatchObject({ halfOpen: 0, drops: { handshake: 1 } });
  const stalled = await Wire.tcp(address.port);
  await expect.poll(() => station.layer.stats().halfOpen).toBe(1);
  station.clock.advance(11_000);
  await stalled.close();
  expect(station.layer.stats()).toMatchObject({ halfOpen: 0, drops: { handshake: 1, handshakeTime: 1 } });
  expect(station.log.map(({ message, fields }) => [message, fields['remote']])).toEqual([
    ['the connection was closed during the handshake', '127.0.0.1'],
    ['no handshake within 10 s', '127.0.0.1'],
  ]);
});

test('sessions are resumed by ticket', async () => {
  const station = new Station();
  const { address } = await station.listen('TLS');
  const first = connectTls({ port: address.port, host: '127.0.0.1', ca: CA, servername: 'localhost' });
  onTestFinished(() => void first.destroy());
  const [session] = (await once(first, 'session')) as [Buffer];
  const second = await Wire.tls(address.port, { session });
  expect((second.socket as TLSSocket).isSessionReused()).toBe(true);
});

test('a new certificate is used for new connections, and the old ones stay', async () => {
  const station = new Station().answering();
  const listener = await station.listen('TLS');
  const before = await Wire.tls(listener.address.port);
  listener.setTls(STRANGER_TLS);
  await expect(Wire.tls(listener.address.port)).rejects.toThrow();
  const after = await Wire.tls(listener.address.port, { ca: STRANGER_TLS.certificate });
  for (const client of [before, after]) expect(await client.send(options(`${VIA}1`)).receive('\r\n\r\n')).toMatch(/^SIP\/2.0 200 /);
});

test('settings that do not fit together are refused, and the old ones stay in force', async () => {
  const station = new Station();
  const listener = await station.listen('TLS');
  const mixed = { certificate: SERVER_TLS.certificate, key: PEER_TLS.key };
  expect(() => listener.setTls(mixed)).toThrow(expect.objectContaining({ code: 'TRANSPORT_TLS_SETTINGS' }));
  await Wire.tls(listener.address.port);
  await expect(station.layer.listen({ transport: 'TLS', host: '127.0.0.1', port: 0, tls: mixed })).rejects.toMatchObject({
    code: 'TRANSPORT_TLS_SETTINGS',
  });
  await expect(station.layer.listen({ transport: 'TLS', host: '127.0.0.1', port: 0 })).rejects.toMatchObject({
    code: 'TRANSPORT_TLS_SETTINGS',
  });
  const tcp = await station.listen('TCP');
  expect(() => tcp.setTls(SERVER_TLS)).toThrow(expect.objectContaining({ code: 'TRANSPORT_NOT_TLS' }));
});

test('a verified client certificate names its flow; wildcards do not count (RFC 5922 7.2)', async () => {
  const station = new Station();
  const { address } = await station.listen('TLS', { tls: { ...SERVER_TLS, ca: [CA], clientCertificates: 'request' } });
  const peer = await Wire.tls(address.port, { cert: PEER_TLS.certificate, key: PEER_TLS.key });
  peer.send(options(`${VIA}1`));
  const { flow } = await station.request();
  expect(flow.tlsPeer).toBe('peer.example.com');
  expect(flow.hasTlsName('PEER.example.com')).toBe(true);
  expect(flow.hasTlsName('other.example.com')).toBe(false);
  expect(flow.hasTlsName('a.wild.example.com')).toBe(false);
  expect(flow.trusted).toBe(false);
});

test('an unverified client certificate names nobody, or is refused where one is required', async () => {
  const station = new Station();
  const asking = await station.listen('TLS', { tls: { ...SERVER_TLS, ca: [CA], clientCertificates: 'request' } });
  const requiring = await station.listen('TLS', { tls: { ...SERVER_TLS, ca: [CA], clientCertificates: 'require' } });
  const stranger = { cert: STRANGER_TLS.certificate, key: STRANGER_TLS.key };
  const client = await Wire.tls(asking.address.port, stranger);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  expect([flow.tlsPeer, flow.hasTlsName('localhost')]).toEqual(['', false]);
  // With TLS 1.3 the client learns of the refusal only when it reads.
  const refused = await Wire.tls(requiring.address.port, stranger);
  await refused.close();
  await Wire.tls(requiring.address.port, { cert: PEER_TLS.certificate, key: PEER_TLS.key });
});

test("an outgoing connection verifies the name, shows the listener's certificate, and is trusted", async () => {
  const station = new Station({ outgoingTls: { ca: [CA] } });
  await station.listen('TLS', { tls: PEER_TLS, advertise: 'uc.example.com:5061' });
  const accepted = Promise.withResolvers<TLSSocket>();
  const port = await tlsServer(SERVER_TLS, accepted.resolve);
  const flow = await station.layer.connect({ transport: 'TLS', host: '127.0.0.1', port, serverName: 'localhost' });
  expect(flow).toMatchObject({
    transport: 'TLS',
    secure: true,
    trusted: true,
    authenticated: true,
    listener: undefined,
    tlsPeer: 'localhost',
  });
  expect(flow.hasTlsName('localhost')).toBe(true);
  const socket = await accepted.promise;
  expect([socket.authorized, socket.getPeerCertificate().subject.CN]).toEqual([true, 'peer.example.com']);
  expect(station.layer.viaFor(flow, 'z9hG4bK1')).toBe('SIP/2.0/TLS uc.example.com:5061;branch=z9hG4bK1;alias');
});

test('an address literal is verified against the addresses of the certificate', async () => {
  const station = new Station({ outgoingTls: { ca: [CA] } });
  const port = await tlsServer(SERVER_TLS);
  expect((await station.layer.connect({ transport: 'TLS', host: '127.0.0.1', port })).open).toBe(true);
});

test.each([
  ['another name', SERVER_TLS, 'other.example.com', /other\.example\.com/],
  ['an unknown authority', STRANGER_TLS, 'localhost', /self-signed/],
])('a server with %s is not connected to', async (_what, settings, serverName, message) => {
  const station = new Station({ outgoingTls: { ca: [CA] } });
  const port = await tlsServer(settings);
  const connecting = station.layer.connect({ transport: 'TLS', host: '127.0.0.1', port, serverName });
  await expect(connecting).rejects.toMatchObject({
    code: 'TRANSPORT_TLS_UNVERIFIED',
    status: 503,
    message: expect.stringMatching(message),
  });
  expect(station.layer.stats().connections).toBe(0);
});
