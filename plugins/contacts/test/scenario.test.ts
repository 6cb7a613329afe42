import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { runScenario, testServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import contacts from '../src/plugin.ts';

test.each(['contact-list'])('what pidgin-sipe said once is answered as then: %s', async (name) => {
  const plugins = [directory(), registrar(), contacts(), routing()];
  await using server = await testServer({ plugins, users: ['alice', 'bob'] });
  await runScenario(server, readFileSync(new URL(`scenarios/${name}.scenario`, import.meta.url), 'utf8'));
});
