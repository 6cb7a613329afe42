import { definePlugin, provide } from '@parley/sdk';
import { Directory, PoolKeys } from '@parley/plugin-directory/api';
import { ClientCertificates } from '@parley/plugin-pki/api';
import { Web } from '@parley/plugin-web/api';
import { CertificateProvisioning, WebTickets } from './api.ts';
import { WebTicketConfig } from './config.ts';
import { WebTicketService } from './web-ticket-service.ts';

export default definePlugin({
  name: 'web-ticket',
  summary: 'Issues web tickets to users of web services, and the certificates that clients sign in with by TLS-DSK',
  config: WebTicketConfig,
  requires: [Web, Directory, PoolKeys, ClientCertificates],
  provides: [provide(WebTickets, WebTicketService), provide(CertificateProvisioning, WebTicketService)],
  root: new URL('..', import.meta.url),
  async setup(scope) {
    const service = scope.resolve(WebTicketService);
    scope.metric({
      name: 'parley_web_tickets_total',
      help: 'Web tickets issued and refused, and those that were shown to services, by what became of them',
      type: 'counter',
      labels: ['outcome'],
      collect: () => service.outcomes.samples(),
    });
    scope.onClose(await service.open());
  },
});
