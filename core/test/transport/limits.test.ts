import { expect, test } from 'vitest';
import { options, SERVER_TLS, Station, Wire } from './support.ts';

const VIA = 'TCP 192.0.2.1;branch=z9hG4bK';

test('a peer that does not read is cut off with one log line, and costs nobody else anything', async () => {
  const station = new Station({ limits: { maxSendBytes: 1_000_000 } }).answering();
  const { address } = await station.listen('TCP');
  const [deaf, other] = [await Wire.tcp(address.port), await Wire.tcp(address.port)];
  deaf.socket.pause();
  deaf.send(options(`${VIA}1`));
  const { flow } = await station.request();
  const megabyte = Buffer.alloc(100_000);
  let sent = 0;
  let most = 0;
  expect(flow.backlog, 'nothing waits').toBeLessThan(1000);
  // The kernel takes some megabytes before anything waits here.
  while (flow.write(megabyte)) {
    sent++;
    most = Math.max(most, flow.backlog ?? 0);
  }
  expect(most, 'who has a choice sees what waits').toBeGreaterThan(800_000);
  expect(sent).toBeGreaterThan(9);
  expect(flow.open).toBe(false);
  expect(flow.write(megabyte)).toBe(false);
  await station.until(() => station.closed.length === 1);
  expect(station.closed[0]?.reason).toContain('does not read');
  expect(station.lines('warn')).toEqual([expect.stringContaining('does not read')]);
  expect(station.layer.stats().drops.slowReader).toBe(1);
  expect(await other.send(options(`${VIA}2`)).receive('\r\n\r\n')).toMatch(/^SIP\/2.0 200 /);
});

test('MS-CONMGMT R6: nobody authenticated within the connection timer: closed without a response', async () => {
  const station = new Station({ limits: { connectionTimerMs: 30_000 } });
  const { address } = await station.listen('TCP');
  const [silent, known] = [await Wire.tcp(address.port), await Wire.tcp(address.port)];
  known.send(options(`${VIA}1`));
  const { flow } = await station.request();
  flow.authenticated = true;
  silent.send(options(`${VIA}2`));
  await station.message(1);
  station.clock.advance(29_000);
  expect(station.layer.stats().connections).toBe(2);
  station.clock.advance(2_000);
  await silent.close();
  expect(silent.text).toBe('');
  expect(flow.open).toBe(true);
  expect(station.layer.stats().drops.connectionTimer).toBe(1);
});

test('the connection timer can be switched off', async () => {
  const station = new Station({ limits: { connectionTimerMs: 0, maxUnauthenticatedBytes: 0, idleMs: 0 } });
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  station.clock.advance(1_000_000);
  expect(flow.open).toBe(true);
});

test('MS-CONMGMT R5, R7: the idle timer closes what is silent, and any byte restarts it', async () => {
  const station = new Station({ limits: { connectionTimerMs: 0, idleMs: 360_000 } });
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  const { flow } = await station.request();
  station.clock.advance(359_000);
  client.send('\r\n\r\n');
  await client.receive('\r\n');
  station.clock.advance(359_000);
  expect(flow.open).toBe(true);
  station.clock.advance(2_000);
  await station.until(() => station.closed.length === 1);
  expect(station.closed[0]?.reason).toContain('nothing came for 360000 ms');
});

test('bytes of an unauthenticated connection are bounded, those of an authenticated one are not', async () => {
  const station = new Station({ limits: { maxUnauthenticatedBytes: 2_000 } });
  const { address } = await station.listen('TCP');
  const [unknown, known] = [await Wire.tcp(address.port), await Wire.tcp(address.port)];
  known.send(options(`${VIA}1`));
  (await station.request()).flow.authenticated = true;
  const long = options(`${VIA}2`, {}, 'x'.repeat(3_000));
  known.send(long);
  expect((await station.request(1)).message.body).toHaveLength(3_000);
  unknown.send(long);
  await unknown.close();
  expect(station.layer.stats().drops.unauthenticatedBytes).toBe(1);
  expect(station.received).toHaveLength(2);
});

