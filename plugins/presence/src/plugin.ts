/** Enhanced presence as a plugin: what it needs, offers and claims. */
import { PresenceAccess, Server, definePlugin, provide } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { Location } from '@parley/plugin-registrar/api';
import { AccessEntries } from './access-entries.ts';
import { Presence } from './api.ts';
import { commands } from './commands.ts';
import { PresenceConfig } from './config.ts';
import { PresenceHandler } from './handler.ts';
import { registerMetrics } from './metrics.ts';
import { PresenceService } from './presence.ts';
import { migrations } from './rows.ts';
import { PENDING_PACKAGE, SELF_PACKAGE } from './self-subscriptions.ts';
import { PRESENCE_PACKAGE } from './subscriptions.ts';

export default definePlugin({
  name: 'presence',
  summary: 'Tells who is there and what they do: publishes, aggregates, and notifies those who may see it (MS-PRES, SIMPLE)',
  config: PresenceConfig,
  requires: [Directory, Location],
  provides: [provide(Presence, PresenceService), provide(PresenceAccess, AccessEntries)],
  scripts: [
    { file: 'subscribe.am', priority: 330 },
    // Behind contacts: what of SOAP is not about them passes on to here.
    { file: 'service.am', priority: 340 },
    { file: 'publish.am', priority: 330 },
    { file: 'service-unknown.am', priority: 890 },
  ],
  root: new URL('..', import.meta.url),
  migrations,
  handler: PresenceHandler,
  commands,
  setup(scope: PluginScope) {
    if (scope.resolve(Server).mode !== 'serve') return;
    scope.eventPackage(SELF_PACKAGE);
    scope.eventPackage(PRESENCE_PACKAGE);
    scope.eventPackage(PENDING_PACKAGE);
    registerMetrics(scope);
  },
});
