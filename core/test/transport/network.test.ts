import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { SYSTEM_NETWORK, TransportLayer } from '../../src/transport/index.ts';
import type { Inbound, Network } from '../../src/transport/index.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The machine's network, without encryption, writing down what is asked of it. */
function watched(): Network & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    encrypts: false,
    datagramSocket: (family) => {
      asked.push(`datagrams ${family}`);
      return SYSTEM_NETWORK.datagramSocket(family);
    },
    streamServer: (accept) => {
      asked.push('server');
      return SYSTEM_NETWORK.streamServer(accept);
    },
    connect: (host, port) => {
      asked.push(`connect ${host}`);
      return SYSTEM_NETWORK.connect(host, port);
    },
  };
}

test('every socket of a transport layer comes from the network that it was given', async () => {
  const network = watched();
  const layer = new TransportLayer({ clock: new FakeClock(), log: quiet, network });
  onTestFinished(() => layer.close());
  await layer.listen({ transport: 'UDP', host: '127.0.0.1', port: 0 });
  const { address } = await layer.listen({ transport: 'TCP', host: '127.0.0.1', port: 0 });
  const flow = await layer.connect({ transport: 'TCP', ...address });
  expect(flow.open).toBe(true);
  expect(network.asked).toEqual(['datagrams 4', 'server', 'connect 127.0.0.1']);
});

test('on a network that does not encrypt, a TLS listener takes plain bytes as secure ones', async () => {
  const layer = new TransportLayer({ clock: new FakeClock(), log: quiet, network: watched() });
  onTestFinished(() => layer.close());
  const came = new Promise<Inbound>((resolve) => (layer.onMessage = resolve));
  const { address } = await layer.listen({ transport: 'TLS', host: '127.0.0.1', port: 0, tls: { certificate: '', key: '' } });
  const socket = connect(address.port, address.host);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const lines = [
    'OPTIONS sip:example.com SIP/2.0',
    'Via: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:example.com>',
    'Call-ID: 1',
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const { flow } = await came;
  expect([flow.transport, flow.secure, flow.hasTlsName('example.com')]).toEqual(['TLS', true, false]);
});
