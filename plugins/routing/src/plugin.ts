/** Default routing as a plugin: what it needs, offers and claims. */
import { definePlugin } from '@parley/sdk';
import type { MetricSample, PluginScope } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { Location } from '@parley/plugin-registrar/api';
import { RoutingConfig } from './config.ts';
import { Routing } from './routing.ts';

export default definePlugin({
  name: 'routing',
  summary: 'Delivers requests to the endpoints of users, and to other domains where that is allowed',
  config: RoutingConfig,
  requires: [Location],
  optional: [Directory],
  scripts: [{ file: 'routes.am', priority: 900, without: 'no call or message is delivered' }],
  root: new URL('..', import.meta.url),
  handler: Routing,
  setup(scope: PluginScope) {
    const routing = scope.resolve(Routing);
    scope.metric({
      name: 'parley_routed_requests_total',
      help: 'Requests that default routing decided on, by what became of them',
      type: 'counter',
      labels: ['result'],
      collect: () => Object.entries(routing.counts).map(([result, value]): MetricSample => ({ labels: { result }, value })),
    });
  },
});
