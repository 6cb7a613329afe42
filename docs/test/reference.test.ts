import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declaredErrors } from '@parley/core';
import type { PluginSpec } from '@parley/core';
import '@parley/cli';
import { format } from 'prettier';
import { beforeAll, expect, test } from 'vitest';
import { requirementSections } from '../../tools/conformance.ts';
import { configurationPage, errorsPage } from '../../tools/reference-pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const plugins: PluginSpec[] = [];

beforeAll(async () => {
  for (const name of readdirSync(join(root, 'plugins')).sort()) {
    const module = (await import(join(root, 'plugins', name, 'src/plugin.ts'))) as { default: PluginSpec };
    plugins.push(module.default);
  }
});

/** UPDATE_DOCS=1 writes the page instead. */
async function expectPage(file: string, text: string): Promise<void> {
  const path = join(root, 'docs', file);
  const pretty = await format(text, { parser: 'markdown', printWidth: 140, singleQuote: true, trailingComma: 'all' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, pretty);
  expect(readFileSync(path, 'utf8') === pretty, `docs/${file} is not what the code says; UPDATE_DOCS=1 npm test writes it anew`).toBe(true);
}

test('docs/configuration.md lists every option of the server and its plugins, as their schemas have them', async () => {
  await expectPage('configuration.md', configurationPage(plugins));
});

test('docs/errors.md lists every error code, as the tables have it', async () => {
  await expectPage('errors.md', errorsPage(declaredErrors()));
});

test('every page of docs links only to pages and files that are there', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const broken = [...pages.map((name) => `docs/${name}`), 'README.md', 'CONTRIBUTING.md'].flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, target]) => target ?? '');
    return links.filter((target) => !exists(join(root, page, '..', target))).map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}

test('docs/conformance.md lists every requirement of the sheets with the tests that carry its number', async () => {
  const path = join(root, 'docs/conformance.md');
  const [begin, end] = ['<!-- requirements:begin -->', '<!-- requirements:end -->'];
  const section = (
    await format(`${begin}\n\n${requirementSections(root)}\n${end}\n`, {
      parser: 'markdown',
      printWidth: 140,
      singleQuote: true,
      trailingComma: 'all',
    })
  ).trimEnd();
  const page = readFileSync(path, 'utf8');
  const now = page.slice(page.indexOf(begin), page.indexOf(end) + end.length);
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(
      path,
      page.replace(now, () => section),
    );
  expect(
    process.env['UPDATE_DOCS'] === '1' || now === section,
    'the tests have changed; UPDATE_DOCS=1 npm test writes the table anew',
  ).toBe(true);
});
