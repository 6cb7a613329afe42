import { expect, test } from 'vitest';
import { pluginMetrics } from '../../tools/plugin-metrics.ts';
import { pluginPages } from '../../tools/plugin-pages.ts';
import { everyPlugin, expectNoOthers, expectPage } from './generated-page.ts';

test('docs/plugins has a page for each plugin, as its definition has it, with the metrics that it declares', async () => {
  const plugins = await everyPlugin();
  const metrics = await pluginMetrics(plugins);
  expect(metrics.get('registrar')).toContainEqual(expect.objectContaining({ name: 'parley_registrations', labels: ['state'] }));
  const pages = pluginPages(plugins, metrics);
  const registrar = pages.find(({ file }) => file === 'registrar.md')?.text;
  expect(registrar).toContain("import { Bound } from '@parley/plugin-registrar/api';");
  expect(registrar).toContain('byGruu(uri: SipUri): EndpointLookup | undefined;');
  for (const { file, text } of pages) await expectPage(`plugins/${file}`, text);
  expectNoOthers(
    'plugins',
    pages.map(({ file }) => file),
  );
});
