import { expect, test } from 'vitest';
import { serving } from './serving.ts';

test('what an administrator sets is kept, listed, shown with its origin, and taken back', async () => {
  const server = await serving({ settings: { ucPolicy: { EnableCallPark: true } } });
  expect((await server.command('policy list')).rows).toEqual([
    { scope: 'global', setting: 'ucPolicy.EnableCallPark', value: 'true', from: 'configuration' },
  ]);
  const set = await server.command('policy set', { scope: 'Global', setting: 'ucPolicy.EnableCallPark', value: 'false' });
  expect(set.text).toBe('ucPolicy.EnableCallPark is "false" for global.');
  await server.command('policy set', { scope: 'user:sip:Alice@example.test', setting: 'ServerConfiguration.mrasUri', value: '' });
  await server.restart();
  expect((await server.command('policy list')).rows).toEqual([
    { scope: 'global', setting: 'ucPolicy.EnableCallPark', value: 'false', from: 'command' },
    { scope: 'user:alice@example.test', setting: 'ServerConfiguration.mrasUri', value: '', from: 'command' },
  ]);
  const shown = (await server.command('policy show', { address: 'sip:alice@example.test' })).rows;
  expect(shown).toContainEqual({ setting: 'ucPolicy.EnableCallPark', value: 'false', from: 'global, command' });
  expect(shown).toContainEqual({ setting: 'ucPolicy.AllowCallForwarding', value: 'true', from: 'default or plugin' });
  await server.command('policy unset', { scope: 'global', setting: 'ucPolicy.EnableCallPark' });
  expect((await server.command('policy list')).rows?.[0]).toMatchObject({ setting: 'ucPolicy.EnableCallPark', from: 'configuration' });
});

test.each([
  ['policy set', { scope: 'global', setting: 'ucPolicies.X', value: '1' }, 'PROVISIONING_SETTING_UNKNOWN'],
  ['policy set', { scope: 'global', setting: 'publicationGrammar.X', value: '1' }, 'PROVISIONING_SETTING_UNKNOWN'],
  ['policy set', { scope: 'global', setting: 'ucPolicy', value: '1' }, 'PROVISIONING_SETTING_UNKNOWN'],
  ['policy set', { scope: 'group:Nobody', setting: 'ucPolicy.X', value: '1' }, 'PROVISIONING_SCOPE_UNKNOWN'],
  ['policy set', { scope: 'user:carol@example.test', setting: 'ucPolicy.X', value: '1' }, 'PROVISIONING_SCOPE_UNKNOWN'],
  ['policy set', { scope: 'global', setting: 'ucPolicy.X', value: 'x'.repeat(3000) }, 'PROVISIONING_VALUE_TOO_LONG'],
  ['policy unset', { scope: 'global', setting: 'ucPolicy.X' }, 'PROVISIONING_NOT_SET'],
  ['policy show', { address: 'carol@example.test' }, 'PROVISIONING_USER_UNKNOWN'],
])('$0 is refused: $2 ($1.setting$1.address)', async (path, args: Readonly<Record<string, string>>, code) => {
  const server = await serving();
  await expect(server.command(path, args)).rejects.toMatchObject({ code });
});
