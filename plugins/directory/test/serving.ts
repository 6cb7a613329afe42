/** A server with a directory and nothing else; on PostgreSQL when PARLEY_TEST_PG names a database. */
import { TEST_STORES, testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions } from '@parley/sdk/testkit';
import directory from '../src/plugin.ts';

/** @param more anything else of the server */
export function serving(config: Parameters<typeof directory>[0] = {}, more: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const { plugins = [], ...others } = more;
  return testServer({ plugins: [directory(config), ...plugins], store: TEST_STORES.at(-1) ?? 'sqlite', ...others });
}
