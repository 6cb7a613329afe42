/** What core reports of itself: the process, the store, the plugins' faults. */
import { statfs } from 'node:fs/promises';
import { sql } from 'kysely';
import type { HostCore } from './core-services.ts';
import type { HealthResult } from './telemetry.ts';

/** Below this share of free space the operator is warned. */
const LOW_SPACE = 0.05;

/** Registers core's health checks and metrics. */
export function registerCoreTelemetry(core: HostCore): void {
  const { extensions, store, server, faults } = core;
  extensions.healthChecks.add('core', { name: 'store', check: () => storeAnswers(core) });
  extensions.healthChecks.add('core', { name: 'disk', check: () => spaceLeft(server.dataDir) });
  const metric = (name: string, help: string, type: 'counter' | 'gauge', collect: () => number): void => {
    extensions.metrics.add('core', { name, help, type, collect });
  };
  metric('parley_uptime_seconds', 'Seconds since the server started', 'gauge', () => Math.round((Date.now() - server.startedAt) / 1000));
  metric('parley_resident_bytes', 'Memory of the process', 'gauge', () => process.memoryUsage.rss());
  metric('parley_store_writes_total', 'Changes kept in the database', 'counter', () => store.stats().writes);
  metric('parley_store_commits_total', 'Transactions that kept them', 'counter', () => store.stats().commits);
  metric('parley_store_writes_waiting', 'Changes that wait for the database', 'gauge', () => store.stats().waiting);
  extensions.metrics.add('core', {
    name: 'parley_plugin_faults_total',
    help: 'Exceptions thrown by plugins while handling messages',
    type: 'counter',
    labels: ['plugin'],
    collect: () => [...faults.totals].map(([plugin, value]) => ({ labels: { plugin }, value })),
  });
}

async function storeAnswers({ store }: HostCore): Promise<HealthResult> {
  await sql`select 1`.execute(store.read);
  return { state: 'ok', detail: `${store.dialect} answers` };
}

async function spaceLeft(folder: string): Promise<HealthResult> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const gigabytes = (bavail * bsize) / 1e9;
  const detail = `${gigabytes.toFixed(1)} GB free on the disk of ${folder}`;
  if (bavail >= blocks * LOW_SPACE) return { state: 'ok', detail };
  return { state: 'warn', detail, fix: 'Make room before the database cannot grow any more.' };
}
