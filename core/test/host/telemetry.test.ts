import { expect, test } from 'vitest';
import { Telemetry } from '../../src/host/index.ts';
import { boot, plugin } from './fixtures.ts';

test('health is the worst of what the parts say; one that throws or hangs fails alone', async () => {
  let telemetry: Telemetry | undefined;
  const sick = plugin('sick', {
    setup: (scope) => {
      telemetry = scope.resolve(Telemetry);
      scope.health('fine', () => ({ state: 'ok', detail: 'well' }));
      scope.health('old', () => Promise.resolve({ state: 'warn', detail: 'certificate ends soon', fix: 'renew it' }));
      scope.health('throws', () => {
        throw new Error('no key');
      });
      scope.health('hangs', () => new Promise(() => {}));
    },
  });
  const { host, clock } = await boot([sick], {}, { dataDir: '/' });
  const asked = telemetry?.health();
  // Those that answer have done so when the time of the others is over.
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_010);
  const report = await asked;
  expect(report?.state).toBe('fail');
  expect(report?.entries.filter((entry) => entry.plugin === 'sick')).toMatchObject([
    { name: 'fine', state: 'ok', detail: 'well' },
    { name: 'old', state: 'warn', fix: 'renew it' },
    { name: 'throws', state: 'fail', detail: 'no key' },
    { name: 'hangs', state: 'fail', detail: 'no answer within 5 s' },
  ]);
  await host.close();
});

test('metrics are read when asked for; one that throws is left out and logged', async () => {
  const counting = plugin('counting', {
    setup: (scope) => {
      scope.metric({ name: 'parley_one', help: 'One', type: 'gauge', collect: () => 1 });
      scope.metric({
        name: 'parley_many_total',
        help: 'Many',
        type: 'counter',
        labels: ['method'],
        collect: () => [{ labels: { method: 'INVITE' }, value: 2 }],
      });
      scope.metric({
        name: 'parley_broken',
        help: 'Broken',
        type: 'gauge',
        collect: () => {
          throw new Error('cannot count');
        },
      });
    },
  });
  const { host, log } = await boot([counting]);
  const families = host.core.telemetry.metrics();
  expect(families.filter((family) => family.plugin === 'counting')).toEqual([
    { name: 'parley_one', help: 'One', type: 'gauge', plugin: 'counting', inStatus: true, samples: [{ labels: {}, value: 1 }] },
    {
      name: 'parley_many_total',
      help: 'Many',
      type: 'counter',
      plugin: 'counting',
      inStatus: false,
      samples: [{ labels: { method: 'INVITE' }, value: 2 }],
    },
  ]);
  expect(families.map((family) => family.name)).toEqual(
    expect.arrayContaining(['parley_uptime_seconds', 'parley_resident_bytes', 'parley_store_writes_total']),
  );
  expect(log.lines).toContainEqual(expect.objectContaining({ metric: 'parley_broken', plugin: 'counting' }));
  await host.close();
});

test('faults of plugins are counted by plugin', async () => {
  const { host, log } = await boot([]);
  host.core.faults.report('registrar', 'onRegister', new Error('boom'), { callId: 'abc' });
  expect(host.core.telemetry.metrics().find((family) => family.name === 'parley_plugin_faults_total')?.samples).toEqual([
    { labels: { plugin: 'registrar' }, value: 1 },
  ]);
  expect(log.lines).toContainEqual(expect.objectContaining({ plugin: 'registrar', where: 'onRegister', callId: 'abc' }));
  await host.close();
});
