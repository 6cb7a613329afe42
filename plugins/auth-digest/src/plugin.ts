import { Clock, Log, PluginConfig, Server, Transport, definePlugin, repeat } from '@parley/sdk';
import { Directory, SignInAttempts } from '@parley/plugin-directory/api';
import { DigestConfig } from './config.ts';
import { DigestErrors } from './errors.ts';
import { DigestGate } from './gate.ts';

const SWEEP_MS = 60_000;

export default definePlugin({
  name: 'auth-digest',
  summary: 'Authenticates plain SIP clients by digest, with SHA-256 and MD5',
  config: DigestConfig,
  requires: [Directory, SignInAttempts],
  root: new URL('..', import.meta.url),
  setup(scope) {
    const server = scope.resolve(Server);
    const directory = scope.resolve(Directory);
    const config = scope.resolve(PluginConfig) as DigestConfig;
    const realm = config.realm ?? (server.domains[0] as string);
    if (!directory.realms.includes(realm)) {
      throw DigestErrors.DIGEST_REALM_UNKNOWN({ realm, realms: directory.realms.join(', ') }, { place: 'realm' });
    }
    if (server.mode === 'offline') return; // nothing listens
    const clock = scope.resolve(Clock);
    const gate = new DigestGate({
      directory,
      attempts: scope.resolve(SignInAttempts),
      server,
      transport: scope.resolve(Transport),
      clock,
      log: scope.resolve(Log),
      config,
    });
    scope.gate(gate);
    scope.challenger(gate.challenger);
    scope.onClose(repeat(clock, SWEEP_MS, () => gate.sweep(clock.now())));
    scope.metric({
      name: 'parley_auth_digest_requests_total',
      help: 'Requests that came to digest authentication, by what became of them',
      type: 'counter',
      labels: ['outcome'],
      collect: () => gate.outcomes.samples(),
    });
  },
});
