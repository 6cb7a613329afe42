import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileApplication, declaredErrors, formatDiagnostic } from '@parley/core';
import type { PluginSpec } from '@parley/core';
import '@parley/cli';
import { beforeAll, expect, test } from 'vitest';
import { requirementSections } from '../../tools/conformance.ts';
import { MANIFEST_ELEMENTS } from '../../tools/manifest-elements.ts';
import { msplReferencePage } from '../../tools/mspl-pages.ts';
import { configurationPage, errorsPage } from '../../tools/reference-pages.ts';
import { sdkPages } from '../../tools/sdk-pages.ts';
import { ROOT, UPDATE, everyPlugin, expectNoOthers, expectPage, formatted } from './generated-page.ts';

/** Types of the language: what they stand for is in the line itself. */
const OF_TYPESCRIPT = new Set(['Exclude', 'Extract', 'Omit', 'Partial', 'Pick', 'Promise', 'Readonly', 'ReadonlyMap', 'Record']);

let plugins: readonly PluginSpec[];

beforeAll(async () => {
  plugins = await everyPlugin();
});

test('docs/configuration.md lists every option of the server and its plugins, as their schemas have them', async () => {
  await expectPage('configuration.md', configurationPage(plugins));
});

test('docs/errors.md lists every error code, as the tables have it', async () => {
  await expectPage('errors.md', errorsPage(declaredErrors()));
});

test('docs/mspl-reference.md has every word of the language, as the compiler knows it', async () => {
  await expectPage('mspl-reference.md', msplReferencePage());
});

test('docs/sdk-reference.md and docs/sdk have every export of the sdk, as the compiler declares it', async () => {
  const pages = sdkPages(ROOT);
  for (const { file, text } of pages) await expectPage(file, text);
  expectNoOthers(
    'sdk',
    pages.filter(({ file }) => file.startsWith('sdk/')).map(({ file }) => file.slice('sdk/'.length)),
  );
});

test('no entry of the reference is only another name for something that has none', () => {
  const pages = sdkPages(ROOT).map(({ text }) => text);
  const entries = new Set(pages.flatMap((text) => [...text.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)));
  const targets = pages.flatMap((text) => [...text.matchAll(/^type \w+(?:<.*>)? = ([A-Z]\w*)(?:<.*>)?;$/gm)].map(([, name = '']) => name));
  expect(targets).toContain('TransportLayer');
  expect(targets.filter((name) => !entries.has(name) && !OF_TYPESCRIPT.has(name))).toEqual([]);
  expect(pages.join('\n')).toContain('  /** Sends an INVITE. Throws DIALOG_LIMIT. */');
});

test('the reference knows every element and attribute of a manifest that the compiler takes', () => {
  const values: Readonly<Record<string, string>> = {
    appUri: 'http://example.com/x',
    name: 'table',
    path: 'table.csv',
    keyColumnName: 'table',
    methodNames: 'INVITE',
    reasonCodes: '2xx',
    roles: 'ALL',
    delimitedBy: 'tab',
  };
  const attributes = (element: string): string =>
    MANIFEST_ELEMENTS.filter((entry) => entry.element === element && entry.attribute !== '')
      .map(({ attribute }) => ` ${attribute}="${values[attribute] ?? 'true'}"`)
      .join('');
  const names = [...new Set(MANIFEST_ELEMENTS.map(({ element }) => element))].filter((name) => name !== 'applicationManifest');
  const children = names
    .filter((name) => name !== 'column')
    .map((name) => `<${name}${attributes(name)}>${name === 'file' ? `<column${attributes('column')}/>` : ''}</${name}>`);
  const manifest = `<applicationManifest xmlns="http://schemas.microsoft.com/lcs/2006/05"${attributes('applicationManifest')}>${children.join('')}</applicationManifest>`;
  const compiled = compileApplication(manifest, 'all.am', { files: { read: () => 'key\n', watch: () => () => undefined } });
  const found = compiled.ok ? compiled.warnings : compiled.diagnostics;
  expect(found.map((diagnostic) => formatDiagnostic(diagnostic, manifest))).toEqual([]);
  const unknown = compileApplication(manifest.replace('static=', 'statik='), 'all.am');
  expect(unknown.ok ? [] : unknown.diagnostics.map(({ code }) => code)).toContain('MSPL_UNKNOWN_ATTRIBUTE');
});

test('docs/conformance.md lists every requirement of the sheets with the tests that carry its number', async () => {
  const path = join(ROOT, 'docs/conformance.md');
  const [begin, end] = ['<!-- requirements:begin -->', '<!-- requirements:end -->'];
  const section = (await formatted(`${begin}\n\n${requirementSections(ROOT)}\n${end}\n`)).trimEnd();
  const page = readFileSync(path, 'utf8');
  const now = page.slice(page.indexOf(begin), page.indexOf(end) + end.length);
  if (UPDATE)
    writeFileSync(
      path,
      page.replace(now, () => section),
    );
  expect(UPDATE || now === section, 'the tests have changed; UPDATE_DOCS=1 npm test writes the table anew').toBe(true);
});
