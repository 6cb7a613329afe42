/** What plugins report in figures. They say so while they start, so all of them are started once, on loopback, with an empty store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { checkConfig, openLog, startServer } from '@parley/core';
import type { Metric, PluginSpec } from '@parley/core';
import { randomKerberosKey, writeKeytab } from '@parley/sdk/testkit';

/** A metric as a page shows it. */
export type MetricDoc = Pick<Metric, 'name' | 'help' | 'type' | 'labels'>;

const FQDN = 'uc.example.com';
const LOOPBACK = { host: '127.0.0.1', port: 0 };
/** Of plugins that listen: ports that nobody else has. */
const SETTINGS: Readonly<Record<string, object>> = { metrics: LOOPBACK, web: LOOPBACK };

/** Metrics by the name of their plugin, in the order of their declaration; those of the server itself are `core`'s. */
export async function pluginMetrics(plugins: readonly PluginSpec[]): Promise<ReadonlyMap<string, readonly MetricDoc[]>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-metrics-'));
  try {
    writeFileSync(join(dataDir, 'parley.keytab'), writeKeytab({ principal: `sip/${FQDN}`, key: randomKerberosKey() }), { mode: 0o600 });
    const config = await checkConfig({
      domains: ['example.com'],
      fqdn: FQDN,
      dataDir,
      listen: [{ transport: 'udp', ...LOOPBACK }],
      plugins: plugins.map((plugin) => ({ plugin, config: SETTINGS[plugin.name] ?? {} })),
    });
    const host = await startServer(config, { logger: openLog({ level: 'silent', output: new Writable() }) });
    const found = Map.groupBy(host.extensions.metrics.entries, ({ plugin }) => plugin);
    await host.close();
    return new Map([...found].map(([plugin, list]) => [plugin, list.map(({ value }) => value)]));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
