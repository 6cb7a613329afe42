/** A server with the plugin and what it stands on: alice, bob who has a phone number, dora who is disabled. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions } from '@parley/sdk/testkit';
import plugin from '../src/plugin.ts';

/** @param more other plugins beside these, and anything else of the server */
export function serving(config: Parameters<typeof plugin>[0] = {}, more: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const { plugins = [], ...others } = more;
  return testServer({
    plugins: [directory(), registrar(), plugin(config), ...plugins],
    users: ['alice', { name: 'bob', phones: ['+14255550101'] }, { name: 'dora', enabled: false }],
    ...others,
  });
}
