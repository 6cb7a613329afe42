/** Applications in other processes that take part in routing. */
import { Applications, Clock, Dialogs, Endpoints, Log, PluginConfig, Server, definePlugin } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import { ApplicationRegister } from './applications.ts';
import { ExternalConfig } from './config.ts';
import { ApplicationListener } from './listener.ts';

export default definePlugin({
  name: 'external-applications',
  summary: 'Lets applications in other processes take part in routing',
  config: ExternalConfig,
  root: new URL('..', import.meta.url),
  async setup(scope: PluginScope) {
    const server = scope.resolve(Server);
    if (server.mode === 'offline') return;
    const config = scope.resolve(PluginConfig) as ExternalConfig;
    const clock = scope.resolve(Clock);
    const log = scope.resolve(Log);
    const outside = { dialogs: scope.resolve(Dialogs), endpoints: scope.resolve(Endpoints), server };
    const register = new ApplicationRegister(config, scope.resolve(Applications), outside, clock, log);
    const listener = new ApplicationListener(config, { fqdn: server.fqdn, limits: config.limits, register, clock, log });
    scope.onClose(() => listener.close());
    await listener.open(server.dataDir);
    scope.health('critical applications', () => {
      const missing = register.all.filter(({ config: own, attached }) => own.critical && own.enabled && !attached);
      if (missing.length === 0) return { state: 'ok', detail: 'all are attached' };
      const names = missing.map(({ name }) => name).join(', ');
      return { state: 'warn', detail: `not attached: ${names}`, fix: 'Start them; the server goes on without them.' };
    });
    scope.metric({
      name: 'parley_external_applications',
      help: 'Applications in other processes that are attached: 1, or 0 when they are registered and away',
      type: 'gauge',
      labels: ['application'],
      collect: () => register.all.map(({ name, attached }) => ({ labels: { application: name }, value: attached ? 1 : 0 })),
    });
    scope.metric({
      name: 'parley_external_open',
      help: 'Requests and responses that wait for an application',
      type: 'gauge',
      labels: ['application'],
      collect: () => register.all.map(({ name, session }) => ({ labels: { application: name }, value: session?.open ?? 0 })),
    });
    scope.metric({
      name: 'parley_external_requests_open',
      help: 'Requests that an application has sent of its own and whose answer is not there yet',
      type: 'gauge',
      labels: ['application'],
      collect: () => register.all.map(({ name, session }) => ({ labels: { application: name }, value: session?.own.size ?? 0 })),
    });
    await register.waitForCritical();
  },
});
