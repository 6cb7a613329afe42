import { definePlugin } from '@parley/sdk';
import { Web } from '@parley/plugin-web/api';
import { WebTickets } from '@parley/plugin-web-ticket/api';
import { AutodiscoverService } from './autodiscover-service.ts';
import { AutodiscoverConfig } from './config.ts';

export default definePlugin({
  name: 'autodiscover',
  summary: 'Tells clients that know only their user’s address where to connect',
  config: AutodiscoverConfig,
  requires: [Web, WebTickets],
  root: new URL('..', import.meta.url),
  async setup(scope) {
    const service = scope.resolve(AutodiscoverService);
    scope.onClose(await service.open());
    scope.health('sip-access', () =>
      service.hasAccess
        ? { state: 'ok', detail: 'clients are told where to connect' }
        : { state: 'warn', detail: 'there is no TLS listener to send clients to', fix: 'Add one to `listen`, or set `internal`.' },
    );
  },
});
