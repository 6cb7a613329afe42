import { expect, test } from 'vitest';
import { SipRequest } from '../../src/sip/index.ts';
import { Datagrams, options, Station } from './support.ts';

test('a request is answered where it came from when the client asks for it (RFC 3581 4)', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  phone.send(options('UDP 192.0.2.1:9;rport;branch=z9hG4bKa'), address.port);
  expect(await phone.receive()).toContain(`\r\nVia: SIP/2.0/UDP 192.0.2.1:9;rport=${phone.port};branch=z9hG4bKa;received=127.0.0.1\r\n`);
});

test('without rport the answer goes to the port of the Via (RFC 3261 18.2.2)', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('UDP');
  const [sender, answered] = [await Datagrams.open(), await Datagrams.open()];
  sender.send(options(`UDP phone.example.com:${answered.port};branch=z9hG4bKa`), address.port);
  expect(await answered.receive()).toContain(`Via: SIP/2.0/UDP phone.example.com:${answered.port};branch=z9hG4bKa;received=127.0.0.1\r\n`);
  expect((await station.request()).flow.remote).toEqual({ host: '127.0.0.1', port: sender.port });
});

test('received is left out when the sent-by host is the source already (RFC 3261 18.2.1)', async () => {
  const station = new Station();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  phone.send(options(`UDP 127.0.0.1:${phone.port};branch=z9hG4bKa`), address.port);
  expect((await station.request()).message.first('Via')).toBe(`SIP/2.0/UDP 127.0.0.1:${phone.port};branch=z9hG4bKa`);
});

test('a UDP flow is not reliable, has id 0 and no ms-received parameters', async () => {
  const station = new Station();
  const listener = await station.listen('UDP');
  const phone = await Datagrams.open();
  phone.send(options('UDP 127.0.0.1:1;rport;branch=z9hG4bKa'), listener.address.port);
  const { flow, message } = await station.request();
  expect(flow).toMatchObject({ id: 0, transport: 'UDP', reliable: false, secure: false, open: true, listener, tlsPeer: '' });
  expect(message.first('Via')).not.toContain('ms-received');
});

test('keep-alives, garbage and broken responses are counted and not answered', async () => {
  const station = new Station();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  for (const text of ['\r\n\r\n', '\0', 'hello', 'SIP/2.0 200 OK\r\nVia: nonsense\r\n\r\n']) phone.send(text, address.port);
  phone.send(options('UDP 127.0.0.1:1;branch=z9hG4bKlast'), address.port);
  await station.request();
  expect(station.layer.stats().drops).toMatchObject({ keepAlive: 2, notSip: 1, malformedResponse: 1 });
  expect(station.received).toHaveLength(1);
});

test('nothing larger than a datagram is sent', async () => {
  const station = new Station();
  await station.listen('UDP');
  const phone = await Datagrams.open();
  const flow = station.layer.udpFlow('UDP', { host: '127.0.0.1', port: phone.port });
  expect(flow.write(Buffer.alloc(65_508))).toBe(false);
  expect(flow.write(Buffer.from('small'))).toBe(true);
  expect(await phone.receive()).toBe('small');
  expect(station.layer.stats().drops.udpTooLarge).toBe(1);
});

test('a message from a flow of our own leaves from the port of the listener', async () => {
  const station = new Station();
  const listener = await station.listen('UDP', { advertise: 'uc.example.com' });
  const phone = await Datagrams.open();
  const flow = station.layer.flowFor({ transport: 'UDP', host: '127.0.0.1', port: phone.port });
  const via = station.layer.viaFor(flow as NonNullable<typeof flow>, 'z9hG4bKours');
  expect(via).toBe(`SIP/2.0/UDP uc.example.com:${listener.address.port};branch=z9hG4bKours;rport`);
  station.layer.send(SipRequest.create('OPTIONS', 'sip:bob@127.0.0.1', [['Via', via]]), flow as NonNullable<typeof flow>);
  expect(await phone.receive()).toContain(via);
});

test('IPv6 has its own sockets, and reaches IPv4 when bound to all', async () => {
  const station = new Station();
  const { address } = await station.listen('UDP', { host: '::' });
  const phone = await Datagrams.open();
  phone.send(options(`UDP 127.0.0.1:${phone.port};branch=z9hG4bKa`), address.port);
  const { flow } = await station.request();
  expect(flow.remote).toEqual({ host: '127.0.0.1', port: phone.port });
  expect(flow.write(Buffer.from('back'))).toBe(true);
  expect(await phone.receive()).toBe('back');
  expect(station.layer.flowFor({ transport: 'UDP', host: '::1', port: 5060 })?.local.host).toBe('::');
});

test('without a UDP listener of the family there is no flow', async () => {
  const station = new Station();
  await station.listen('UDP');
  const destination = { transport: 'UDP', host: '2001:db8::1', port: 5060 } as const;
  expect(station.layer.flowFor(destination)).toBeUndefined();
  await expect(station.layer.connect(destination)).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
  expect(() => station.layer.udpFlow('UDP', destination)).toThrow(/no UDP listener/);
});

test('UDP counts messages and bytes', async () => {
  const station = new Station().answering();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  const request = options(`UDP 127.0.0.1:${phone.port};branch=z9hG4bKa`);
  phone.send(request, address.port);
  const answer = await phone.receive();
  expect(station.layer.stats().transports.UDP).toMatchObject({
    messagesIn: 1,
    messagesOut: 1,
    bytesIn: request.length,
    bytesOut: answer.length,
  });
});
