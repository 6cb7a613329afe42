import assert from 'node:assert/strict';
import { test } from 'node:test';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import greeting from './plugin.ts';

void test('a greeting is answered, and other messages arrive', async () => {
  const plugins = [directory(), registrar(), routing(), greeting({ word: 'Good day' })];
  await using server = await testServer({ plugins, users: ['alice', 'bob'] });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const answer = await alice.message('greeting', 'hello').expect(200);
  assert.equal(answer.body.toString(), 'Good day, alice');
  const other = alice.message('bob', 'hello');
  await bob.expect('MESSAGE', { body: 'hello' }).answer(200);
  await other.expect(200);
});

void test('a misspelt option is refused by name', () => {
  assert.throws(() => greeting.config.parse({ words: 'Hi' }), /words/);
});
