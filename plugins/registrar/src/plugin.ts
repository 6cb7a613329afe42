/** The registrar as a plugin: what it needs, offers and claims. */
import { Bus, Log, PluginConfig, Server, Transport, definePlugin, provide } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import { Directory, DirectoryEvents } from '@parley/plugin-directory/api';
import { Bound, Location } from './api.ts';
import { migrations } from './binding-row.ts';
import { Bindings } from './bindings.ts';
import { commands } from './commands.ts';
import { RegistrarConfig } from './config.ts';
import { contactRepair } from './contact-repair.ts';
import { endpointSource } from './endpoint-source.ts';
import { registerMetrics } from './metrics.ts';
import { keepAliveConflict } from './keep-alive.ts';
import { REG_PACKAGE, RegEvents } from './reg-event.ts';
import { Registrar } from './registrar.ts';
import { SigningOut } from './signing-out.ts';

export default definePlugin({
  name: 'registrar',
  summary: 'Keeps where users are registered, and answers REGISTER',
  config: RegistrarConfig,
  optional: [Directory],
  provides: [provide(Location, Bindings)],
  scripts: [
    { file: 'routes.am', priority: 300, userServices: true, without: 'nobody can register' },
    { file: 'reg-event.am', priority: 310 },
  ],
  root: new URL('..', import.meta.url),
  migrations,
  handler: Registrar,
  commands,
  setup(scope: PluginScope) {
    const bindings = scope.resolve(Bindings);
    const registrar = scope.resolve(Registrar);
    scope.gate(contactRepair);
    scope.endpoints(endpointSource(bindings, registrar.directory));
    const signingOut = scope.resolve(SigningOut);
    const regEvents = scope.resolve(RegEvents);
    bindings.onEnded = (record, reason, others) => {
      signingOut.ended(record, reason, others);
      regEvents.ended(record, reason);
    };
    scope.eventPackage(REG_PACKAGE);
    registerMetrics(scope, bindings, registrar);
    const bus = scope.resolve(Bus);
    scope.onClose(bus.subscribe(Bound, ({ aor }) => regEvents.added(aor)));
    scope.onClose(bus.subscribe(DirectoryEvents.removed, (user) => void bindings.removeAll(user.aor, 'disabled')));
    scope.onClose(bus.subscribe(DirectoryEvents.disabled, (user) => void bindings.removeAll(user.aor, 'disabled')));
    scope.onClose(bus.subscribe(DirectoryEvents.passwordChanged, (user) => void bindings.removeAll(user.aor, 'password')));
    scope.onClose(
      bus.subscribe(DirectoryEvents.changed, ({ aor }) => {
        if (registrar.homeOf(aor) !== null) bindings.removeAll(aor, 'moved');
      }),
    );
    if (scope.resolve(Server).mode === 'serve') warnOfSilence(scope);
  },
});

function warnOfSilence(scope: PluginScope): void {
  const { keepAliveSeconds } = scope.resolve(PluginConfig) as RegistrarConfig;
  const conflict = keepAliveConflict(keepAliveSeconds, scope.resolve(Transport).options.limits?.idleMs ?? 0);
  if (conflict !== undefined) scope.resolve(Log).warn(conflict);
}
