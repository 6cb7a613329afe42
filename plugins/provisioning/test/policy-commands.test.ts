import { expect, test } from 'vitest';
import { serving } from './server.ts';

interface Listed {
  readonly rows?: readonly Readonly<Record<string, string>>[];
  readonly text?: string;
}

test('what an administrator sets is kept, listed, shown with its origin, and taken back', async () => {
  const { command } = await serving({ settings: { ucPolicy: { EnableCallPark: true } } });
  const run = async (path: string, args: Record<string, string> = {}): Promise<Listed> => (await command(path, args)) as Listed;
  expect((await run('policy list')).rows).toEqual([
    { scope: 'global', setting: 'ucPolicy.EnableCallPark', value: 'true', from: 'configuration' },
  ]);
  const set = await run('policy set', { scope: 'Global', setting: 'ucPolicy.EnableCallPark', value: 'false' });
  expect(set.text).toBe('ucPolicy.EnableCallPark is "false" for global.');
  await run('policy set', { scope: 'user:sip:Alice@example.test', setting: 'ServerConfiguration.mrasUri', value: '' });
  expect((await run('policy list')).rows).toEqual([
    { scope: 'global', setting: 'ucPolicy.EnableCallPark', value: 'false', from: 'command' },
    { scope: 'user:alice@example.test', setting: 'ServerConfiguration.mrasUri', value: '', from: 'command' },
  ]);
  const shown = (await run('policy show', { address: 'sip:alice@example.test' })).rows ?? [];
  expect(shown).toContainEqual({ setting: 'ucPolicy.EnableCallPark', value: 'false', from: 'global, command' });
  expect(shown).toContainEqual({ setting: 'ucPolicy.AllowCallForwarding', value: 'true', from: 'default or plugin' });
  await run('policy unset', { scope: 'global', setting: 'ucPolicy.EnableCallPark' });
  expect((await run('policy list')).rows?.[0]).toMatchObject({ setting: 'ucPolicy.EnableCallPark', from: 'configuration' });
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
])('$0 is refused: $2 ($1.setting$1.address)', async (path, args, code) => {
  const { command } = await serving();
  await expect(async () => command(path, args)).rejects.toMatchObject({ code });
});
