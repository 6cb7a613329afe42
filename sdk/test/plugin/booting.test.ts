import { expect, test } from 'vitest';
import { testServer } from '@parley/sdk/testkit';
import { authored } from './authored.ts';

test('a plugin without a handler whose script dispatches to one does not start', async () => {
  await expect(testServer({ plugins: [authored('handless')] })).rejects.toMatchObject({
    code: 'HOST_SCRIPTS_UNFIT',
    message: expect.stringMatching(/handless\.am:\d+:\d+.*the handler has no method onMessage/) as string,
  });
});

test('a script that a plugin names and has not brought is its own fault, and not that of the configuration', async () => {
  await expect(testServer({ plugins: [authored('empty', { scripts: ['routes.am'] })] })).rejects.toMatchObject({
    code: 'HOST_PLUGIN_SCRIPT_UNREADABLE',
    message: expect.stringContaining('routes.am of the plugin "empty" cannot be read') as string,
    fix: expect.stringContaining('package.json') as string,
  });
});
