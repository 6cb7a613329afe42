/** Compression of SIP on client connections ([MS-SIPCOMP]) as a plugin. */
import { z } from 'zod';
import { PluginConfig, definePlugin } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import { Negotiation } from './negotiation.ts';

const CompressionConfig = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Agree to compression. The layout of its packets is not confirmed with a real client: leave it off but for tests'),
});

export default definePlugin({
  name: 'compression',
  summary: 'Compresses SIP on connections of clients that ask for it',
  config: CompressionConfig,
  root: new URL('..', import.meta.url),
  setup(scope: PluginScope) {
    const { enabled } = scope.resolve(PluginConfig) as z.output<typeof CompressionConfig>;
    const negotiation = new Negotiation(enabled);
    scope.gate(negotiation);
    if (enabled) scope.byteStage(negotiation);
    scope.metric({
      name: 'parley_compression_agreed_total',
      help: 'Connections that were switched to compression',
      type: 'counter',
      collect: () => negotiation.agreed,
    });
  },
});
