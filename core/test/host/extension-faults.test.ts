/** A started server with a plugin that has broken parts, and a client on a TCP connection. */
import { expect, onTestFinished, test } from 'vitest';
import { PASS, Transport, checkConfig, startServer } from '../../src/host/index.ts';
import type { Host, PluginScope } from '../../src/host/index.ts';
import { FakeClock } from '../../src/clock/index.ts';
import { ParleyError } from '../../src/errors/index.ts';
import { temporaryStore } from '../../src/store/index.ts';
import { Wire, options } from '../transport/support.ts';
import { KeptLog, folder, plugin } from './fixtures.ts';

interface World {
  readonly host: Host;
  readonly wire: Wire;
  /** Plugin, part and text of what was counted as a plugin's fault. */
  readonly faults: () => readonly unknown[];
}

async function serving(setup: (scope: PluginScope) => void): Promise<World> {
  let transport: Transport | undefined;
  const broken = plugin('broken', {
    setup(scope) {
      transport = scope.resolve(Transport);
      setup(scope);
    },
  });
  const clock = new FakeClock();
  const log = new KeptLog();
  const listen = [{ transport: 'tcp' as const, host: '127.0.0.1', port: 0 }];
  const config = await checkConfig({ domains: ['example.com'], fqdn: 'uc.example.com', dataDir: folder(), listen, plugins: [broken()] });
  const host = await startServer(config, { clock, logger: log.logger, store: temporaryStore(clock) });
  onTestFinished(() => host.close());
  const failed = () => log.lines.filter(({ msg }) => msg === 'a plugin failed');
  const faults = () => failed().map((line) => [line['plugin'], line['where'], (line['err'] as Error).message]);
  return { host, wire: await Wire.tcp(transport?.listeners[0]?.address.port ?? 0), faults };
}

const fail = (): never => {
  throw new Error('out of order');
};
const REQUEST = options('TCP 127.0.0.1;branch=z9hG4bK1');

test('a gate that throws is logged with the name of its plugin', async () => {
  const { wire, faults } = await serving((scope) => scope.gate({ name: 'turnstile', order: 100, check: fail }));
  wire.send(REQUEST);
  await wire.receive('SIP/2.0 500');
  expect(faults()).toEqual([['broken', 'gate turnstile', 'out of order']]);
});

test('a stamp that throws is logged with the name of its plugin', async () => {
  const { wire, faults } = await serving((scope) => scope.stamp({ name: 'seal', order: 1, apply: fail }));
  wire.send(REQUEST);
  await expect.poll(faults).toEqual([['broken', 'stamp seal', 'out of order']]);
});

test.each([
  ['opened', { open: fail }],
  ['read through', { open: () => ({ inbound: fail, outbound: (bytes: Buffer) => bytes }) }],
  ['written through', { open: () => ({ inbound: (bytes: Buffer) => bytes, outbound: fail }) }],
])('a byte stage that cannot be %s costs its connection, and is logged with the name of its plugin', async (_, stage) => {
  const { host, wire, faults } = await serving((scope) => scope.byteStage({ name: 'press', order: 1, ...stage }));
  wire.send(REQUEST);
  await expect.poll(() => wire.ended).toBe(true);
  expect(faults()).toContainEqual(['broken', 'byte stage press', 'out of order']);
  expect(host.state).toBe('running');
});

test('a byte stage that refuses what came with an error of its own is no fault of its plugin: a peer could write the log full', async () => {
  const inbound = (): never => {
    throw new ParleyError('PRESS_DATA', { sentence: 'these bytes cannot be pressed', fix: 'Send others.' });
  };
  const { host, wire, faults } = await serving((scope) => {
    scope.byteStage({ name: 'press', order: 1, open: () => ({ inbound, outbound: (bytes) => bytes }) });
  });
  wire.send(REQUEST);
  await expect.poll(() => wire.ended).toBe(true);
  expect(faults()).toEqual([]);
  expect(host.state).toBe('running');
});

test('what a plugin throws when it is asked for endpoints is logged with its name, and not as a fault in Parley', async () => {
  const { wire, faults } = await serving((scope) => {
    scope.gate({
      name: 'porter',
      order: 300,
      check: (inbound) => {
        inbound.identity = { aor: 'alice@example.com', mechanism: 'test' };
        return PASS;
      },
    });
    scope.endpoints({ endpoints: () => [], aorOf: fail });
  });
  wire.send(options('TCP 127.0.0.1;branch=z9hG4bK1', { Contact: '<sip:alice@example.com;gruu>' }));
  await wire.receive('SIP/2.0 500');
  expect(faults()).toEqual([['broken', 'the way of a message', 'out of order']]);
});
