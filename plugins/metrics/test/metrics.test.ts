import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';
import type { HealthState, PluginUse } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { MetricsConfig } from '../src/config.ts';
import metrics from '../src/plugin.ts';
import { sharing } from '../src/sharing.ts';

/** A plugin that counts calls, is as healthy as it is told, and has one metric whose name breaks the rules. */
function phones(state: HealthState): PluginUse {
  return definePlugin({
    name: 'phones',
    summary: 'Counts calls',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup(scope) {
      const calls = [
        { labels: { result: 'answered' }, value: 3 },
        { labels: { result: 'a "b"\\\n' }, value: 0 },
      ];
      scope.metric({ name: 'phones_calls_total', help: 'Calls', type: 'counter', labels: ['result'], collect: () => calls });
      scope.metric({ name: 'not a name', help: 'broken', type: 'gauge', collect: () => 1 });
      scope.metric({ name: 'phones_ringing', help: 'Phones that ring', type: 'gauge', collect: () => 7 });
      scope.metric({ name: 'phones_nothing', help: 'Nothing yet', type: 'gauge', collect: () => [] });
      scope.health('line', () => ({ state, detail: 'the line was looked at' }));
    },
  })();
}

async function serving({ state = 'ok', port = 0 }: { state?: HealthState; port?: number } = {}): Promise<TestServer> {
  const server = await testServer({ plugins: [metrics({ port, processMetrics: false }), phones(state)], log: 'info' });
  onTestFinished(() => server.close());
  return server;
}

/** Where the log says that it is. */
function urlOf({ log }: TestServer): string {
  return new URL(String(log.find(({ msg }) => msg === 'metrics and health are served')?.['url'])).origin;
}

const ask = async (server: TestServer, path: string, how?: RequestInit): Promise<Response> => fetch(urlOf(server) + path, how);

test('every metric is there in the format of Prometheus, and a broken one hides no other', async () => {
  const server = await serving();
  const response = await ask(server, '/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => /phones|not a name/.test(line));
  expect(lines).toEqual([
    '# HELP phones_calls_total Calls',
    '# TYPE phones_calls_total counter',
    'phones_calls_total{result="answered"} 3',
    'phones_calls_total{result="a \\"b\\"\\\\\\n"} 0',
    '# HELP phones_ringing Phones that ring',
    '# TYPE phones_ringing gauge',
    'phones_ringing 7',
  ]);
  expect(server.log.filter(({ msg }) => msg === 'a metric cannot be shown')).toMatchObject([{ metric: 'not a name' }]);
});

test('health is 200 while the server serves and 503 when a check fails', async () => {
  const good = await ask(await serving(), '/health');
  const { state, checks } = (await good.json()) as { state: string; checks: readonly object[] };
  expect([good.status, state]).toEqual([200, 'ok']);
  expect(checks).toContainEqual({ name: 'line', plugin: 'phones', state: 'ok', detail: 'the line was looked at', milliseconds: 0 });
  expect((await ask(await serving({ state: 'warn' }), '/health')).status).toBe(200);
  expect((await ask(await serving({ state: 'fail' }), '/health')).status).toBe(503);
});

test('those who ask at the same time share one run, and those who ask later get another', async () => {
  let runs = 0;
  const run = sharing(() => Promise.resolve(++runs));
  expect(await Promise.all([run(), run()])).toEqual([1, 1]);
  expect(await run()).toBe(2);
  const fail = sharing(() => Promise.reject(new Error(`run ${++runs}`)));
  await expect(fail()).rejects.toThrow('run 3');
  await expect(fail()).rejects.toThrow('run 4');
});

test('ready turns to 503 when the server drains', async () => {
  const server = await serving();
  expect((await ask(server, '/ready')).status).toBe(200);
  const { promise: calls, resolve: hangUp } = Promise.withResolvers<void>();
  server.host.onDrain('calls', () => calls);
  void server.host.close();
  expect((await ask(server, '/ready')).status).toBe(503);
  hangUp();
});

test('there is nothing else, and no body is taken', async () => {
  const server = await serving();
  expect((await ask(server, '/')).status).toBe(404);
  expect((await ask(server, '/metrics', { method: 'POST', body: 'x' })).status).toBe(413);
  expect((await ask(server, '/metrics', { method: 'DELETE' })).status).toBe(404);
  expect((await ask(server, '/metrics', { method: 'HEAD' })).status).toBe(200);
});

test('a port that is taken is a clear error', async () => {
  const port = Number(new URL(urlOf(await serving())).port);
  await expect(serving({ port })).rejects.toThrow(/cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/);
});

test('only a loopback address may be listened on without saying that others are meant to come', () => {
  expect(MetricsConfig.parse({})).toMatchObject({ host: '127.0.0.1', port: 9090 });
  expect(MetricsConfig.safeParse({ host: '::1' }).success).toBe(true);
  expect(MetricsConfig.safeParse({ host: '0.0.0.0', allowRemote: true }).success).toBe(true);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'localhost']) expect(() => MetricsConfig.parse({ host }), host).toThrow(/host/);
});
