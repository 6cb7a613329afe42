import { definePlugin, provide } from '@parley/sdk';
import { Pki } from './api.ts';
import { pkiCommands } from './commands.ts';
import { PkiConfig } from './config.ts';
import { CertificateKeeper } from './keeper.ts';

const DAY_SECONDS = 86_400;

export default definePlugin({
  name: 'pki',
  summary: 'Makes or loads the server certificate and watches over it',
  config: PkiConfig,
  provides: [provide(Pki, CertificateKeeper)],
  root: new URL('..', import.meta.url),
  commands: pkiCommands,
  setup(scope) {
    const keeper = scope.resolve(CertificateKeeper);
    scope.certificates(keeper);
    scope.health('certificate', () => keeper.health());
    scope.metric({
      name: 'parley_certificate_remaining_seconds',
      help: 'Seconds until the certificate expires, in whole days',
      type: 'gauge',
      labels: ['role'],
      collect: () => keeper.status().map(({ role, daysLeft }) => ({ labels: { role }, value: daysLeft * DAY_SECONDS })),
    });
  },
});
