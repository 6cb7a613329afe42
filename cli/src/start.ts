/** `parley start`: runs the server until it is asked to stop. */
import { installSignals, startServer } from '@parley/core';
import type { Host, ServerConfig } from '@parley/core';
import type { Output } from './output.ts';
import { startScreen } from './start-screen.ts';

/** Starts the server and shows the closing screen. Signals end it; see installSignals. Throws what is wrong with the start. */
export async function start(config: ServerConfig, output: Output, quiet: boolean): Promise<void> {
  const host = await startServer(config);
  installSignals(host);
  if (quiet) return;
  const listeners = host.reports.status()['listeners'];
  const lines = startScreen({
    version: host.core.server.version,
    domains: config.domains,
    fqdn: config.fqdn,
    listeners: Object.values(listeners ?? {}).map(String),
    plugins: host.plugins().map((plugin) => plugin.name),
    dataDir: config.dataDir,
    logFile: config.log.file,
    users: await countUsers(host),
  });
  for (const line of lines) output.remark(line);
}

/** How many users there are, as far as a plugin counts them: the screen then says how to add the first. */
async function countUsers(host: Host): Promise<number | undefined> {
  const command = host.command('user list');
  if (command === undefined) return undefined;
  const metrics = host.core.telemetry.metrics();
  const users = metrics.find((metric) => metric.name === 'parley_directory_users');
  return users?.samples.reduce((sum, sample) => sum + sample.value, 0);
}
