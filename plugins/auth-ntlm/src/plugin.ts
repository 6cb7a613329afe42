import { PluginConfig, Server, definePlugin, installAssociations, provide } from '@parley/sdk';
import { Directory, DirectoryEvents, SignInAttempts } from '@parley/plugin-directory/api';
import { VerifyingNtlmAcceptor } from './acceptor.ts';
import { NtlmAcceptor } from './api.ts';
import { NtlmConfig } from './config.ts';
import { ntlmMechanism } from './mechanism.ts';
import { NtlmVerifier } from './verifier.ts';

export default definePlugin({
  name: 'auth-ntlm',
  summary: 'Signs Communicator and Lync clients in by NTLM, and signs what passes between them and the server',
  config: NtlmConfig,
  requires: [Directory, SignInAttempts],
  provides: [provide(NtlmAcceptor, VerifyingNtlmAcceptor)],
  root: new URL('..', import.meta.url),
  setup(scope) {
    const server = scope.resolve(Server);
    if (server.mode === 'offline') return; // nothing listens
    const config = scope.resolve(PluginConfig) as NtlmConfig;
    const mechanism = ntlmMechanism(scope.resolve(NtlmVerifier), config.targetName ?? server.fqdn);
    installAssociations(scope, mechanism, {
      accounts: scope.resolve(Directory),
      attempts: scope.resolve(SignInAttempts),
      endings: [DirectoryEvents.disabled, DirectoryEvents.passwordChanged, DirectoryEvents.removed],
      oldestVersion: config.oldestVersion,
    });
  },
});
