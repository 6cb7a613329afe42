/** Metrics and health over HTTP, as a plugin. */
import { definePlugin } from '@parley/sdk';
import { MetricsConfig } from './config.ts';
import { MetricsServer } from './metrics-server.ts';

export default definePlugin({
  name: 'metrics',
  summary: 'Serves Prometheus metrics and health checks over HTTP',
  config: MetricsConfig,
  root: new URL('..', import.meta.url),
  handler: MetricsServer,
});
