import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadPlugin } from '@parley/core';
import { TOOLS } from '../src/packages.ts';
import { CATALOGUE } from '../src/plugins/catalogue.ts';
import { offerOf } from '../src/plugins/offer.ts';

const ROOT = join(import.meta.dirname, '../..');

test('every plugin of the repository is in the catalogue, and nothing else', () => {
  expect(CATALOGUE.map(({ name }) => name).toSorted()).toEqual(readdirSync(join(ROOT, 'plugins')).toSorted());
});

test.each(CATALOGUE)('what the catalogue says of $name is what the plugin says of itself', async ({ name, reference, ...said }) => {
  const real = offerOf(await loadPlugin(join(ROOT, 'plugins', name), ROOT), reference);
  expect({ summary: said.summary, requires: said.requires, optional: said.optional, provides: said.provides }).toEqual({
    summary: real.summary,
    requires: real.requires,
    optional: real.optional,
    provides: real.provides,
  });
});

test('what a plugin needs by its default settings is among what it can do without by others', () => {
  for (const { optional, byDefault = [] } of CATALOGUE) expect(optional).toEqual(expect.arrayContaining([...byDefault]));
});

test('new packages get the tools that this repository is built with', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  const { zod, ...tools } = TOOLS;
  expect(devDependencies).toMatchObject(tools);
  expect(JSON.parse(readFileSync(join(ROOT, 'cli/package.json'), 'utf8'))).toMatchObject({ dependencies: { zod } });
});