test('half a message is waited for only so long', async () => {
  const station = new Station({ limits: { connectionTimerMs: 0, messageMs: 60_000 } });
  const { address } = await station.listen('TCP');
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`) + options(`${VIA}2`, {}, 'body').slice(0, -1));
  await station.request();
  for (let i = 0; i < 61; i++) station.clock.advance(1_000);
  await client.close();
  expect(station.layer.stats().drops.halfMessage).toBe(1);
});

test('connections are bounded in total, for each address and for each listener', async () => {
  const station = new Station({ limits: { maxConnections: 4, maxConnectionsPerAddress: 3 } });
  const { address } = await station.listen('TCP');
  const narrow = await station.listen('TCP', { maxConnections: 1 });
  const open = [await Wire.tcp(narrow.address.port)];
  for (const port of [narrow.address.port, address.port, address.port, address.port]) open.push(await Wire.tcp(port));
  await open[1]?.close();
  await open[4]?.close();
  expect(station.layer.stats()).toMatchObject({ connections: 3, drops: { listenerCap: 1, addressCap: 1 } });
  expect(narrow.connections).toBe(1);
  open[0]?.socket.destroy();
  await station.until(() => station.closed.length === 1);
  const again = await Wire.tcp(narrow.address.port);
  again.send(options(`${VIA}1`));
  await station.request();
});

test('a flood of refused connections becomes one log line a second', async () => {
  const station = new Station({ limits: { maxConnections: 0 } });
  const { address } = await station.listen('TCP');
  for (let i = 0; i < 5; i++) await (await Wire.tcp(address.port)).close();
  expect(station.layer.stats().drops.connectionCap).toBe(5);
  expect(station.lines('info')).toHaveLength(1);
});

test('handshakes are bounded in number and time, for TLS and for WebSocket', async () => {
  const station = new Station({ limits: { maxHalfOpen: 2, handshakeMs: 10_000 } });
  const tls = await station.listen('TLS', { tls: SERVER_TLS });
  const ws = await station.listen('WS');
  const halves = [await Wire.tcp(tls.address.port), await Wire.tcp(ws.address.port)];
  const third = await Wire.tcp(tls.address.port);
  await third.close();
  expect(station.layer.stats()).toMatchObject({ halfOpen: 2, drops: { halfOpenCap: 1 } });
  station.clock.advance(11_000);
  for (const half of halves) await half.close();
  expect(station.layer.stats()).toMatchObject({ halfOpen: 0, drops: { handshakeTime: 2 } });
});

test.each(['TCP', 'TLS', 'WS', 'WSS'] as const)('%s: the place of a connection is free again when it has closed', async (transport) => {
  const station = new Station({ limits: { maxConnectionsPerAddress: 1 } });
  const { address } = await station.listen(transport);
  for (let i = 0; i < 3; i++) {
    const client = transport === 'TLS' || transport === 'WSS' ? await Wire.tls(address.port) : await Wire.tcp(address.port);
    await expect.poll(() => station.layer.stats().connections).toBe(1);
    client.socket.destroy();
    await station.until(() => station.closed.length === i + 1);
    await expect.poll(() => station.layer.listeners[0]?.connections).toBe(0);
  }
  expect(station.layer.stats()).toMatchObject({ connections: 0, halfOpen: 0, drops: { addressCap: 0 } });
});

test('no timer runs while there is no connection', async () => {
  const station = new Station();
  const { address } = await station.listen('TCP');
  expect(station.clock.timers.size).toBe(0);
  const client = await Wire.tcp(address.port);
  client.send(options(`${VIA}1`));
  await station.request();
  expect(station.clock.timers.size).toBe(1);
  client.socket.destroy();
  await station.until(() => station.closed.length === 1);
  station.clock.advance(1_000);
  expect(station.clock.timers.size).toBe(0);
});
