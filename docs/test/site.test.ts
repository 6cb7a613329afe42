/** The site of the documentation, built whole. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite } from '../../tools/site/build.ts';
import { brokenLinks } from '../../tools/site/check-links.ts';
import { ROOT } from './generated-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-site-'));

beforeAll(async () => {
  await buildSite(ROOT, folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

function page(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

test('every link and anchor of the site leads somewhere, and nothing is loaded from elsewhere', () => {
  expect(brokenLinks(folder)).toEqual([]);
});

test('a link that leads nowhere, a missing anchor and a picture from elsewhere are found', () => {
  const links =
    '<a href="gone.html">a</a><a href="errors.html#gone">b</a><img src="https://example.com/x.png"><a href="https://example.com">c</a>';
  writeFileSync(join(folder, 'broken.html'), links);
  expect(brokenLinks(folder)).toEqual([
    'broken.html: gone.html',
    'broken.html: errors.html#gone',
    'broken.html: https://example.com/x.png',
  ]);
  rmSync(join(folder, 'broken.html'));
});

test('the navigation is the list of docs/README.md, with plugins and areas of the SDK below their index', () => {
  expect(page('index.html')).toContain('<a href="getting-started.html">Getting started</a>');
  expect(page('plugins/registrar.html')).toContain('<a href="registrar.html" aria-current="page">registrar</a>');
  expect(page('sdk/sip.html')).toContain('<a href="dialogs.html">Dialogs</a>');
});

test('scripts are coloured by the grammar of the editor extension', () => {
  const colour = '--shiki-light:#[0-9A-F]+;--shiki-dark:#[0-9A-F]+';
  expect(page('scripts/block.am.html')).toMatch(new RegExp(`<span style="${colour}"> *Respond</span><span style="${colour}">\\(</span>`));
});

test('an error code, an option and a built-in are found by their name', () => {
  const index = page('search-index.js');
  expect(index).toContain('["MSPL_NULL","Errors","errors.html#mspl_null"');
  expect(index).toContain('["maxContacts","registrar","plugins/registrar.html#maxcontacts"');
  expect(index).toContain('["Respond","MSPL reference","mspl-reference.html#respond"');
});

test('a number far down a long section is found, and every line of the tables of errors by any of its cells', () => {
  const index = JSON.parse(/= ([^]*);\n$/.exec(page('search-index.js'))?.[1] ?? '') as [string, string, string, string, number][];
  const found = index.filter(([, , , text]) => text.includes('4141')).map(([, , url]) => url);
  expect(found).toContain('sign-in-errors.html#the-server-refuses-the-sign-in');
  expect(found).toContain('repository/plugins/registrar/index.html#what-it-does');
  for (const [name, group] of [
    ['sign-in-errors', 'Sign-in errors by symptom'],
    ['errors', 'Errors'],
  ] as const) {
    const lines = page(`${name}.html`).match(/<tr[^>]*>\s*<td/g) ?? [];
    const entries = index.filter(([, title, , , section]) => title === group && section === 0);
    expect(entries.length, name).toBe(lines.length);
  }
});

test('the column of advice in the table of errors wraps, so that no screen cuts it', () => {
  expect(page('errors.html')).toContain('<td data-title="What to do">');
  expect(page('style.css')).toMatch(/td\[data-title='What to do'\] \{[^}]*overflow-wrap: anywhere;/);
});
