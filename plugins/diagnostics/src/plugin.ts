/** Diagnostics headers and client error reports ([MS-OCER]) as a plugin: what it needs and claims. */
import { Clock, Log, PluginConfig, Server, definePlugin, provide, repeat } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import { ErrorReports } from './api.ts';
import { commands } from './commands.ts';
import { DiagnosticsConfig } from './config.ts';
import { DiagnosticsGate } from './gate.ts';
import { InsidePeers } from './inside-peers.ts';
import { ReportHandler } from './report-handler.ts';
import { migrations } from './report-row.ts';
import { Reports } from './reports.ts';
import { DiagnosticsStamp } from './stamp.ts';

const PRUNE_MS = 3_600_000;

export default definePlugin({
  name: 'diagnostics',
  summary: 'Says in ms-diagnostics why requests are refused, and keeps what clients report of their failures',
  config: DiagnosticsConfig,
  provides: [provide(ErrorReports, Reports)],
  scripts: [{ file: 'routes.am', priority: 400 }],
  root: new URL('..', import.meta.url),
  migrations,
  handler: ReportHandler,
  commands,
  setup(scope: PluginScope) {
    const config = scope.resolve(PluginConfig) as DiagnosticsConfig;
    const server = scope.resolve(Server);
    const peers = new InsidePeers(config.insidePeers);
    const gate = new DiagnosticsGate(peers);
    scope.gate(gate);
    scope.stamp(new DiagnosticsStamp(peers, server.fqdn));
    const { counts } = scope.resolve(ReportHandler);
    scope.metric({
      name: 'parley_diagnostics_reports_total',
      help: 'Error reports of clients by what became of them',
      type: 'counter',
      labels: ['result'],
      collect: () => Object.entries(counts).map(([result, value]) => ({ labels: { result }, value })),
    });
    scope.metric({
      name: 'parley_diagnostics_removed_total',
      help: 'Received messages that lost an ms-diagnostics header which their sender may not set',
      type: 'counter',
      collect: () => gate.removed,
    });
    if (server.mode === 'serve') keepTidy(scope);
  },
});

/** Deletes old reports every hour; a store that fails is a line in the log, and the next hour comes. */
function keepTidy(scope: PluginScope): void {
  const reports = scope.resolve(Reports);
  const log = scope.resolve(Log);
  const prune = (): void => {
    reports.prune().catch((error: unknown) => log.error({ err: error }, 'old error reports could not be deleted; tried again in an hour'));
  };
  scope.onClose(repeat(scope.resolve(Clock), PRUNE_MS, prune));
}
