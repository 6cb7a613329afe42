/** Figures and health of the registrar. */
import type { HealthResult, MetricSample, PluginScope } from '@parley/sdk';
import type { Bindings } from './bindings.ts';
import type { Registrar } from './registrar.ts';

/** Declares the registrar's metrics and its health check. */
export function registerMetrics(scope: PluginScope, bindings: Bindings, registrar: Registrar): void {
  scope.metric({
    name: 'parley_registrations',
    help: 'Endpoints that are registered; waiting: not back yet since a restart cut their connection',
    type: 'gauge',
    labels: ['state'],
    collect: () => [
      { labels: { state: 'reachable' }, value: bindings.size - bindings.lost },
      { labels: { state: 'waiting' }, value: bindings.lost },
    ],
  });
  scope.metric({
    name: 'parley_registered_addresses',
    help: 'Addresses of record with at least one endpoint',
    type: 'gauge',
    collect: () => bindings.addresses,
  });
  scope.metric({
    name: 'parley_registers_total',
    help: 'REGISTER requests by what they did',
    type: 'counter',
    labels: ['result'],
    collect: () => Object.entries(registrar.counts).map(([result, value]): MetricSample => ({ labels: { result }, value })),
  });
  scope.health('registrar', () => healthOf(bindings));
}

function healthOf(bindings: Bindings): HealthResult {
  if (bindings.storeFailure === undefined) return { state: 'ok', detail: `${bindings.size} endpoints registered` };
  return {
    state: 'warn',
    detail: 'registrations cannot be written to the store and would not outlive a restart',
    fix: 'See the log for what the database said; check its disk or its server.',
  };
}
