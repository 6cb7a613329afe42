/** What of a test lives inside the server: it vouches for endpoints and sees what is open. */
import { z } from 'zod';
import { PASS, Transactions, Transport, definePlugin } from '@parley/core';
import type { PluginUse } from '@parley/core';

/** Who somebody at an address is. */
export type Vouching = 'user' | 'server' | 'nobody';

/** The server's layers, filled in when it boots. */
export interface Insight {
  transport: Transport | undefined;
  transactions: Transactions | undefined;
}

/**
 * A plugin that believes the From of those it is to believe, as an authentication plugin would after checking it, and offers a
 * certificate to secure listeners that nobody looks at.
 * @param vouching by the address that a message came from
 */
export function trust(vouching: (host: string) => Vouching, insight: Insight): PluginUse {
  const plugin = definePlugin({
    name: 'testkit',
    summary: 'Vouches for the endpoints of a test',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup(scope) {
      insight.transport = scope.resolve(Transport);
      insight.transactions = scope.resolve(Transactions);
      scope.certificates({ certificateFor: () => ({ certificate: '', key: '', ca: [] }), onChange: () => () => undefined });
      scope.gate({
        name: 'testkit',
        // Before signatures (200) and authentication (300), which let pass whom somebody knows.
        order: 150,
        check(inbound) {
          const { message, flow } = inbound;
          const who = vouching(flow.remote.host);
          if (who === 'nobody') return PASS;
          flow.authenticated = true;
          if (who === 'server') flow.trusted = true;
          else if (message.isRequest) inbound.identity = { aor: message.from.uri.userAtHost, mechanism: 'testkit' };
          return PASS;
        },
      });
    },
  });
  return plugin();
}
