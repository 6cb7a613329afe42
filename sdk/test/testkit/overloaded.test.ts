import { expect, test } from 'vitest';
import { overloaded, testServer } from '@parley/sdk/testkit';

const ROUTES = new URL('../../../plugins/routing/routes.am', import.meta.url);

test('a script whose handler takes nothing decides by itself', async () => {
  await using server = await testServer({ plugins: [overloaded(ROUTES)] });
  await server.endpoint('alice').message('bob', 'hello').expect(503);
  expect(server.host.reports.routes()).toHaveLength(1);
});
