import { afterEach, expect, test } from 'vitest';
import type { HealthReport, Log, MetricFamily, Telemetry } from '@parley/sdk';
import { MetricsConfig } from '../src/config.ts';
import { MetricsServer } from '../src/metrics-server.ts';
import { sharing } from '../src/sharing.ts';

const SILENT = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => undefined]),
) as unknown as Log;
const OK: HealthReport = {
  state: 'ok',
  entries: [{ name: 'store', plugin: 'core', state: 'ok', detail: 'sqlite answers', milliseconds: 1 }],
};
const FAMILIES: readonly MetricFamily[] = [
  {
    name: 'parley_registers_total',
    help: 'REGISTER requests',
    type: 'counter',
    plugin: 'registrar',
    samples: [
      { labels: { result: 'added' }, value: 3 },
      { labels: { result: 'a "b"\\\n' }, value: 0 },
    ],
  },
  { name: 'not a name', help: 'broken', type: 'gauge', plugin: 'other', samples: [{ labels: {}, value: 1 }] },
  { name: 'parley_registrations', help: 'Endpoints', type: 'gauge', plugin: 'registrar', samples: [{ labels: {}, value: 7 }] },
  { name: 'parley_nothing', help: 'Nothing yet', type: 'gauge', plugin: 'registrar', samples: [] },
];

const started: MetricsServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

async function serve(telemetry: Partial<Telemetry> = {}): Promise<MetricsServer> {
  const config = MetricsConfig.parse({ port: 0, processMetrics: false });
  const server = new MetricsServer(config, { health: () => Promise.resolve(OK), metrics: () => FAMILIES, ...telemetry }, SILENT);
  started.push(server);
  await server.start();
  return server;
}

test('every metric is there in the format of Prometheus, and a broken one hides no other', async () => {
  const response = await fetch(`${(await serve()).url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  expect(lines).toEqual([
    '# HELP parley_registers_total REGISTER requests',
    '# TYPE parley_registers_total counter',
    'parley_registers_total{result="added"} 3',
    'parley_registers_total{result="a \\"b\\"\\\\\\n"} 0',
    '# HELP parley_registrations Endpoints',
    '# TYPE parley_registrations gauge',
    'parley_registrations 7',
  ]);
});

test('health is 200 while the server serves and 503 when a check fails', async () => {
  const good = await fetch(`${(await serve()).url}/health`);
  expect([good.status, await good.json()]).toEqual([200, { state: 'ok', checks: OK.entries }]);
  const warned = await fetch(`${(await serve({ health: () => Promise.resolve({ ...OK, state: 'warn' }) })).url}/health`);
  expect(warned.status).toBe(200);
  const failed = await fetch(`${(await serve({ health: () => Promise.resolve({ ...OK, state: 'fail' }) })).url}/health`);
  expect(failed.status).toBe(503);
});

test('those who ask at the same time share one run, and those who ask later get another', async () => {
  let runs = 0;
  const ask = sharing(() => Promise.resolve(++runs));
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  expect(await ask()).toBe(2);
  const fail = sharing(() => Promise.reject(new Error(`run ${++runs}`)));
  await expect(fail()).rejects.toThrow('run 3');
  await expect(fail()).rejects.toThrow('run 4');
});

test('ready turns to 503 when the server drains', async () => {
  const server = await serve();
  expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  server.drain();
  expect((await fetch(`${server.url}/ready`)).status).toBe(503);
});

test('there is nothing else, and no body is taken', async () => {
  const { url } = await serve();
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(413);
  expect((await fetch(`${url}/metrics`, { method: 'DELETE' })).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
});

test('a port that is taken is a clear error', async () => {
  const first = await serve();
  const config = MetricsConfig.parse({ port: Number(new URL(first.url).port), processMetrics: false });
  const second = new MetricsServer(config, { health: () => Promise.resolve(OK), metrics: () => [] }, SILENT);
  await expect(second.start()).rejects.toThrow(/cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/);
  await second.stop();
});

test('only a loopback address may be listened on without saying that others are meant to come', () => {
  expect(MetricsConfig.parse({})).toMatchObject({ host: '127.0.0.1', port: 9090 });
  expect(MetricsConfig.safeParse({ host: '::1' }).success).toBe(true);
  expect(MetricsConfig.safeParse({ host: '0.0.0.0', allowRemote: true }).success).toBe(true);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'localhost']) expect(() => MetricsConfig.parse({ host }), host).toThrow(/host/);
});
