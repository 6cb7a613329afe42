/** In-band provisioning as a plugin: what it needs, offers and claims. */
import { Bus, Server, definePlugin, provide } from '@parley/sdk';
import type { MetricSample, PluginScope } from '@parley/sdk';
import { Directory, DirectoryEvents } from '@parley/plugin-directory/api';
import { Provisioning } from './api.ts';
import { commands } from './commands.ts';
import { ProvisioningConfig } from './config.ts';
import { LEGACY_PACKAGE, PACKAGE, ProvisioningHandler } from './handler.ts';
import { ProvisioningService } from './provisioning.ts';
import { migrations } from './settings-row.ts';
import { Settings } from './settings.ts';
import { Watchers } from './watchers.ts';

export default definePlugin({
  name: 'provisioning',
  summary: 'Tells clients, when they sign in, what they may do and where services are',
  config: ProvisioningConfig,
  requires: [Directory],
  provides: [provide(Provisioning, ProvisioningService)],
  scripts: [{ file: 'routes.am', priority: 320 }],
  root: new URL('..', import.meta.url),
  migrations,
  handler: ProvisioningHandler,
  commands,
  async setup(scope: PluginScope) {
    const settings = scope.resolve(Settings);
    await settings.start();
    scope.onClose(() => settings.stop());
    if (scope.resolve(Server).mode === 'serve') serve(scope);
  },
});

function serve(scope: PluginScope): void {
  const service = scope.resolve(ProvisioningService);
  const watchers = scope.resolve(Watchers);
  const handler = scope.resolve(ProvisioningHandler);
  scope.onClose(service.onChange((aor) => watchers.changed(aor)));
  scope.onClose(() => watchers.stop());
  scope.onClose(scope.resolve(Bus).subscribe(DirectoryEvents.changed, ({ aor }) => service.changed(aor)));
  scope.eventPackage(PACKAGE);
  scope.eventPackage(LEGACY_PACKAGE);
  scope.metric({
    name: 'parley_provisioning_requests_total',
    help: 'Clients that asked how they are provisioned, by what became of it',
    type: 'counter',
    labels: ['result'],
    collect: () => Object.entries(handler.counts).map(([result, value]): MetricSample => ({ labels: { result }, value })),
  });
  scope.metric({
    name: 'parley_provisioning_watchers',
    help: 'Clients that are told changes of their provisioning',
    type: 'gauge',
    collect: () => watchers.size,
  });
}
