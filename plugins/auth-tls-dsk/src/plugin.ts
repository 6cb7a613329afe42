/** Certificate sign-in for Lync clients as a plugin: what it needs and puts together. */
import { Bus, Clock, Log, PluginConfig, Server, definePlugin, installAssociations } from '@parley/sdk';
import { Directory, DirectoryEvents, SignInAttempts } from '@parley/plugin-directory/api';
import { ClientCertificates, ClientCertificatesRevoked, Pki } from '@parley/plugin-pki/api';
import { CertificateProvisioning } from '@parley/plugin-web-ticket/api';
import { DskConfig } from './config.ts';
import { TlsDsk } from './mechanism.ts';
import { DskKeys } from './session-keys.ts';
import { StsUri } from './sts-uri.ts';

export default definePlugin({
  name: 'auth-tls-dsk',
  summary: 'Signs Lync clients in with the certificates that this server issues to them (TLS-DSK)',
  config: DskConfig,
  requires: [Directory, SignInAttempts, Pki, ClientCertificates],
  optional: [CertificateProvisioning],
  root: new URL('..', import.meta.url),
  setup(scope) {
    const server = scope.resolve(Server);
    const { stsUri } = scope.resolve(StsUri);
    if (server.mode === 'offline') return; // nothing listens
    const config = scope.resolve(PluginConfig) as DskConfig;
    const directory = scope.resolve(Directory);
    const mechanism = new TlsDsk({
      pki: scope.resolve(Pki),
      certificates: scope.resolve(ClientCertificates),
      users: directory,
      clock: scope.resolve(Clock),
      log: scope.resolve(Log),
      targetName: config.targetName ?? server.fqdn,
      stsUri,
      config,
    });
    scope.onClose(() => mechanism.close());
    scope.metric({
      name: 'parley_auth_tls_dsk_inner_tls',
      help: 'TLS sockets in memory: handshakes that hold keys and buffers',
      type: 'gauge',
      collect: () => mechanism.handshakes,
    });
    const associations = installAssociations(scope, mechanism, {
      accounts: directory,
      attempts: scope.resolve(SignInAttempts),
      endings: [DirectoryEvents.disabled, DirectoryEvents.removed, DirectoryEvents.passwordChanged],
    });
    scope.onClose(
      scope.resolve(Bus).subscribe(ClientCertificatesRevoked, ({ thumbprints }) => {
        associations.endWhere(
          ({ keys }) => keys instanceof DskKeys && thumbprints.includes(keys.thumbprint),
          'its certificate was revoked',
        );
      }),
    );
  },
});
