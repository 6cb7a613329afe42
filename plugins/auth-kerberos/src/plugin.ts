import { Clock, PluginConfig, Server, definePlugin, installAssociations, provide, repeat } from '@parley/sdk';
import { Directory, DirectoryEvents, SignInAttempts } from '@parley/plugin-directory/api';
import { TicketAcceptor } from './acceptor.ts';
import { KerberosAcceptor } from './api.ts';
import { KerberosConfig } from './config.ts';
import { kerberosMechanism } from './mechanism.ts';
import { TicketVerifier } from './ticket-verifier.ts';

export default definePlugin({
  name: 'auth-kerberos',
  summary: 'Signs Communicator and Lync clients in by Kerberos, and signs what passes between them and the server',
  config: KerberosConfig,
  requires: [Directory, SignInAttempts],
  provides: [provide(KerberosAcceptor, TicketAcceptor)],
  root: new URL('..', import.meta.url),
  setup(scope) {
    const server = scope.resolve(Server);
    // Nothing listens offline, and the keytab may be on another machine.
    if (server.mode === 'offline' && server.rehearsal !== true) return;
    const config = scope.resolve(PluginConfig) as KerberosConfig;
    const verifier = scope.resolve(TicketVerifier);
    verifier.open();
    if (server.mode === 'offline') return;
    installAssociations(scope, kerberosMechanism(verifier, config.spn ?? `sip/${server.fqdn}`), {
      accounts: scope.resolve(Directory),
      attempts: scope.resolve(SignInAttempts),
      endings: [DirectoryEvents.disabled, DirectoryEvents.passwordChanged, DirectoryEvents.removed],
      oldestVersion: config.oldestVersion,
    });
    scope.onClose(repeat(scope.resolve(Clock), config.pollSeconds * 1000, () => verifier.refresh()));
    scope.health('keytab', () => verifier.health());
    scope.metric({
      name: 'parley_auth_kerberos_tickets_total',
      help: 'Kerberos tickets that were shown, over SIP and HTTP, by what became of them',
      type: 'counter',
      labels: ['outcome'],
      collect: () => verifier.samples(),
    });
    scope.metric({
      name: 'parley_auth_kerberos_remembered',
      help: 'Tickets in use that are remembered against replays',
      type: 'gauge',
      collect: () => verifier.remembered,
    });
  },
});
