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

test('a start that never ends fails by its own limit, with the name of the plugin and what it waits for', async () => {
  class Patient {
    async start(): Promise<void> {
      await new Promise(() => undefined);
    }
  }
  await expect(testServer({ plugins: [authored('patient', { handler: Patient, scripts: [] })] })).rejects.toMatchObject({
    code: 'HOST_PLUGIN_SLOW',
    message: expect.stringContaining('Plugin "patient" did not start within 30 s: it still waits for Patient.start()') as string,
  });
});
