import { definePlugin, provide } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { ClientCertificates, Pki } from './api.ts';
import { clientCertificateCommands } from './client-certificate-commands.ts';
import { migrations } from './client-certificate-row.ts';
import { RecordedCertificates } from './client-certificates.ts';
import { pkiCommands } from './commands.ts';
import { PkiConfig } from './config.ts';
import { CertificateKeeper } from './keeper.ts';

const DAY_SECONDS = 86_400;

export default definePlugin({
  name: 'pki',
  summary: 'Makes or loads the server certificate and watches over it; issues certificates to clients',
  config: PkiConfig,
  optional: [Directory],
  provides: [provide(Pki, CertificateKeeper), provide(ClientCertificates, RecordedCertificates)],
  root: new URL('..', import.meta.url),
  migrations,
  commands: [...pkiCommands, ...clientCertificateCommands],
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
    const clients = scope.resolve(RecordedCertificates);
    scope.metric({
      name: 'parley_client_certificates',
      help: 'Certificates recorded that clients sign in with',
      type: 'gauge',
      collect: () => clients.index.size,
    });
  },
});
