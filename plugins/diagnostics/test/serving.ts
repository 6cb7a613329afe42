/** A server with the plugin, where alice and bob can sign in. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions } from '@parley/sdk/testkit';
import plugin from '../src/plugin.ts';

export function serving(config: Parameters<typeof plugin>[0] = {}, more: Partial<TestServerOptions> = {}): Promise<TestServer> {
  return testServer({ plugins: [directory(), registrar(), routing(), plugin(config)], users: ['alice', 'bob'], ...more });
}
